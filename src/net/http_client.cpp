#include "cxb/net/http_client.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <map>
#include <mutex>

#include "src/net/connection_pool.hpp"
#include "src/net/connector.hpp"
#include "src/net/http_exchange.hpp"
#include "src/net/http_writer.hpp"

namespace cxb::inline v1 {
namespace net {

namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

bool is_idempotent(std::string_view method) {
    return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" ||
           method == "OPTIONS" || method == "TRACE";
}

}  // namespace

struct http_client::state {
    using response = result<wire::http_response>;

    std::shared_ptr<connection_pool> pool_of(asio::execution_context& context);
    asio::awaitable<response> send(client::outgoing_request request,
                                   client::transport_options options);
    asio::awaitable<response> attempt(std::shared_ptr<http_exchange> exchange,
                                      std::string_view head,
                                      client::outgoing_request const& request,
                                      client::transport_options const& options);

    http_client_options options;
    connector open;
    client_counters counters;
    std::mutex mutex;
    std::map<asio::execution_context*, std::shared_ptr<connection_pool>> pools;
};

std::shared_ptr<connection_pool> http_client::state::pool_of(asio::execution_context& context) {
    std::lock_guard const lock(mutex);
    auto& pool = pools[&context];
    if (!pool || pool->is_over()) {
        pool = connection_pool::create(
            context, {options.max_connections, options.max_waiting, options.idle_limit});
    }
    return pool;
}

asio::awaitable<http_client::state::response> http_client::state::attempt(
    std::shared_ptr<http_exchange> exchange, std::string_view head,
    client::outgoing_request const& request, client::transport_options const& limits) {
    CXB_CO_CHECK(co_await exchange->start(head, request, limits.on_sent));
    if (!limits.stream || request.message.method == "HEAD")
        co_return co_await exchange->finish(limits.max_response_bytes);
    co_return http_exchange::as_stream(exchange, co_await asio::this_coro::executor,
                                       options.stream_progress);
}

asio::awaitable<http_client::state::response> http_client::state::send(
    client::outgoing_request request, client::transport_options limits) {
    auto const begin = steady_clock::now();
    auto const executor = co_await asio::this_coro::executor;
    CXB_CO_TRY(auto const where, parse_destination(request.url));
    std::string head;
    auto const size = request.upload ? request.upload->length.value_or(0)
                                     : std::uint64_t{request.message.body.size()};
    auto target = where.target;
    if (auto const* const through = where.url ? open.proxies.of(*where.url) : nullptr;
        through != nullptr && where.url->scheme == "http") {
        target = "http://" + where.authority + target;
        if (!through->authorization.empty())
            request.message.headers.set("Proxy-Authorization", through->authorization);
    }
    CXB_CO_CHECK(write_request_head(head, request.message, target, where.authority, size));
    auto const pool = pool_of(asio::query(executor, asio::execution::context));
    bool const safe = is_idempotent(request.message.method) && !request.upload;
    for (bool fresh = false;; fresh = true) {
        CXB_CO_TRY(auto lease, co_await pool->acquire(where.origin, fresh, begin + limits.total));
        if (lease.stream) {
            ++counters.reused;
        } else {
            auto const by = std::min(steady_clock::now() + limits.connect, begin + limits.total);
            CXB_CO_TRY(lease.stream, co_await open.open(where, by));
            ++counters.connections;
        }
        auto const exchange = std::make_shared<http_exchange>(
            std::move(lease), executor, begin + limits.total, request.message.method == "HEAD");
        auto answer = co_await attempt(exchange, head, request, limits);
        bool const again = !answer && !fresh && answer.error().code() == errc::unavailable &&
                           exchange->was_stale() && (safe || exchange->wrote_nothing());
        if (!again) co_return answer;
        ++counters.retried;
    }
}

result<std::unique_ptr<http_client>> http_client::create(http_client_options options) {
    CXB_TRY(auto tls, tls_context::for_client(options.ca_file));
    CXB_TRY(auto proxies, proxy_choice::create(options.proxies));
    if (options.admit && !proxies.empty())
        return error{errc::invalid, "A client that checks addresses cannot use a proxy"};
    auto inner = std::make_shared<state>();
    auto const names = options.names ? options.names : system_resolver();
    inner->open = connector{names, std::move(tls), options.admit, std::move(proxies)};
    inner->options = std::move(options);
    return std::unique_ptr<http_client>(new http_client(std::move(inner)));
}

http_client::http_client(std::shared_ptr<state> inner) : state_(std::move(inner)) {}

http_client::~http_client() = default;

asio::awaitable<result<wire::http_response>> http_client::send(client::outgoing_request request,
                                                               client::transport_options options) {
    auto const keep = state_;
    co_return co_await keep->send(std::move(request), std::move(options));
}

client_counters const& http_client::counters() const noexcept {
    return state_->counters;
}

}  // namespace net
}  // namespace cxb::inline v1
