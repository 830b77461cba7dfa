#pragma once
/// @file
/// What a Core makes of the answer to its config request (spec 10 §3.1).
///
/// | answer                                  | outcome           | word of the result        |
/// |-----------------------------------------|-------------------|---------------------------|
/// | 200, valid                              | ok                | (the call runs)           |
/// | 200, invalid                            | malformed         | error                     |
/// | 403                                     | refused           | error                     |
/// | 404                                     | bot_not_found     | error                     |
/// | 409 `session_completed`                 | session_completed | (no result)               |
/// | 503 `outside_active_hours:`             | outside_hours     | outside_hours (widget: error) |
/// | 503 `bot_inactive:`                     | bot_inactive      | error                     |
/// | 503 `bot_incomplete:`                   | bot_incomplete    | error                     |
/// | 503 `crm_prefetch_failed:`              | prefetch_refused  | error                     |
/// | 408, 429, other 5xx, network, timeout   | unavailable       | error                     |
///
/// All but `ok` reject the call. Only `unavailable` may be repeated, with the same fetch_id.
/// Thread-safety: pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "cxb/base/open_enum.hpp"
#include "cxb/contract/runtime_config/request.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::runtime_config {

enum class config_outcome {
    ok,
    malformed,
    refused,
    bot_not_found,
    session_completed,
    outside_hours,
    bot_inactive,
    bot_incomplete,
    prefetch_refused,
    unavailable,
};

/// Judges an answer by its status and its `detail` (or, for 409, `code`). A 200 counts as `ok`
/// here; whether its body is valid the parser says.
[[nodiscard]] config_outcome outcome_of(int status, std::string_view detail) noexcept;

/// `disconnected_by` of a call that ends at this outcome; empty for `ok` and `session_completed`,
/// after which no result is posted.
[[nodiscard]] std::optional<std::string_view> disconnect_word(config_outcome outcome,
                                                              transport_kind transport) noexcept;

/// Where a result goes when no config was had: trailing `/` and a final `/config` are cut,
/// `/call-results` is added. `http://a/api/v1/config/` → `http://a/api/v1/call-results`.
[[nodiscard]] std::string results_url(std::string_view config_url);

}  // namespace contract::runtime_config

template <>
struct enum_words<contract::runtime_config::config_outcome> {
    using e = contract::runtime_config::config_outcome;
    static constexpr std::pair<e, std::string_view> words[] = {
        {e::ok, "ok"},
        {e::malformed, "malformed"},
        {e::refused, "refused"},
        {e::bot_not_found, "bot_not_found"},
        {e::session_completed, "session_completed"},
        {e::outside_hours, "outside_hours"},
        {e::bot_inactive, "bot_inactive"},
        {e::bot_incomplete, "bot_incomplete"},
        {e::prefetch_refused, "prefetch_refused"},
        {e::unavailable, "unavailable"}};
};
}  // namespace cxb::inline v1
CXB_EXPORT_END
