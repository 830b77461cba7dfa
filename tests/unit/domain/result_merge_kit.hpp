#pragma once
// A stored call to which results are posted, for the tests of the merge rule.

#include <gtest/gtest.h>

#include "cxb/domain/result_merge.hpp"

namespace cxb::domain::testing_kit {

inline constexpr std::string_view id_a = "019436f4-0000-7000-8000-00000000000a";
inline constexpr std::string_view id_b = "019436f4-0000-7000-8000-00000000000b";
inline constexpr std::string_view minted = "minted-token-0000000000";

inline result_payload payload(std::string_view body) {
    auto out = read_result(body);
    EXPECT_TRUE(out) << out.error().to_log_text() << body;
    return out ? *out : result_payload{};
}

inline std::string with_session(std::string_view members) {
    return R"({"session_id":"s1")" + (members.empty() ? "" : "," + std::string(members)) + "}";
}

inline merge_context at(int minute) {
    return {.now = *parse_timestamp("2026-01-02T03:00:00Z") + std::chrono::minutes(minute),
            .fresh_token = std::string(minted)};
}

/// A stored call to which results are posted one after another.
class stored_call {
  public:
    static stored_call none() { return {}; }
    static stored_call skeleton() {
        stored_call out;
        out.document_ = {{"session_id", "s1"},
                         {"status", "active"},
                         {"bot_id", "b1"},
                         {"caller_id", "+911"},
                         {"connected_event", {{"CUSTOMER", "Ravi"}}}};
        out.there_ = true;
        return out;
    }
    merge_outcome post(std::string_view members, merge_context const& context) {
        auto out =
            merge_result(there_ ? &document_ : nullptr, payload(with_session(members)), context);
        if (out.insert) there_ = true;
        for (auto const& member : out.set)
            document_[member.key()] = member.value();
        for (auto const& name : out.unset)
            document_.erase(name);
        return out;
    }
    merge_outcome post(std::string_view members) { return post(members, at(++minute_)); }
    [[nodiscard]] std::string text(std::string_view name) const {
        auto const* value = document_.if_contains(name);
        return value == nullptr ? "absent" : wire::to_text(*value);
    }
    [[nodiscard]] wire::json_array conflicts() const {
        auto const* list = document_.if_contains("result_conflicts");
        return list == nullptr ? wire::json_array{} : list->as_array();
    }
    wire::json_object& document() { return document_; }

  private:
    wire::json_object document_;
    bool there_ = false;
    int minute_ = 0;
};

inline constexpr std::string_view full =
    R"("disconnected_by":"customer","call_duration_seconds":92.5,"transcript":[{"role":"user",)"
    R"("content":"haan"}])";
inline constexpr std::string_view minimal =
    R"("disconnected_by":"error","call_duration_seconds":0)";

}  // namespace cxb::domain::testing_kit
