#include "cli/app/command.hpp"

#include <charconv>

namespace cxb::cli {

void arguments::set(std::string name, std::vector<std::string> values) {
    values_[std::move(name)] = std::move(values);
}

bool arguments::has(std::string_view name) const {
    return values_.find(name) != values_.end();
}

std::string arguments::text(std::string_view name, std::string_view fallback) const {
    auto const found = values_.find(name);
    return found == values_.end() || found->second.empty() ? std::string(fallback)
                                                           : found->second.front();
}

std::vector<std::string> arguments::list(std::string_view name) const {
    auto const found = values_.find(name);
    return found == values_.end() ? std::vector<std::string>{} : found->second;
}

result<int> arguments::number(std::string_view name, int fallback, int low, int high) const {
    if (!has(name)) return fallback;
    std::string const given = text(name);
    int value = 0;
    auto const [end, fault] = std::from_chars(given.data(), given.data() + given.size(), value);
    if (fault != std::errc{} || end != given.data() + given.size() || value < low || value > high)
        return usage_error(std::string(name) + " must be a number from " + std::to_string(low) +
                           " to " + std::to_string(high));
    return value;
}

}  // namespace cxb::cli
