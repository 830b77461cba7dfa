#include "cxb/store/object_store.hpp"

#include <algorithm>

namespace cxb::inline v1 {
namespace store {

bool is_object_key(std::string_view key) noexcept {
    constexpr std::size_t max_key = 512;
    constexpr std::string_view marks = "!_.*'()/-";
    if (key.empty() || key.size() > max_key || key.front() == '/') return false;
    bool const clean = std::all_of(key.begin(), key.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               marks.find(c) != std::string_view::npos;
    });
    if (!clean) return false;
    while (!key.empty()) {
        auto const end = key.find('/');
        std::string_view const segment = key.substr(0, end);
        if (segment == "..") return false;
        if (end == std::string_view::npos) break;
        key.remove_prefix(end + 1);
    }
    return true;
}

}  // namespace store
}  // namespace cxb::inline v1
