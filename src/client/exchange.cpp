#include "src/client/exchange.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cxb::inline v1 {
namespace client {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

asio::awaitable<void> pause_by_timer(milliseconds wait) {
    asio::steady_timer timer(co_await asio::this_coro::executor, wait);
    co_await timer.async_wait(asio::use_awaitable);
}

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

exchange_point::exchange_point(client_options options) : options_(std::move(options)) {
    if (options_.time == nullptr) options_.time = &real_clock();
    if (options_.random == nullptr) options_.random = &system_random();
    if (!options_.pause) options_.pause = &pause_by_timer;
    while (options_.base_url.ends_with('/'))
        options_.base_url.pop_back();
}

std::string exchange_point::url(std::string_view target) const {
    return options_.base_url + std::string(target);
}

wire::header_list exchange_point::headers(exchange_plan const& plan,
                                          call_options const& how) const {
    wire::header_list out;
    out.add("Accept", "application/json");
    if (!plan.body.empty()) out.add("Content-Type", "application/json");
    if (!how.request_id.empty()) out.add("X-Request-Id", how.request_id);
    if (!how.traceparent.empty()) out.add("traceparent", how.traceparent);
    if (!options_.worker.empty()) out.add("X-CXB-Worker", options_.worker);
    if (plan.who == credentials::core_secret)
        contract::shared_secret::add_headers(out, options_.keys);
    else if (plan.who == credentials::key_or_bearer && !options_.api_key.empty())
        out.add("X-API-Key", options_.api_key.reveal());
    else if (plan.who == credentials::key_or_bearer && !options_.bearer.empty())
        out.add("Authorization", "Bearer " + options_.bearer.reveal());
    for (auto const& [name, value] : plan.headers.items())
        out.set(name, value);
    return out;
}

async<wire::http_response> exchange_point::try_once(outgoing_request request,
                                                    transport_options limits) {
    CXB_CO_TRY(auto answer,
               co_await options_.transport->send(std::move(request), std::move(limits)));
    co_return check_status(std::move(answer));
}

async<wire::http_response> exchange_point::send(exchange_plan plan, call_options how) {
    int const tries = options_.retry.tries;
    // Without a limit of its own an operation ends when all tries have had their full time.
    milliseconds const all =
        plan.all > milliseconds::zero() ? plan.all : tries * (plan.each + options_.retry.cap);
    auto end = options_.time->steady() + all;
    if (how.deadline) end = std::min(end, *how.deadline);
    outgoing_request request;
    request.url = plan.url;
    request.message.method = plan.method;
    request.message.headers = headers(plan, how);
    request.message.body = std::move(plan.body);
    bool unknown = false;
    for (int n = 0;; ++n) {
        auto const left = left_of(end, *options_.time);
        if (left <= milliseconds::zero()) co_return with_history(out_of_time(), unknown);
        transport_options limits;
        limits.total = std::min(plan.each, left);
        limits.connect = std::min(options_.connect_timeout, limits.total);
        limits.max_response_bytes = plan.max_response_bytes;
        auto answer = co_await try_once(request, limits);
        if (answer) {
            budget_.succeeded();
            co_return answer;
        }
        error failure = with_history(std::move(answer).error(), unknown);
        if (n + 1 >= tries || !may_retry(plan.rule, failure)) co_return failure;
        auto const wait =
            wait_before(options_.retry, n, failure, left_of(end, *options_.time), *options_.random);
        if (!wait || !budget_.take()) co_return failure;
        unknown = unknown || is_unknown(failure);
        co_await options_.pause(*wait);
    }
}

}  // namespace client
}  // namespace cxb::inline v1
