#include "cxb/wire/http_message.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace wire {

namespace {

auto find_name(auto& items, std::string_view name) {
    return std::find_if(items.begin(), items.end(),
                        [&](auto const& item) { return iequals(item.first, name); });
}

}  // namespace

std::string_view header_list::get(std::string_view name) const noexcept {
    auto const at = find_name(items_, name);
    return at == items_.end() ? std::string_view{} : std::string_view(at->second);
}

bool header_list::has(std::string_view name) const noexcept {
    return find_name(items_, name) != items_.end();
}

void header_list::add(std::string name, std::string value) {
    items_.emplace_back(std::move(name), std::move(value));
}

void header_list::set(std::string_view name, std::string value) {
    auto const at = find_name(items_, name);
    if (at == items_.end()) return add(std::string(name), std::move(value));
    at->second = std::move(value);
    auto const same = [&](auto const& item) { return iequals(item.first, name); };
    items_.erase(std::remove_if(at + 1, items_.end(), same), items_.end());
}

void header_list::remove(std::string_view name) {
    std::erase_if(items_, [&](auto const& item) { return iequals(item.first, name); });
}

result<query_list> query_list::parse(std::string_view text) {
    query_list out;
    while (!text.empty()) {
        auto const end = text.find('&');
        auto const pair = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (pair.empty()) continue;
        auto const equals = pair.find('=');
        auto const value =
            equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
        CXB_TRY(auto name_text, percent_decode(pair.substr(0, equals), true));
        CXB_TRY(auto value_text, percent_decode(value, true));
        out.add(std::move(name_text), std::move(value_text));
    }
    return out;
}

std::optional<std::string_view> query_list::get(std::string_view name) const noexcept {
    for (auto const& [known, value] : items_)
        if (known == name) return value;
    return std::nullopt;
}

void query_list::add(std::string name, std::string value) {
    items_.emplace_back(std::move(name), std::move(value));
}

std::string query_list::to_text() const {
    std::string out;
    for (auto const& [name, value] : items_) {
        if (!out.empty()) out += '&';
        out.append(percent_encode(name)).append(1, '=').append(percent_encode(value));
    }
    return out;
}

}  // namespace wire
}  // namespace cxb::inline v1
