#pragma once
/// @file
/// Taking the person out of a call and keeping its numbers for reports (spec 21 §2, `redact`).
///
/// Of the document only what is listed in the source as kept stays, so a member that nobody
/// thought of goes. Numbers become `hash:` and 32 hex digits of HMAC-SHA256 under a key made of
/// `jwt.secret`: equal numbers stay equal, and without the secret nobody can try them all.
///
/// Everything is one transaction: the call (bound to the revision that was read), the frozen
/// requests of its jobs, pending pushes, the dialout row, the audit row, and a job
/// `recording_removal`. From then on no link plays the recording; the job removes the object, and
/// is repeated after a crash or while the object store is away, for removing it twice is harmless.
///
/// | comes later           | then                                                            |
/// |-----------------------|-----------------------------------------------------------------|
/// | a result, a CDR       | acknowledged, nothing of it is stored                           |
/// | an upload             | removed, 404                                                    |
/// | a push, asked or retried | 409, or dead with `redacted`                                 |

#include <string>
#include <string_view>

#include "cxb/base/secret.hpp"
#include "server/api/audit/audit_trail.hpp"
#include "server/api/services.hpp"

namespace cxb::api {

inline constexpr std::size_t longest_reason = 500;

[[nodiscard]] bool is_redacted(wire::json_object const& call) noexcept;

/// Leaves of the lists `events` and `integration_log` what holds no words of people: types, times,
/// names, states. Pure.
void thin_lists(wire::json_object const& call, store::update& out);

/// The numbers of one installation as hashes. Pure.
class number_hash {
  public:
    number_hash(secret const& jwt_secret, std::string phone_region);
    /// A number in any of its written forms has one hash; "" stays "".
    [[nodiscard]] std::string of(std::string_view number) const;

  private:
    secret key_;
    std::string region_;
};

/// What redaction does to the stored call. Pure.
[[nodiscard]] store::update redaction_of(wire::json_object const& call, number_hash const& numbers,
                                         time_point now);

struct redaction_order {
    std::string session_id;
    std::string reason;  ///< for the audit row
};

/// Gives the wire time of the call's redaction, also when it was redacted before. Errors:
/// `conflict` for an active call; `unavailable`; those of the store.
store::async<std::string> redact_call(api_services& api, redaction_order order, audit_actor actor);

}  // namespace cxb::api
