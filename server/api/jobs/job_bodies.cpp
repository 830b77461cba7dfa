#include "server/api/jobs/job_bodies.hpp"

namespace cxb::api {

using wire::field;

constexpr wire::field_row dead_letter_rows[] = {
    field<&dead_letter_body::kind>("kind").required().bytes(1, 64).doc("crm_push, webhook, ..."),
    field<&dead_letter_body::from>("from").required().doc("Created at this moment or later."),
    field<&dead_letter_body::to>("to").required().doc("Created before this moment."),
    field<&dead_letter_body::bot_id>("bot_id").max_bytes(64).doc("Only those of this bot."),
};
CXB_WIRE_TYPE(dead_letter_body,
              wire::table<dead_letter_body>("Dead jobs to run again.", dead_letter_rows))

}  // namespace cxb::api
