#pragma once
/// @file
/// What every route that rings a number does with its request (spec 21 §6 steps 3, 4 and 6).
/// Private to dialout/.

#include "cxb/contract/runtime_config/request.hpp"
#include "server/api/bots/bot_directory.hpp"
#include "server/common/http/request_context.hpp"
#include "server/common/http/route.hpp"

namespace cxb::api {

/// The bot, if this caller may let it talk now. `any_time`: also outside its hours. Errors:
/// `not_found` `Bot not found`, `forbidden`, `unavailable` `bot_inactive`, `outside_active_hours`.
store::async<bot_ptr> usable_bot(server::request_context& context, std::string bot_id,
                                 bool any_time = false);

/// What a call is to be; variables may hold reserved members, which then steer it.
struct wanted_call {
    std::string to_number;  ///< as it was sent
    std::optional<std::string> from_number;
    wire::json_object variables;
    std::vector<std::string> ignored;  ///< members the caller is told about
};

/// Dials and answers as `POST /sip/dialout`. Errors: `invalid` at `/to_number` or `/from_number`,
/// those of `dialout_service`.
server::handler_result place_call(server::request_context& context, bot_ptr bot, wanted_call call);

}  // namespace cxb::api
