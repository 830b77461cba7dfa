#pragma once
/// @file
/// What a job handler gets and what it gives back.
///
/// ```cpp
/// asio::awaitable<job_verdict> push(api_services services, job_context job) {
///     auto const sent = co_await send(services, job.payload());
///     if (sent.status == 200) {
///         auto verdict = job_verdict::done(200);
///         verdict.together.update_one(calls, by_id(...), update{}.set("push_state", "delivered"));
///         co_return verdict;
///     }
///     co_return job_verdict::retry(sent.wait, sent.status, "CRM answered 503");
/// }
/// ```
/// A job may run again although an attempt had effects (crash, lost lease): handlers make their
/// effects recognisable to the receiver.

#include <atomic>
#include <memory>
#include <optional>

#include "server/common/jobs/job.hpp"

namespace cxb::server {

/// How an attempt ended. The job's row, `changes` of it and `together` are committed as one, and
/// only while the lease is held.
struct job_verdict {
    enum class outcome {
        done,      ///< finished
        retry,     ///< try again later; dead once the attempts are used up
        dead,      ///< hopeless
        put_back,  ///< not tried: queued again, the attempt is not counted
        settled,   ///< the handler has called `job_context::finish` itself
    };

    outcome what = outcome::done;
    std::optional<milliseconds> after;  ///< retry; not set: 30 s, doubling up to 1 h, x 0.8..1.2
    time_point run_at{};                ///< put_back
    int status = 0;                     ///< for the history: HTTP status, 0 = none
    std::string error;                  ///< for the history and `last_error`
    store::update changes;              ///< further changes of the job's row
    store::batch together;              ///< writes committed with it

    [[nodiscard]] static job_verdict done(int status = 0);
    [[nodiscard]] static job_verdict retry(std::optional<milliseconds> after, int status,
                                           std::string error);
    [[nodiscard]] static job_verdict dead(int status, std::string error);
    [[nodiscard]] static job_verdict put_back(time_point run_at);
    [[nodiscard]] static job_verdict settled();
};

/// A job being run by this process. Shared between its handler and the runner.
struct claimed_job {
    store::json_object row;  ///< as claimed; only the handler's coroutine reads it
    std::string id;
    std::int64_t fence = 0;
    time_point began{};
    std::chrono::nanoseconds began_steady{};
    std::atomic<bool> lost{false};  ///< somebody else holds the job now
};

/// How a write during the attempt went.
enum class save_result {
    saved,
    unmet,  ///< a condition did not hold; nothing was written
    lost,   ///< the lease is lost; nothing was written, the handler should give up
};

/// The handler's view of its job. Copies share one job. Belongs to one coroutine at a time.
class job_context {
  public:
    job_context(std::shared_ptr<claimed_job> job, store::document_store& store, clock const& time,
                random_source& random);

    [[nodiscard]] store::json_object const& row() const noexcept { return job_->row; }
    [[nodiscard]] std::string_view id() const noexcept { return job_->id; }
    [[nodiscard]] std::string_view kind() const noexcept;
    [[nodiscard]] std::string_view key() const noexcept;
    [[nodiscard]] store::json_object const& payload() const noexcept;
    /// 1 for the first attempt.
    [[nodiscard]] std::int64_t attempt() const noexcept;
    [[nodiscard]] std::int64_t max_attempts() const noexcept;
    [[nodiscard]] std::int64_t fence() const noexcept { return job_->fence; }
    /// True once another holder was seen: nothing more can be written.
    [[nodiscard]] bool lease_lost() const noexcept { return job_->lost; }

    /// Changes the row while the attempt goes on (to freeze a request), together with other writes
    /// and only if the conditions on the row hold. `row()` shows the changes afterwards; after
    /// `unmet` it shows the row as it is now. Errors: those of the store.
    [[nodiscard]] store::async<save_result> save(store::update changes,
                                                 std::vector<store::condition> only_if = {},
                                                 store::batch together = {});

    /// Ends the attempt. For handlers that must decide anew when a condition of `together` is
    /// unmet; others return the verdict. After `saved` the handler returns `settled()`.
    [[nodiscard]] store::async<save_result> finish(job_verdict verdict);

    /// Moves the end of the lease. False: it is lost. The runner does this by itself.
    [[nodiscard]] store::async<bool> renew(time_point until);
    /// Gives the lease back: the job is due again at `now`, the attempt counts.
    [[nodiscard]] store::async<bool> release(time_point now);

  private:
    [[nodiscard]] store::filter held() const;
    [[nodiscard]] store::update ending(job_verdict const& verdict) const;
    [[nodiscard]] store::async<save_result> write(store::filter where, store::update changes,
                                                  store::batch together);
    [[nodiscard]] store::async<bool> reload();

    std::shared_ptr<claimed_job> job_;
    store::document_store* store_;
    clock const* time_;
    random_source* random_;
};

}  // namespace cxb::server
