#pragma once
/// @file
/// The pause before a write is decided anew because another process was faster: without it several
/// processes lose against each other again and again.

#include <boost/asio/awaitable.hpp>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"

namespace cxb::server {

inline constexpr milliseconds longest_contention_pause{64};

/// After attempt 1, 2, ...: random, up to 2, 4, ... ms and the bound above.
[[nodiscard]] boost::asio::awaitable<void> contention_pause(int attempt, random_source& random);

}  // namespace cxb::server
