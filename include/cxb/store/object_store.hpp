#pragma once
/// @file
/// Whole objects by key: recordings and other files. Adapters: a directory (embedded default);
/// S3-compatible stores follow the same port (spec 21 §4).
///
/// Guarantees: an object appears whole or not at all (`object_writer::commit` syncs, then renames);
/// replacing one never shows a mixture; a committed object survives power loss.
///
/// Keys follow the recording-key rule (`[A-Za-z0-9!_.*'()/-]{1,512}`, no leading `/`, no `..`
/// segment); any other key is refused with `invalid` before the store is touched, so a key can
/// never leave it.
///
/// | errc         | meaning                             | what to do                       |
/// |--------------|-------------------------------------|----------------------------------|
/// | invalid      | not a key                           | refuse the request               |
/// | not_found    | `open` of an object that is not there | 404                            |
/// | too_large    | more bytes than the writer allows   | 413, nothing is stored           |
/// | unavailable  | disk or store fails                 | 503; nothing was changed         |
///
/// Calls block for one piece of disk I/O at most; the caller chooses the thread. Thread-safety: the
/// store from any thread, readers and writers from one at a time.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"
#include "cxb/base/result.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

struct object_info {
    std::uint64_t size = 0;
    time_point modified;
    std::string etag;  ///< quoted, changes with the content
};

/// Gives the bytes of an open object in order; the view of the object is the one at `open`.
class object_reader {
  public:
    virtual ~object_reader() = default;
    /// Replaces `piece` by up to `at_most` bytes; an empty piece is the end.
    virtual result<void> read(std::string& piece, std::size_t at_most) = 0;
};

/// Receives a new object. Destruction without `commit` leaves nothing behind.
class object_writer {
  public:
    virtual ~object_writer() = default;
    virtual result<void> write(std::string_view piece) = 0;
    /// Makes the object visible and durable.
    virtual result<object_info> commit() = 0;
};

class object_store {
  public:
    object_store() = default;
    object_store(object_store const&) = delete;
    object_store& operator=(object_store const&) = delete;
    virtual ~object_store() = default;

    /// Empty when there is no such object.
    virtual result<std::optional<object_info>> stat(std::string_view key) = 0;
    virtual result<std::unique_ptr<object_reader>> open(std::string_view key,
                                                        std::uint64_t offset = 0) = 0;
    /// `max_bytes` bounds what the writer takes.
    virtual result<std::unique_ptr<object_writer>> create(std::string_view key,
                                                          std::uint64_t max_bytes) = 0;
    /// Removing what is not there is a success.
    virtual result<void> remove(std::string_view key) = 0;
    /// Proof that writing works; for `/ready`.
    virtual result<void> ping() = 0;
};

/// The rule of spec 10 §4.1 for `recording_key`.
[[nodiscard]] bool is_object_key(std::string_view key) noexcept;

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
