#pragma once
/// @file
/// Where a call may be handed to (spec 10 §3.5). Which target a transport can use is decided by
/// `domain/transfer_choice.hpp`.

#include <optional>
#include <string>

#include "cxb/base/open_enum.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::runtime_config {

/// How a call is handed over: a message on the media WebSocket, a SIP REFER by LiveKit, or an
/// escalation to people.
enum class transfer_method { websocket_reverse_transfer, livekit_sip_refer, agent_desk };
/// What `value` is; each type has a form of its own.
enum class transfer_type { extension, sip_uri, tel_uri, phone_number, agent_queue };

}  // namespace contract::runtime_config

template <>
struct enum_words<contract::runtime_config::transfer_method> {
    using e = contract::runtime_config::transfer_method;
    static constexpr std::pair<e, std::string_view> words[] = {
        {e::websocket_reverse_transfer, "websocket_reverse_transfer"},
        {e::livekit_sip_refer, "livekit_sip_refer"},
        {e::agent_desk, "agent_desk"}};
};
template <>
struct enum_words<contract::runtime_config::transfer_type> {
    using e = contract::runtime_config::transfer_type;
    static constexpr std::pair<e, std::string_view> words[] = {{e::extension, "extension"},
                                                               {e::sip_uri, "sip_uri"},
                                                               {e::tel_uri, "tel_uri"},
                                                               {e::phone_number, "phone_number"},
                                                               {e::agent_queue, "agent_queue"}};
};

namespace contract::runtime_config {

/// Form of `value` by type: sip_uri starts `sip:`, tel_uri `tel:`, others as follows. phone_number
/// `\+?[0-9]{3,20}`, extension `[0-9A-Za-z*#_.-]{1,32}`, agent_queue `[A-Za-z0-9_-]{1,64}`. Ids are
/// unique; at most one enabled default per method.
struct transfer_target {
    std::optional<std::string> id;
    std::string label;  ///< 1–80
    open_enum<transfer_method> method;
    open_enum<transfer_type> type;
    std::string value;
    bool is_default = false;
    bool enabled = true;
};

CXB_WIRE_DECLARE_PART(transfer_target);

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
CXB_EXPORT_END
