#pragma once
/// @file
/// The objects of one bucket of an S3-compatible store, as coroutines over the transport port:
/// path-style addresses, Signature Version 4, nothing blocks (spec 21 §4).
///
/// | errc                | meaning                                              | what to do     |
/// |---------------------|------------------------------------------------------|----------------|
/// | invalid             | not a key; nothing was sent                          | refuse         |
/// | not_found           | no such object                                       | 404            |
/// | precondition_failed | the object is no longer the one that was asked for   | ask anew       |
/// | unavailable         | the store refuses; the detail names status and the   | 503, or the    |
/// |                     | store's word (`403 AccessDenied`, `404 NoSuchBucket`)| next source    |
/// | corrupt_data        | an answer that cannot be read                        | as unavailable |
/// | others              | those of client/transport.hpp                        | as unavailable |
///
/// Repeats: requests that are safe to repeat are sent up to `tries` times after 429, 5xx and lost
/// answers, with growing pauses; beginning and completing an upload only when nothing was sent.
/// All tries of a call together end after `total` or `transfer`.
///
/// Ownership: transport and clock outlive the bucket; the bucket outlives its running calls, but
/// not the streams it gave away. Thread-safety: as the transport; streams belong to the event loop
/// of their call.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cxb/client/retrying_transport.hpp"
#include "cxb/client/transport.hpp"
#include "cxb/store/object_store.hpp"
#include "cxb/store/s3/s3_address.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

struct s3_limits {
    std::chrono::milliseconds connect{2000};
    std::chrono::milliseconds total{15000};     ///< of one call; of a read: to its first byte
    std::chrono::milliseconds transfer{60000};  ///< the same when bytes are put
    int tries = 3;
};

/// What is to be read of an object.
struct s3_read {
    std::string key;
    std::uint64_t first = 0;
    std::optional<std::uint64_t> last;  ///< inclusive; unset = to the end
    std::string etag;                   ///< only this one; "" = whatever is there
};

/// Longest answer that is not an object; a store says in less what is wrong.
inline constexpr std::size_t max_s3_answer = 64 * 1024;

class s3_bucket {
  public:
    template <class T>
    using async = boost::asio::awaitable<result<T>>;

    s3_bucket(s3_address at, client::transport& net, clock const& time, s3_limits limits = {});

    [[nodiscard]] s3_address const& address() const noexcept { return at_; }

    /// Empty when there is no such object (or no such bucket: the store does not tell them apart).
    async<std::optional<object_info>> stat(std::string key);
    /// The bytes, read on demand; beyond the end none. Errors also: `not_found`,
    /// `precondition_failed`.
    async<std::shared_ptr<wire::body_stream>> read(s3_read what);
    /// Whole, at once. `Content-Type` follows the key's ending.
    async<void> put(std::string key, std::string bytes);
    /// Removing what is not there is a success.
    async<void> remove(std::string key);

    /// An object in parts: nothing is visible before `finish_upload`. Every part but the last has
    /// at least 5 MiB; numbers begin with 1 and end with 10000.
    async<std::string> begin_upload(std::string key);
    /// Gives the part's ETag.
    async<std::string> put_part(std::string key, std::string upload, int number, std::string bytes);
    async<void> finish_upload(std::string key, std::string upload, std::vector<std::string> etags);
    async<void> drop_upload(std::string key, std::string upload);

    /// Proof that writing works: puts, reads and removes a small object whose name is no key.
    async<void> probe(std::string name);

  private:
    struct exchange;
    async<wire::http_response> send(exchange what);
    async<wire::http_response> ask(exchange what);
    async<void> put_at(std::string key, std::string bytes);
    async<std::shared_ptr<wire::body_stream>> read_at(s3_read what);

    s3_address at_;
    clock const& time_;
    s3_limits limits_;
    client::retrying_transport net_;
};

/// The next bytes of a stream that may have to wait for them; empty at the end. On the event loop
/// of the stream.
[[nodiscard]] boost::asio::awaitable<result<std::string>> next_piece(
    std::shared_ptr<wire::body_stream> from);

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
