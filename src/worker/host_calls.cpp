#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cxb/base/ids.hpp"
#include "cxb/contract/call_results/failure_result.hpp"
#include "src/worker/host_state.hpp"

namespace cxb::inline v1 {
namespace worker {

namespace asio = boost::asio;
namespace rc = contract::runtime_config;
namespace cr = contract::call_results;

namespace {

constexpr int direct_tries = 5;
constexpr int poison[] = {400, 409, 413, 415, 422};

rc::connected_event event_of(call_start const& start) {
    auto parsed = rc::parse_connected_event(wire::to_text(start.connected_event));
    return parsed ? *std::move(parsed) : rc::connected_event{};
}

std::string campaign_session(call_start const& start) {
    return std::string(wire::text_at(start.connected_event, "_campaign_session_id"));
}

// Somebody waits for the result of a call he has placed, or of a stream he has sent. Who came by
// dispatch or widget left nothing behind that a result would end (spec 10 §7).
bool tells_of_refusal(rc::transport_kind transport) {
    return transport != rc::transport_kind::livekit_inbound &&
           transport != rc::transport_kind::widget;
}

cr::call_direction direction_of(call_start const& start) {
    if (start.direction) return *start.direction;
    auto const transport = start.transport;
    bool const inbound =
        transport == rc::transport_kind::livekit_inbound || transport == rc::transport_kind::widget;
    return inbound ? cr::call_direction::inbound : cr::call_direction::outbound;
}

}  // namespace

call_journal worker_host::state::journal_of(live_call const& call) const {
    call_journal out;
    out.call_id = call.call_id;
    out.session_id = call.session_id;
    out.campaign_session_id = campaign_session(call.start);
    out.bot_id = call.start.bot_id;
    out.results_url = rc::results_url(call.start.config_url);
    out.started_at = call.since;
    out.more["direction"] = word_of(direction_of(call.start));
    return out;
}

cr::result_ids worker_host::state::ids_of(live_call const& call) const {
    auto const campaign = campaign_session(call.start);
    cr::result_ids out;
    out.session_id = !call.session_id.empty() ? call.session_id
                     : !campaign.empty()      ? campaign
                                              : call.call_id;
    out.result_id = make_uuid7(time.now(), random);
    out.bot_id = call.start.bot_id;
    out.worker_id = options.worker_id;
    if (!call.start.caller_id.empty()) out.caller_id = call.start.caller_id;
    if (!call.start.stream_id.empty()) out.stream_id = call.start.stream_id;
    if (!call.start.from_number.empty()) out.from_number = call.start.from_number;
    out.call_direction = direction_of(call.start);
    out.started_at = call.since;
    out.ended_at = time.now();
    return out;
}

std::optional<outbox_item> worker_host::state::crashed(call_journal const& journal) {
    cr::result_ids ids;
    ids.session_id = journal.session_id.empty() ? journal.campaign_session_id : journal.session_id;
    ids.result_id = make_uuid7(time.now(), random);
    ids.bot_id = journal.bot_id;
    ids.worker_id = options.worker_id;
    ids.started_at = journal.started_at;
    ids.ended_at = time.now();
    if (auto const word = wire::text_at(journal.more, "direction"); !word.empty())
        ids.call_direction = open_enum<cr::call_direction>::from_text(word);
    auto dead = cr::make_failure_result(ids, word_of(cr::disconnect_word::error), "worker_crashed");
    handler.after_crash(journal, dead);
    outbox_item out;
    out.id = *ids.result_id;
    out.session_id = ids.session_id;
    out.url = journal.webhook_url.empty() ? journal.results_url : journal.webhook_url;
    out.body = cr::serialize(dead);
    // The handler may owe a correction now. Before `run` nobody could post it.
    if (executor) asio::post(*executor, [self = shared_from_this()] { self->take_unfinished(); });
    return out;
}

call_end worker_host::state::failed(live_call const& call, std::string_view word,
                                    std::string_view reason) const {
    call_end out;
    out.result = cr::make_failure_result(ids_of(call), word, reason);
    return out;
}

asio::awaitable<void> worker_host::state::run_call(call_slots::slot given,
                                                   std::shared_ptr<live_call> call) {
    auto const self = shared_from_this();
    // Goes before the host it reports to, also when the loop lets go of a running call.
    auto slot = std::move(given);
    // The answer leaves before the call's own work begins.
    co_await asio::post(asio::use_awaitable);
    call_summary told{call->call_id, "", std::string(word_of(call->start.transport)), "", ""};
    std::optional<call_end> end;
    try {
        end = co_await run_to_end(*call, told);
    } catch (std::exception const& bug) {
        note(true, std::string("call ended by a fault: ") + bug.what());
        end = failed(*call, word_of(cr::disconnect_word::error), "handler_failed");
    }
    // The line goes with the talk; what follows needs none.
    if (call->leg) call->leg->hang_up();
    try {
        if (end) {
            if (end->result.disconnected_by)
                told.disconnected_by = end->result.disconnected_by->text();
            co_await finish(*call, *std::move(end));
        } else {
            (void)co_await outbox->remove_journal(call->call_id);
        }
    } catch (std::exception const& bug) {
        note(true, std::string("result not posted, the journal stays: ") + bug.what());
    }
    calls.erase(call->call_id);
    slot.release();
    told.session_id = call->session_id;
    if (options.on_call_end) options.on_call_end(told);
}

// Empty: there is nothing to post.
asio::awaitable<std::optional<call_end>> worker_host::state::run_to_end(live_call& call,
                                                                        call_summary& told) {
    config_fetch_options how;
    how.transport = options.transport;
    how.time = &time;
    how.random = &random;
    how.headers = [this] { return headers(); };
    config_order order;
    order.config_url = call.start.config_url;
    order.bot_id = call.start.bot_id;
    order.request.caller_id = call.start.caller_id;
    order.request.stream_id = call.start.stream_id;
    order.request.connected_event = event_of(call.start);
    order.request.transport = call.start.transport;
    auto fetched = co_await fetch_config(how, std::move(order));
    told.config_outcome = word_of(fetched.outcome);
    if (fetched.outcome != rc::config_outcome::ok) {
        note(false, "config refused: " + told.config_outcome);
        if (call.leg) call.leg->refuse(close_code::internal, "No config");
        auto const word = rc::disconnect_word(fetched.outcome, call.start.transport);
        if (!word || !tells_of_refusal(call.start.transport)) co_return std::nullopt;
        co_return failed(call, *word, "");
    }
    call.session_id = fetched.config->session_id;
    call.results_to = fetched.config->webhook_url;
    auto end = co_await run_handler(call, std::move(fetched));
    if (!end) end = failed(call, word_of(cr::disconnect_word::error), "handler_failed");
    co_return end;
}

asio::awaitable<std::optional<call_end>> worker_host::state::run_handler(live_call& call,
                                                                         fetched_config fetched) {
    call_context context;
    context.call_id = call.call_id;
    context.worker_id = options.worker_id;
    context.start = call.start;
    context.config = *std::move(fetched.config);
    context.config_warnings = std::move(fetched.warnings);
    context.accepted_at = call.since;
    context.control = call.control;
    context.media = call.leg;
    if (call.leg) call.leg->speak_in(domain::time_zone_or_utc(context.config.timezone));
    auto journal = journal_of(call);
    journal.webhook_url = context.config.webhook_url;
    try {
        for (auto& [name, value] : handler.remember(context))
            journal.more[name] = value;
        (void)written(co_await outbox->put_journal(std::move(journal)), "journal not renewed");
        auto ended = co_await handler.run(std::move(context));
        if (ended) co_return *std::move(ended);
        note(true, "call handler failed: " + ended.error().to_log_text());
    } catch (std::exception const& bug) {
        note(true, std::string("call handler threw: ") + bug.what());
    }
    co_return std::nullopt;
}

asio::awaitable<void> worker_host::state::finish(live_call& call, call_end end) {
    auto const running_on = co_await asio::this_coro::executor;
    auto const ids = ids_of(call);
    auto& given = end.result;
    if (given.session_id.empty()) given.session_id = ids.session_id;
    if (!given.result_id) given.result_id = ids.result_id;
    if (!given.bot_id) given.bot_id = ids.bot_id;
    if (!given.worker_id) given.worker_id = ids.worker_id;
    if (!given.stream_id) given.stream_id = ids.stream_id;
    if (!given.core_version) given.core_version = version_string;
    outbox_item item;
    item.id = *given.result_id;
    item.session_id = given.session_id;
    item.url = call.results_to;
    item.body = cr::serialize(given);
    item.ends_call = call.call_id;
    std::string body = item.body;
    if (!written(co_await outbox->put(std::move(item)), "result not stored")) {
        // Nobody took it: the journal stays, the next start posts a result of the crashed call.
        if (co_await post_directly(call.results_to, std::move(body)))
            (void)co_await outbox->remove_journal(call.call_id);
    }
    begin_correction(running_on, call.results_to, std::move(end));
}

void worker_host::state::begin_correction(asio::any_io_executor const& on, std::string url,
                                          call_end end) {
    if (!end.afterwards || !end.result.result_id) return;
    auto later = [](std::shared_ptr<state> self, std::string to,
                    call_end what) -> asio::awaitable<void> {
        try {
            co_await self->correct(std::move(to), std::move(what));
        } catch (std::exception const& bug) {
            self->note(true, std::string("correction ended by a fault: ") + bug.what());
        }
    };
    asio::co_spawn(on, later(shared_from_this(), std::move(url), std::move(end)), asio::detached);
}

void worker_host::state::take_unfinished() {
    for (auto& [url, end] : handler.unfinished())
        begin_correction(*executor, std::move(url), std::move(end));
}

asio::awaitable<void> worker_host::state::correct(std::string url, call_end end) {
    auto changed = co_await end.afterwards();
    if (changed) {
        outbox_item item;
        // The entry needs an id of its own; the receiver tells versions apart by result_seq.
        item.id = *end.result.result_id + "." + std::to_string(changed->result_seq);
        changed->result_id = end.result.result_id;
        item.session_id = changed->session_id = end.result.session_id;
        item.url = std::move(url);
        item.body = cr::serialize(*changed);
        if (!written(co_await outbox->put(std::move(item)), "corrected result not stored"))
            co_return;
    }
    if (end.settled) end.settled();
}

// True when it was delivered, or refused in a way that no repetition heals.
asio::awaitable<bool> worker_host::state::post_directly(std::string url, std::string body) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (int tried = 0; tried < direct_tries; ++tried) {
        if (tried > 0) {
            timer.expires_after(options.direct_wait * (1 << (tried - 1)));
            co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        }
        client::outgoing_request request;
        request.url = url;
        request.message.method = "POST";
        request.message.headers = headers();
        request.message.headers.set("Content-Type", "application/json");
        request.message.body = body;
        auto const answer =
            co_await options.transport->send(std::move(request), client::transport_options{});
        if (!answer) continue;
        if (answer->status / 100 == 2) co_return true;
        if (std::ranges::find(poison, answer->status) != std::end(poison)) {
            note(true, "result refused, status " + std::to_string(answer->status));
            co_return true;
        }
    }
    note(true, "neither disk nor control plane took the result");
    co_return false;
}

}  // namespace worker
}  // namespace cxb::inline v1
