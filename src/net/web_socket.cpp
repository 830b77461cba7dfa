#include "src/net/web_socket.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket.hpp>
#include <cstring>
#include <deque>

#include "cxb/base/encoding.hpp"
#include "cxb/client/response_error.hpp"
#include "src/net/socket_deadline.hpp"

namespace cxb::inline v1 {
namespace net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
namespace close_code = worker::close_code;

namespace {

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t longest_reason = 123;
constexpr std::size_t key_bytes = 16;
constexpr std::string_view family = "Sec-WebSocket-";

// A byte stream as Beast wants to see it. Bytes that were read before come first.
class stream_layer {
  public:
    using executor_type = asio::any_io_executor;

    stream_layer(std::shared_ptr<byte_stream> stream, std::string early)
        : stream_(std::move(stream)), early_(std::move(early)) {}

    executor_type get_executor() noexcept { return stream_->socket().get_executor(); }

    template <class Buffers, class Token>
    auto async_read_some(Buffers const& into, Token&& token) {
        asio::mutable_buffer first;
        for (auto at = asio::buffer_sequence_begin(into);
             at != asio::buffer_sequence_end(into) && first.size() == 0; ++at)
            first = *at;
        return asio::async_initiate<Token, void(error_code, std::size_t)>(
            [this](auto handler, asio::mutable_buffer room) {
                begin(read(stream_, room), std::move(handler));
            },
            token, first);
    }

    template <class Buffers, class Token>
    auto async_write_some(Buffers const& from, Token&& token) {
        gather pieces;
        std::size_t count = 0;
        for (auto at = asio::buffer_sequence_begin(from);
             at != asio::buffer_sequence_end(from) && count < pieces.size(); ++at)
            if (asio::const_buffer const piece = *at; piece.size() != 0) pieces[count++] = piece;
        return asio::async_initiate<Token, void(error_code, std::size_t)>(
            [this](auto handler, gather const& out) {
                begin(write(stream_, out), std::move(handler));
            },
            token, pieces);
    }

    void drop() noexcept { stream_->close(); }

    // Found by Beast. The owner of the stream closes it, once the peer could read the last frame.
    friend void beast_close_socket(stream_layer& layer) { layer.drop(); }
    template <class Handler>
    friend void async_teardown(beast::role_type, stream_layer& layer, Handler&& handler) {
        asio::post(layer.get_executor(),
                   beast::bind_front_handler(std::forward<Handler>(handler), error_code{}));
    }

  private:
    asio::awaitable<io_result> read(std::shared_ptr<byte_stream> stream, asio::mutable_buffer to) {
        if (early_.empty()) co_return co_await stream->read_some(to);
        co_await asio::post(asio::use_awaitable);  // never within the call that began it
        auto const size = std::min(early_.size(), to.size());
        std::memcpy(to.data(), early_.data(), size);
        early_.erase(0, size);
        co_return io_result{{}, size};
    }
    static asio::awaitable<io_result> write(std::shared_ptr<byte_stream> stream, gather from) {
        co_return co_await stream->write_some(from);
    }
    template <class Handler>
    void begin(asio::awaitable<io_result> work, Handler handler) {
        asio::co_spawn(
            get_executor(), std::move(work),
            [handler = std::move(handler)](std::exception_ptr const& bug, io_result got) mutable {
                if (bug) std::rethrow_exception(bug);
                std::move(handler)(got.ec, got.bytes);
            });
    }

