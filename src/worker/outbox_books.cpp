// What a result_outbox knows of its entries, and what it tells of them.
#include "src/worker/outbox_state.hpp"

namespace cxb::inline v1 {
namespace worker {

void result_outbox::state::account(std::string const& name, outbox_header const& header) {
    if (known.emplace(name, header).second) bytes += header.length;
}

void result_outbox::state::forget(std::string const& name) {
    auto const at = known.find(name);
    if (at == known.end()) return;
    bytes -= at->second.length;
    known.erase(at);
}

time_point result_outbox::state::schedule_now() const {
    return start_wall + std::chrono::floor<milliseconds>(settings.time->steady() - start_steady);
}

outbox_added result_outbox::state::added(std::string const& name,
                                         outbox_header const& header) const {
    auto const end = schedule_now() + (header.expires_at - now());
    return {name, header.kind, header.session_id, origin_of(header.url), end};
}

void result_outbox::state::publish() {
    auto const many = [&](double part) {
        return static_cast<double>(known.size()) >=
                   part * static_cast<double>(settings.max_entries) ||
               static_cast<double>(bytes) >= part * static_cast<double>(settings.max_bytes);
    };
    is_full = is_full ? many(0.9) : many(1.0);
    is_refused = schedule.config_refused();
    entry_count = known.size();
    byte_count = bytes;
    dead_count = dead_total;
    delivered_count = delivered_total;
    oldest_ms = known.empty() ? 0 : to_epoch_ms(known.begin()->second.created_at);
}

void result_outbox::state::note(bool is_error, std::string const& text) const {
    if (settings.log) settings.log(is_error, text);
}

bool result_outbox::state::delivers() const noexcept {
    return timer != nullptr && (!stopping || sending > 0);
}

void result_outbox::state::notify() {
    woken = true;
    if (timer != nullptr) timer->cancel();
    for (auto* waiter : flushers)
        waiter->cancel();
}

}  // namespace worker
}  // namespace cxb::inline v1
