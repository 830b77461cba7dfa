#pragma once
/// @file
/// What the front knows of each worker: reported by the worker over its pipe (by its health when it
/// was adopted), plus what the front has reserved itself.
/// Thread-safety: the supervisor's event loop.

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/error.hpp"

namespace cxb::inline v1 {
namespace core {

struct worker_entry {
    std::string id;
    std::string socket;  ///< path of its Unix socket
    int pid = 0;
    bool up = false;  ///< it has reported since its start
    bool draining = false;
    int calls = 0;
    int max = 0;
    int reserved = 0;  ///< requests on their way
    bool flapping = false;
    /// Takes in what the worker has reported until now; a start is reported before it is answered.
    std::function<void()> catch_up;
    std::chrono::steady_clock::time_point last_seen;

    [[nodiscard]] bool is_free() const noexcept {
        return up && !draining && calls + reserved < max;
    }
};

using worker_table = std::vector<worker_entry>;

/// Path of a worker's socket: `{id}` of the setting replaced.
[[nodiscard]] inline std::string socket_path(std::string pattern, std::string_view id) {
    constexpr std::string_view token = "{id}";
    if (auto const at = pattern.find(token); at != std::string::npos)
        pattern.replace(at, token.size(), id);
    return pattern;
}

}  // namespace core
}  // namespace cxb::inline v1
