#pragma once
/// @file
/// The situations a conversation policy prepares its bot for: the built-in ones as data, how a
/// policy's own ones join them, and which are shown in a call (spec 20 §7).
///
/// | id              | types        | disposition     |
/// |-----------------|--------------|-----------------|
/// | wrong_person    | all          | WRONG_NUMBER    |
/// | call_later      | all          | CALLBACK        |
/// | do_not_call     | all          | DO_NOT_CALL     |
/// | already_paid    | collection_* | ALREADY_PAID    |
/// | hardship        | collection_* | HARDSHIP        |
/// | dispute         | collection_* | DISPUTE         |
/// | promise         | collection_* | PTP             |
/// | already_renewed | insurance    | RENEWED         |
/// | vehicle_sold    | insurance    | VEHICLE_SOLD    |
/// | price           | insurance    | PRICE_OBJECTION |
///
/// A scenario of the policy with the id of a built-in one replaces it whole, in its place; the
/// others follow in the order of the policy.
/// Shown: `enabled:false` never; `always` yes; with a `flag` when its variable says yes; else yes.
/// Failures: none. Ownership: values. Thread-safety: constants and pure functions.

#include <span>
#include <string_view>
#include <vector>

#include "cxb/contract/runtime_config/conversation_policy.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// Collection of money, or renewal of an insurance.
enum class policy_family { collection, insurance };

[[nodiscard]] policy_family family_of(contract::runtime_config::policy_type type) noexcept;

/// One row of the table above.
struct builtin_scenario {
    std::string_view id;
    std::string_view instruction;
    std::string_view disposition;
    bool collection = false;  ///< for the types collection_*
    bool insurance = false;   ///< for insurance_renewal_motor
};

/// In the order of the table.
[[nodiscard]] std::span<builtin_scenario const> builtin_scenarios() noexcept;

/// Built-in scenarios of the type and those of the policy, in the order in which they are shown.
[[nodiscard]] std::vector<contract::runtime_config::policy_scenario> scenarios_of(
    contract::runtime_config::policy_type type,
    std::span<contract::runtime_config::policy_scenario const> own);

/// Is the text one of 1, true, yes, y, on, haan (any case, blanks around dropped)?
[[nodiscard]] bool says_yes(std::string_view text) noexcept;

/// `flag_says_yes` is asked for only when the scenario has a flag that decides.
[[nodiscard]] bool is_shown(contract::runtime_config::policy_scenario const& scenario,
                            bool flag_says_yes) noexcept;

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
