#include "server/api/dialout/dialout_service.hpp"

#include "cxb/base/ids.hpp"
#include "cxb/contract/dialout/core_dialout_request.hpp"
#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/domain/phone_number.hpp"
#include "server/api/calls/trace_rows.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace dialout = contract::dialout;
namespace model = server::model;
using wire::json_object;

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

// What ended without an answer that is to be relayed.
error failure_of(handover_end end) {
    switch (end) {
        case handover_end::none_free:
            return error{errc::unavailable, "No healthy fleet server available"};
        case handover_end::in_doubt:
            return unknown_outcome();
        case handover_end::secret_refused:
            return error{errc::upstream_failed, "Fleet rejected the core secret"};
        default:
            return error{errc::upstream_failed, "Fleet unreachable"};
    }
}

// The host's refusal in its own words.
error refusal_of(wire::http_response const& answer) {
    std::string detail = fleet_detail(answer.bytes());
    error out{server::code_for_status(answer.status),
              detail.empty() ? "Fleet refused the call" : std::move(detail)};
    // A fault that is not a plain "not now" says nothing about whether the phone rings.
    if (answer.status >= 500 && answer.status != 503)
        return std::move(out).with_reason("outcome_unknown");
    return out;
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
    time_point began;  ///< one moment for all its rows: they keep their order
};

store::async<dialed_call> dialout_service::dial(dial_order order) {
    if (!handover_.has_hosts()) co_return error{errc::unavailable, "No fleet servers configured"};
    time_point const now = time_.now();
    std::string session = make_uuid7(now, random_);
    attempt at{std::move(order),
               session,
               make_uuid7(now, random_),
               {},
               {},
               {},
               trace_rows(session, "api", now, 1),
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
    result<dialed_call> outcome = co_await hand_over(at);
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

store::async<dialed_call> dialout_service::hand_over(attempt& at) {
    handover_order order{dialout_handover, at.body, timeout_, {}};
    order.tried = [&at](handover_try const& one) {
        at.last_host = one.host;
        at.tries.push_back(
            json_object{{"host", one.host}, {"status", one.status}, {"ms", one.took.count()}});
        at.trace.add("dialout_try", {{"host", one.host}, {"status", one.status}}, one.took);
    };
    CXB_CO_TRY(auto const got, co_await handover_.place(std::move(order)));
    if (got.end != handover_end::answered) co_return failure_of(got.end);
    if (got.answer.status != 200) co_return refusal_of(got.answer);
    auto accepted = dialout::parse_call_accepted(got.answer.bytes());
    // The host took the call whatever its words are.
    if (!accepted) co_return unknown_outcome();
    accepted->session_id = at.session_id;
    co_return dialed_call{*std::move(accepted)};
}

}  // namespace cxb::api
