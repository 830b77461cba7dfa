#include "server/api/secrets/secret_fields.hpp"

#include "server/api/carriers/carrier_bodies.hpp"
#include "server/api/exotel/exotel_directory.hpp"
#include "server/api/settings/settings_blocks.hpp"
#include "server/api/webhooks/webhook_directory.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;

// A version keeps the bot it was under `document`.
bool version_secrets(domain::member_path path) noexcept {
    return path.size() > 1 && path.front() == "document" && domain::bot_secrets(path.subspan(1));
}

}  // namespace

std::span<server::secret_collection const> secret_collections() noexcept {
    static constexpr server::secret_collection rows[] = {
        {&model::system_settings, &settings_secrets},
        {&model::bots, &domain::bot_secrets},
        {&model::bot_versions, &version_secrets},
        {&model::webhook_endpoints, &endpoint_secrets},
        {&model::carriers, &carrier_secrets},
        {&model::integrations, &integration_secrets},
    };
    return rows;
}

}  // namespace cxb::api
