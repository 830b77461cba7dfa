#include "server/api/app/route_tables.hpp"

#include "server/api/access/api_key_routes.hpp"
#include "server/api/access/auth_routes.hpp"
#include "server/api/access/user_routes.hpp"
#include "server/api/analytics/analytics_routes.hpp"
#include "server/api/audit/audit_routes.hpp"
#include "server/api/bots/bot_routes.hpp"
#include "server/api/calls/call_routes.hpp"
#include "server/api/carriers/carrier_routes.hpp"
#include "server/api/config/config_routes.hpp"
#include "server/api/dialout/dialout_routes.hpp"
#include "server/api/events/event_routes.hpp"
#include "server/api/exotel/exotel_routes.hpp"
#include "server/api/fleet/fleet_routes.hpp"
#include "server/api/jobs/job_routes.hpp"
#include "server/api/livekit_webhook/livekit_webhook_routes.hpp"
#include "server/api/prompt_cache/cache_routes.hpp"
#include "server/api/push/push_routes.hpp"
#include "server/api/recordings/recording_routes.hpp"
#include "server/api/settings/settings_routes.hpp"
#include "server/api/webhooks/webhook_routes.hpp"
#include "server/api/why/why_routes.hpp"
#include "server/api/widget/widget_routes.hpp"
#include "server/common/health/health.hpp"
#include "server/common/openapi/openapi.hpp"

namespace cxb::api {

server::router::tables const& route_tables() {
    static server::router::tables const tables = {
        server::health_routes(),
        server::openapi_routes(),
        auth_routes(),
        api_key_routes(),
        settings_routes(),
        bot_routes(),
        fleet_routes(),
        dialout_routes(),
        config_routes(),
        call_routes(),
        push_routes(),
        recording_routes(),
        user_routes(),
        audit_routes(),
        bot_version_routes(),
        bot_action_routes(),
        prompt_cache_routes(),
        analytics_routes(),
        webhook_routes(),
        carrier_routes(),
        number_routes(),
        job_routes(),
        event_routes(),
        livekit_webhook_routes(),
        exotel_routes(),
        widget_routes(),
        why_routes(),
    };
    return tables;
}

}  // namespace cxb::api
