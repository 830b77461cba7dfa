#include "cxb/domain/masking.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <vector>

#include "cxb/base/encoding.hpp"
#include "cxb/contract/call_results/privacy.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

constexpr std::string_view bullet = "\xE2\x80\xA2";  // U+2022
constexpr std::string_view mismatch = "masked value does not match the stored secret";
using path_steps = std::vector<std::string_view>;

std::string bullets(int count) {
    std::string out;
    for (int i = 0; i < count; ++i)
        out.append(bullet);
    return out;
}

// Byte offsets at which characters begin, and the end.
std::vector<std::size_t> character_starts(std::string_view text) {
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) starts.push_back(i);
    }
    starts.push_back(text.size());
    return starts;
}

bool contains_any(std::string const& text, std::span<std::string_view const> parts) {
    return std::ranges::any_of(
        parts, [&](std::string_view part) { return text.find(part) != std::string::npos; });
}

// Rebuilds a document; `change` decides about secrets.
template <class Change>
wire::json_value rebuild(wire::json_value const& value, path_steps& path,
                         secret_test const& is_secret, Change const& change) {
    if (!path.empty() && !value.is_null() && is_secret(path)) return change(value, path);
    if (auto const* list = value.if_array()) {
        wire::json_array out;
        out.reserve(list->size());
        for (std::size_t i = 0; i < list->size(); ++i) {
            std::string const step = std::to_string(i);
            path.push_back(step);
            out.push_back(rebuild((*list)[i], path, is_secret, change));
            path.pop_back();
        }
        return out;
    }
    if (auto const* object = value.if_object()) {
        wire::json_object out;
        out.reserve(object->size());
        for (auto const& member : *object) {
            path.push_back(member.key());
            out.emplace(member.key(), rebuild(member.value(), path, is_secret, change));
            path.pop_back();
        }
        return out;
    }
    return value;
}

wire::json_value const* step_into(wire::json_value const& at, std::string_view step) {
    if (auto const* object = at.if_object()) return object->if_contains(step);
    auto const* list = at.if_array();
    if (list == nullptr) return nullptr;
    std::size_t index = 0;
    auto const [end, fault] = std::from_chars(step.data(), step.data() + step.size(), index);
    bool const number = fault == std::errc{} && end == step.data() + step.size();
    return number && index < list->size() ? &(*list)[index] : nullptr;
}

std::string_view text_along(wire::json_value const& from, member_path path) {
    auto const* at = &from;
    for (auto const step : path) {
        at = step_into(*at, step);
        if (at == nullptr) return {};
    }
    auto const* text = at->if_string();
    return text == nullptr ? std::string_view{} : std::string_view{*text};
}

// Secrets at this path with any index in place of each list step.
void collect_along(wire::json_value const& at, member_path path, std::set<std::string>& out) {
    if (path.empty()) {
        if (auto const* text = at.if_string()) out.emplace(*text);
        return;
    }
    if (auto const* list = at.if_array()) {
        for (auto const& item : *list)
            collect_along(item, path.subspan(1), out);
    } else if (auto const* next = step_into(at, path.front())) {
        collect_along(*next, path.subspan(1), out);
    }
}

std::string pointer_of(std::string_view base, member_path path) {
    std::string out(base);
    for (auto const step : path)
        out = wire::append_pointer(out, step);
    return out;
}

std::string_view parent_of(member_path path) {
    return path.size() < 2 ? std::string_view{} : path[path.size() - 2];
}

}  // namespace

std::string mask_secret(std::string_view secret) {
    if (secret.empty()) return {};
    auto const starts = character_starts(secret);
    std::size_t const length = starts.size() - 1;
    if (length <= 8) return bullets(8);
    std::string out(secret.substr(0, starts[4]));
    return out.append(bullets(6)).append(secret.substr(starts[length - 4]));
}

result<std::string> apply_masked(std::string_view sent, std::string_view stored,
                                 std::string_view pointer) {
    if (sent.find(bullet) == std::string_view::npos) return std::string(sent);
    if (sent == mask_secret(stored)) return std::string(stored);
    return invalid_member(std::string(pointer), std::string(mismatch));
}

bool is_secret_header(std::string_view name) noexcept {
    static constexpr std::array<std::string_view, 5> parts{"auth", "key", "token", "secret",
                                                           "cookie"};
    return contains_any(to_lower(name), parts);
}

bool bot_secrets(member_path path) noexcept {
    static constexpr std::array<std::string_view, 4> shown{"type", "header", "token_url", "scope"};
    if (path.empty()) return false;
    auto const name = path.back();
    if (name == "api_key" || name.starts_with("signing_secret")) return true;
    if (parent_of(path) == "auth") return std::ranges::find(shown, name) == shown.end();
    return parent_of(path) == "headers" && is_secret_header(name);
}

bool log_secrets(member_path path) noexcept {
    if (path.empty() || path.back().ends_with("prompt_cache_key")) return false;
    return contract::call_results::is_secret_name(path.back()) || is_secret_header(path.back());
}

wire::json_value mask_document(wire::json_value const& document, secret_test const& is_secret) {
    path_steps path;
    return rebuild(document, path, is_secret, [](wire::json_value const& value, member_path) {
        auto const* text = value.if_string();
        return wire::json_value(text != nullptr ? mask_secret(*text) : bullets(8));
    });
}

wire::json_value blank_document(wire::json_value const& document, secret_test const& is_secret) {
    return blank_document(document, is_secret, "***");
}

wire::json_value blank_document(wire::json_value const& document, secret_test const& is_secret,
                                std::string_view word) {
    path_steps path;
    return rebuild(document, path, is_secret, [word](wire::json_value const& value, member_path) {
        auto const* text = value.if_string();
        return text != nullptr && text->empty() ? value : wire::json_value(word);
    });
}

result<wire::json_value> apply_masked_document(wire::json_value const& sent,
                                               wire::json_value const& stored,
                                               secret_test const& is_secret,
                                               std::string_view pointer) {
    std::vector<fault> faults;
    path_steps path;
    auto out = rebuild(sent, path, is_secret, [&](wire::json_value const& value, member_path at) {
        auto const* text = value.if_string();
        if (text == nullptr) return value;
        if (auto kept = apply_masked(*text, text_along(stored, at)))
            return wire::json_value(*std::move(kept));
        std::set<std::string> others;
        collect_along(stored, at, others);
        std::erase_if(others,
                      [&](std::string const& other) { return mask_secret(other) != *text; });
        if (others.size() == 1) return wire::json_value(*others.begin());
        faults.push_back({pointer_of(pointer, at), std::string(mismatch)});
        return value;
    });
    if (!faults.empty()) return invalid_document(std::move(faults));
    return out;
}

}  // namespace domain
}  // namespace cxb::inline v1
