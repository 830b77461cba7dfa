#include "cxb/worker/outbox_schedule.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cxb::inline v1 {
namespace worker {

namespace {

using namespace std::chrono_literals;

constexpr std::array<milliseconds, 8> waits{1s, 2s, 5s, 10s, 30s, 60s, 120s, 300s};
constexpr std::array<milliseconds, 5> handoff_waits{200ms, 500ms, 1s, 2s, 4s};
constexpr milliseconds probe_wait = 5s;
constexpr double recovery_spread_ms = 5000;
constexpr milliseconds refused_wait = 60s;
constexpr seconds longest_retry_after = 600s;
constexpr milliseconds misrouted_patience = 24h;

bool is_success(int status) {
    return status >= 200 && status < 300;
}
bool is_unreachable(int status) {
    return status == 0 || status >= 500;
}
bool is_refusal(int status) {
    return status == 401 || status == 403;
}
bool is_poison(int status) {
    return status == 400 || status == 409 || status == 413 || status == 415 || status == 422;
}
bool is_temporary(int status) {
    return is_unreachable(status) || status == 408 || status == 429;
}

}  // namespace

milliseconds lifetime_of(outbox_class kind) noexcept {
    switch (kind) {
        case outbox_class::handoff:
            return 15s;
        case outbox_class::desk_update:
            return 1h;
        case outbox_class::result:
            break;
    }
    return 7 * 24h;
}

std::vector<outbox_action> outbox_schedule::step(time_point now, outbox_event const& event) {
    actions out;
    if (auto const* added = std::get_if<outbox_added>(&event)) {
        add(now, *added);
    } else if (auto const* removed = std::get_if<outbox_removed>(&event)) {
        if (auto const at = entries_.find(removed->name); at != entries_.end()) erase(at);
    } else if (auto const* answer = std::get_if<outbox_answered>(&event)) {
        answered(now, *answer, out);
    }
    expire(now, out);
    cap_probes();
    launch(now, out);
    return out;
}

void outbox_schedule::add(time_point now, outbox_added const& event) {
    auto const [at, fresh] = entries_.try_emplace(event.name);
    if (!fresh) return;
    at->second.kind = event.kind;
    at->second.session_id = event.session_id;
    at->second.origin = event.origin;
    at->second.expires_at = event.expires_at;
    at->second.due = now;
    ++origins_[event.origin].entries;
}

void outbox_schedule::erase(iterator at) {
    entry const& e = at->second;
    if (e.flying) {
        --flying_;
        auto const busy = flying_sessions_.find(e.session_id);
        if (busy != flying_sessions_.end() && --busy->second == 0) flying_sessions_.erase(busy);
    }
    auto const origin = origins_.find(e.origin);
    if (--origin->second.entries == 0) origins_.erase(origin);
    entries_.erase(at);
}

void outbox_schedule::answered(time_point now, outbox_answered const& event, actions& out) {
    auto const at = entries_.find(event.name);
    if (at == entries_.end() || !at->second.flying) return;
    entry& e = at->second;
    e.flying = false;
    --flying_;
    auto const busy = flying_sessions_.find(e.session_id);
    if (busy != flying_sessions_.end() && --busy->second == 0) flying_sessions_.erase(busy);
    if (is_success(event.status))
        succeeded(now, at, event.status, out);
    else
        failed(now, at, event, out);
}

void outbox_schedule::succeeded(time_point now, iterator at, int status, actions& out) {
    std::string const origin = at->second.origin;
    out.emplace_back(outbox_delivered{at->first, status});
    bool const recovered = std::exchange(origins_[origin].failing, false);
    origins_[origin].refused = false;
    erase(at);
    if (!recovered) return;
    for (auto& [name, e] : entries_) {
        if (e.origin != origin || e.flying || e.failures == 0) continue;
        milliseconds const spread(static_cast<long>(random_.uniform(0, recovery_spread_ms)));
        e.due = std::min(e.due, now + spread);
        e.not_before = time_point{};
        e.last = failure::other;
    }
}

void outbox_schedule::failed(time_point now, iterator at, outbox_answered const& event,
                             actions& out) {
    entry& e = at->second;
    origin_state& origin = origins_[e.origin];
    ++e.failures;
    e.failed_at = now;
    e.last = is_unreachable(event.status) ? failure::unreachable : failure::other;
    if (is_temporary(event.status) || is_refusal(event.status)) origin.failing = true;
    if (event.status != 0) origin.refused = is_refusal(event.status);

    bool const handoff = e.kind == outbox_class::handoff;
    bool const final_word = event.status >= 300 && event.status < 500;
    if (is_poison(event.status) || (handoff && final_word)) {
        bury(at, "refused", event, out);
    } else if (handoff && e.failures > static_cast<int>(handoff_waits.size())) {
        bury(at, "gave_up", event, out);
    } else if (final_word && !is_temporary(event.status) && !is_refusal(event.status)) {
        if (!e.misrouted_since) e.misrouted_since = now;
        if (now - *e.misrouted_since >= misrouted_patience)
            bury(at, "gave_up", event, out);
        else
            wait(now, e, event);
    } else {
        e.misrouted_since.reset();
        wait(now, e, event);
    }
}

void outbox_schedule::bury(iterator at, std::string reason, outbox_answered const& event,
                           actions& out) {
    out.emplace_back(
        outbox_bury{at->first, std::move(reason), event.status, event.detail, event.errors});
    erase(at);
}

milliseconds outbox_schedule::backoff(entry const& e) {
    auto const n = static_cast<std::size_t>(e.failures - 1);
    if (e.kind == outbox_class::handoff)
        return handoff_waits[std::min(n, handoff_waits.size() - 1)];
    auto const base = static_cast<double>(waits[std::min(n, waits.size() - 1)].count());
    return milliseconds(static_cast<long>(base * random_.uniform(0.8, 1.2)));
}

void outbox_schedule::wait(time_point now, entry& e, outbox_answered const& event) {
    e.due = now + backoff(e);
    e.not_before = time_point{};
    if (is_refusal(event.status)) e.not_before = now + refused_wait;
    if (event.retry_after && e.kind != outbox_class::handoff) {
        auto const asked = std::clamp(*event.retry_after, seconds(0), longest_retry_after);
        if (now + asked > e.due) e.not_before = std::max(e.not_before, now + asked);
    }
    e.due = std::max(e.due, e.not_before);
}

// The probe is the oldest unsent entry of the origin; while it flies nothing else is hurried.
void outbox_schedule::cap_probes() {
    std::map<std::string_view, bool> seen;
    for (auto& [name, e] : entries_) {
        if (!origins_[e.origin].failing) continue;
        bool& found = seen[e.origin];
        if (found || e.last != failure::unreachable) continue;
        found = true;
        if (!e.flying) e.due = std::min(e.due, std::max(e.failed_at + probe_wait, e.not_before));
    }
}

void outbox_schedule::expire(time_point now, actions& out) {
    for (auto at = entries_.begin(); at != entries_.end();) {
        auto const here = at++;
        if (here->second.flying || here->second.expires_at > now) continue;
        outbox_answered const none{here->first, 0, std::nullopt, "not delivered in time", {}};
        bury(here, "expired", none, out);
    }
}

bool outbox_schedule::session_busy(entry const& e) const {
    return !e.session_id.empty() && flying_sessions_.contains(e.session_id);
}

void outbox_schedule::launch(time_point now, actions& out) {
    for (auto& [name, e] : entries_) {
        if (flying_ >= at_once) return;
        if (e.flying || e.due > now || session_busy(e)) continue;
        e.flying = true;
        ++flying_;
        if (!e.session_id.empty()) ++flying_sessions_[e.session_id];
        out.emplace_back(outbox_send{name});
    }
}

std::optional<time_point> outbox_schedule::next_timer() const {
    std::optional<time_point> first;
    auto const offer = [&](time_point at) {
        if (!first || at < *first) first = at;
    };
    for (auto const& [name, e] : entries_) {
        if (e.flying) continue;
        offer(e.expires_at);
        if (flying_ < at_once && !session_busy(e)) offer(e.due);
    }
    return first;
}

bool outbox_schedule::config_refused() const noexcept {
    return std::any_of(origins_.begin(), origins_.end(),
                       [](auto const& item) { return item.second.refused; });
}

}  // namespace worker
}  // namespace cxb::inline v1
