#include "cxb/worker/config_fetch.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cxb/base/encoding.hpp"
#include "cxb/base/ids.hpp"
#include "cxb/wire/json.hpp"
#include "src/worker/host_answers.hpp"

namespace cxb::inline v1 {
namespace worker {

namespace asio = boost::asio;
namespace rc = contract::runtime_config;

namespace {

constexpr std::size_t longest_url = 16 * limits::kib;
constexpr int most_tries = 3;
constexpr milliseconds longest_waits[] = {milliseconds{200}, milliseconds{600}};

client::outgoing_request make_request(config_fetch_options const& options,
                                      config_order const& order) {
    std::string base = order.config_url;
    while (base.ends_with('/'))
        base.pop_back();
    base += '/' + percent_encode(order.bot_id);
    client::outgoing_request out;
    if (options.headers) out.message.headers = options.headers();
    out.url = base + '?' + rc::to_query(order.request).to_text();
    if (out.url.size() > longest_url) {
        out.url = std::move(base);
        out.message.method = "POST";
        out.message.headers.set("Content-Type", "application/json");
        out.message.body = rc::serialize(order.request);
    }
    return out;
}

void read_config(fetched_config& out, std::string_view body) {
    wire::parse_options how;
    how.tolerant_items = true;
    how.max_bytes = limits::config_body;
    how.warnings = &out.warnings;
    auto parsed = rc::parse_runtime_config(body, how);
    if (parsed) {
        out.config = *std::move(parsed);
        return;
    }
    out.outcome = rc::config_outcome::malformed;
    out.detail = parsed.error().detail();
}

asio::awaitable<void> pause(config_fetch_options const& options, milliseconds length) {
    if (options.wait) {
        co_await options.wait(length);
        co_return;
    }
    asio::steady_timer timer(co_await asio::this_coro::executor, length);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace

asio::awaitable<fetched_config> fetch_config(config_fetch_options const& options,
                                             config_order order) {
    clock const& time = options.time != nullptr ? *options.time : real_clock();
    random_source& random = options.random != nullptr ? *options.random : system_random();
    if (!order.request.fetch_id) order.request.fetch_id = make_uuid7(time.now(), random);
    auto const end = time.steady() + options.all_tries;
    fetched_config out;
    for (;;) {
        auto const left = std::chrono::duration_cast<milliseconds>(end - time.steady());
        if (left <= milliseconds::zero()) co_return out;
        client::transport_options how;
        how.connect = std::min(options.connect, left);
        how.total = std::min(options.one_try, left);
        how.max_response_bytes = limits::config_body;
        ++out.tries;
        auto const answer = co_await options.transport->send(make_request(options, order), how);
        if (answer) {
            out.detail = problem_detail(answer->bytes());
            out.outcome = rc::outcome_of(
                answer->status, answer->status == 409 ? problem_code(answer->bytes()) : out.detail);
            if (out.outcome == rc::config_outcome::ok) read_config(out, answer->bytes());
        } else {
            bool const too_large = answer.error().code() == errc::too_large;
            out.outcome =
                too_large ? rc::config_outcome::malformed : rc::config_outcome::unavailable;
            out.detail = answer.error().detail();
        }
        if (out.outcome != rc::config_outcome::unavailable || out.tries >= most_tries)
            co_return out;
        auto const longest = static_cast<double>(longest_waits[out.tries - 1].count());
        co_await pause(options, milliseconds(static_cast<int>(random.uniform(0, longest))));
    }
}

}  // namespace worker
}  // namespace cxb::inline v1
