#include "server/common/http/stream_pump.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <optional>
#include <utility>

namespace cxb::server {

namespace asio = boost::asio;

struct stream_writer::state {
    state(asio::any_io_executor const& on, stream_producer make, stream_options how)
        : executor(on),
          producer(std::move(make)),
          options(std::move(how)),
          room(on),
          patience(on) {}

    asio::any_io_executor executor;
    stream_producer producer;
    stream_options options;
    asio::steady_timer room;      // cancelled when the producer may go on
    asio::steady_timer patience;  // runs while the connection waits for the producer
    std::string waiting;
    std::function<void()> wake;
    std::function<void()> gone;
    std::optional<error> failure;
    bool started = false;
    bool done = false;
    bool abandoned = false;  // nobody takes any more

    [[nodiscard]] bool has_news() const { return !waiting.empty() || done || failure; }

    void fail(error cause) {
        if (abandoned || failure) return;
        failure = std::move(cause);
        if (options.on_failure) options.on_failure(*failure);
    }

    void tell() {
        patience.cancel();
        if (auto const told = std::exchange(wake, nullptr)) told();
    }

    void abandon() {
        abandoned = true;
        wake = nullptr;
        waiting = {};
        patience.cancel();
        room.cancel();
        if (auto const told = std::exchange(gone, nullptr)) told();
    }
};

namespace {

using state_ptr = std::shared_ptr<stream_writer::state>;

error cancelled() {
    return error{errc::cancelled, "The client is gone"};
}

asio::awaitable<void> produce(state_ptr shared) {
    result<void> ended = error{errc::internal};
    try {
        stream_writer out(shared);
        ended = co_await shared->producer(out);
    } catch (std::exception const& cause) {
        ended = error{errc::internal, "Internal error"}.with_note({cause.what()});
    }
    shared->producer = nullptr;
    shared->done = true;
    if (!ended) shared->fail(ended.error());
    shared->tell();
}

// The connection lets go of its stream when it ends, whatever the reason.
struct connection_end {
    explicit connection_end(state_ptr one) : shared(std::move(one)) {}
    connection_end(connection_end const&) = delete;
    connection_end& operator=(connection_end const&) = delete;
    ~connection_end() { shared->abandon(); }
    state_ptr shared;
};

result<bool> take(state_ptr const& shared, std::string& piece) {
    if (!std::exchange(shared->started, true))
        asio::co_spawn(shared->executor, produce(shared), asio::detached);
    if (!shared->waiting.empty()) {
        if (shared->waiting.size() <= stream_buffer) {
            piece = std::exchange(shared->waiting, {});
        } else {
            piece.assign(shared->waiting, 0, stream_buffer);
            shared->waiting.erase(0, stream_buffer);
        }
        shared->room.cancel();
        return true;
    }
    if (shared->failure) return *shared->failure;
    return !shared->done;
}

void wait_for_news(state_ptr const& shared, std::function<void()> wake) {
    if (shared->has_news()) return wake();
    shared->wake = std::move(wake);
    shared->patience.expires_after(shared->options.silence);
    shared->patience.async_wait([weak = std::weak_ptr(shared)](boost::system::error_code stopped) {
        auto const late = weak.lock();
        if (stopped || !late || late->has_news() || !late->wake) return;
        late->fail(error{errc::deadline_exceeded, "The producer was silent for too long"});
        late->tell();
    });
}

}  // namespace

stream_end stream_writer::write(std::string text) {
    auto const shared = state_;
    while (!shared->abandoned && !shared->failure && shared->waiting.size() >= stream_buffer) {
        shared->room.expires_at(asio::steady_timer::time_point::max());
        co_await shared->room.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    if (shared->abandoned || shared->failure) co_return cancelled();
    shared->waiting += text;
    if (!shared->waiting.empty()) shared->tell();
    co_return result<void>{};
}

void stream_writer::when_gone(std::function<void()> told) {
    if (state_->abandoned) return told();
    state_->gone = std::move(told);
}

std::shared_ptr<wire::body_stream> pump_stream(asio::any_io_executor const& executor,
                                               stream_producer producer, stream_options options) {
    auto const shared =
        std::make_shared<stream_writer::state>(executor, std::move(producer), std::move(options));
    auto const end = std::make_shared<connection_end>(shared);
    auto stream = std::make_shared<wire::body_stream>();
    stream->next = [end](std::string& piece) { return take(end->shared, piece); };
    stream->when_ready = [end](std::function<void()> wake) {
        wait_for_news(end->shared, std::move(wake));
    };
    return stream;
}

wire::http_response streamed_response(asio::any_io_executor const& executor,
                                      stream_head const& head, stream_producer producer,
                                      stream_options options) {
    wire::http_response answer;
    answer.status = 200;
    answer.headers.set("Content-Type", std::string(head.content_type));
    answer.headers.set("Content-Disposition",
                       "attachment; filename=\"" + std::string(head.name) + "\"");
    answer.headers.set("Cache-Control", "private, no-store");
    answer.stream = pump_stream(executor, std::move(producer), std::move(options));
    return answer;
}

}  // namespace cxb::server
