#include "server/api/dialout/dialout_service.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cxb/base/ids.hpp"
#include "cxb/contract/dialout/core_dialout_request.hpp"
#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/domain/phone_number.hpp"
#include "server/api/calls/trace_rows.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/model/collections.hpp"
#include "src/base/fail_point.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
namespace dialout = contract::dialout;
namespace model = server::model;
using wire::json_object;

constexpr std::size_t max_hosts = 3;

// A fleet's own words for the caller: `error`, else `detail`.
std::string fleet_detail(std::string_view body) {
    auto const parsed = wire::parse_json(body);
    if (!parsed || !parsed->is_object()) return {};
    auto const& said = parsed->as_object();
    auto const word = wire::text_at(said, "error");
    return std::string(word.empty() ? wire::text_at(said, "detail") : word);
}

error unknown_outcome() {
    return error{errc::deadline_exceeded, "The call may have been placed; do not repeat it blindly"}
        .with_reason("outcome_unknown");
}

// Shared by a hand-over and the coroutine that keeps its reservation; both on one executor.
struct renewal {
    explicit renewal(asio::any_io_executor const& executor) : timer(executor) {}
    asio::steady_timer timer;
    bool over = false;
    void end() {
        over = true;
        timer.cancel();
    }
};

// Keeps a reservation alive while the hand-over runs. The end may come while a renewal is being
// written, when no wait is there to be cancelled.
asio::awaitable<void> keep_alive(fleet_service& fleet, reserved_host held,
                                 std::shared_ptr<renewal> state) {
    for (;;) {
        state->timer.expires_after(domain::reservation_renewal);
        co_await state->timer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (state->over) co_return;
        // A failed renewal only shortens the hold; the hand-over itself goes on.
        (void)co_await fleet.renew(held);
        if (state->over) co_return;
    }
}

}  // namespace

struct dialout_service::attempt {
    dial_order order;
    std::string session_id;
    std::string dial_id;
    std::string body;  ///< the same for every host
    std::string last_host;
    wire::json_array tries;
    trace_rows trace;
    std::chrono::nanoseconds give_up{0};
    time_point began;  ///< one moment for all its rows: they keep their order
};

store::async<dialed_call> dialout_service::dial(dial_order order) {
    if (fleet_.urls().empty()) co_return error{errc::unavailable, "No fleet servers configured"};
    time_point const now = time_.now();
    std::string session = make_uuid7(now, random_);
    attempt at{std::move(order),
               session,
               make_uuid7(now, random_),
               {},
               {},
               {},
               trace_rows(session, "api", now, 1),
               time_.steady() + timeout_ + seconds{10},
               now};
    json_object event = at.order.variables;
    event["_campaign_session_id"] = at.session_id;
    event["_cxb_dial_id"] = at.dial_id;
    dialout::core_dialout_request request;
    request.bot_id = at.order.bot_id;
    request.to_number = at.order.to_number;
    request.from_number = at.order.from_number;
    request.connected_event =
        wire::raw_json::from_object(contract::runtime_config::stringify_variables(event));
    if (request.connected_event->text().size() > limits::connected_event)
        co_return invalid_member("/variables", "over 64 KiB as texts, with what steers the call");
    request.config_url = at.order.config_base + "/api/v1/config";
    request.dial_id = at.dial_id;
    at.body = dialout::serialize(request);
    CXB_CO_CHECK(co_await open_row(at));
    result<dialed_call> outcome = co_await try_hosts(at);
    if (auto const closed = co_await close_row(at, outcome); !closed)
        log_.error("dialout row not closed", {{"cause", closed.error()}});
    co_return outcome;
}

store::async<void> dialout_service::open_row(attempt& at) {
    store::batch writes;
    json_object row{{"_id", make_hex24(time_.now(), random_)},
                    {"session_id", at.session_id},
                    {"dial_id", at.dial_id},
                    {"bot_id", at.order.bot_id},
                    {"to_number", at.order.to_number},
                    {"actor", at.order.actor},
                    {"host", nullptr},
                    {"tries", wire::json_array{}},
                    {"outcome", "unknown"},
                    {"at", format_timestamp(time_.now())}};
    if (at.order.from_number) row["from_number"] = *at.order.from_number;
    writes.insert(model::dialouts, std::move(row));
    trace_rows(at.session_id, "api", at.began)
        .add("dialout_requested",
             {{"to", domain::last_digits(at.order.to_number)}, {"actor", at.order.actor}})
        .into(writes, random_);
    CXB_CO_CHECK(co_await store_.commit(std::move(writes)));
    co_return result<void>{};
}

