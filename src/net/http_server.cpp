#include "cxb/net/http_server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "src/net/http_connection.hpp"
#include "src/net/listen_socket.hpp"

namespace cxb::inline v1 {
namespace net {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;

namespace {

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

// What a server keeps on one event loop; touched there only.
struct server_loop {
    explicit server_loop(asio::any_io_executor const& where) : executor(where), timer(where) {}
    asio::any_io_executor executor;
    std::optional<stream_acceptor> acceptor;
    std::set<http_connection*> connections;
    asio::steady_timer timer;
    bool ended = false;
};

void rethrow(std::exception_ptr const& failure) {
    if (failure) std::rethrow_exception(failure);
}

// Deadlines need no more precision than a quarter of the shortest one.
milliseconds tick_of(server_options const& options) {
    auto const shortest =
        std::min({options.head_timeout, options.idle_timeout, options.write_timeout});
    return std::clamp(shortest / 4, milliseconds(2), milliseconds(250));
}

asio::awaitable<void> watch_deadlines(std::shared_ptr<server_context> context,
                                      std::shared_ptr<server_loop> loop) {
    auto const period = tick_of(context->options);
    while (!loop->ended || !loop->connections.empty()) {
        loop->timer.expires_after(period);
        co_await loop->timer.async_wait(use_tuple);
        auto const now = std::chrono::steady_clock::now();
        for (auto* connection : loop->connections)
            connection->tick(now);
    }
}

asio::awaitable<void> serve(std::shared_ptr<server_context> context,
                            std::shared_ptr<server_loop> loop, std::unique_ptr<byte_stream> stream,
                            std::string remote) {
    struct registration {
        server_context& context;
        server_loop& loop;
        http_connection connection;
        ~registration() {
            loop.connections.erase(&connection);
            --context.counters.active;
        }
    };
    registration here{*context, *loop, {context, std::move(stream), std::move(remote)}};
    loop->connections.insert(&here.connection);
    if (!loop->ended) co_await here.connection.run();
}

}  // namespace

struct http_server::state : std::enable_shared_from_this<http_server::state> {
    state(event_loops& on, worker::http_handler& handler, server_options options)
        : context(std::make_shared<server_context>(handler, std::move(options))), threads(on) {
        for (std::size_t i = 0; i < threads.size(); ++i) {
            loops.push_back(std::make_shared<server_loop>(threads.executor(i)));
        }
    }

    [[nodiscard]] server_options const& options() const { return context->options; }
    [[nodiscard]] bool is_unix() const { return !options().unix_path.empty(); }
    [[nodiscard]] bool wants_tls() const {
        return !options().tls_certificate.empty() || !options().tls_key.empty();
    }
    [[nodiscard]] std::shared_ptr<tls_context const> tls_now() const {
        std::lock_guard const lock(tls_mutex);
        return tls;
    }
    result<void> load_tls();
    result<void> listen();
    void begin();
    void stop_listening();
    void leave_all();
    void abort_all();
    asio::awaitable<void> accept_on(std::size_t index);
    void admit(stream_socket socket, stream_endpoint const& peer,
               std::shared_ptr<server_loop> const& loop);
    void turn_away(stream_socket& socket) const;

