#include <algorithm>
#include <set>

#include "cxb/domain/masking.hpp"
#include "cxb/domain/outbound_guard.hpp"
#include "cxb/domain/time_zone.hpp"
#include "server/api/settings/settings_directory.hpp"

namespace cxb::api {
namespace {

using wire::json_object;

constexpr std::size_t max_key_bytes = 8192;
constexpr std::size_t max_provider_bytes = 40;
constexpr std::size_t max_fleet = 200;

bool is_provider_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= max_provider_bytes &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
}

// Google's key is a whole service account.
bool is_service_account(std::string_view text) {
    auto const parsed = wire::parse_json(text);
    return parsed && parsed->is_object() &&
           !wire::text_at(parsed->as_object(), "project_id").empty();
}

std::optional<fault> merge_one_key(json_object& keys, std::string_view provider,
                                   wire::json_value const& value) {
    std::string const at = "/api_keys/" + std::string(provider);
    if (!is_provider_name(provider)) return fault{at, "provider names are [a-z0-9_]{1,40}"};
    if (!value.is_string()) return fault{at, "must be a text"};
    std::string_view const sent = value.as_string();
    if (sent.size() > max_key_bytes) return fault{at, "too long: at most 8192 bytes"};
    auto const key = domain::apply_masked(sent, wire::text_at(keys, provider), at);
    if (!key) return key.error().faults().front();
    if (key->empty()) {
        keys.erase(provider);
        return std::nullopt;
    }
    if (provider == "google_vertex" && !is_service_account(*key))
        return fault{at, "must be a service account JSON with project_id"};
    keys[provider] = *key;
    return std::nullopt;
}

std::string without_slash(std::string_view url) {
    while (url.ends_with('/'))
        url.remove_suffix(1);
    return std::string(url);
}

}  // namespace

result<void> merge_api_keys(json_object& document, json_object const& sent) {
    auto const* nested = sent.if_contains("api_keys");
    json_object const& members =
        nested != nullptr && nested->is_object() ? nested->as_object() : sent;
    json_object keys;
    if (auto const* stored = document.if_contains("api_keys");
        stored != nullptr && stored->is_object())
        keys = stored->as_object();
    std::vector<fault> faults;
    for (auto const& [provider, value] : members)
        if (auto found = merge_one_key(keys, provider, value)) faults.push_back(*std::move(found));
    if (!faults.empty()) return invalid_document(std::move(faults));
    document["api_keys"] = std::move(keys);
    return {};
}

result<void> merge_fleet(json_object& document, json_object const& sent) {
    auto const* first = sent.if_contains("cxbcore_fleet");
    auto const* second = sent.if_contains("core_fleet");
    if (first != nullptr && second != nullptr && *first != *second)
        return invalid_member("/core_fleet", "differs from cxbcore_fleet");
    std::string const at = first != nullptr ? "/cxbcore_fleet" : "/core_fleet";
    auto const* list = first != nullptr ? first : second;
    if (list == nullptr) return invalid_member("/cxbcore_fleet", "required member is missing");
    if (!list->is_array()) return invalid_member(at, "must be a list of URLs");
    if (list->as_array().size() > max_fleet) return invalid_member(at, "at most 200 items");
    domain::guard_policy policy;
    policy.mode = domain::guard_mode::operator_fleet;
    std::vector<fault> faults;
    std::set<std::string> seen;
    wire::json_array urls;
    for (std::size_t i = 0; i < list->as_array().size(); ++i) {
        auto const& item = list->as_array()[i];
        std::string const where = at + "/" + std::to_string(i);
        std::string const url = item.is_string() ? without_slash(item.as_string()) : "";
        if (auto const good = domain::check_url(policy, url); !good)
            faults.push_back({where, "must be an http or https base URL (" +
                                         std::string(good.error().reason()) + ")"});
        else if (!seen.insert(url).second)
            faults.push_back({where, "is there twice"});
        urls.push_back(wire::json_value(url));
    }
    if (!faults.empty()) return invalid_document(std::move(faults));
    document["cxbcore_fleet"] = std::move(urls);
    document.erase("core_fleet");
    return {};
}

result<void> merge_timezone(json_object& document, json_object const& sent) {
    std::string_view const zone = wire::text_at(sent, "display_timezone");
    if (!domain::is_time_zone(zone))
        return invalid_member("/display_timezone", "unknown time zone");
    document["display_timezone"] = wire::json_value(zone);
    return {};
}

}  // namespace cxb::api
