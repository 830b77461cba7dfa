#include "server/api/fleet/media_base.hpp"

#include "server/api/fleet/fleet_service.hpp"
#include "server/common/settings/process_settings.hpp"

namespace cxb::api {

std::string media_base(api_services const& api) {
    std::string base = api.settings->fleet.public_wss_base;
    if (base.empty()) {
        auto const hosts = api.hosts->urls();
        if (hosts.empty()) return "wss://localhost";
        base = hosts.front();
        if (base.starts_with("http")) base.replace(0, 4, "ws");
    }
    while (base.ends_with('/'))
        base.pop_back();
    return base;
}

}  // namespace cxb::api
