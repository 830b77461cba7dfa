#pragma once
/// @file
/// Runs jobs (spec 21 §9.1): claims due rows under a lease, gives them to the handler of their
/// kind, renews leases, finishes rows only while the lease is held.
///
/// Several processes may run jobs of one store: a claim is atomic and raises the row's fence, so a
/// job has one holder, and a holder whose lease ran out cannot finish it (spec 21-42). A job whose
/// lease ran out is taken again; one that loses its lease more than three times beyond its
/// attempts is dead, so that a job which kills its process cannot do so for ever.
///
/// ```cpp
/// job_runner runner(store, real_clock(), system_random(), {.owner = instance_id});
/// runner.register_handler("crm_push", [&](job_context job) { return push(services, job); });
/// runner.start({loop_executors});
/// ...
/// co_await runner.stop(20s);
/// ```
/// A handler that throws is tried again like one that returned `retry`. Handlers of one worker run
/// on that worker's executor.
/// Thread-safety: `register_handler` before `start`; the rest from any thread.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/common/jobs/job_context.hpp"

namespace cxb::server {

using job_handler = std::function<boost::asio::awaitable<job_verdict>(job_context)>;
/// Asked when a job is dead although its handler did not say so: its lease was lost too often, the
/// handler threw at the last attempt, or wanted one more. Adds to the verdict what is to be
/// committed with it.
using job_given_up = std::function<void(job_context const& job, job_verdict& verdict)>;

/// | field      | unit | default | meaning                                                     |
/// |------------|------|---------|-------------------------------------------------------------|
/// | workers    |      | 4       | claim loops                                                 |
/// | parallel   |      | 16      | jobs a worker runs at once                                  |
/// | poll       | ms   | 1000    | how often to look without being woken                       |
/// | lease      | s    | 60      | renewed after each third                                    |
/// | owner      |      | ""      | written as `lease_owner`                                    |
/// | on_settled |      | none    | told each row after an attempt ended, as it was written      |
/// | on_fault   |      | none    | told what the log should know: thrown exceptions, failures   |
/// |            |      |         | of the store, lost leases                                   |
struct job_options {
    unsigned workers = 4;
    unsigned parallel = 16;
    milliseconds poll{1000};
    seconds lease{60};
    std::string owner;
    std::function<void(store::json_object const& row)> on_settled;
    std::function<void(std::string const& text)> on_fault;
};

class job_runner {
  public:
    /// Store, clock and randomness must outlive the runner and what it runs.
    job_runner(store::document_store& store, clock const& time, random_source& random,
               job_options options);
    job_runner(job_runner const&) = delete;
    job_runner& operator=(job_runner const&) = delete;
    /// `stop` must have ended before, if `start` was called.
    ~job_runner();

    void register_handler(std::string kind, job_handler handler, job_given_up given_up = {});

    /// Starts the claim loops, spread over the executors.
    void start(std::vector<boost::asio::any_io_executor> executors);

    /// Claims no more, waits for running jobs, then gives the leases of the rest back so that
    /// another process takes them at once.
    [[nodiscard]] boost::asio::awaitable<void> stop(milliseconds grace);

    /// Claims what is due at `now`, at most `parallel` jobs, runs them and waits for their end.
    /// Gives how many. For tests and commands; call it on a single-threaded executor or a strand.
    /// Errors: those of the store, when nothing could be claimed.
    [[nodiscard]] store::async<std::size_t> run_once(time_point now);

    /// Renews the leases of all running jobs; jobs that another holder took are marked as lost.
    [[nodiscard]] boost::asio::awaitable<void> renew_leases(time_point now);

    /// Jobs being run now.
    [[nodiscard]] std::size_t running() const;

  private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace cxb::server
