#pragma once
/// @file
/// A recording as one of its sources has it: a bucket, the process object store, a worker host
/// (spec 21 §4). Each looks for the key and judges the range; none holds the audio, which is read
/// while it is sent.
///
/// Errors of all: `not_found` when the source has no such object; others mean that the source
/// fails. Thread-safety: free coroutines; the bytes belong to the event loop of the caller.

#include <optional>
#include <string>

#include "cxb/client/core_client.hpp"
#include "cxb/domain/byte_range.hpp"
#include "cxb/store/object_store.hpp"
#include "cxb/store/s3/s3_bucket.hpp"

namespace cxb::api {

/// Bytes that are sent at once.
inline constexpr std::size_t recording_piece = 64 * limits::kib;

struct play_ask {
    std::string range;     ///< header `Range`
    std::string if_range;  ///< header `If-Range`
    bool download = false;
    bool head = false;  ///< the headers alone: no bytes are needed
};

struct found_recording {
    std::optional<std::uint64_t> size;  ///< whole; unset: a host that does not tell
    std::string etag;                   ///< with its quotes; "" = unknown
    std::optional<time_point> modified;
    domain::byte_range range;                  ///< what is answered
    std::shared_ptr<wire::body_stream> bytes;  ///< exactly these; unset: none are needed
};

template <class T>
using async = boost::asio::awaitable<result<T>>;

[[nodiscard]] async<found_recording> find_in_bucket(store::s3_bucket& bucket, std::string key,
                                                    play_ask ask);
/// Blocks for a piece of disk I/O at a time: for stores on a disk.
[[nodiscard]] result<found_recording> find_in_store(store::object_store& objects,
                                                    std::string const& key, play_ask const& ask);
/// A host that ignores ranges, or knows nothing of `If-Range`, is cut here.
[[nodiscard]] async<found_recording> find_on_host(client::core_client& host, std::string key,
                                                  play_ask ask, client::call_options how);

/// `length` bytes of a stream, after `skip`. An earlier end is `corrupt_data`: the connection then
/// ends without its last bytes.
[[nodiscard]] std::shared_ptr<wire::body_stream> part_of(std::shared_ptr<wire::body_stream> whole,
                                                         std::uint64_t skip, std::uint64_t length);

}  // namespace cxb::api
