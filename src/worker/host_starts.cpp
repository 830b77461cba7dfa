#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include "cxb/base/encoding.hpp"
#include "cxb/base/ids.hpp"
#include "cxb/contract/dialout/call_accepted.hpp"
#include "cxb/contract/lookup/numbers.hpp"
#include "cxb/wire/parse_options.hpp"
#include "src/base/fail_point.hpp"
#include "src/worker/host_answers.hpp"
#include "src/worker/host_state.hpp"

namespace cxb::inline v1 {
namespace worker {

namespace asio = boost::asio;
namespace rc = contract::runtime_config;
using rc::transport_kind;

namespace {

constexpr milliseconds lookup_time{3000};
constexpr std::string_view config_ending = "/config";

// The API's base behind a config URL: `http://a/api/v1/config/` gives `http://a/api/v1`.
std::string api_base(std::string_view config_url) {
    while (config_url.ends_with('/'))
        config_url.remove_suffix(1);
    if (config_url.ends_with(config_ending)) config_url.remove_suffix(config_ending.size());
    return std::string(config_url);
}

}  // namespace

asio::awaitable<wire::http_response> worker_host::state::start_call(transport_kind transport,
                                                                    wire::http_request request) {
    bool const repeatable =
        transport == transport_kind::attach || transport == transport_kind::livekit_outbound;
    std::string const key =
        repeatable ? std::string(request.headers.get("Idempotency-Key")) : std::string();
    std::string const request_id(request.headers.get("X-Request-Id"));
    auto const known = memory.look_up(key, request.body);
    if (!known) co_return start_refusal(known.error(), request_id);
    if (*known) co_return **known;
    auto answer = co_await accept(transport, std::move(request.body));
    if (!answer) {
        memory.forget(key);
        co_return start_refusal(answer.error(), request_id);
    }
    memory.keep(key, *answer);
    co_return *std::move(answer);
}

asio::awaitable<result<void>> worker_host::state::look_up_bot(call_start& start) {
    client::outgoing_request ask;
    ask.url =
        api_base(start.config_url) + "/sip/lookup?number=" + percent_encode(start.dialed_number);
    ask.message.headers = headers();
    client::transport_options how;
    how.total = lookup_time;
    how.max_response_bytes = limits::health_body;
    auto const answer = co_await options.transport->send(std::move(ask), how);
    if (!answer) co_return error{errc::unavailable, "Number lookup failed"};
    if (answer->status == 404) co_return error{errc::not_found, "No bot for this number"};
    if (answer->status != 200) co_return error{errc::unavailable, "Number lookup failed"};
    auto found = contract::lookup::parse_did_binding(answer->bytes());
    if (!found) co_return error{errc::unavailable, "Number lookup failed"};
    start.bot_id = std::move(found->bot_id);
    co_return result<void>{};
}

result<call_slots::slot> worker_host::state::take_slot(transport_kind transport,
                                                       std::string call_id) {
    if (!slots.draining() && outbox->full()) return error{errc::at_capacity, "At capacity"};
    auto slot = slots.acquire(std::move(call_id));
    if (slot || slot.error().code() != errc::unavailable) return slot;
    // A draining worker leaves the caller in the room, another one may take him.
    if (transport == transport_kind::livekit_inbound) return error{errc::unavailable, "Draining"};
    return error{errc::at_capacity, "At capacity"};
}

asio::awaitable<void> worker_host::state::turn_away(call_start start) {
    try {
        co_await handler.turn_away(std::move(start));
    } catch (std::exception const& bug) {
        note(true, std::string("caller not removed: ") + bug.what());
    }
}

asio::awaitable<result<wire::http_response>> worker_host::state::accept(transport_kind transport,
                                                                        std::string body) {
    auto const executor_now = co_await asio::this_coro::executor;
    auto const self = shared_from_this();
    bool const dispatched = transport == transport_kind::livekit_inbound;
    bool const dialled = transport == transport_kind::livekit_outbound;
    CXB_CO_TRY(auto start, parse_call_start(transport, body, options.config_hosts));
    if (!options.room_media) co_return error{errc::unavailable, options.no_media_detail};
    auto call = std::make_shared<live_call>();
    call->call_id = start.call_id.empty() ? make_uuid7(time.now(), random) : start.call_id;
    auto slot = take_slot(transport, call->call_id);
    if (!slot) {
        if (dispatched && slot.error().code() == errc::at_capacity)
            co_await turn_away(std::move(start));
        co_return slot.error();
    }
    if (dialled) start.room_name = "dialout-" + call->call_id;
    if (start.config_url.empty()) start.config_url = options.config_url;
    call->start = std::move(start);
    call->since = time.now();
    call->results_to = rc::results_url(call->start.config_url);
    call->control = std::make_shared<call_control>();
    // From here on it can be seen and stopped.
    calls[call->call_id] = call;
    auto ready = co_await make_ready(*call);
    if (!ready) {
        calls.erase(call->call_id);
        if (dispatched && ready.error().code() == errc::not_found) co_await turn_away(call->start);
        co_return std::move(ready).error();
    }
    contract::dialout::call_accepted accepted;
    accepted.call_id = call->call_id;
    if (transport == transport_kind::attach || dialled) accepted.room_name = call->start.room_name;
    auto out = json_answer(200, contract::dialout::serialize(accepted));
    if (!call->start.ignored.empty())
        out.headers.set("X-CXB-Ignored-Fields", wire::ignored_fields_header(call->start.ignored));
    asio::co_spawn(executor_now, run_call(*std::move(slot), call), asio::detached);
    co_return out;
}

asio::awaitable<result<void>> worker_host::state::make_ready(live_call& call) {
    if (call.start.bot_id.empty()) CXB_CO_CHECK(co_await look_up_bot(call.start));
    if (!written(co_await outbox->put_journal(journal_of(call)), "journal not written")) {
        // Half a success (a name without a sync) must not tell of this call after a crash.
        (void)co_await outbox->remove_journal(call.call_id);
        co_return error{errc::unavailable, "Call journal cannot be written"};
    }
    CXB_FAIL_POINT("worker.journaled");
    co_return result<void>{};
}

}  // namespace worker
}  // namespace cxb::inline v1
