#include "cxb/contract/webhook/webhook_event.hpp"

namespace cxb::inline v1 {
namespace contract::webhook {
namespace {

using wire::field;

constexpr wire::field_row rows[] = {
    field<&webhook_event::type>("type").required().doc("What happened."),
    field<&webhook_event::timestamp>("timestamp").required().doc("When it happened."),
    field<&webhook_event::data>("data")
        .object()
        .max_bytes(limits::results_body)
        .personal()
        .doc("Facts of the event, with session_id and bot_id where they exist."),
};

}  // namespace

CXB_WIRE_TYPE(webhook_event,
              wire::table<webhook_event>("Something that an endpoint subscribed to.", rows))

}  // namespace contract::webhook
}  // namespace cxb::inline v1
