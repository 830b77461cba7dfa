#pragma once
/// @file
/// The callback form of every client operation, and of any other coroutine that gives a `result`:
/// the same coroutine code, started on an event loop, its result handed to a function or a future.
///
/// ```cpp
/// client::api_client api(options);                  // outlives the runner's calls
/// client::background_runner runner;                 // a thread with an event loop
/// auto call = runner.start(api.dialout(order), [](result<call_accepted> got) {
///     got ? show(got->call_id) : show(got.error().detail());
/// });
/// std::future<result<wire::http_response>> bots = runner.submit(api.send({.target = "/x"}));
/// ```
/// A program with an Asio loop of its own uses `start_call` with that loop's executor; one without
/// any loop may also use the blocking form, blocking.hpp.
///
/// The function is called exactly once, on the loop, unless the loop ends before; it must not
/// throw and should not block. A cancelled call gives `cancelled`, whose `request_sent` counts; an
/// exception of the work (a bug) gives `internal` with its text as note.
/// Thread-safety: `start`, `submit`, `cancel` from any thread; `stop`, `wait` and destruction not
/// from a callback.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <future>
#include <memory>
#include <thread>
#include <type_traits>
#include <utility>

#include "cxb/base/result.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace client {

/// A call that was started. Dropping it does not end the call.
class call_handle {
  public:
    call_handle() = default;
    call_handle(boost::asio::any_io_executor executor,
                std::shared_ptr<boost::asio::cancellation_signal> signal)
        : executor_(std::move(executor)), signal_(std::move(signal)) {}
    /// Asks the call to end soon; nothing happens when it has ended. Not after its loop is gone.
    void cancel() const;

  private:
    boost::asio::any_io_executor executor_;
    std::shared_ptr<boost::asio::cancellation_signal> signal_;
};

/// `cancelled` for an operation that was cancelled, else `internal`.
[[nodiscard]] error failure_of(std::exception_ptr const& thrown);

/// Runs `work` on `executor` (one thread, or a strand), then calls `done(result<T>)` there.
template <class T, class Done>
call_handle start_call(boost::asio::any_io_executor executor,
                       boost::asio::awaitable<result<T>> work, Done done) {
    auto const signal = std::make_shared<boost::asio::cancellation_signal>();
    auto ended = [signal, done = std::move(done)](std::exception_ptr const& thrown,
                                                  result<T> got) mutable {
        if (thrown) got = failure_of(thrown);
        done(std::move(got));
    };
    boost::asio::co_spawn(executor, std::move(work),
                          boost::asio::bind_cancellation_slot(signal->slot(), std::move(ended)));
    return call_handle(std::move(executor), signal);
}

/// A thread with an event loop for programs that have none.
class background_runner {
  public:
    background_runner();
    /// As `stop`.
    ~background_runner();
    background_runner(background_runner const&) = delete;
    background_runner& operator=(background_runner const&) = delete;

    template <class T, class Done>
    call_handle start(boost::asio::awaitable<result<T>> work, Done done) {
        return start_call(loop_.get_executor(), std::move(work), std::move(done));
    }
    /// The future is broken (`std::future_error`) when the loop ends before the call.
    template <class T>
    std::future<result<T>> submit(boost::asio::awaitable<result<T>> work) {
        auto const promise = std::make_shared<std::promise<result<T>>>();
        auto out = promise->get_future();
        start(std::move(work), [promise](result<T> got) { promise->set_value(std::move(got)); });
        return out;
    }
    /// Ends the loop when all calls have ended. Nothing may be started afterwards.
    void wait();
    /// Ends the loop now; functions of calls that have not ended are not called. The clients that
    /// were used must still be there.
    void stop();

  private:
    void join();
    boost::asio::io_context loop_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
    std::thread thread_;
};

}  // namespace client
}  // namespace cxb::inline v1
CXB_EXPORT_END
