#include "src/net/http_connection.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cxb/base/encoding.hpp"
#include "src/net/web_socket.hpp"

namespace cxb::inline v1 {
namespace net {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t body_buffer = 64 * limits::kib;
constexpr std::size_t largest_reserve = limits::mib;
// A body of tiny chunks is odd but allowed; one that is nearly all chunk extensions is an attack.
constexpr std::size_t free_framing = 64 * limits::kib;
constexpr std::size_t framing_per_byte = 16;
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

// What a sink's failure means to the sender of the body.
int status_of(errc code) {
    switch (code) {
        case errc::too_large:
            return 413;
        case errc::malformed:
        case errc::invalid:
            return 400;
        case errc::unavailable:
        case errc::at_capacity:
            return 503;
        default:
            return 500;
    }
}

class count_guard {
  public:
    explicit count_guard(std::atomic<std::int64_t>& gauge) : gauge_(gauge) { ++gauge_; }
    count_guard(count_guard const&) = delete;
    count_guard& operator=(count_guard const&) = delete;
    ~count_guard() { --gauge_; }

  private:
    std::atomic<std::int64_t>& gauge_;
};

}  // namespace

http_connection::http_connection(std::shared_ptr<server_context> context,
                                 std::unique_ptr<byte_stream> stream, std::string remote_address)
    : context_(std::move(context)),
      stream_(std::move(stream)),
      remote_address_(std::move(remote_address)) {}

void http_connection::arm(milliseconds wait) noexcept {
    deadline_ = steady_clock::now() + wait;
}

void http_connection::tick(steady_clock::time_point now) noexcept {
    if (watches_peer_ && stream_->peer_closed()) abort();
    if (now < deadline_) return;
    disarm();
    timed_out_ = true;
    stream_->cancel();
}

void http_connection::drain() noexcept {
    if (idle_) stream_->cancel();
    if (waiting_) waiting_->cancel();
}

void http_connection::leave() noexcept {
    if (!socket_) return abort();
    socket_->close(worker::close_code::going_away, "");
}

void http_connection::abort() noexcept {
    stream_->close();
    if (waiting_) waiting_->cancel();
}

asio::awaitable<void> http_connection::run() {
    if (stream_->is_tls()) {
        if (context_->draining) co_return stream_->close();
        arm(context_->options.head_timeout);
        idle_ = true;  // nothing is lost when it is ended now
        auto const ec = co_await stream_->handshake();
        idle_ = false;
        disarm();
        if (ec) {
            ++context_->counters.tls_failed;
            stream_->close();
            co_return;
        }
    }
    auto next = next_step::again;
    while (next == next_step::again)
        next = co_await serve_one();
    if (timed_out_) ++context_->counters.timed_out;
    if (next != next_step::close) {
        co_await say_goodbye(next == next_step::close_after_reading);
    }
    stream_->close();
}

asio::awaitable<http_connection::next_step> http_connection::serve_one() {
    request_parser parser(context_->options.max_head);
    auto const status = co_await read_head(parser);
    if (status < 0) co_return next_step::close;
    if (status > 0) co_return co_await refuse(status);
    ++context_->counters.requests;
    count_guard const running(context_->counters.running);
    co_return co_await serve_request(parser);
}

asio::awaitable<http_connection::next_step> http_connection::serve_request(request_parser& parser) {
    auto& request = parser.request();
    request.remote_address = remote_address_;
    request.tls = stream_->is_tls();
    answer_form const form{request.method == "HEAD", parser.http10(), parser.keep_alive()};

    auto limits = co_await judge(request);
    if (limits.refuse) co_return co_await send(*std::move(limits.refuse), form, !parser.done());
    request.context = limits.context;
    if (limits.socket) {
        if (!parser.done()) co_return co_await refuse(400);
        co_return co_await serve_socket(std::move(request), *limits.socket);
    }
    if (parser.done()) {
        auto const finished = limits.sink ? limits.sink->finish() : result<void>{};
        if (!finished) co_return co_await refuse(status_of(finished.error().code()));
    } else {
        auto const status = co_await read_body(parser, limits);
        if (status < 0) co_return next_step::close;
        if (status > 0) co_return co_await refuse(status);
    }
    request.sink = std::move(limits.sink);
    auto response = co_await answer(std::move(request));
    co_return co_await send(std::move(response), form, false);
}

asio::awaitable<http_connection::next_step> http_connection::serve_socket(
    wire::http_request request, worker::socket_options options) {
    if (!is_whole_upgrade(request)) co_return co_await refuse(400);
    std::string early(buffer_.view());
    buffer_.consume(early.size());
    arm(context_->options.head_timeout);
    socket_ = co_await accept_socket(stream_, std::move(early), request, options);
    disarm();
    if (!socket_) co_return next_step::close;
    try {
        co_await context_->handler.serve(std::move(request), socket_);
    } catch (...) {
        report_exception();
        socket_->drop();
    }
    socket_->close(worker::close_code::normal, "");
    while (co_await socket_->receive()) {
    }
    socket_.reset();
    co_return next_step::close_after_reading;
}

asio::awaitable<http_connection::verdict> http_connection::read_head(request_parser& parser) {
    auto const& options = context_->options;
    bool started = false;
    for (;;) {
        auto const used = parser.read_head(buffer_.view());
        if (parser.fault() != 0) co_return parser.fault();
        buffer_.consume(used);
        if (parser.head_done()) break;
        if (used != 0) continue;
        if (buffer_.empty()) {
            if (context_->draining) co_return -1;
            arm(served_ ? options.idle_timeout : options.head_timeout);
        } else if (!started) {
            started = true;
            arm(options.head_timeout);
        }
        if (buffer_.full()) buffer_.reserve(options.max_head);
        idle_ = buffer_.empty();
        bool const more = co_await fill();
        idle_ = false;
        if (!more) co_return timed_out_&& started ? 408 : -1;
    }
    disarm();
    served_ = true;
    co_return 0;
}

asio::awaitable<http_connection::verdict> http_connection::read_body(request_parser& parser,
                                                                     worker::head_verdict& limits) {
    auto const length = parser.content_length();
    if (length && *length > limits.max_body) co_return 413;
    if (parser.expects_continue() && buffer_.empty() &&
        !co_await write_all({asio::buffer(go_on)})) {
        co_return -1;
    }
    if (!limits.sink && length) {
        parser.request().body.reserve(std::min<std::size_t>(*length, largest_reserve));
    }
    if (!length || *length > read_buffer::first_size) buffer_.reserve(body_buffer);
    arm(limits.body_deadline);
    for (body_count count;;) {
        auto const status = take_body(parser, limits, count);
        if (status != 0) co_return status;
        if (parser.done()) break;
        if (buffer_.full()) co_return 400;
        if (!co_await fill()) co_return timed_out_ ? 408 : -1;
    }
    disarm();
    auto const finished = limits.sink ? limits.sink->finish() : result<void>{};
    co_return finished ? 0 : status_of(finished.error().code());
}

http_connection::verdict http_connection::take_body(request_parser& parser,
                                                    worker::head_verdict& limits,
                                                    body_count& count) {
    auto& out = limits.sink ? piece_ : parser.request().body;
    auto const before = limits.sink ? 0 : out.size();
    if (limits.sink) out.clear();
    auto const used = parser.read_body(buffer_.view(), out);
    buffer_.consume(used);
    if (parser.fault() != 0) return parser.fault();
    count.used += used;
    count.received += out.size() - before;
    if (count.received > limits.max_body) return 413;
    if (count.used - count.received > free_framing + framing_per_byte * count.received) return 400;
    if (!limits.sink || out.empty()) return 0;
    auto const written = limits.sink->write(out);
    arm(limits.body_deadline);
    return written ? 0 : status_of(written.error().code());
}

asio::awaitable<worker::head_verdict> http_connection::judge(wire::http_request const& request) {
    try {
        co_return co_await context_->handler.accept_head(request);
    } catch (...) {
        report_exception();
    }
    worker::head_verdict failed;
    failed.refuse = context_->handler.refusal(500);
    co_return failed;
}

asio::awaitable<wire::http_response> http_connection::answer(wire::http_request request) {
    try {
        co_return co_await context_->handler.handle(std::move(request));
    } catch (...) {
        report_exception();
    }
    co_return context_->handler.refusal(500);
}

void http_connection::report_exception() {
    auto const& hook = context_->options.on_handler_exception;
    if (hook) hook(std::current_exception());
}

asio::awaitable<http_connection::next_step> http_connection::refuse(int status) {
    ++context_->counters.rejected;
    if (timed_out_) ++context_->counters.timed_out;
    timed_out_ = false;
    co_return co_await send(context_->handler.refusal(status), {false, false, false}, true);
}

// `unread`: body bytes may still come, so that the connection cannot go on.
asio::awaitable<http_connection::next_step> http_connection::send(wire::http_response response,
                                                                  answer_form form, bool unread) {
    if (unread || context_->draining) form.keep_alive = false;
    auto const framing = write_response_head(head_, response, form);
    auto const body =
        framing == body_framing::fixed && !response.stream ? response.bytes() : std::string_view();
    if (!co_await write_all({asio::buffer(head_), asio::buffer(body)})) co_return next_step::close;
    if (response.stream && framing != body_framing::none &&
        !co_await send_stream(*response.stream, framing)) {
        co_return next_step::close;
    }
    if (form.keep_alive) co_return next_step::again;
    co_return unread || !buffer_.empty() ? next_step::close_after_reading
                                         : next_step::close_politely;
}

asio::awaitable<bool> http_connection::send_stream(wire::body_stream& source,
                                                   body_framing framing) {
    auto left = source.length.value_or(std::numeric_limits<std::uint64_t>::max());
    for (std::size_t turn = 1; left > 0; ++turn) {
        piece_.clear();
        auto const more = source.next(piece_);
        if (!more || piece_.size() > left) co_return false;
        if (piece_.empty() && *more && !co_await wait_for(source)) co_return false;
        if (!piece_.empty() && !co_await send_piece(piece_, framing)) co_return false;
        if (source.length) left -= piece_.size();
        if (!*more) break;
        // A fast reader must not keep the loop from its other connections.
        if (turn % 16 == 0) co_await asio::post(asio::use_awaitable);
    }
    if (source.length) co_return left == 0;
    if (framing == body_framing::chunked) {
        constexpr std::string_view end = "0\r\n\r\n";
        co_return co_await write_all({asio::buffer(end)});
    }
    co_return true;
}

asio::awaitable<bool> http_connection::send_piece(std::string_view piece, body_framing framing) {
    if (framing != body_framing::chunked) {
        co_return co_await write_all({asio::buffer(piece)});
    }
    constexpr std::string_view line_end = "\r\n";
    write_chunk_size(head_, piece.size());
    co_return co_await write_all(
        {asio::buffer(head_), asio::buffer(piece), asio::buffer(line_end)});
}

// False when the server drains: a stream that has nothing to say is not worth the wait.
asio::awaitable<bool> http_connection::wait_for(wire::body_stream& source) {
    auto const executor = co_await asio::this_coro::executor;
    waiting_ = std::make_shared<asio::steady_timer>(executor);
    waiting_->expires_after(source.when_ready ? std::chrono::hours(24) : milliseconds(25));
    if (source.when_ready) {
        // A producer may keep the call for longer than this connection or its loop lives.
        std::weak_ptr const timer = waiting_;
        source.when_ready([timer, executor] {
            if (timer.expired()) return;
            asio::post(executor, [timer] {
                if (auto const waiting = timer.lock()) waiting->cancel();
            });
        });
    }
    // Of a stream without a known end nobody waits for the rest who closed the connection, or said
    // that nothing more is asked: proxies do the same.
    watches_peer_ = !source.length;
    if (!context_->draining && stream_->socket().is_open())
        co_await waiting_->async_wait(use_tuple);
    watches_peer_ = false;
    waiting_.reset();
    co_return !context_->draining && stream_->socket().is_open();
}

asio::awaitable<bool> http_connection::write_all(gather pieces) {
    auto const& options = context_->options;
    std::size_t sent = 0;
    auto start = steady_clock::time_point::max();
    while (asio::buffer_size(pieces) > 0) {
        auto done = stream_->try_write(pieces);
        if (done.ec == asio::error::would_block) {
            auto const now = steady_clock::now();
            start = std::min(start, now);
            deadline_ = now + options.write_timeout;
            if (options.min_write_rate != 0) {
                auto const earned = milliseconds(sent * 1000 / options.min_write_rate);
                deadline_ = std::min(deadline_, start + options.write_timeout + earned);
            }
            done = co_await stream_->write_some(pieces);
        }
        if (done.ec || timed_out_) co_return false;
        advance(pieces, done.bytes);
        sent += done.bytes;
    }
    disarm();
    co_return true;
}

asio::awaitable<bool> http_connection::fill() {
    auto const got = co_await stream_->read_some(buffer_.room());
    buffer_.filled(got.bytes);
    co_return !got.ec && !timed_out_;
}

// Closing with unread bytes makes the kernel reset the connection, and the peer might never see
// the answer: so the rest is read and dropped for a moment.
asio::awaitable<void> http_connection::say_goodbye(bool read_rest) {
    constexpr milliseconds patience{1000};
    constexpr std::size_t most = 4 * limits::mib;
    arm(patience);
    co_await stream_->shutdown_send();
    buffer_.reserve(body_buffer);
    for (std::size_t dropped = 0; read_rest && !timed_out_ && dropped < most;) {
        buffer_.consume(buffer_.view().size());
        auto [ec, bytes] = co_await stream_->socket().async_read_some(buffer_.room(), use_tuple);
        if (ec) break;
        dropped += bytes;
    }
    disarm();
}

}  // namespace net
}  // namespace cxb::inline v1
