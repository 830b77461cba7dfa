#pragma once
/// @file
/// More of a conversation at the desk: `POST …/calls/{id}/transcript` (spec 10 §10).
///
/// | field | alias      | absent means | bounds and note                                        |
/// |-------|------------|--------------|--------------------------------------------------------|
/// | turns | transcript | empty        | ≤ 200; personal                                        |
/// | mode  |            | append       | append: behind what is there; replace: instead of it   |
///
/// A turn is a transcript item of call results (spec 10 §4.2) with an `id`, by which repeats are
/// told, and `final`: false is shown and not stored. Unknown members of the top level are kept
/// under `ext`, those of a turn in place. Thread-safety: plain values.

#include <optional>
#include <string>
#include <vector>

#include "cxb/contract/call_results/items.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::agent_desk {

/// What becomes of the turns that are there already.
enum class transcript_mode { append, replace };

}  // namespace contract::agent_desk

template <>
struct enum_words<contract::agent_desk::transcript_mode> {
    using e = contract::agent_desk::transcript_mode;
    static constexpr std::pair<e, std::string_view> words[] = {{e::append, "append"},
                                                               {e::replace, "replace"}};
};

namespace contract::agent_desk {

struct desk_turn : call_results::transcript_item {
    std::optional<std::string> id;
    bool final = true;
    friend bool operator==(desk_turn const&, desk_turn const&) = default;
};
CXB_WIRE_DECLARE_PART(desk_turn);

struct desk_transcript {
    std::vector<desk_turn> turns;
    transcript_mode mode = transcript_mode::append;
    wire::raw_json ext = wire::raw_json::object();
    friend bool operator==(desk_transcript const&, desk_transcript const&) = default;
};
CXB_WIRE_DECLARE(desk_transcript);

/// The answer. `tips`: cards of Agent Assist that the turns called for, objects.
struct desk_transcript_ack {
    std::string status = "ok";
    int stored = 0;
    int duplicates = 0;
    std::vector<wire::raw_json> tips;
    friend bool operator==(desk_transcript_ack const&, desk_transcript_ack const&) = default;
};
CXB_WIRE_DECLARE(desk_transcript_ack);

}  // namespace contract::agent_desk
}  // namespace cxb::inline v1
CXB_EXPORT_END
