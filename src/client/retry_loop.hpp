#pragma once
// Tries, waits and the deadline of one call: the only place that repeats requests.

#include <functional>

#include "cxb/client/client_options.hpp"
#include "cxb/client/retry_policy.hpp"

namespace cxb::inline v1 {
namespace client {

using pause_function = std::function<boost::asio::awaitable<void>(std::chrono::milliseconds)>;

// The real one.
[[nodiscard]] boost::asio::awaitable<void> pause_by_timer(std::chrono::milliseconds wait);

// What repeats are made with. Pointers outlive the call.
struct retry_means {
    retry_policy policy;
    clock const* time = nullptr;
    random_source* random = nullptr;
    pause_function pause;
    retry_budget* budget = nullptr;
};

struct repeated_call {
    repeat_rule rule = repeat_rule::never;
    int tries = 1;
    std::chrono::nanoseconds end{0};  // of `clock::steady()`
    // One try, given the time that is left; a status that may be repeated is its failure.
    std::function<async<wire::http_response>(std::chrono::milliseconds left)> attempt;
};

// The first success, or the failure of the last try. An earlier try that may have been acted on
// shows in `request_sent`.
[[nodiscard]] async<wire::http_response> try_repeatedly(retry_means means, repeated_call call);

}  // namespace client
}  // namespace cxb::inline v1
