#pragma once
/// @file
/// Taking recordings away: which objects may be a call's, the job `recording_removal` that removes
/// them, and the mark of a call whose recording's time is over (spec 21 §4, §2.1).
///
/// The job is written in the transaction of the fact that ends the recording and is repeated until
/// the stores have removed every object, for removing one twice is harmless. Worker hosts keep
/// theirs: there is no way to ask them. Thread-safety: pure functions and free coroutines.

#include <string>
#include <string_view>
#include <vector>

#include "cxb/store/document_store.hpp"
#include "server/common/jobs/job_context.hpp"

namespace cxb::api {

class recording_library;

inline constexpr std::string_view removal_kind = "recording_removal";
/// Member of a call whose recording was removed by the retention. Nothing brings it back: an upload
/// that comes later is removed, what a later result says of a recording is left out.
inline constexpr std::string_view recording_removed_at = "recording_removed_at";
/// What such a call no longer says.
inline constexpr std::string_view recording_members[] = {
    "recording_key", "recording_url", "recording_size", "recording_access_token"};

[[nodiscard]] bool is_recording_removed(wire::json_object const& call) noexcept;

/// Keys of all objects that may be the call's, also where an upload lies whose process died before
/// it could tell the call.
[[nodiscard]] std::vector<std::string> recording_objects(wire::json_object const& call);

/// | field      | meaning                                                    |
/// |------------|------------------------------------------------------------|
/// | key        | of the job; unique                                         |
/// | session_id | of the call; "": of several                                |
/// | objects    | keys to remove                                             |
/// | label      | of the insert, named when the key is taken                 |
struct removal_order {
    std::string key;
    std::string session_id;
    std::vector<std::string> objects;
    std::string label;
};
/// Nothing without objects.
void add_removal(store::batch& writes, removal_order order, time_point now, random_source& random);
/// A key for orders that no other order repeats.
[[nodiscard]] std::string fresh_removal_key(time_point now, random_source& random);

/// Works off the jobs of `removal_kind`.
boost::asio::awaitable<server::job_verdict> remove_recordings(recording_library& recordings,
                                                              server::job_context job);

}  // namespace cxb::api
