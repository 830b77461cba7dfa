#include "src/net/http_exchange.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

namespace cxb::inline v1 {
namespace net {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t max_head = 64 * limits::kib;
constexpr std::size_t body_buffer = 64 * limits::kib;
constexpr std::size_t largest_reserve = limits::mib;
constexpr int max_interim = 8;

}  // namespace

http_exchange::http_exchange(connection_pool::lease lease, asio::any_io_executor const& executor,
                             steady_point deadline, bool to_head)
    : lease_(std::move(lease)), timer_(executor), deadline_(deadline), to_head_(to_head) {}

error http_exchange::broken(error_code ec) const {
    if (timer_.expired()) {
        return error{errc::deadline_exceeded, "Request took too long"}.with_request_sent(sent_);
    }
    if (ec == asio::error::operation_aborted) {
        return error{errc::cancelled, "Request was cancelled"}.with_request_sent(sent_);
    }
    return error{errc::unavailable, "Connection broke"}
        .with_reason("connection_lost")
        .with_note({ec.message()})
        .with_request_sent(sent_);
}

error http_exchange::unreadable() const {
    return error{errc::upstream_failed, "Answer is not readable HTTP"}
        .with_reason("bad_http")
        .with_request_sent(sent_state::yes);
}

asio::awaitable<result<void>> http_exchange::start(std::string_view head,
                                                   client::outgoing_request const& request,
                                                   std::function<void()> const& on_sent) {
    timer_.watch(lease_.stream->socket(), deadline_);
    auto const body = request.upload ? std::string_view() : std::string_view(request.message.body);
    auto written = co_await write({asio::buffer(head), asio::buffer(body)});
    if (written && request.upload) written = co_await write_upload(*request.upload);
    if (written && on_sent) on_sent();
    // A peer may answer and close before it read everything: its answer counts then.
    if (!written && (wrote_nothing() || !lost_)) co_return written.error();
    auto answered = co_await read_head();
    if (!answered && !written) co_return written.error();
    co_return answered;
}

asio::awaitable<result<void>> http_exchange::write(gather pieces) {
    while (asio::buffer_size(pieces) > 0) {
        auto done = lease_.stream->try_write(pieces);
        if (done.ec == asio::error::would_block) {
            done = co_await lease_.stream->write_some(pieces);
        }
        if (done.bytes > 0 && sent_ == sent_state::no) sent_ = sent_state::maybe;
        if (done.ec || timer_.expired()) {
            lost_ = !timer_.expired();
            co_return broken(done.ec);
        }
        advance(pieces, done.bytes);
    }
    co_return result<void>{};
}

asio::awaitable<result<void>> http_exchange::write_upload(wire::body_stream& upload) {
    std::string piece;
    for (auto left = upload.length.value_or(0); left > 0; left -= piece.size()) {
        piece.clear();
        auto const more = upload.next(piece);
        if (!more) co_return error(more.error()).with_request_sent(sent_);
        if (piece.empty() || piece.size() > left) {
            co_return error{errc::internal, "Upload has another length than it said"}
                .with_request_sent(sent_);
        }
        CXB_CO_CHECK(co_await write({asio::buffer(piece)}));
    }
    co_return result<void>{};
}

asio::awaitable<result<void>> http_exchange::fill() {
    auto const got = co_await lease_.stream->read_some(buffer_.room());
    if (got.ec || timer_.expired()) co_return broken(got.ec);
    buffer_.filled(got.bytes);
    co_return result<void>{};
}

asio::awaitable<result<void>> http_exchange::read_head() {
    for (int interim = 0; interim <= max_interim; ++interim) {
        parser_ = std::make_unique<response_parser>(max_head, to_head_);
        while (!parser_->head_done()) {
            auto const used = parser_->read_head(buffer_.view());
            if (parser_->fault() != 0) co_return unreadable();
            buffer_.consume(used);
            if (used != 0) continue;
            if (buffer_.full()) buffer_.reserve(max_head);
            auto const filled = co_await fill();
            if (!filled) {
                lost_ = buffer_.empty() && sent_ != sent_state::yes && !timer_.expired();
                co_return filled.error();
            }
            sent_ = sent_state::yes;
        }
        if (!parser_->interim()) co_return result<void>{};
    }
    co_return unreadable();
}

// True: the body is complete. Appends at least a byte otherwise.
asio::awaitable<result<bool>> http_exchange::read_more(std::string& out) {
    for (auto const before = out.size(); !parser_->done();) {
        buffer_.consume(parser_->read_body(buffer_.view(), out));
        if (parser_->fault() != 0 || (buffer_.full() && out.size() == before)) {
            co_return unreadable();
        }
        if (parser_->done()) break;
        if (out.size() > before) co_return false;
        auto const got = co_await lease_.stream->read_some(buffer_.room());
        if (timer_.expired()) co_return broken({});
        buffer_.filled(got.bytes);
        if (!got.ec) continue;
        if (got.ec == asio::error::eof && buffer_.empty() && parser_->finish_at_eof()) break;
        co_return broken(got.ec);
    }
    settle();
    co_return true;
}

// The answer is complete: the connection may serve again if both sides agree on where it ended.
void http_exchange::settle() {
    timer_.release();
    if (parser_->keep_alive() && buffer_.empty()) {
        lease_.give_back();
    } else {
        lease_.stream.reset();
    }
}

asio::awaitable<result<wire::http_response>> http_exchange::finish(std::size_t max_bytes) {
    auto& response = parser_->response();
    auto const length = parser_->content_length();
    auto const too_large = [&] {
        return error{errc::too_large, "Answer is larger than allowed"}
            .with_status(response.status)
            .with_request_sent(sent_state::yes);
    };
    if (!to_head_ && length && *length > max_bytes) co_return too_large();
    if (!parser_->done()) buffer_.reserve(body_buffer);
    if (length && !to_head_) response.body.reserve(std::min<std::size_t>(*length, largest_reserve));
    for (bool complete = false; !complete;) {
        CXB_CO_TRY(complete, co_await read_more(response.body));
        if (response.body.size() > max_bytes) co_return too_large();
    }
    co_return std::move(response);
}

// A body read on demand: one read at a time, on the loop of the request.
struct http_exchange::streamed : std::enable_shared_from_this<streamed> {
    streamed(std::shared_ptr<http_exchange> on, asio::any_io_executor where,
             std::chrono::milliseconds patience)
        : exchange(std::move(on)), executor(std::move(where)), progress(patience) {}

