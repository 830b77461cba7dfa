#pragma once
/// @file
/// A posted call result made ready for storing: checked, cleaned, hashed (spec 10 §4).
///
/// `read_posted` parses the body by the field tables, so that aliases, timestamps and numbers have
/// one form; that is enough to recognise a repetition (`known_already` of `result_merge.hpp`).
/// `make_payload` derives what the control plane stores:
///
/// | stored member       | rule                                                                  |
/// |---------------------|-----------------------------------------------------------------------|
/// | has_customer_message | if absent and a transcript is there: some user item is not blank     |
/// | llm_cache_summary   | recomputed whenever `usage_metrics` is present                        |
/// | disposition         | text of `post_call_analysis.DISPOSITION`, ≤ 120 bytes                 |
/// | pipeline_config     | members named like secrets become `"***"`                             |
/// | usage_metrics       | only known members: money never gets in                               |
/// | ext                 | unknown top-level members, ≤ 64 KiB, else dropped with a warning   |
///
/// Errors of `read_posted`: `malformed`, `too_large` (over `limits::results_body`), `invalid` with
/// all faults. Thread-safety: value types and pure functions.

#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/error.hpp"
#include "cxb/base/result.hpp"
#include "cxb/contract/call_results/call_results.hpp"
#include "cxb/wire/json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

inline constexpr std::size_t max_disposition_bytes = 120;

/// | field    | meaning                                                                           |
/// |----------|-----------------------------------------------------------------------------------|
/// | value    | the result, checked; `pipeline_config` without secrets                            |
/// | hash     | SHA-256 (lower-case hex) of the body in RFC 8785 form                             |
/// | bytes    | size of the body                                                                  |
/// | warnings | what was dropped                                                                  |
struct posted_result {
    contract::call_results::call_results value;
    std::string hash;
    std::size_t bytes = 0;
    std::vector<fault> warnings;
};

[[nodiscard]] result<posted_result> read_posted(std::string_view body);

/// | field    | meaning                                                                           |
/// |----------|-----------------------------------------------------------------------------------|
/// | hash     | as above                                                                          |
/// | members  | what is stored, by member name; `session_id` always, absent ones left out;        |
/// |          | unknown ones together under `ext`; all in one memory resource                     |
/// | cleared  | stored members that no longer hold once this payload is stored                    |
/// | warnings | as above                                                                          |
struct result_payload {
    std::string hash;
    wire::json_object members;
    std::vector<std::string> cleared;
    std::vector<fault> warnings;
    [[nodiscard]] std::string_view session_id() const noexcept {
        return wire::text_at(members, "session_id");
    }
};

[[nodiscard]] result_payload make_payload(posted_result const& posted);
/// Both steps at once.
[[nodiscard]] result<result_payload> read_result(std::string_view body);

/// The same for a result built in code (reaper, desk). It must be valid.
[[nodiscard]] result_payload payload_of(contract::call_results::call_results const& value);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