    std::shared_ptr<server_context> context;
    event_loops& threads;
    std::vector<std::shared_ptr<server_loop>> loops;
    std::shared_ptr<tls_context const> tls;
    mutable std::mutex tls_mutex;
    std::atomic<std::uint16_t> port{0};
    std::atomic<bool> started{false};
};

result<void> http_server::state::load_tls() {
    CXB_TRY(auto fresh, tls_context::for_server(options().tls_certificate, options().tls_key));
    std::lock_guard const lock(tls_mutex);
    tls = std::move(fresh);
    return {};
}

result<void> http_server::state::listen() {
    if (is_unix()) {
        CXB_TRY(loops[0]->acceptor, listen_unix(loops[0]->executor, options().unix_path,
                                                options().unix_mode, options().backlog));
        return {};
    }
    bool const shared = loops.size() > 1;
    if (options().port != 0 && shared) {
        CXB_CHECK(check_port_free(loops[0]->executor, options().address, options().port));
    }
    port = options().port;
    for (auto& loop : loops) {
        CXB_TRY(loop->acceptor,
                listen_tcp(loop->executor, options().address, port, shared, options().backlog));
        if (port == 0) port = port_of(loop->acceptor->local_endpoint());
    }
    return {};
}

void http_server::state::begin() {
    started = true;
    for (std::size_t i = 0; i < loops.size(); ++i) {
        asio::co_spawn(loops[i]->executor, watch_deadlines(context, loops[i]), rethrow);
        if (loops[i]->acceptor) asio::co_spawn(loops[i]->executor, accept_on(i), rethrow);
    }
}

asio::awaitable<void> http_server::state::accept_on(std::size_t index) {
    auto const self = shared_from_this();
    auto const own = loops[index];
    for (std::size_t turn = index; own->acceptor->is_open();) {
        // All loops have their own TCP acceptor; the one of a Unix socket serves them in turn.
        auto const loop = is_unix() ? loops[turn++ % loops.size()] : own;
        stream_socket socket(loop->executor);
        stream_endpoint peer;
        auto [ec] = co_await own->acceptor->async_accept(socket, peer, use_tuple);
        if (!ec) {
            admit(std::move(socket), peer, loop);
        } else if (own->acceptor->is_open()) {
            // Out of descriptors or memory: it may pass, and trying at once would spin.
            asio::steady_timer pause(own->executor, milliseconds(20));
            co_await pause.async_wait(use_tuple);
        }
    }
}

void http_server::state::admit(stream_socket socket, stream_endpoint const& peer,
                               std::shared_ptr<server_loop> const& loop) {
    auto& counters = context->counters;
    if (counters.active >= static_cast<std::int64_t>(options().max_connections)) {
        ++counters.refused;
        turn_away(socket);
        return;
    }
    ++counters.accepted;
    ++counters.active;
    error_code ignored;
    if (!is_unix()) socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    auto const secure = tls_now();
    auto stream = secure ? make_tls_server_stream(std::move(socket), secure)
                         : make_plain_stream(std::move(socket));
    asio::co_spawn(loop->executor, serve(context, loop, std::move(stream), address_text(peer)),
                   rethrow);
}

// Says 503 if that goes at once; nothing is waited for.
void http_server::state::turn_away(stream_socket& socket) const {
    if (wants_tls()) return;
    auto const response = context->handler.refusal(503);
    answer_form form{false, false, false};
    std::string text;
    write_response_head(text, response, form);
    text += response.bytes();
    ::send(socket.native_handle(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    error_code ignored;
    socket.shutdown(stream_socket::shutdown_send, ignored);
}

void http_server::state::stop_listening() {
    context->draining = true;
    for (auto& loop : loops) {
        asio::post(loop->executor, [loop] {
            error_code ignored;
            if (loop->acceptor) loop->acceptor->close(ignored);
            for (auto* connection : loop->connections)
                connection->drain();
        });
    }
    if (is_unix() && started.exchange(false)) ::unlink(options().unix_path.c_str());
}

void http_server::state::leave_all() {
    for (auto& loop : loops) {
        asio::post(loop->executor, [loop] {
            for (auto* connection : loop->connections)
                connection->leave();
        });
    }
}

void http_server::state::abort_all() {
    for (auto& loop : loops) {
        asio::post(loop->executor, [loop] {
            loop->ended = true;
            loop->timer.cancel();
            for (auto* connection : loop->connections)
                connection->abort();
        });
    }
}

http_server::http_server(event_loops& loops, worker::http_handler& handler, server_options options)
    : state_(std::make_shared<state>(loops, handler, std::move(options))) {}

http_server::~http_server() {
    state_->stop_listening();
    state_->abort_all();
}

result<void> http_server::start() {
    if (state_->wants_tls()) CXB_CHECK(state_->load_tls());
    CXB_CHECK(state_->listen());
    state_->begin();
    return {};
}

result<void> http_server::reload_tls() {
    return state_->wants_tls() ? state_->load_tls() : result<void>{};
}

std::uint16_t http_server::port() const noexcept {
    return state_->port;
}

std::string http_server::url() const {
    auto const& options = state_->options();
    if (state_->is_unix()) return "unix:" + options.unix_path;
    bool const v6 = options.address.find(':') != std::string::npos;
    return (state_->wants_tls() ? "https://" : "http://") +
           (v6 ? '[' + options.address + ']' : options.address) + ':' + std::to_string(port());
}

server_counters const& http_server::counters() const noexcept {
    return state_->context->counters;
}

asio::awaitable<bool> http_server::drain(milliseconds grace) {
    constexpr milliseconds step{5};
    constexpr milliseconds close_time{500};
    auto const keep = state_;
    auto const& active = keep->context->counters.active;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    keep->stop_listening();
    auto const start = std::chrono::steady_clock::now();
    auto const wait = [&](milliseconds until) -> asio::awaitable<void> {
        while (active > 0 && std::chrono::steady_clock::now() - start < until) {
            timer.expires_after(std::min(step, until));
            co_await timer.async_wait(use_tuple);
        }
    };
    co_await wait(grace);
    keep->leave_all();
    co_await wait(grace + close_time / 2);
    keep->abort_all();
    co_await wait(grace + close_time);
    co_return active == 0;
}

}  // namespace net
}  // namespace cxb::inline v1
