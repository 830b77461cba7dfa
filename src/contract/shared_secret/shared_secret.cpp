#include "cxb/contract/shared_secret/shared_secret.hpp"

#include <algorithm>
#include <array>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace contract::shared_secret {
namespace {

constexpr std::size_t max_lines = 8;
constexpr std::size_t max_value_bytes = 512;
constexpr std::size_t min_production_bytes = 32;

constexpr std::array<std::string_view, 3> core_headers{"X-CXBCore-Secret", "X-CXB-Core-Secret",
                                                       "X-VoxCore-Secret"};
constexpr std::array<std::string_view, 1> edge_headers{"X-CXB-Edge-Secret"};
constexpr std::array<std::string_view, 7> known_words{
    development_secret, "secret", "changeme", "change-me", "password", "test", "cxb"};

bool names_surface(std::string_view header, surface const& where) {
    return std::ranges::any_of(where.headers,
                               [&](std::string_view name) { return iequals(name, header); });
}

// Both comparisons always run: which one fitted must not show in the time taken.
bool fits(std::string_view value, keyring const& keys) {
    bool const current = equal_constant_time(value, keys.current.reveal());
    bool const previous = equal_constant_time(value, keys.previous.reveal());
    return (current && !keys.current.empty()) || (previous && !keys.previous.empty());
}

}  // namespace

surface const& core_surface() noexcept {
    static constexpr surface core{core_headers, "Invalid core secret"};
    return core;
}

surface const& edge_surface() noexcept {
    static constexpr surface edge{edge_headers, "Invalid edge secret"};
    return edge;
}

result<void> verify(wire::header_list const& headers, keyring const& keys, surface const& where) {
    bool authorised = false;
    std::size_t lines = 0;
    for (auto const& [name, value] : headers.items()) {
        if (!names_surface(name, where)) continue;
        if (++lines > max_lines) break;
        if (value.size() <= max_value_bytes) authorised |= fits(value, keys);
    }
    if (!authorised) return error{errc::forbidden, std::string(where.refusal)};
    return {};
}

void add_headers(wire::header_list& headers, keyring const& keys, surface const& where) {
    if (keys.current.empty()) return;
    for (auto const name : where.headers.first(std::min<std::size_t>(2, where.headers.size())))
        headers.set(name, keys.current.reveal());
}

std::string_view word_of(weakness fault) noexcept {
    static constexpr std::array<std::string_view, 3> words{"missing_secret", "short_secret",
                                                           "default_secret"};
    return words[static_cast<std::size_t>(fault)];
}

std::vector<weakness> weaknesses_of(secret const& value) {
    std::string const& text = value.reveal();
    if (text.empty()) return {weakness::missing_secret};
    std::vector<weakness> out;
    if (text.size() < min_production_bytes) out.push_back(weakness::short_secret);
    bool const repeated = text.find_first_not_of(text.front()) == std::string::npos;
    if (repeated || std::ranges::find(known_words, std::string_view(text)) != known_words.end())
        out.push_back(weakness::default_secret);
    return out;
}

}  // namespace contract::shared_secret
}  // namespace cxb::inline v1
