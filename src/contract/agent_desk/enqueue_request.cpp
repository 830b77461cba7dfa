#include "cxb/contract/agent_desk/enqueue_request.hpp"

#include "src/contract/runtime_config/variables_rule.hpp"

namespace cxb::inline v1 {
namespace contract::agent_desk {
namespace {

using wire::field;
using request = enqueue_request;
namespace patterns = wire::patterns;

constexpr std::size_t reason_bytes = 500;
constexpr std::size_t max_turns = 500;
constexpr std::size_t max_skills = 10;
constexpr std::size_t number_bytes = 64;

constexpr wire::field_row caller_rows[] = {
    field<&desk_caller::number>("number")
        .required()
        .or_integer()
        .max_bytes(number_bytes)
        .personal()
        .doc("Number of any form; empty when withheld."),
    field<&desk_caller::name>("name").personal().doc("Name, if known."),
    field<&desk_caller::identity>("identity").doc("Participant in the room."),
};
constexpr wire::field_row bot_rows[] = {
    field<&desk_bot::id>("id").required().bytes(1, limits::text).doc("Id of the bot."),
    field<&desk_bot::name>("name").doc("Its name."),
};
constexpr wire::field_row rows[] = {
    field<&request::call_id>("call_id")
        .required()
        .pattern(patterns::call_id)
        .doc("Id of the call at the desk; a Core sends its session_id."),
    field<&request::room>("room")
        .required()
        .alias("room_name")
        .bytes(1, 256)
        .doc("Room in which the caller waits."),
    field<&request::caller>("caller").required().alias("caller_id").personal().doc("Who waits."),
    field<&request::bot>("bot").required().alias("bot_id").doc("Who spoke until now."),
    field<&request::escalation_reason>("escalation_reason")
        .max_bytes(reason_bytes)
        .doc("Why the bot hands over."),
    field<&request::transcript>("transcript")
        .max_items(max_turns)
        .tolerant()
        .personal()
        .doc("What was said until now."),
    field<&request::variables>("variables")
        .alias("connected_event")
        .object()
        .max_bytes(limits::connected_event)
        .personal()
        .doc("Variables of the call."),
    field<&request::context>("context")
        .object()
        .max_bytes(limits::policy_json)
        .personal()
        .doc("Whatever else the agent should see."),
    field<&request::parent_call_id>("parent_call_id")
        .pattern(patterns::session_id)
        .doc("The bot's call; absent: call_id."),
    field<&request::language>("language").doc("Language the agent must speak."),
    field<&request::required_skills>("required_skills")
        .pattern(patterns::queue_name)
        .max_items(max_skills)
        .doc("Skills the agent must have."),
    field<&request::priority>("priority").range(0, 10).doc("Higher is served first."),
};

void check_request(request const& value, wire::fault_sink& sink) {
    if (value.call_id == "current") sink.add("/call_id", "must not be current");
    runtime_config::check_variables(value.variables, "/variables", sink);
}

}  // namespace

CXB_WIRE_PART(desk_caller, wire::table<desk_caller>("Who waits.", caller_rows).bare("number"))
CXB_WIRE_PART(desk_bot, wire::table<desk_bot>("A bot.", bot_rows).bare("id"))
CXB_WIRE_TYPE(enqueue_request, wire::table<request>("A caller for a human agent.", rows)
                                   .collect_unknown<&request::ext>("ext", limits::ext_json)
                                   .check<check_request>())

std::string const& parent_of(enqueue_request const& request) noexcept {
    return request.parent_call_id ? *request.parent_call_id : request.call_id;
}

}  // namespace contract::agent_desk
}  // namespace cxb::inline v1
