#pragma once
/// @file
/// Which calls are not analysed by a model, and what disposition they get instead (spec 10 §3.6).
///
/// | call                                    | analysis | disposition                             |
/// |-----------------------------------------|----------|-----------------------------------------|
/// | ended as error, voicemail               | skipped  | error, voicemail                        |
/// | customer silent, ended as RNR, timeout  | skipped  | rnr, timeout                            |
/// | customer silent, any other end          | skipped  | no_customer_message                     |
/// | customer spoke, under 5 s               | skipped  | none (`analysis_status:"skipped"` only) |
/// | anything else                           | done     | the model's                             |
///
/// Dispositions come from the config's `auto_dispositions`; a missing one has the default of the
/// spec, a missing no_customer_message the values of rnr. Thread-safety: pure functions.

#include <optional>
#include <string_view>

#include "cxb/base/clock.hpp"
#include "cxb/contract/runtime_config/call_end.hpp"
#include "cxb/wire/json_fwd.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// Calls shorter than this are not analysed.
inline constexpr real_seconds min_analysed_duration{5};

/// What the rule looks at.
struct ended_call {
    std::string_view disconnected_by;  ///< wire word; "" = absent
    bool has_customer_message = false;
    real_seconds duration{0};  ///< from answer to end
};

/// True when no model is asked.
[[nodiscard]] bool skip_analysis(ended_call const& call) noexcept;

/// The disposition of a skipped call; empty for a call that is analysed, and for a short one in
/// which the customer spoke. `configured` may be empty.
[[nodiscard]] std::optional<contract::runtime_config::auto_disposition> auto_disposition(
    ended_call const& call,
    std::optional<contract::runtime_config::auto_dispositions> const& configured);

/// The same as `post_call_analysis` of the result; absent members are left out.
[[nodiscard]] wire::json_object analysis_of(
    contract::runtime_config::auto_disposition const& disposition);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
