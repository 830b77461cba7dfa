#pragma once
// Runs an outbox while something happens.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>

#include "cxb/worker/result_outbox.hpp"

namespace cxb_test {

/// Lasts as long as `work`, then stops the outbox. Rethrows what `work` throws.
inline void during(cxb::worker::result_outbox& outbox,
                   std::function<boost::asio::awaitable<void>()> work) {
    boost::asio::io_context io;
    std::exception_ptr failure;
    boost::asio::co_spawn(io, outbox.run(), boost::asio::detached);
    boost::asio::co_spawn(
        io,
        [&]() -> boost::asio::awaitable<void> {
            co_await work();
            outbox.stop();
        },
        [&](std::exception_ptr const& thrown) { failure = thrown; });
    io.run();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace cxb_test
