#pragma once
/// @file
/// Which blocks of a bot get the system's key of their provider (spec 20 §8 step 13). Keys are set
/// by a super_admin, bots are saved by an admin: so a block of a bot that names a server of its own
/// gets a key of the system only where the system sends that provider's key anyway.
/// Thread-safety: pure functions.

#include <cstdint>
#include <string>
#include <string_view>

#include "server/api/settings/settings_directory.hpp"

namespace cxb::api {

/// Who wrote a block: an admin into a bot, or a super_admin into `voice_defaults`.
enum class block_of : std::uint8_t { bot, system };

/// The key, or null: there is none, or it is not for this server. `own_base_url` is the address
/// that a bot chose, "" for none.
[[nodiscard]] secret const* system_key(system_settings const& system, std::string_view provider,
                                       std::string_view own_base_url);

/// Providers that run in the worker and need no key (spec 80 §4).
[[nodiscard]] bool is_local_provider(std::string_view provider) noexcept;

/// The project of a Google service account; "" when the key is none.
[[nodiscard]] std::string project_of(secret const& account);

/// Gives a block of speech or language that has no key the system's, and one of Vertex its project.
/// False: it needs a key and has none.
template <class Block>
[[nodiscard]] bool fill_key(Block& block, system_settings const& system, block_of whose) {
    if (block.api_key.empty()) {
        bool const chosen = whose == block_of::bot && block.base_url.has_value();
        auto const* const known =
            system_key(system, block.provider,
                       chosen ? std::string_view(*block.base_url) : std::string_view());
        if (known == nullptr) return is_local_provider(block.provider);
        block.api_key = *known;
    }
    if (block.provider != "google_vertex") return true;
    wire::json_object extra = block.extra.to_object();
    auto project = project_of(block.api_key);
    if (project.empty() || extra.contains("project_id")) return true;
    extra["project_id"] = std::move(project);
    block.extra = wire::raw_json::from_object(extra);
    return true;
}

}  // namespace cxb::api
