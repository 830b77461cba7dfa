#pragma once
/// @file
/// What LiveKit should hold for a carrier (spec 21 §7), and how LiveKit names such things. Pure.
///
/// | kind           | name           | wanted while                                               |
/// |----------------|----------------|------------------------------------------------------------|
/// | inbound trunk  | `cxb-{id}-in`  | some number is inbound or both                             |
/// | outbound trunk | `cxb-{id}-out` | some number is outbound or both                            |
/// | dispatch rule  | `cxb-{id}`     | the inbound trunk is                                       |

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "cxb/wire/json.hpp"

namespace cxb::api {

/// How things of one kind are called at LiveKit, and where the carrier keeps the id.
struct livekit_kind {
    std::string_view member;     ///< of the carrier: holds the id
    std::string_view suffix;     ///< of the name, after `cxb-{id}`
    std::string_view noun;       ///< method names: `Create` + noun, `Update`, `List`
    std::string_view remove;     ///< method that removes one
    std::string_view wrapped;    ///< member of a create request
    std::string_view id;         ///< member that holds its id
    std::string_view ids;        ///< member of a list request
    std::string_view when_gone;  ///< told at the carrier when somebody removed it
};

inline constexpr livekit_kind inbound_trunk{
    "lk_inbound_trunk_id", "-in",       "SIPInboundTrunk",         "DeleteSIPTrunk", "trunk",
    "sip_trunk_id",        "trunk_ids", "trunk missing in LiveKit"};
inline constexpr livekit_kind outbound_trunk{
    "lk_outbound_trunk_id", "-out",      "SIPOutboundTrunk",        "DeleteSIPTrunk", "trunk",
    "sip_trunk_id",         "trunk_ids", "trunk missing in LiveKit"};
inline constexpr livekit_kind dispatch_rule{
    "lk_dispatch_rule_id", "",
    "SIPDispatchRule",     "DeleteSIPDispatchRule",
    "dispatch_rule",       "sip_dispatch_rule_id",
    "dispatch_rule_ids",   "dispatch rule missing in LiveKit"};

/// In the order in which they are made; they are removed in the opposite one.
inline constexpr std::array<livekit_kind const*, 3> livekit_kinds{&inbound_trunk, &outbound_trunk,
                                                                  &dispatch_rule};

[[nodiscard]] std::string livekit_name(livekit_kind const& kind, std::string_view carrier_id);

/// The object as LiveKit takes it, without its id; empty: LiveKit should hold none. The rule names
/// the inbound trunk by the id that the carrier has for it.
[[nodiscard]] std::optional<wire::json_object> wanted_object(livekit_kind const& kind,
                                                             wire::json_object const& carrier);

/// Does a number of this direction serve calls that arrive, or leave?
[[nodiscard]] bool serves_inbound(std::string_view direction) noexcept;
[[nodiscard]] bool serves_outbound(std::string_view direction) noexcept;

}  // namespace cxb::api
