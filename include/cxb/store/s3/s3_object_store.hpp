#pragma once
/// @file
/// `object_store` over a bucket of an S3-compatible store: the blocking form of `s3_bucket`.
///
/// - A writer keeps one part in memory (8 MiB, more where `max_bytes` needs more than 10000 parts).
///   What fits is put at once; larger objects go part by part, while they are written, and become
///   visible whole by `commit`. A writer that is given up drops its parts.
/// - A reader streams: no more than what was asked for lies in memory. It keeps the bytes of the
///   object that was there at `open`.
/// - `ping` puts, reads and removes a small object whose name is no key, once, 1.5 s for each.
///
/// Errors are those of the port; whatever the store or the network refuses is `unavailable`, and
/// `object_writer::commit` of which the answer was lost may have made the object nevertheless.
/// Calls block for a network exchange (`s3_limits` say how long; a read 30 s without progress, as
/// the transport says): they belong on a pool, never on an event loop.
///
/// Ownership: transport, clock and randomness outlive the store, which outlives its readers and
/// writers. Thread-safety: as the port. The store has a thread of its own for its network.

#include "cxb/base/random.hpp"
#include "cxb/client/background.hpp"
#include "cxb/store/s3/s3_bucket.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

class s3_object_store final : public object_store {
  public:
    s3_object_store(s3_address at, client::transport& net, clock const& time,
                    random_source& random = system_random(), s3_limits limits = {});
    /// Waits for running requests, each of which ends by itself.
    ~s3_object_store() override;

    result<std::optional<object_info>> stat(std::string_view key) override;
    result<std::unique_ptr<object_reader>> open(std::string_view key,
                                                std::uint64_t offset) override;
    result<std::unique_ptr<object_writer>> create(std::string_view key,
                                                  std::uint64_t max_bytes) override;
    result<void> remove(std::string_view key) override;
    result<void> ping() override;

    /// For coroutines, on any event loop.
    [[nodiscard]] s3_bucket& bucket() noexcept { return bucket_; }

  private:
    s3_bucket bucket_;
    s3_bucket probed_;  ///< the same with little patience
    random_source& random_;
    client::background_runner runner_;
};

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
