#pragma once
/// @file
/// Runs client coroutines for code that has no event loop: tools, examples, scripts.
///
/// ```cpp
/// client::blocking_runner runner;
/// auto answer = runner.run(api.send({.target = "/health"}));   // result<wire::http_response>
/// ```
/// The runner keeps its event loop between calls, so a pooled transport reuses connections. Destroy
/// the transport before the runner.
/// Thread-safety: one thread. `run` must not be called from within a coroutine of the runner.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace client {

class blocking_runner {
  public:
    /// Gives what `work` returns, rethrows what it throws.
    template <class T>
    T run(boost::asio::awaitable<T> work) {
        std::optional<T> value;
        std::exception_ptr failure;
        bool ended = false;
        boost::asio::co_spawn(loop_, std::move(work), [&](std::exception_ptr const& thrown, T got) {
            failure = thrown;
            if (!failure) value.emplace(std::move(got));
            ended = true;
        });
        loop_.restart();
        // The spawned work keeps the loop busy until it ends.
        while (loop_.run_one() > 0)
            if (ended) break;
        if (failure) std::rethrow_exception(failure);
        return *std::move(value);
    }

  private:
    boost::asio::io_context loop_{1};
};

}  // namespace client
}  // namespace cxb::inline v1
CXB_EXPORT_END
