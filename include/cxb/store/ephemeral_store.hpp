#pragma once
/// @file
/// Small values that may be lost: counters, token buckets and keys with an end. Adapters:
/// in-process (embedded default) and Redis, where all processes of an installation share them.
///
/// Nothing that must survive belongs here; a loss only ever favours a caller (a full bucket, a
/// counter at 0). Whoever needs durability takes `document_store`.
///
/// Guarantees of every adapter (conformance suite `tests/store`):
/// - each operation is atomic, also between processes;
/// - a key is gone at its end, never before it while the engine is up; a key without an end does
///   not exist. Ends are kept to the millisecond by the engine's clock;
/// - an operation ends within `limits::redis_command` twice, whatever the engine does.
///
/// | errc              | meaning                                 | what to do                     |
/// |-------------------|-----------------------------------------|--------------------------------|
/// | unavailable       | away or queue full; nothing was done    | go by the rules of one process |
/// | deadline_exceeded | engine too slow; it may have been done  | the same                       |
/// | invalid           | the key holds something of another      | a bug                          |
/// |                   | kind, or an argument is out of bounds   |                                |
///
/// Bounds: keys 1 to 256 bytes, values up to `limits::ephemeral_value`, ends 1 ms to 24 h.
/// Ownership: arguments are taken by value. Thread-safety: from any executor; completions arrive
/// on the awaiting coroutine's executor.

#include <cstdint>
#include <optional>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/store/document_store.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

/// A bucket fills by `per_second` up to `burst`; both at least 0.001 and at most 1,000,000.
struct bucket_rate {
    double per_second = 1;
    double burst = 1;
};

/// After an attempt to take one token.
struct bucket_state {
    bool taken = false;
    double tokens = 0;  ///< left in the bucket, 0 to burst
};

/// Totals since the start; for `/metrics`.
struct ephemeral_counters {
    std::uint64_t failures = 0;  ///< operations that ended in `unavailable` or `deadline_exceeded`
    std::uint64_t connects = 0;  ///< connections made
};

class ephemeral_store {
  public:
    ephemeral_store() = default;
    ephemeral_store(ephemeral_store const&) = delete;
    ephemeral_store& operator=(ephemeral_store const&) = delete;
    virtual ~ephemeral_store() = default;

    /// Empty: no such key, or it has ended.
    virtual async<std::optional<std::string>> get(std::string key) = 0;
    /// Sets the key whatever it held.
    virtual async<void> put(std::string key, std::string value, milliseconds keep) = 0;
    /// Sets the key if it holds `expected` (empty: if it is not there). False: it did not.
    virtual async<bool> compare_and_set(std::string key, std::optional<std::string> expected,
                                        std::string value, milliseconds keep) = 0;
    /// Removes the key if it holds `expected`. False: it did not.
    virtual async<bool> compare_and_remove(std::string key, std::string expected) = 0;
    /// Adds to a counter and gives what it holds then. One that is not there begins at 0 and ends
    /// after `keep`; adding does not move the end. `invalid`: the key holds no number.
    virtual async<std::int64_t> add(std::string key, std::int64_t by, milliseconds keep) = 0;
    /// Takes one token if there is one. A bucket that is not there is full; one that is full again
    /// is forgotten. Another rate than before holds from now on; tokens above its burst are lost.
    virtual async<bucket_state> take_token(std::string key, bucket_rate rate) = 0;

    /// Proof that it answers; for `/ready`.
    virtual async<void> ping() = 0;
    [[nodiscard]] virtual ephemeral_counters counters() const = 0;
    /// Ends threads and connections; later calls give `unavailable`. May be repeated.
    virtual void close() = 0;
};

/// The bounds above, for adapters. Errors: `invalid`.
[[nodiscard]] result<void> check_ephemeral_key(std::string_view key);
[[nodiscard]] result<void> check_ephemeral_value(std::string_view value, milliseconds keep);
[[nodiscard]] result<void> check_bucket_rate(bucket_rate rate);

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
