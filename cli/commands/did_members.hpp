#pragma once
// The members of a number as options, for carriers' numbers and Exotel's.

#include "cli/app/context.hpp"

namespace cxb::cli {

inline constexpr parameter did_label{"--label", "What people call it"};
inline constexpr parameter did_direction{"--direction", "inbound, outbound or both"};
inline constexpr parameter did_bot{"--bot", "Id of the bot that answers"};
inline constexpr parameter did_no_bot{"--no-bot", "No bot answers any more", parameter_kind::flag};
inline constexpr parameter did_flow{"--flow-url", "The flow that Exotel runs"};

// Those that were given. Errors: usage for `--bot` beside `--no-bot`.
[[nodiscard]] result<wire::json_object> did_members(arguments const& args);

// Sends them to the number at `target`, and tells of it.
result<exit_code> change_did(command_context& context, std::string target);

}  // namespace cxb::cli
