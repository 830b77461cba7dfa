#pragma once
/// @file
/// The answer to a posted call result (spec 10 §4): `{"status":"ok","session_id":…,"result":…}`.
/// It means that the result is on disk. An older control plane sends no `result`.

#include <optional>
#include <string>

#include "cxb/base/open_enum.hpp"
#include "cxb/wire/field_table.hpp"

namespace cxb::inline v1 {
namespace contract::call_results {

/// What became of the posted result; the rule is `domain/result_merge.hpp`.
enum class ack_result { stored, updated, duplicate, stale, kept_previous };

struct call_results_ack {
    std::string status = "ok";
    std::string session_id;
    std::optional<open_enum<ack_result>> result;
    friend bool operator==(call_results_ack const&, call_results_ack const&) = default;
};
CXB_WIRE_DECLARE(call_results_ack);

}  // namespace contract::call_results

template <>
struct enum_words<contract::call_results::ack_result> {
    using e = contract::call_results::ack_result;
    static constexpr std::pair<e, std::string_view> words[] = {
        {e::stored, "stored"},
        {e::updated, "updated"},
        {e::duplicate, "duplicate"},
        {e::stale, "stale"},
        {e::kept_previous, "kept_previous"}};
};
}  // namespace cxb::inline v1
