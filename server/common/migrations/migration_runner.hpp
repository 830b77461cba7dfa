#pragma once
/// @file
/// Changes of stored documents that a newer version needs: run at start, once each for all
/// processes of a store (spec 20 §1 "Start").
///
/// ```cpp
/// store::async<void> fill_names(server::migration_work& work) {        // in portions:
///     ... CXB_CO_CHECK(co_await work.commit(std::move(writes)));       // renewed and fenced
/// }
/// constexpr server::migration all[] = {{"users_name_lower", &fill_names}};
/// CXB_CO_CHECK(co_await migration_runner(store, time, options).run(all));
/// ```
/// A migration that is done has a row in `system_runtime`: `_id` `migration:<name>`, `done_at`,
/// `by`. Which are done is read first, so a start with nothing to do costs one look.
///
/// One process works at a time, under the lease `migrations`; the others wait until it is done or
/// its lease has ended, and then look again. Everything written, the row included, is bound to the
/// fence of the lease: who was paused for too long writes nothing more. A process that dies in the
/// middle is followed by the next one, which begins the migration anew: it must be written so that
/// what is done already is not done twice, most simply by asking only for documents that still
/// need it. An older process may run beside this one and add such documents afterwards: what reads
/// them must bear that.
///
/// Failures of `run`: those of the store; `unavailable` when others hold the lease for longer than
/// `patience`, or it was lost. Nothing is lost by starting again.
/// Thread-safety: one coroutine.

#include <boost/asio/awaitable.hpp>
#include <span>
#include <string>
#include <string_view>

#include "server/common/leases/loop_lease.hpp"

namespace cxb::server {

inline constexpr seconds migration_lease{15};
/// How long a start waits for others that migrate.
inline constexpr std::chrono::minutes migration_patience{30};

/// What a migration works with.
class migration_work {
  public:
    migration_work(store::document_store& store, clock const& time, loop_lease& lease)
        : store_(store), time_(time), lease_(lease) {}
    /// For reading.
    [[nodiscard]] store::document_store& store() const noexcept { return store_; }
    [[nodiscard]] time_point now() const { return time_.now(); }
    /// Keeps the lease; for work whose writes are bound to something else. Errors: `lease_lost`.
    store::async<void> keep();
    /// Writes under the fence, and keeps the lease. An unmet condition is for the caller to judge.
    store::async<store::commit_outcome> commit(store::batch writes);

  private:
    store::document_store& store_;
    clock const& time_;
    loop_lease& lease_;
};

struct migration {
    std::string_view name;  ///< for ever; letters, digits, `_`
    store::async<void> (*run)(migration_work&);
};

struct migration_options {
    std::string owner;  ///< of the lease
    milliseconds lease{migration_lease};
    milliseconds patience{migration_patience};
    milliseconds look_every{100};  ///< while another process migrates
};

class migration_runner {
  public:
    /// Store and clock must outlive it. The collection `system_runtime` is there.
    migration_runner(store::document_store& store, clock const& time, migration_options options)
        : store_(store), time_(time), options_(std::move(options)) {}

    /// All that are not done yet, in this order. Gives how many this process has carried out.
    store::async<int> run(std::span<migration const> all);

  private:
    store::async<std::vector<migration>> missing_of(std::span<migration const> all);
    store::async<void> carry_out(migration const& one, loop_lease& lease);

    store::document_store& store_;
    clock const& time_;
    migration_options options_;
};

}  // namespace cxb::server
