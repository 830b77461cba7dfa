#pragma once
/// @file
/// A caller is handed to a human agent: `POST {agent_desk.base_url}/enqueue` (spec 10 §10), from
/// Core to control plane, at most 1 MiB. Unknown members of the top level are kept under `ext`.
///
/// | field             | alias           | absent means | bounds and note                         |
/// |-------------------|-----------------|--------------|-----------------------------------------|
/// | call_id           |                 | required     | `[A-Za-z0-9._:-]{1,128}`, not `current` |
/// |                   |                 |              | a Core sends its session_id             |
/// | room              | room_name       | required     | 1–256: where the caller is              |
/// | caller            | caller_id       | required     | object, or number alone; personal       |
/// | bot               | bot_id          | required     | object, or id alone                     |
/// | escalation_reason |                 | ""           | ≤ 500                                   |
/// | transcript        |                 | empty        | ≤ 500 turns; personal                   |
/// | variables         | connected_event | `{}`         | object, bounds of connected_event       |
/// | context           |                 | `{}`         | object ≤ 64 KiB; personal               |
/// | parent_call_id    |                 | call_id      | the bot's call: `parent_of`             |
/// | language          |                 | not told     |                                         |
/// | required_skills   |                 | empty        | ≤ 10 of `[A-Za-z0-9_-]{1,64}`           |
/// | priority          |                 | 5            | 0–10                                    |
///
/// The same call_id and room again is no second entry (`enqueue_ack::duplicate`).
/// Thread-safety: plain values, pure functions.

#include <optional>
#include <string>
#include <vector>

#include "cxb/contract/agent_desk/desk_transcript.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::agent_desk {

/// Who waits. A number of any form, at most 64 bytes, "" when withheld.
struct desk_caller {
    std::string number;                   ///< personal
    std::optional<std::string> name;      ///< personal
    std::optional<std::string> identity;  ///< participant in the room
    friend bool operator==(desk_caller const&, desk_caller const&) = default;
};
CXB_WIRE_DECLARE_PART(desk_caller);

/// Who spoke with the caller until now. Unknown ids pass.
struct desk_bot {
    std::string id;
    std::optional<std::string> name;
    friend bool operator==(desk_bot const&, desk_bot const&) = default;
};
CXB_WIRE_DECLARE_PART(desk_bot);

struct enqueue_request {
    std::string call_id;
    std::string room;
    desk_caller caller;
    desk_bot bot;
    std::string escalation_reason;
    std::vector<desk_turn> transcript;
    wire::raw_json variables = wire::raw_json::object();
    wire::raw_json context = wire::raw_json::object();
    std::optional<std::string> parent_call_id;
    std::optional<std::string> language;
    std::vector<std::string> required_skills;
    int priority = 5;
    wire::raw_json ext = wire::raw_json::object();
    friend bool operator==(enqueue_request const&, enqueue_request const&) = default;
};
CXB_WIRE_DECLARE(enqueue_request);

/// The bot's call: `parent_call_id`, else `call_id`.
[[nodiscard]] std::string const& parent_of(enqueue_request const& request) noexcept;

}  // namespace contract::agent_desk
}  // namespace cxb::inline v1
CXB_EXPORT_END
