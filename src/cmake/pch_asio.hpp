#pragma once
// Asio's templates keep state of a thread in static members. Hidden, each shared object would have
// its own, and none would know on whose thread it runs.
#pragma GCC visibility push(default)
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#pragma GCC visibility pop
#include <boost/json.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/result.hpp"
