#include "cxb/contract/call_results/privacy.hpp"

#include <algorithm>
#include <string>

#include "cxb/base/encoding.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::inline v1 {
namespace contract::call_results {
namespace {

using wire::json_array;
using wire::json_object;
using wire::json_value;

constexpr std::string_view hidden = "***";
constexpr std::size_t shortest_cut = 1024;  ///< shorter texts are left whole

bool redact(json_value& value);

bool redact(json_object& object) {
    bool changed = false;
    for (auto& member : object) {
        if (!is_secret_name(member.key())) {
            changed = redact(member.value()) || changed;
        } else if (!member.value().is_string() || member.value().get_string() != hidden) {
            member.value() = hidden;
            changed = true;
        }
    }
    return changed;
}

bool redact(json_value& value) {
    bool changed = false;
    if (value.is_object()) return redact(value.get_object());
    if (value.is_array())
        for (auto& item : value.get_array())
            changed = redact(item) || changed;
    return changed;
}

/// The longest text anywhere in the value, null when none is longer than `best`.
boost::json::string* longest_text(json_value& value, boost::json::string* best) {
    if (value.is_string()) {
        auto& text = value.get_string();
        return best == nullptr || text.size() > best->size() ? &text : best;
    }
    if (value.is_object())
        for (auto& member : value.get_object())
            best = longest_text(member.value(), best);
    if (value.is_array())
        for (auto& item : value.get_array())
            best = longest_text(item, best);
    return best;
}

void drop_largest(json_object& object) {
    auto largest = object.begin();
    std::size_t most = 0;
    for (auto it = object.begin(); it != object.end(); ++it) {
        auto const size = wire::to_text(it->value()).size();
        if (it->key() == "truncated" || size < most) continue;
        most = size;
        largest = it;
    }
    object.stable_erase(largest);
}

}  // namespace

bool is_secret_name(std::string_view name) {
    if (name == "prompt_cache_key") return false;
    auto const lower = to_lower(name);
    if (lower.ends_with("key")) return true;
    return std::ranges::any_of(
        std::initializer_list<std::string_view>{"secret", "token", "password"},
        [&](std::string_view part) { return lower.find(part) != std::string::npos; });
}

wire::raw_json redact_pipeline_config(wire::raw_json const& config) {
    auto value = config.to_value();
    return redact(value) ? wire::raw_json::from_value(value) : config;
}

wire::raw_json cut_event_data(json_object const& data, std::size_t max_bytes) {
    json_value value = data;
    auto bytes = wire::to_text(value).size();
    if (bytes <= max_bytes) return wire::raw_json::from_value(value);
    auto& object = value.get_object();
    object["truncated"] = true;
    bytes = wire::to_text(value).size();
    while (bytes > max_bytes && object.size() > 1) {
        auto* text = longest_text(value, nullptr);
        if (text == nullptr || text->size() <= shortest_cut) {
            drop_largest(object);
        } else {
            auto const over = bytes - max_bytes;
            auto const keep = text->size() - std::min(over, text->size() / 2 + 1);
            *text = utf8_prefix(std::string(*text), std::max(keep, shortest_cut));
        }
        bytes = wire::to_text(value).size();
    }
    return wire::raw_json::from_value(value);
}

}  // namespace contract::call_results
}  // namespace cxb::inline v1
