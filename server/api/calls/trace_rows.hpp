#pragma once
/// @file
/// Rows of `call_trace`, written in the transaction of the fact they tell (spec 21 §1.7).
///
/// ```cpp
/// trace_rows trace(session_id, "api", now);
/// trace.add("config_request").add("config_built", {{"steps", steps}}, took);
/// trace.into(batch, random);
/// ```
/// `data` holds at most 2 KiB and neither prompts nor texts nor secrets; numbers only by their
/// last four digits. `seq` is the place inside the batch. Thread-safety: one coroutine.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/store/document_store.hpp"

namespace cxb::api {

/// `config_note` of a config whose campaign contact was not found (spec 20 §8 step 7).
inline constexpr std::string_view linkage_rejected_note = "campaign_linkage_rejected";

class trace_rows {
  public:
    /// `first_seq`: for rows of a second batch that carry the moment of the first.
    trace_rows(std::string session_id, std::string source, time_point at,
               std::int64_t first_seq = 0)
        : session_id_(std::move(session_id)),
          source_(std::move(source)),
          at_(at),
          first_seq_(first_seq) {}
    /// The session may become known only after the first rows (config step 6).
    void set_session(std::string session_id) { session_id_ = std::move(session_id); }
    trace_rows& add(std::string_view name, wire::json_object data = {},
                    std::optional<milliseconds> took = {}, std::string_view error_text = {});
    /// Appends the insert, one for all rows; they are used up.
    void into(store::batch& writes, random_source& random);
    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

  private:
    std::string session_id_;
    std::string source_;
    time_point at_;
    std::int64_t first_seq_;
    std::vector<wire::json_object> rows_;
};

/// What one document of `call_trace` tells, as rows (spec 21 §2, `/trace`): those that were written
/// together lie in its member `rows`, with `seq` counted on from its own.
void append_trace_rows(wire::json_object stored, wire::json_array& to);

/// Which documents of `call_trace` are to be removed at `now` when they are kept for this many days
/// (settings `retention.trace_days`); nothing for 0, for ever.
[[nodiscard]] std::optional<store::filter> old_traces(int kept_days, time_point now);

}  // namespace cxb::api