store::async<void> dialout_service::close_row(attempt& at, result<dialed_call> const& outcome) {
    bool const unknown = !outcome && outcome.error().reason() == "outcome_unknown";
    char const* const word = outcome ? "accepted" : unknown ? "unknown" : "failed";
    metrics_.get_counter("cxb_dialout_total", {word}).add();
    at.trace.add(std::string("dialout_") + word, {{"host", at.last_host}}, {},
                 outcome ? std::string() : outcome.error().detail());
    store::update changes;
    changes.set("outcome", word).set("tries", at.tries);
    if (!at.last_host.empty()) changes.set("host", wire::json_value(at.last_host));
    store::batch writes;
    writes.update_one(model::dialouts, model::of_session(at.session_id), std::move(changes));
    at.trace.into(writes, random_);
    CXB_CO_CHECK(co_await store_.commit(std::move(writes)));
    co_return result<void>{};
}

asio::awaitable<result<wire::http_response>> dialout_service::hand_over(attempt& at,
                                                                        reserved_host held) {
    auto const executor = co_await asio::this_coro::executor;
    client::outgoing_request request{held.url + "/livekit/dialout", {}};
    request.message.method = "POST";
    request.message.headers.set("Content-Type", "application/json");
    contract::shared_secret::add_headers(request.message.headers, *core_.keys());
    request.message.body = at.body;
    client::transport_options how;
    how.total =
        std::min(timeout_, std::chrono::duration_cast<milliseconds>(at.give_up - time_.steady()));
    how.max_response_bytes = limits::health_body;
    auto const began = time_.steady();
    auto const alive = std::make_shared<renewal>(executor);
    asio::co_spawn(executor, keep_alive(fleet_, held, alive), asio::detached);
    auto answer = co_await hosts_.send(std::move(request), how);
    alive->end();
    auto const took = std::chrono::duration_cast<milliseconds>(time_.steady() - began);
    int const status = answer ? answer->status : 0;
    at.last_host = held.url;
    at.tries.push_back(json_object{{"host", held.url}, {"status", status}, {"ms", took.count()}});
    at.trace.add("dialout_try", {{"host", held.url}, {"status", status}}, took);
    co_return answer;
}

store::async<dialed_call> dialout_service::try_hosts(attempt& at) {
    std::set<std::string> tried;
    std::optional<error> last_refusal;
    while (tried.size() < max_hosts && time_.steady() < at.give_up) {
        auto const held = co_await fleet_.reserve(tried);
        if (!held) {
            if (last_refusal) break;
            co_return tried.empty() ? held.error()
                                    : error{errc::upstream_failed, "Fleet unreachable"};
        }
        tried.insert(held->url);
        CXB_FAIL_POINT("dialout.reserved");
        auto const answer = co_await hand_over(at, *held);
        CXB_FAIL_POINT("dialout.posted");
        if (!answer) {
            // A hold that cannot be given back ends by itself; what the host did decides.
            (void)co_await fleet_.release(*held);
            if (answer.error().request_sent() != sent_state::no) co_return unknown_outcome();
            continue;
        }
        if (answer->status == 200) {
            auto accepted = dialout::parse_call_accepted(answer->bytes());
            // The host took the call whatever its words are; a hold more is harmless.
            (void)co_await fleet_.accept(*held);
            if (!accepted) co_return unknown_outcome();
            accepted->session_id = at.session_id;
            co_return dialed_call{*std::move(accepted)};
        }
        (void)co_await fleet_.release(*held);
        if (answer->status == 403) {
            log_.error("fleet rejected the core secret", {{"host", server::plain(held->url)}});
            co_return error{errc::upstream_failed, "Fleet rejected the core secret"};
        }
        std::string detail = fleet_detail(answer->bytes());
        error refusal{server::code_for_status(answer->status),
                      detail.empty() ? "Fleet refused the call" : detail};
        // A fault that is not a plain "not now" says nothing about whether the phone rings.
        if (answer->status >= 500 && answer->status != 503)
            co_return std::move(refusal).with_reason("outcome_unknown");
        if (answer->status != 429) co_return refusal;
        last_refusal = std::move(refusal);
    }
    if (last_refusal) co_return *last_refusal;
    co_return error{errc::upstream_failed, "Fleet unreachable"};
}

}  // namespace cxb::api
