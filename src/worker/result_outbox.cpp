#include "cxb/worker/result_outbox.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <utility>

#include "cxb/base/encoding.hpp"
#include "cxb/wire/retry_after.hpp"
#include "src/base/fail_point.hpp"
#include "src/worker/outbox_state.hpp"

namespace cxb::inline v1 {
namespace worker {

namespace asio = boost::asio;

namespace {

// Runs `work` on the disk thread and resumes on the awaiting coroutine's executor.
template <class Work>
asio::awaitable<std::invoke_result_t<Work>> on_thread(asio::thread_pool& pool, Work work) {
    using value = std::invoke_result_t<Work>;
    auto const executor = co_await asio::this_coro::executor;
    auto slot = std::make_shared<std::optional<value>>();
    auto ready =
        std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
    asio::post(pool, [slot, ready, executor, work = std::move(work)]() mutable {
        auto done = std::make_shared<value>(work());
        // Everything moves over: the timer must not outlive its context on this thread.
        asio::post(executor, [slot = std::move(slot), ready = std::move(ready), done] {
            slot->emplace(std::move(*done));
            ready->cancel();
        });
    });
    while (!slot->has_value())
        co_await ready->async_wait(asio::as_tuple(asio::use_awaitable));
    co_return **std::move(slot);
}

constexpr std::size_t longest_detail = 2000;

std::string under_limit(std::string const& text) {
    return std::string(utf8_prefix(text, longest_detail));
}

}  // namespace

std::string origin_of(std::string_view url) {
    auto const scheme = url.find("://");
    if (scheme == std::string_view::npos) return std::string(url.substr(0, url.find('/')));
    return std::string(url.substr(0, url.find_first_of("/?#", scheme + 3)));
}

result_outbox::state::state(options given, outbox_directory opened)
    : settings(std::move(given)),
      directory(std::move(opened)),
      schedule(*settings.random),
      start_wall(settings.time->now()),
      start_steady(settings.time->steady()) {}

result_outbox::result_outbox(std::shared_ptr<state> inner) : state_(std::move(inner)) {}

result_outbox::~result_outbox() {
    stop();
    state_->disk_thread.join();
}

void result_outbox::wait_for_disk() {
    auto const done = std::make_shared<std::promise<void>>();
    auto const reached = done->get_future();
    asio::post(state_->disk_thread, [done] { done->set_value(); });
    reached.wait();
}

result<std::unique_ptr<result_outbox>> result_outbox::open(options settings) {
    if (settings.time == nullptr) settings.time = &real_clock();
    if (settings.random == nullptr) settings.random = &system_random();
    auto const folder = settings.root / settings.worker_id;
    CXB_TRY(auto directory, outbox_directory::open(folder, settings.disk));
    auto inner = std::make_shared<state>(std::move(settings), std::move(directory));
    inner->recover();
    return std::unique_ptr<result_outbox>(new result_outbox(std::move(inner)));
}

asio::awaitable<result<void>> result_outbox::put(outbox_item item) {
    auto const inner = state_;
    auto const at = inner->now();
    auto stored = co_await on_thread(
        inner->disk_thread, [inner, item = std::move(item), at]() -> result<outbox_entry> {
            outbox_header header;
            header.kind = item.kind;
            header.id = item.id;
            header.session_id = item.session_id;
            header.url = item.url;
            header.created_at = at;
            header.expires_at = at + lifetime_of(item.kind);
            auto entry = inner->directory.put(std::move(header), item.body);
            // The journal goes before anyone can deliver the entry, else a crash in between
            // would report a delivered call a second time.
            if (entry && !item.ends_call.empty())
                (void)inner->directory.remove_journal(item.ends_call);
            return entry;
        });
    if (!stored) co_return std::move(stored).error();
    inner->account(stored->name, stored->header);
    inner->publish();
    inner->step(inner->added(stored->name, stored->header));
    inner->notify();
    co_return result<void>{};
}

asio::awaitable<result<void>> result_outbox::put_journal(call_journal journal) {
    auto const inner = state_;
    co_return co_await on_thread(inner->disk_thread,
                                 [inner, journal = std::move(journal)]() -> result<void> {
                                     return inner->directory.put_journal(journal);
                                 });
}

asio::awaitable<result<void>> result_outbox::remove_journal(std::string call_id) {
    auto const inner = state_;
    co_return co_await on_thread(inner->disk_thread,
                                 [inner, call_id = std::move(call_id)]() -> result<void> {
                                     return inner->directory.remove_journal(call_id);
                                 });
}

asio::awaitable<result<void>> result_outbox::try_disk() {
    auto const inner = state_;
    co_return co_await on_thread(inner->disk_thread,
                                 [inner]() -> result<void> { return inner->directory.try_disk(); });
}

asio::awaitable<void> result_outbox::run() {
    auto const inner = state_;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    inner->timer = &timer;
    std::shared_ptr<void> const unset(nullptr, [inner](void*) {
        inner->timer = nullptr;
        inner->notify();
    });
    // Entries from before the start become due together, oldest first.
    auto const waiting = inner->known;
    for (auto const& [name, header] : waiting)
        if (!inner->schedule.contains(name)) inner->step(inner->added(name, header));
    while (inner->delivers()) {
        inner->woken = false;
        auto const at = inner->schedule_now();
        if (!inner->stopping && (inner->scan_wanted || at >= inner->next_scan)) {
            inner->scan_wanted = false;
            inner->next_scan = at + inner->settings.scan_interval;
            inner->adopt_siblings();
            inner->rescan();
        }
        inner->step(outbox_tick{});
        // Somebody called while nobody waited: a callback of the step, or the scan.
        if (inner->woken) continue;
        auto next = inner->next_scan;
        if (auto const due = inner->schedule.next_timer()) next = std::min(next, *due);
        auto const pause = std::max(next - inner->schedule_now(), milliseconds(1));
        timer.expires_after(pause);
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

void result_outbox::stop() {
    state_->stopping = true;
    state_->notify();
}

void result_outbox::wake() {
    state_->scan_wanted = true;
    state_->notify();
}

asio::awaitable<bool> result_outbox::flush(std::chrono::steady_clock::time_point deadline) {
    auto const inner = state_;
    // A `run` that was started together with this one gets its turn first.
    if (!inner->delivers()) co_await asio::post(asio::use_awaitable);
    asio::steady_timer waiter(co_await asio::this_coro::executor, deadline);
    inner->flushers.insert(&waiter);
    std::shared_ptr<void> const unset(nullptr, [&](void*) { inner->flushers.erase(&waiter); });
    while (!inner->known.empty() && inner->delivers() &&
           std::chrono::steady_clock::now() < deadline)
        co_await waiter.async_wait(asio::as_tuple(asio::use_awaitable));
    bool const is_empty = inner->known.empty();
    co_return is_empty;
}

bool result_outbox::full() const noexcept {
    return state_->is_full;
}
bool result_outbox::config_refused() const noexcept {
    return state_->is_refused;
}
std::filesystem::path const& result_outbox::folder() const noexcept {
    return state_->directory.folder();
}

outbox_metrics result_outbox::metrics() const noexcept {
    outbox_metrics out;
    out.entries = state_->entry_count;
    out.bytes = state_->byte_count;
    out.dead_total = state_->dead_count;
    out.delivered_total = state_->delivered_count;
    if (auto const oldest = state_->oldest_ms.load(); oldest != 0) {
        auto const age = (to_epoch_ms(state_->now()) - oldest) / 1000;
        out.oldest_seconds = age > 0 ? static_cast<std::uint64_t>(age) : 0;
    }
    return out;
}

// --- delivery ---------------------------------------------------------------------------------

void result_outbox::state::step(outbox_event const& event) {
    // Sending needs the executor of `run`; before it started the schedule is left alone.
    if (timer == nullptr) return;
    for (auto const& action : schedule.step(schedule_now(), event))
        carry_out(action);
    publish();
}

void result_outbox::state::carry_out(outbox_action const& action) {
    if (auto const* sending = std::get_if<outbox_send>(&action)) {
        if (stopping) return;
        ++this->sending;
        asio::co_spawn(
            timer->get_executor(),
            [self = shared_from_this(), name = sending->name] { return self->send(name); },
            asio::detached);
    } else if (auto const* done = std::get_if<outbox_delivered>(&action)) {
        delivered(*done);
    } else if (auto const* death = std::get_if<outbox_bury>(&action)) {
        bury(*death);
    }
}

void result_outbox::state::delivered(outbox_delivered const& action) {
    auto const at = known.find(action.name);
    if (at == known.end()) return;
    auto const header = at->second;
    CXB_FAIL_POINT("outbox.posted");
    if (auto const gone = directory.remove(action.name); !gone)
        note(true, "delivered entry not removed: " + gone.error().to_log_text());
    ++delivered_total;
    forget(action.name);
    outbox_outcome outcome;
    outcome.delivered = true;
    outcome.status = action.status;
    if (auto answer = responses.extract(action.name)) outcome.response = std::move(answer.mapped());
    settle(header, std::move(outcome));
}

void result_outbox::state::bury(outbox_bury const& action) {
    auto const at = known.find(action.name);
    if (at == known.end()) return;
    auto const header = at->second;
    outbox_death const death{action.reason, action.status, action.detail, action.errors, now()};
    if (auto const moved = directory.bury(action.name, death); !moved)
        note(true, "entry not moved to dead: " + moved.error().to_log_text());
    ++dead_total;
    note(true, "outbox entry " + action.name + " is dead: " + action.reason + ", status " +
                   std::to_string(action.status));
    forget(action.name);
    outbox_outcome outcome;
    outcome.status = action.status;
    outcome.reason = action.reason;
    settle(header, std::move(outcome));
}

void result_outbox::state::settle(outbox_header const& header, outbox_outcome outcome) {
    outcome.kind = header.kind;
    outcome.id = header.id;
    outcome.session_id = header.session_id;
    publish();
    notify();
    if (settings.settled) settings.settled(outcome);
}

namespace {

// Problem details go into the reason file; anything else a peer sends is not kept.
void read_problem(std::string_view body, outbox_answered& into) {
    auto const parsed = wire::parse_json(body, limits::mib);
    if (!parsed || !parsed->is_object()) return;
    auto const& object = parsed->get_object();
    into.detail = under_limit(std::string(wire::text_at(object, "detail")));
    auto const* errors = wire::find_path(object, "errors");
    if (errors == nullptr || !errors->is_array()) return;
    for (auto const& item : errors->get_array()) {
        if (into.errors.size() >= limits::faults || !item.is_object()) continue;
        into.errors.push_back(under_limit(std::string(wire::text_at(item.get_object(), "pointer")) +
                                          ": " +
                                          std::string(wire::text_at(item.get_object(), "reason"))));
    }
}

}  // namespace

asio::awaitable<void> result_outbox::state::send(std::string name) {
    // Never within the step that asked for it: the outcome is a step of its own.
    co_await asio::post(asio::use_awaitable);
    outbox_answered answer;
    answer.name = name;
    auto const entry = known.find(name);
    auto body =
        entry == known.end() ? result<std::string>(error{errc::not_found}) : directory.body(name);
    if (!body) {
        unreadable(name);
        co_return;
    }
    client::outgoing_request request;
    request.url = entry->second.url;
    request.message.method = "POST";
    if (settings.headers) request.message.headers = settings.headers();
    request.message.headers.set("Content-Type", "application/json");
    request.message.body = *std::move(body);
    client::transport_options limits_of;
    limits_of.total = settings.request_timeout;
    result<wire::http_response> response = error{errc::internal};
    try {
        response = co_await settings.transport->send(std::move(request), std::move(limits_of));
    } catch (std::exception const& bug) {
        note(true, std::string("delivery ended by a fault: ") + bug.what());
    }
    if (response) {
        answer.status = response->status;
        answer.retry_after = wire::retry_after(response->headers, now());
        if (answer.status >= 200 && answer.status < 300)
            responses[name] = std::string(response->bytes());
        else
            read_problem(response->bytes(), answer);
    } else {
        answer.detail = std::string(name_of(response.error().code()));
    }
    --sending;
    step(answer);
    responses.erase(name);  // of an entry that was taken away while it was sent
    notify();
}

// The file changed under us: gone (an operator) or damaged (then it is buried).
void result_outbox::state::unreadable(std::string const& name) {
    --sending;
    step(outbox_removed{name});
    auto const at = known.find(name);
    if (at != known.end()) {
        auto const header = at->second;
        forget(name);
        auto const dead_before = dead_total;
        if (!take_in(name) && dead_total != dead_before) {
            outbox_outcome outcome;
            outcome.reason = "corrupt";
            settle(header, std::move(outcome));
        }
    }
    publish();
    notify();
}

}  // namespace worker
}  // namespace cxb::inline v1
