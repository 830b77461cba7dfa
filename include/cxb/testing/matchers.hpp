#pragma once
/// @file
/// Matchers for GoogleTest. The only header of `cxb::testing` that needs it: link `GTest::gmock`
/// beside `cxb::testing` where you include this.
///
/// ```cpp
/// using cxb::testing::HasFault;
/// EXPECT_THAT(parse_call_results(text), HasFault("/transcript/3/role", HasSubstr("string")));
/// EXPECT_THAT(plane.result_posts("s-7"), ElementsAre(IsResultFor("s-7")));
/// ```
/// | matcher                  | takes                                     | matches               |
/// |--------------------------|-------------------------------------------|-----------------------|
/// | HasFault(pointer, reason)| `error`, `result<T>`                      | one of the faults is  |
/// |                          |                                           | there and says so     |
/// | IsResultFor(session_id)  | `call_results`, JSON text, `http_request`,| a valid result of     |
/// |                          | `seen_request`                            | that session          |
///
/// A mismatch says what was there instead. An error without a list of faults counts as one fault:
/// its `pointer()` and its `reason()`. Thread-safety: as other matchers, one thread at a time.

#include <gmock/gmock.h>

#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cxb/contract/call_results/call_results.hpp"
#include "cxb/testing/fake_control_plane.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {

/// How GoogleTest shows a failure: its line for logs.
inline void PrintTo(error const& failure, std::ostream* out) {
    *out << failure.to_log_text();
}
/// How it shows an outcome; the value may be of any type, so
/// nothing is said of it.
template <class T>
void PrintTo(result<T> const& outcome, std::ostream* out) {
    *out << (outcome ? std::string("a value") : outcome.error().to_log_text());
}

namespace testing {

/// What `HasFault` gives; written through it only.
class fault_matcher {
  public:
    /// As `HasFault`.
    fault_matcher(std::string pointer, ::testing::Matcher<std::string> reason)
        : pointer_(std::move(pointer)), reason_(std::move(reason)) {}

    /// One of the faults fits; `listener` is told all that were there.
    bool MatchAndExplain(error const& failure, ::testing::MatchResultListener* listener) const {
        auto faults = failure.faults();
        if (faults.empty()) faults.push_back({failure.pointer(), std::string(failure.reason())});
        *listener << "whose faults are";
        for (auto const& one : faults) {
            if (one.pointer == pointer_ && reason_.Matches(one.reason)) return true;
            *listener << " \"" << one.pointer << "\": " << one.reason << ';';
        }
        return false;
    }
    /// A success has no fault.
    template <class T>
    bool MatchAndExplain(result<T> const& outcome, ::testing::MatchResultListener* listener) const {
        if (!outcome) return MatchAndExplain(outcome.error(), listener);
        *listener << "which is no failure";
        return false;
    }
    /// Half a sentence each, as GoogleTest wants it.
    void DescribeTo(std::ostream* out) const { describe(out, "has"); }
    void DescribeNegationTo(std::ostream* out) const { describe(out, "has no"); }

  private:
    void describe(std::ostream* out, char const* word) const {
        *out << word << " fault at \"" << pointer_ << "\" whose reason ";
        reason_.DescribeTo(out);
    }
    std::string pointer_;
    ::testing::Matcher<std::string> reason_;
};

/// `pointer`: JSON Pointer, "" = the whole document. `reason`: a text or a matcher of one.
[[nodiscard]] inline ::testing::PolymorphicMatcher<fault_matcher> HasFault(
    std::string pointer, ::testing::Matcher<std::string> reason = ::testing::_) {
    return ::testing::MakePolymorphicMatcher(fault_matcher(std::move(pointer), std::move(reason)));
}

/// What `IsResultFor` gives; written through it only.
class result_matcher {
  public:
    /// As `IsResultFor`.
    explicit result_matcher(std::string session_id) : session_id_(std::move(session_id)) {}

    bool MatchAndExplain(contract::call_results::call_results const& value,
                         ::testing::MatchResultListener* listener) const {
        if (auto const valid = validate(value); !valid) {
            *listener << "which is not valid: " << valid.error().to_log_text();
            return false;
        }
        *listener << "whose session_id is \"" << value.session_id << '"';
        return value.session_id == session_id_;
    }
    /// Read by the rules of a posted result; bodies of requests likewise.
    bool MatchAndExplain(std::string_view text, ::testing::MatchResultListener* listener) const {
        wire::parse_options options;
        options.max_bytes = limits::results_body;
        auto const parsed = contract::call_results::parse_call_results(text, options);
        if (parsed) return MatchAndExplain(*parsed, listener);
        *listener << "which is no call result: " << parsed.error().to_log_text();
        return false;
    }
    bool MatchAndExplain(wire::http_request const& request,
                         ::testing::MatchResultListener* listener) const {
        return MatchAndExplain(std::string_view(request.body), listener);
    }
    bool MatchAndExplain(seen_request const& seen, ::testing::MatchResultListener* listener) const {
        return MatchAndExplain(seen.request, listener);
    }
    void DescribeTo(std::ostream* out) const {
        *out << "is a call result of session \"" << session_id_ << '"';
    }
    void DescribeNegationTo(std::ostream* out) const {
        *out << "is no call result of session \"" << session_id_ << '"';
    }

  private:
    std::string session_id_;
};

[[nodiscard]] inline ::testing::PolymorphicMatcher<result_matcher> IsResultFor(
    std::string session_id) {
    return ::testing::MakePolymorphicMatcher(result_matcher(std::move(session_id)));
}

}  // namespace testing
}  // namespace cxb::inline v1
CXB_EXPORT_END