    std::shared_ptr<byte_stream> stream_;
    std::string early_;
};

using engine = websocket::stream<stream_layer, false>;

class web_socket final : public worker::media_socket,
                         public std::enable_shared_from_this<web_socket> {
  public:
    web_socket(std::shared_ptr<byte_stream> stream, std::string early,
               worker::socket_options options)
        : options_(options),
          engine_(std::move(stream), std::move(early)),
          pinger_(engine_.get_executor()),
          closer_(engine_.get_executor()) {
        engine_.read_message_max(options.max_message);
        engine_.auto_fragment(false);
        engine_.text(true);
        engine_.control_callback([this](websocket::frame_type kind, beast::string_view) {
            if (kind == websocket::frame_type::pong) pong_due_ = false;
        });
    }

    engine& raw() noexcept { return engine_; }
    /// What users hold: its end is the end of the connection.
    std::shared_ptr<worker::media_socket> open();

    asio::awaitable<std::optional<std::string>> receive() override;
    bool send(std::string text) override;
    void close(int code, std::string reason) override;
    void drop() noexcept override { engine_.next_layer().drop(); }
    [[nodiscard]] worker::socket_end const& end() const noexcept override { return end_; }

  private:
    static asio::awaitable<void> write_queue(std::shared_ptr<web_socket> self);
    static asio::awaitable<void> keep_alive(std::shared_ptr<web_socket> self);
    static asio::awaitable<void> ping(std::shared_ptr<web_socket> self);
    static asio::awaitable<void> bound_close(std::shared_ptr<web_socket> self);
    void begin_writing();
    void finish(error_code const& ec);

    worker::socket_options options_;
    engine engine_;
    beast::flat_buffer buffer_;
    std::deque<std::string> queue_;
    std::size_t queued_ = 0;
    worker::socket_end end_;
    asio::steady_timer pinger_;
    asio::steady_timer closer_;
    bool writing_ = false;
    bool closing_ = false;
    bool ended_ = false;
    bool pong_due_ = false;
};

std::shared_ptr<worker::media_socket> web_socket::open() {
    asio::co_spawn(engine_.get_executor(), keep_alive(shared_from_this()), asio::detached);
    return {this, [self = shared_from_this()](worker::media_socket*) {
                self->pinger_.cancel();
                // One that has ended may still have its last frame to bring to the peer.
                if (!self->ended_) self->drop();
            }};
}

asio::awaitable<std::optional<std::string>> web_socket::receive() {
    auto const self = shared_from_this();
    while (!ended_) {
        buffer_.clear();
        auto [ec, size] = co_await engine_.async_read(buffer_, use_tuple);
        if (ec) {
            finish(ec);
        } else if (engine_.got_binary()) {
            close(close_code::unsupported_data, "Binary frames are not understood");
        } else if (!closing_) {
            auto const bytes = buffer_.data();
            co_return std::string(static_cast<char const*>(bytes.data()), bytes.size());
        }
    }
    co_return std::nullopt;
}

// The first report decides: what comes later only follows from it.
void web_socket::finish(error_code const& ec) {
    if (std::exchange(ended_, true)) return;
    pinger_.cancel();
    if (closing_) {
        if (ec != websocket::error::closed) drop();
        closer_.cancel();
        return;
    }
    if (ec == websocket::error::closed) {
        auto const& told = engine_.reason();
        end_ = {told.code, std::string(told.reason.data(), told.reason.size()), true};
        if (end_.code == websocket::close_code::none) end_.code = close_code::normal;
    } else if (ec == websocket::error::message_too_big || ec == websocket::error::buffer_overflow) {
        end_.code = close_code::too_big;
    } else if (ec == websocket::error::bad_frame_payload) {
        end_.code = close_code::bad_text;
    } else if (ec == websocket::condition::protocol_violation) {
        end_.code = close_code::protocol_error;
    }
}

bool web_socket::send(std::string text) {
    if (closing_ || ended_) return false;
    if (queued_ + text.size() > options_.max_queued) {
        drop();
        return false;
    }
    queued_ += text.size();
    queue_.push_back(std::move(text));
    begin_writing();
    return true;
}

void web_socket::close(int code, std::string reason) {
    if (closing_ || ended_) return;
    closing_ = true;
    if (reason.size() > longest_reason) reason.resize(longest_reason);
    end_ = {code, std::move(reason), false};
    asio::co_spawn(engine_.get_executor(), bound_close(shared_from_this()), asio::detached);
    begin_writing();
}

void web_socket::begin_writing() {
    if (std::exchange(writing_, true)) return;
    asio::co_spawn(engine_.get_executor(), write_queue(shared_from_this()), asio::detached);
}

asio::awaitable<void> web_socket::write_queue(std::shared_ptr<web_socket> self) {
    while (!self->queue_.empty()) {
        auto const text = std::move(self->queue_.front());
        self->queue_.pop_front();
        auto [ec, size] = co_await self->engine_.async_write(asio::buffer(text), use_tuple);
        self->queued_ -= text.size();
        // The reader learns of it by itself, and knows better why.
        if (ec) co_return self->drop();
    }
    self->writing_ = false;
    if (!self->closing_ || self->ended_) co_return;
    self->writing_ = true;
    websocket::close_reason const why(static_cast<websocket::close_code>(self->end_.code),
                                      self->end_.reason.c_str());
    auto [ec] = co_await self->engine_.async_close(why, use_tuple);
    self->finish(ec ? ec : error_code(websocket::error::closed));
}

asio::awaitable<void> web_socket::bound_close(std::shared_ptr<web_socket> self) {
    self->closer_.expires_after(self->options_.close_wait);
    auto [ec] = co_await self->closer_.async_wait(use_tuple);
    if (!self->ended_ && !ec) self->drop();
}

asio::awaitable<void> web_socket::keep_alive(std::shared_ptr<web_socket> self) {
    auto const executor = co_await asio::this_coro::executor;
    while (!self->ended_) {
        self->pinger_.expires_after(self->options_.ping_every);
        auto [ec] = co_await self->pinger_.async_wait(use_tuple);
        if (ec || self->ended_) co_return;
        if (self->pong_due_) co_return self->drop();
        self->pong_due_ = true;
        asio::co_spawn(executor, ping(self), asio::detached);
    }
}

asio::awaitable<void> web_socket::ping(std::shared_ptr<web_socket> self) {
    co_await self->engine_.async_ping({}, use_tuple);
}

}  // namespace

bool is_whole_upgrade(wire::http_request const& request) {
    auto const key = from_base64(request.headers.get("Sec-WebSocket-Key"));
    auto const connection = request.headers.get("Connection");
    bool upgrade = false;
    for (std::size_t at = 0; at < connection.size() && !upgrade;) {
        auto const end = std::min(connection.find(',', at), connection.size());
        auto word = connection.substr(at, end - at);
        while (!word.empty() && word.front() == ' ')
            word.remove_prefix(1);
        while (!word.empty() && word.back() == ' ')
            word.remove_suffix(1);
        upgrade = iequals(word, "upgrade");
        at = end + 1;
    }
    return upgrade && key && key->size() == key_bytes &&
           request.headers.get("Sec-WebSocket-Version") == "13";
}

asio::awaitable<std::shared_ptr<worker::media_socket>> accept_socket(
    std::shared_ptr<byte_stream> stream, std::string early, wire::http_request const& request,
    worker::socket_options options) {
    beast::http::request<beast::http::empty_body> head(beast::http::verb::get, request.path, 11);
    head.set(beast::http::field::host, "");  // of no meaning here, but looked for
    for (auto const& [name, value] : request.headers.items())
        if (iequals(name, "Upgrade") || iequals(name, "Connection") ||
            iequals(name.substr(0, family.size()), family))
            head.insert(name, value);
    auto const socket = std::make_shared<web_socket>(std::move(stream), std::move(early), options);
    socket->raw().set_option(websocket::stream_base::decorator(
        [](websocket::response_type& answer) { answer.erase(beast::http::field::server); }));
    auto [ec] = co_await socket->raw().async_accept(head, use_tuple);
    if (ec) co_return nullptr;
    co_return socket->open();
}

asio::awaitable<result<std::shared_ptr<worker::media_socket>>> start_socket(
    std::shared_ptr<byte_stream> stream, std::string authority, std::string target,
    wire::header_list headers, worker::socket_options options,
    std::chrono::steady_clock::time_point deadline) {
    socket_deadline timer(co_await asio::this_coro::executor);
    timer.watch(stream->socket(), deadline);
    auto const socket = std::make_shared<web_socket>(std::move(stream), "", options);
    socket->raw().set_option(
        websocket::stream_base::decorator([headers](websocket::request_type& request) {
            for (auto const& [name, value] : headers.items())
                request.set(name, value);
        }));
    websocket::response_type answer;
    auto [ec] = co_await socket->raw().async_handshake(answer, authority, target, use_tuple);
    timer.release();
    if (!ec) co_return socket->open();
    if (timer.expired())
        co_return error{errc::deadline_exceeded, "WebSocket upgrade took too long"};
    if (ec == websocket::error::upgrade_declined) {
        auto const status = static_cast<int>(answer.result_int());
        co_return error{client::code_of_status(status), "WebSocket upgrade was refused"}
            .with_status(status);
    }
    co_return error{errc::unavailable, "WebSocket upgrade failed"}.with_note({ec.message()});
}

}  // namespace net
}  // namespace cxb::inline v1
