#pragma once
/// @file
/// Short-lived values of one process. At most `limits::ephemeral_keys`; beyond that the key whose
/// end is nearest goes, which can only favour a caller.
///
/// Time is the steady one of the clock that is passed in; what has ended is gone for every reader
/// at once and removed when it is met. After `close` everything fails with `unavailable`; other
/// errors are those of the port.
/// Thread-safety: any thread. Nothing waits, so answers are there when the call returns.

#include <chrono>
#include <mutex>
#include <set>
#include <unordered_map>

#include "cxb/base/limits.hpp"
#include "cxb/store/ephemeral_store.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

class memory_ephemeral_store final : public ephemeral_store {
  public:
    /// `time` must outlive the store. `max_keys` is how many keys are held at once, buckets and
    /// counters included.
    explicit memory_ephemeral_store(clock const& time,
                                    std::size_t max_keys = limits::ephemeral_keys)
        : time_(time), max_keys_(max_keys) {}

    async<std::optional<std::string>> get(std::string key) override;
    async<void> put(std::string key, std::string value, milliseconds keep) override;
    async<bool> compare_and_set(std::string key, std::optional<std::string> expected,
                                std::string value, milliseconds keep) override;
    async<bool> compare_and_remove(std::string key, std::string expected) override;
    async<std::int64_t> add(std::string key, std::int64_t by, milliseconds keep) override;
    async<bucket_state> take_token(std::string key, bucket_rate rate) override;
    async<void> ping() override;
    [[nodiscard]] ephemeral_counters counters() const override;
    /// What is held is dropped; it cannot be opened again.
    void close() override;

    /// Keys held now, ended ones that were not met again included; for tests.
    [[nodiscard]] std::size_t size() const;

  private:
    using moment = std::chrono::nanoseconds;  // steady
    struct entry {
        std::string value;
        bool is_bucket = false;
        double tokens = 0;
        moment at{0};  ///< of the bucket's last change
        moment end{0};
    };
    using table = std::unordered_map<std::string, entry>;

    // All under mutex_.
    [[nodiscard]] result<void> check_open() const;
    [[nodiscard]] result<entry*> value_of(std::string const& key);
    [[nodiscard]] entry* find(std::string const& key);
    entry& keep(std::string const& key, moment end);
    void erase(table::iterator at);

    clock const& time_;
    std::size_t max_keys_;
    mutable std::mutex mutex_;
    table entries_;
    std::set<std::pair<moment, std::string>> ends_;
    bool closed_ = false;
};

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
