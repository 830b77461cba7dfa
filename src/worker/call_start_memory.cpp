#include "cxb/worker/call_start_memory.hpp"

#include <algorithm>

#include "cxb/base/crypto.hpp"

namespace cxb::inline v1 {
namespace worker {

result<std::optional<wire::http_response>> call_start_memory::look_up(std::string const& key,
                                                                      std::string_view body) {
    if (key.empty()) return std::optional<wire::http_response>{};
    auto digest = sha256(body);
    if (auto const known = entries_.find(key); known != entries_.end()) {
        if (known->second.digest != digest)
            return error{errc::invalid, "Idempotency-Key was used with another body"}.with_reason(
                "idempotency_key_reused");
        if (!known->second.answer)
            return error{errc::conflict, "The first request still runs"}.with_reason(
                "idempotency_in_progress");
        return known->second.answer;
    }
    if (order_.size() >= most_) {
        entries_.erase(order_.front());
        order_.pop_front();
    }
    entries_.emplace(key, entry{std::move(digest), std::nullopt});
    order_.push_back(key);
    return std::optional<wire::http_response>{};
}

void call_start_memory::keep(std::string const& key, wire::http_response const& answer) {
    if (auto const known = entries_.find(key); known != entries_.end())
        known->second.answer = answer;
}

void call_start_memory::forget(std::string const& key) {
    if (entries_.erase(key) > 0) order_.erase(std::ranges::find(order_, key));
}

}  // namespace worker
}  // namespace cxb::inline v1
