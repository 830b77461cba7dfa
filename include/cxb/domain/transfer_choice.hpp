#pragma once
/// @file
/// Which transfer target a call takes, given its transport and what the model asked for
/// (spec 10 §3.5).
///
/// | transport                                      | native method              | desk |
/// |------------------------------------------------|----------------------------|------|
/// | websocket                                      | websocket_reverse_transfer | no   |
/// | livekit_inbound, livekit_outbound, attach      | livekit_sip_refer          | yes  |
/// | sip                                            | livekit_sip_refer          | no   |
/// | exotel, widget, any other word                 | none                       | no   |
///
/// A target is a candidate when it is enabled, its transport has its method and the method can
/// take its type (reverse transfer: extension, phone_number, sip_uri, tel_uri; refer: sip_uri,
/// tel_uri, phone_number; desk: agent_queue).
///
/// | requested | choice                                                                          |
/// |-----------|---------------------------------------------------------------------------------|
/// | a text    | candidate with that id; else with that label (case and outer blanks ignored);   |
/// |           | else the legacy number of that label; else an error                             |
/// | nothing   | first default candidate; else first candidate; else first legacy number; else  |
/// |           | an error                                                                       |
///
/// Legacy numbers count only where the transport has a native method; their type follows their
/// prefix (`sip:`, `tel:`, else phone_number).
///
/// Errors: `invalid`; the detail is meant for the model: `No transfer target` or
/// `No transfer target "x" for websocket`, with `: disabled` or `: not usable on websocket` when a
/// listed target has that name. Thread-safety: pure functions.

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "cxb/base/result.hpp"
#include "cxb/contract/runtime_config/transfer.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

using transfer_numbers = std::map<std::string, std::string>;

/// Can a call on `transport` be handed to `target` at all? `enabled` is not looked at.
[[nodiscard]] bool is_usable_on(std::string_view transport,
                                contract::runtime_config::transfer_target const& target) noexcept;

/// `requested` is an id or label, "" = nothing requested. `transport` is the word of the config
/// request.
[[nodiscard]] result<contract::runtime_config::transfer_target> choose_target(
    std::string_view transport, std::string_view requested,
    std::span<contract::runtime_config::transfer_target const> targets,
    transfer_numbers const& numbers);

/// Where a REFER to the target goes: its value, a phone number as `tel:` + value.
[[nodiscard]] std::string refer_uri(contract::runtime_config::transfer_target const& target);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
