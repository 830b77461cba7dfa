#include "cxb/store/event_bus.hpp"

#include <algorithm>

namespace cxb::inline v1 {
namespace store {

bool is_topic(std::string_view topic) noexcept {
    constexpr std::size_t longest = 64;
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
    return !topic.empty() && topic.size() <= longest &&
           topic.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace store
}  // namespace cxb::inline v1
