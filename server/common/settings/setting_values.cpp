#include "server/common/settings/setting_values.hpp"

#include <stdexcept>

namespace cxb::server {

setting_value const& setting_values::at(std::string_view path) const {
    auto const found = values_.find(path);
    if (found == values_.end()) throw std::logic_error("no such setting: " + std::string(path));
    asked_.emplace(path);
    return found->second;
}

template <class T>
T const& setting_values::get(std::string_view path) const {
    if (auto const* const held = std::get_if<T>(&at(path).value)) return *held;
    throw std::logic_error("setting is of another kind: " + std::string(path));
}

std::string const& setting_values::text(std::string_view path) const {
    return get<std::string>(path);
}
cxb::secret setting_values::secret(std::string_view path) const {
    return cxb::secret(get<std::string>(path));
}
std::int64_t setting_values::integer(std::string_view path) const {
    return get<std::int64_t>(path);
}
bool setting_values::boolean(std::string_view path) const {
    return get<bool>(path);
}
std::optional<bool> setting_values::maybe_boolean(std::string_view path) const {
    if (std::holds_alternative<std::monostate>(at(path).value)) return std::nullopt;
    return get<bool>(path);
}
std::vector<std::string> const& setting_values::list(std::string_view path) const {
    return get<std::vector<std::string>>(path);
}

void setting_values::put(std::string_view path, setting_value value) {
    values_.insert_or_assign(std::string(path), std::move(value));
}

}  // namespace cxb::server
