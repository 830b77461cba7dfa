#include "src/client/retry_loop.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cxb::inline v1 {
namespace client {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

milliseconds left_of(std::chrono::nanoseconds end, clock const& time) {
    return std::chrono::duration_cast<milliseconds>(end - time.steady());
}

error out_of_time() {
    return error{errc::deadline_exceeded, "The deadline of the call has passed"};
}

// A try without an answer whose request may have arrived: the peer may have acted on it.
bool is_unknown(error const& failure) noexcept {
    return failure.request_sent() != sent_state::no &&
           (failure.status() == 0 || failure.code() == errc::deadline_exceeded);
}

// What a later try says of itself must not hide that an earlier one may have been acted on.
error with_history(error last, bool unknown_before) {
    if (!unknown_before || last.request_sent() != sent_state::no) return last;
    return std::move(last).with_request_sent(sent_state::maybe);
}

}  // namespace

asio::awaitable<void> pause_by_timer(milliseconds wait) {
    asio::steady_timer timer(co_await asio::this_coro::executor, wait);
    co_await timer.async_wait(asio::use_awaitable);
}

async<wire::http_response> try_repeatedly(retry_means means, repeated_call call) {
    bool unknown = false;
    for (int n = 0;; ++n) {
        auto const left = left_of(call.end, *means.time);
        if (left <= milliseconds::zero()) co_return with_history(out_of_time(), unknown);
        auto answer = co_await call.attempt(left);
        if (answer) {
            means.budget->succeeded();
            co_return answer;
        }
        error failure = with_history(std::move(answer).error(), unknown);
        if (n + 1 >= call.tries || !may_retry(call.rule, failure)) co_return failure;
        auto const wait =
            wait_before(means.policy, n, failure, left_of(call.end, *means.time), *means.random);
        if (!wait || !means.budget->take()) co_return failure;
        unknown = unknown || is_unknown(failure);
        co_await means.pause(*wait);
    }
}

}  // namespace client
}  // namespace cxb::inline v1
