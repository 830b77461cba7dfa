#pragma once
/// @file
/// What a call result does to the stored call: the whole rule of spec 10 §4.5 as one pure function.
///
/// | stored call                         | incoming               | decision, effects             |
/// |-------------------------------------|------------------------|-------------------------------|
/// | none                                | any                    | stored (insert, orphan), 1    |
/// | skeleton, no result                 | any                    | stored, 1                     |
/// | result                              | same result_id and seq, or same hash | duplicate       |
/// | result                              | same result_id, lower seq | stale                      |
/// | full                                | minimal                | kept_previous                 |
/// | minimal, or written by the reaper   | full                   | updated, 2                    |
/// | result                              | anything else          | updated, only `call.updated`  |
///
/// A stored call has a result once it has `result_hash` or `completed_at`. Minimal: duration
/// absent or 0, no transcript items, no recording. Absent members never overwrite; present ones
/// replace whole values; only `ext` is laid over member by member.
///
/// The caller applies the outcome in one atomic write bound to the `rev` it read (spec 21 §1.2);
/// on a lost race it reads again and calls again. `cdr*` members never take part, so the order of
/// CDR and result is free.
///
/// Failures: none. Thread-safety: a pure function; equal input gives equal output.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/error.hpp"
#include "cxb/domain/result_payload.hpp"
#include "cxb/wire/json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// The word of the answer's `result`.
using merge_decision = contract::call_results::ack_result;

inline constexpr std::size_t max_result_conflicts = 5;  ///< newest kept, per call
inline constexpr std::size_t max_conflict_bytes = std::size_t{64} * 1024;

/// | field        | absent means | meaning                                                        |
/// |--------------|--------------|----------------------------------------------------------------|
/// | now          | –            | `completed_at` of a stored result, `updated_at`, conflict time |
/// | fresh_token  | "": none     | used when a token must be minted; made anew for every call     |
/// | token_taken  | false        | the payload's token already belongs to another call            |
/// | by_reaper    | false        | written for a call whose result never came (spec 21 §1.6):     |
/// |              |              | sets `result_missing`, and yields to any result already there  |
struct merge_context {
    time_point now{};
    std::string fresh_token;
    bool token_taken = false;
    bool by_reaper = false;
};

/// What to write. `set` and `unset` are empty for duplicate and stale, and for a kept_previous
/// whose payload is among the conflicts already.
///
/// | field        | meaning                                                                      |
/// |--------------|------------------------------------------------------------------------------|
/// | decision     | goes into the answer                                                         |
/// | insert       | no call was stored: `set` is a whole document (without `rev`)                |
/// | effect_round | 0 none; 1 or 2: the `n` of the after-effect keys (spec 21 §1.3)              |
/// | call_updated | only the event `call.updated` is due                                         |
/// | set, unset   | members of the stored call to write and to remove                            |
/// | changed      | names of result members that got another value (trace, `call.updated`)       |
/// | warnings     | what could not be kept (`/ext`)                                              |
struct merge_outcome {
    merge_decision decision = merge_decision::duplicate;
    bool insert = false;
    int effect_round = 0;
    bool call_updated = false;
    wire::json_object set;
    std::vector<std::string> unset;
    std::vector<std::string> changed;
    std::vector<fault> warnings;
    [[nodiscard]] bool writes() const noexcept { return !set.empty() || !unset.empty(); }
};

/// duplicate or stale, when that is all there is to say about a posted result; cheap, so that a
/// repetition need not be made ready for storing.
[[nodiscard]] std::optional<merge_decision> known_already(wire::json_object const& stored,
                                                          posted_result const& posted);

/// `stored` is the call as read, null when there is none. The payload is used up: its members
/// move into the outcome, and `set` lives in their memory resource.
[[nodiscard]] merge_outcome merge_result(wire::json_object const* stored, result_payload payload,
                                         merge_context const& context);

/// Has the stored call a result yet?
[[nodiscard]] bool has_result(wire::json_object const& call) noexcept;

/// Duration absent or 0, no transcript items, no recording; for a payload and for a stored call.
[[nodiscard]] bool is_minimal(wire::json_object const& members) noexcept;

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
