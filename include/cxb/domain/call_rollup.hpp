#pragma once
/// @file
/// What one finished call contributes to the counters that analytics are made of (spec 21 §11).
///
/// Calls are counted by a quarter of an hour (UTC, of `created_at`), bot and campaign. All counts
/// are whole numbers under a path, so that they are changed by adding alone and a contribution can
/// be taken out again exactly. The call keeps its contribution in its member `rollup`.
///
/// | path                           | counts                                                  |
/// |--------------------------------|---------------------------------------------------------|
/// | calls.finished                 | calls with a result                                     |
/// | calls.completed, failed, voicemail | … by status                                         |
/// | calls.inbound, outbound        | … by direction                                          |
/// | calls.connected                | completed with a duration over 0                        |
/// | calls.talk_ms                  | duration of the connected ones                          |
/// | calls.transferred              | was_transferred                                         |
/// | pushes.queued, delivered, dead | push jobs as they stand; never part of a contribution   |
/// | disposition.{X}                | calls with that disposition                             |
/// | disconnected_by.{X}            | calls that ended so                                     |
/// | latency.{stage}.us             | sum over turns                                          |
/// | latency.{stage}.b.{i}, .over.{ms} | turns by bucket (`latency_histogram.hpp`)            |
/// | usage.{kind}.{provider}.{model}.{counter} | requests, tokens, characters, audio_ms       |
///
/// `{X}` and the like are texts of others as one step of a path: see `rollup_step`.
///
/// Failures: none; what is no number counts as absent. Thread-safety: pure functions, values.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "cxb/base/clock.hpp"
#include "cxb/domain/latency_histogram.hpp"
#include "cxb/wire/json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// Fits every zone's offset, so that days of any zone are made of whole slots.
inline constexpr std::chrono::minutes rollup_slot{15};

/// Start of the slot of a moment.
[[nodiscard]] time_point rollup_slot_of(time_point moment) noexcept;

/// Where a call is counted. Calls without bot or campaign have "" there.
struct rollup_key {
    std::string slot;  ///< wire text of the slot's start
    std::string bot_id;
    std::string campaign_id;
    friend auto operator<=>(rollup_key const&, rollup_key const&) = default;
};
[[nodiscard]] wire::json_object to_json(rollup_key const& key);
/// None when there is no `slot`.
[[nodiscard]] std::optional<rollup_key> read_rollup_key(wire::json_object const& document);

/// By path; no zeros.
using rollup_counts = std::map<std::string, std::int64_t, std::less<>>;

struct call_rollup {
    rollup_key key;
    rollup_counts counts;
    friend bool operator==(call_rollup const&, call_rollup const&) = default;
};

/// A member of the call as it will stand; null when it has none.
using call_member = std::function<wire::json_value const*(std::string_view name)>;

/// None for calls that are not counted: without a result, test calls, agent calls, and those whose
/// `created_at` cannot be read.
[[nodiscard]] std::optional<call_rollup> rollup_of(call_member const& member);

/// The key's members and `counts` as nested objects; and back. None when that is no contribution.
[[nodiscard]] wire::json_object to_json(call_rollup const& rollup);
[[nodiscard]] std::optional<call_rollup> read_call_rollup(wire::json_object const& stored);

/// What has to be added to which counters; only differences are left.
class rollup_changes {
  public:
    void add(call_rollup const& rollup);
    /// Takes a contribution out again.
    void subtract(call_rollup const& rollup);
    void count(rollup_key const& key, std::string_view path, std::int64_t by);
    [[nodiscard]] std::map<rollup_key, rollup_counts> const& all() const noexcept { return all_; }

  private:
    std::map<rollup_key, rollup_counts> all_;
};

/// A text as one step of a path: `.`, `$`, `%` and control characters as %XX, "" as a single `%`.
/// Different texts give different steps.
[[nodiscard]] std::string rollup_step(std::string_view text);
[[nodiscard]] std::string text_of_rollup_step(std::string_view step);

/// Stages of an answer in their order: stt, rag, tool, llm, tts, total.
[[nodiscard]] std::span<std::string_view const> latency_stages() noexcept;
/// Counters of usage in their order; `audio_ms` is what the wire calls `audio_seconds`.
[[nodiscard]] std::span<std::string_view const> usage_counters() noexcept;
/// The object under `latency.{stage}`; unreadable parts are left out.
[[nodiscard]] latency_histogram read_latency(wire::json_object const& stage);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
