#include "server/api/settings/provider_keys.hpp"

#include <algorithm>

#include "cxb/domain/http_url.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::api {
namespace {

constexpr std::string_view local_providers[] = {"simulated", "scripted", "pocketsphinx", "flite",
                                                "espeak_ng"};

bool same_server(std::string_view one, std::string_view other) {
    auto const a = domain::parse_http_url(one);
    auto const b = domain::parse_http_url(other);
    return a && b && a->origin() == b->origin();
}

}  // namespace

secret const* system_key(system_settings const& system, std::string_view provider,
                         std::string_view own_base_url) {
    auto const key = system.api_keys.find(std::string(provider));
    if (key == system.api_keys.end()) return nullptr;
    if (own_base_url.empty()) return &key->second;
    auto const entry = system.providers.find(provider);
    bool const known =
        entry != system.providers.end() && same_server(entry->second.base_url, own_base_url);
    return known ? &key->second : nullptr;
}

bool is_local_provider(std::string_view provider) noexcept {
    return std::ranges::find(local_providers, provider) != std::end(local_providers);
}

std::string project_of(secret const& account) {
    auto const document = wire::parse_json(account.reveal());
    if (!document || !document->is_object()) return {};
    return std::string(wire::text_at(document->as_object(), "project_id"));
}

}  // namespace cxb::api
