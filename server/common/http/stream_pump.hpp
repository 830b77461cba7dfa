#pragma once
/// @file
/// Answers that are made while they are sent (exports): a coroutine writes, the connection takes.
///
/// ```cpp
/// co_return server::streamed_response(
///     co_await asio::this_coro::executor, {server::ndjson_type, "rows.ndjson"},
///     [&store](server::stream_writer& out) -> server::stream_end {
///         for (...) CXB_CO_CHECK(co_await out.write(line));     // waits while the client is slow
///         co_return result<void>{};
///     });
/// ```
/// | happens                            | then                                                   |
/// |------------------------------------|--------------------------------------------------------|
/// | the client takes nothing           | `write` waits; at most `stream_buffer` + one text held |
/// | for 30 s (`server_options`)        | the connection is closed, see the next row             |
/// | the connection ends                | `write` gives `cancelled`; the producer should return  |
/// | the client closes its side while   | the same, within 250 ms                                |
/// | nothing is there to send           |                                                        |
/// | the producer returns an error      | the connection ends without the closing chunk          |
/// | it throws                          | the same                                               |
/// | it writes nothing for `silence`    | the same; its next `write` gives `cancelled`           |
/// | it returns success                 | the closing chunk is sent                              |
///
/// The producer is started when the first bytes are asked for, so an answer to HEAD starts none;
/// what can be refused is to be refused before (status and headers are on their way by then).
///
/// The route's row needs `deadline = no_deadline`. The `request_context` has ended by the time the
/// producer runs: it must own what it uses, or refer to services of the process.
/// Thread-safety: producer and connection run on the one executor given.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cxb/base/limits.hpp"
#include "cxb/wire/http_message.hpp"

namespace cxb::server {

/// Bytes that may wait for the connection before `write` waits.
inline constexpr std::size_t stream_buffer = 64 * limits::kib;
/// Without a byte from the producer for so long a stream is given up.
inline constexpr std::chrono::seconds stream_silence{30};

inline constexpr std::string_view ndjson_type = "application/x-ndjson";

using stream_end = boost::asio::awaitable<result<void>>;

/// The producer's end of a stream.
class stream_writer {
  public:
    struct state;
    explicit stream_writer(std::shared_ptr<state> shared) : state_(std::move(shared)) {}
    /// Queues a text once there is room for it. Errors: `cancelled` when nobody takes it any more.
    [[nodiscard]] stream_end write(std::string text);
    /// `told` is called once, on the executor, when nobody takes any more: for producers that wait
    /// for something else than room. It must not own the producer.
    void when_gone(std::function<void()> told);

  private:
    std::shared_ptr<state> state_;
};

/// Kept alive until it returned; what it captures is destroyed then.
using stream_producer = std::function<stream_end(stream_writer&)>;

struct stream_options {
    std::chrono::milliseconds silence{stream_silence};
    /// Told why a stream broke off (for the log); not when the client went.
    std::function<void(error const&)> on_failure{};
};

/// A body that `producer` makes.
[[nodiscard]] std::shared_ptr<wire::body_stream> pump_stream(
    boost::asio::any_io_executor const& executor, stream_producer producer,
    stream_options options = {});

/// How a streamed file is announced.
struct stream_head {
    std::string_view content_type;
    std::string_view name;  ///< of the file, for `Content-Disposition`: letters, digits, `.-_`
};

/// 200 with that body, as a download.
[[nodiscard]] wire::http_response streamed_response(boost::asio::any_io_executor const& executor,
                                                    stream_head const& head,
                                                    stream_producer producer,
                                                    stream_options options = {});

}  // namespace cxb::server
