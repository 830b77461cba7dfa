#include "server/api/webhooks/webhook_bodies.hpp"

namespace cxb::api {

using wire::field;
constexpr std::size_t most_types = 50;
constexpr std::size_t description_bytes = 500;

constexpr wire::field_row body_rows[] = {
    field<&webhook_body::url>("url").required().bytes(1, limits::url).doc("Where it is posted."),
    field<&webhook_body::types>("types")
        .max_items(most_types)
        .doc("What it is told: call.completed, ...; * for everything."),
    field<&webhook_body::is_active>("is_active").doc("False: it is told nothing."),
    field<&webhook_body::description>("description")
        .max_bytes(description_bytes)
        .doc("What it is for."),
};
CXB_WIRE_TYPE(webhook_body, wire::table<webhook_body>("A new webhook endpoint.", body_rows))

constexpr wire::field_row patch_rows[] = {
    field<&webhook_patch::url>("url").bytes(1, limits::url).doc("Where it is posted."),
    field<&webhook_patch::types>("types").max_items(most_types).doc("What it is told."),
    field<&webhook_patch::is_active>("is_active").doc("True: also after it was switched off."),
    field<&webhook_patch::description>("description")
        .max_bytes(description_bytes)
        .doc("What it is for."),
};
CXB_WIRE_TYPE(webhook_patch, wire::table<webhook_patch>("Changes of an endpoint.", patch_rows))

}  // namespace cxb::api
