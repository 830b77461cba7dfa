#pragma once
/// @file
/// Runs coroutines to their end on an event loop of their own, for tests of awaitable ports.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <stdexcept>
#include <vector>

namespace cxb::test {

/// All of them at once, on one thread; results in the order given. The first exception is thrown
/// again.
template <class T>
std::vector<T> run_all(std::vector<boost::asio::awaitable<T>> tasks) {
    boost::asio::io_context loop(1);
    std::vector<std::optional<T>> results(tasks.size());
    std::exception_ptr first;
    for (std::size_t i = 0; i < tasks.size(); ++i)
        boost::asio::co_spawn(loop, std::move(tasks[i]),
                              [&results, &first, i](std::exception_ptr const& thrown, T made) {
                                  if (thrown && !first) first = thrown;
                                  results[i].emplace(std::move(made));
                              });
    loop.run();
    if (first) std::rethrow_exception(first);
    std::vector<T> all;
    for (auto& each : results) {
        if (!each) throw std::runtime_error("a coroutine did not end");
        all.push_back(*std::move(each));
    }
    return all;
}

template <class T>
T run(boost::asio::awaitable<T> task) {
    std::vector<boost::asio::awaitable<T>> one;
    one.push_back(std::move(task));
    return std::move(run_all(std::move(one)).front());
}

}  // namespace cxb::test
