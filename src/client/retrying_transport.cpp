#include "cxb/client/retrying_transport.hpp"

#include <algorithm>

#include "cxb/client/response_error.hpp"
#include "src/client/retry_loop.hpp"

namespace cxb::inline v1 {
namespace client {
namespace {

bool is_repeatable(outgoing_request const& request) {
    constexpr std::string_view methods[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
    if (request.upload) return false;  // has been read by the first try
    return request.message.headers.has("Idempotency-Key") ||
           std::ranges::find(methods, request.message.method) != std::end(methods);
}

}  // namespace

retrying_transport::retrying_transport(transport& inner, retrying_options options)
    : transport_layer(inner), options_(std::move(options)) {
    if (options_.time == nullptr) options_.time = &real_clock();
    if (options_.random == nullptr) options_.random = &system_random();
    if (!options_.pause) options_.pause = &pause_by_timer;
}

boost::asio::awaitable<result<wire::http_response>> retrying_transport::send(
    outgoing_request request, transport_options options) {
    repeated_call call;
    call.rule = is_repeatable(request) ? options_.repeatable : options_.others;
    call.tries = options_.policy.tries;
    call.end = options_.time->steady() + options.total;
    std::optional<wire::http_response> refusal;  // the answer behind the failure of a try
    call.attempt = [&](std::chrono::milliseconds left) -> async<wire::http_response> {
        refusal.reset();
        auto limits = options;
        limits.total = left;
        limits.connect = std::min(options.connect, left);
        auto answer = co_await inner().send(request, std::move(limits));
        if (!answer) co_return answer;
        if (answer->status < 400) co_return answer;
        refusal = *std::move(answer);
        co_return error_of(*refusal, options_.time->now());
    };
    auto answer = co_await try_repeatedly(
        retry_means{options_.policy, options_.time, options_.random, options_.pause, &budget_},
        std::move(call));
    if (!answer && refusal) co_return *std::move(refusal);
    co_return answer;
}

}  // namespace client
}  // namespace cxb::inline v1
