#include "src/client/exchange.hpp"

#include <algorithm>

#include "src/client/retry_loop.hpp"

namespace cxb::inline v1 {
namespace client {

using std::chrono::milliseconds;

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

std::string exchange_point::url_or(std::string given, std::string_view target) const {
    return given.empty() ? url(target) : given;
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

result<void> add_idempotency_key(exchange_plan& plan, std::string key) {
    constexpr std::size_t longest = 255;
    if (key.size() > longest)
        return invalid_member("/idempotency_key", "must have at most 255 characters");
    if (!key.empty()) plan.headers.add("Idempotency-Key", std::move(key));
    return {};
}

async<wire::http_response> exchange_point::try_once(outgoing_request request,
                                                    transport_options limits) const {
    CXB_CO_TRY(auto answer,
               co_await options_.transport->send(std::move(request), std::move(limits)));
    co_return check_status(std::move(answer), options_.time->now());
}

async<wire::http_response> exchange_point::send(exchange_plan plan, call_options how) {
    int tries = options_.retry.tries;
    if (plan.most_tries > 0) tries = std::min(tries, plan.most_tries);
    // Without a limit of its own an operation ends when all tries have had their full time.
    milliseconds const all =
        plan.all > milliseconds::zero() ? plan.all : tries * (plan.each + options_.retry.cap);
    repeated_call call;
    call.rule = plan.rule;
    call.tries = tries;
    call.end = options_.time->steady() + all;
    if (how.deadline) call.end = std::min(call.end, *how.deadline);
    outgoing_request request;
    request.url = plan.url;
    request.message.method = plan.method;
    request.message.headers = headers(plan, how);
    request.message.body = std::move(plan.body);
    transport_options limits;
    limits.max_response_bytes = plan.max_response_bytes;
    limits.stream = plan.stream;
    call.attempt = [this, &request, &limits, each = plan.each](milliseconds left) {
        limits.total = std::min(each, left);
        limits.connect = std::min(options_.connect_timeout, limits.total);
        return try_once(request, limits);
    };
    co_return co_await try_repeatedly(
        retry_means{options_.retry, options_.time, options_.random, options_.pause, &budget_},
        std::move(call));
}

}  // namespace client
}  // namespace cxb::inline v1