    result<bool> next(std::string& piece) {
        if (failure) return *failure;
        piece.append(ready);
        ready.clear();
        return !complete;
    }

    void read(std::function<void()> wake) {
        asio::co_spawn(executor, read_once(shared_from_this()),
                       [wake = std::move(wake)](std::exception_ptr const& failed) {
                           if (failed) std::rethrow_exception(failed);
                           wake();
                       });
    }

    static asio::awaitable<void> read_once(std::shared_ptr<streamed> self) {
        auto& on = *self->exchange;
        if (self->complete || self->failure) co_return;
        on.timer_.watch(on.lease_.stream->socket(), steady_clock::now() + self->progress);
        auto const end = co_await on.read_more(self->ready);
        on.timer_.release();
        if (!end) {
            self->failure = end.error();
        } else {
            self->complete = *end;
        }
    }

    std::shared_ptr<http_exchange> exchange;
    asio::any_io_executor executor;
    std::chrono::milliseconds progress;
    std::string ready;
    std::optional<error> failure;
    bool complete = false;
};

wire::http_response http_exchange::as_stream(std::shared_ptr<http_exchange> self,
                                             asio::any_io_executor executor,
                                             std::chrono::milliseconds progress) {
    auto response = std::move(self->parser_->response());
    self->timer_.release();
    self->buffer_.reserve(body_buffer);
    auto const length = self->parser_->content_length();
    auto source = std::make_shared<streamed>(std::move(self), std::move(executor), progress);
    response.stream = std::make_shared<wire::body_stream>();
    response.stream->length = length;
    response.stream->next = [source](std::string& piece) { return source->next(piece); };
    response.stream->when_ready = [source](std::function<void()> wake) {
        source->read(std::move(wake));
    };
    return response;
}

}  // namespace net
}  // namespace cxb::inline v1
