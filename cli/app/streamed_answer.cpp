#include "cli/app/streamed_answer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cxb::cli {
namespace {

namespace asio = boost::asio;

constexpr std::size_t longest_refusal = 64 * limits::kib;
constexpr std::chrono::milliseconds ask_again{25};

bool is_success(wire::http_response const& answer) {
    return answer.status >= 200 && answer.status < 300;
}

// Until it is worth asking the stream again.
asio::awaitable<void> ready(wire::body_stream& source) {
    auto const executor = co_await asio::this_coro::executor;
    auto const timer = std::make_shared<asio::steady_timer>(executor);
    if (source.when_ready) {
        timer->expires_at(asio::steady_timer::time_point::max());
        source.when_ready([weak = std::weak_ptr(timer), executor] {
            asio::post(executor, [weak] {
                if (auto const waiting = weak.lock()) waiting->cancel();
            });
        });
    } else {
        timer->expires_after(ask_again);
    }
    co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<result<void>> drain(wire::body_stream& source, piece_sink take) {
    bool any = false;
    for (bool more = true; more;) {
        std::string piece;
        auto const got = source.next(piece);
        if (!got && any)
            co_return error{errc::upstream_failed, "The answer broke off"}.with_note(
                {got.error().to_log_text()});
        if (!got) co_return got.error();
        more = *got;
        any = any || !piece.empty();
        if (!piece.empty()) CXB_CO_CHECK(take(piece));
        if (piece.empty() && more) co_await ready(source);
    }
    co_return result<void>{};
}

}  // namespace

asio::awaitable<result<wire::http_response>> streaming_transport::send(
    client::outgoing_request request, client::transport_options options) {
    options.stream = true;
    CXB_CO_TRY(auto answer, co_await inner_.send(std::move(request), std::move(options)));
    if (!answer.stream) {
        if (!is_success(answer)) co_return answer;
        CXB_CO_CHECK(sink_(answer.bytes()));
    } else if (is_success(answer)) {
        CXB_CO_CHECK(co_await drain(*answer.stream, sink_));
    } else {
        CXB_CO_CHECK(co_await drain(*answer.stream, [&](std::string_view piece) -> result<void> {
            answer.body += piece.substr(0, longest_refusal - answer.body.size());
            return {};
        }));
        answer.stream.reset();
        co_return answer;
    }
    answer.stream.reset();
    answer.shared.reset();
    answer.body.clear();
    co_return answer;
}

}  // namespace cxb::cli
