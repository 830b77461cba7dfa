#pragma once
/// @file
/// Short-lived values in Redis, shared by all processes of an installation. What must be atomic is
/// one command or one Lua script; time is Redis's own.
///
/// Keys stand below `redis_options::prefix`. Errors are those of `redis_pool::run`; what is read
/// back with an error may have been written (`deadline_exceeded`).
/// Thread-safety: any thread. The pool is shared and lives as long as its last user.

#include <memory>

#include "cxb/store/ephemeral_store.hpp"
#include "cxb/store/redis/redis_pool.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

class redis_ephemeral_store final : public ephemeral_store {
  public:
    explicit redis_ephemeral_store(std::shared_ptr<redis_pool> pool) : pool_(std::move(pool)) {}

    async<std::optional<std::string>> get(std::string key) override;
    async<void> put(std::string key, std::string value, milliseconds keep) override;
    async<bool> compare_and_set(std::string key, std::optional<std::string> expected,
                                std::string value, milliseconds keep) override;
    async<bool> compare_and_remove(std::string key, std::string expected) override;
    async<std::int64_t> add(std::string key, std::int64_t by, milliseconds keep) override;
    async<bucket_state> take_token(std::string key, bucket_rate rate) override;
    async<void> ping() override;
    [[nodiscard]] ephemeral_counters counters() const override;
    /// Closes the pool, also for others who share it.
    void close() override;

  private:
    [[nodiscard]] std::string full(std::string const& key) const;
    async<std::int64_t> number(redis_command command);

    std::shared_ptr<redis_pool> pool_;
};

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
