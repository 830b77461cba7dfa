#pragma once
/// @file
/// One incoming connection from accept to close: reads requests, asks the handler, sends answers.
/// Lives in the coroutine that runs it, on one event loop; not thread-safe.

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <limits>
#include <memory>
#include <string>

#include "cxb/net/http_server.hpp"
#include "src/net/byte_stream.hpp"
#include "src/net/http_parser.hpp"
#include "src/net/http_writer.hpp"
#include "src/net/read_buffer.hpp"

namespace cxb::inline v1 {
namespace net {

/// What all connections of a server share.
struct server_context {
    server_context(worker::http_handler& user, server_options chosen)
        : handler(user), options(std::move(chosen)) {}
    worker::http_handler& handler;
    server_options const options;
    server_counters counters;
    std::atomic<bool> draining{false};
};

class http_connection {
  public:
    http_connection(std::shared_ptr<server_context> context, std::unique_ptr<byte_stream> stream,
                    std::string remote_address);
    /// Serves until either side ends the connection.
    boost::asio::awaitable<void> run();

    // Called on the same loop while `run` waits.
    void tick(std::chrono::steady_clock::time_point now) noexcept;  ///< ends what is overdue
    void drain() noexcept;                                          ///< closes if idle
    void leave() noexcept;                                          ///< says goodbye if it can
    void abort() noexcept;                                          ///< closes now

  private:
    enum class next_step { again, close, close_politely, close_after_reading };
    // 0 = go on, -1 = the connection is of no more use, else the status to refuse with.
    using verdict = int;

    boost::asio::awaitable<next_step> serve_one();
    boost::asio::awaitable<next_step> serve_request(request_parser& parser);
    boost::asio::awaitable<next_step> serve_socket(wire::http_request request,
                                                   worker::socket_options options);
    boost::asio::awaitable<verdict> read_head(request_parser& parser);
    boost::asio::awaitable<verdict> read_body(request_parser& parser, worker::head_verdict& limits);
    struct body_count {
        std::size_t received = 0;  // bytes of the body
        std::size_t used = 0;      // bytes of the connection, with the frames of chunks
    };
    verdict take_body(request_parser& parser, worker::head_verdict& limits, body_count& count);
    boost::asio::awaitable<worker::head_verdict> judge(wire::http_request const& request);
    boost::asio::awaitable<wire::http_response> answer(wire::http_request request);
    boost::asio::awaitable<next_step> refuse(int status);
    boost::asio::awaitable<next_step> send(wire::http_response response, answer_form form,
                                           bool unread);
    boost::asio::awaitable<bool> send_stream(wire::body_stream& source, body_framing framing);
    boost::asio::awaitable<bool> send_piece(std::string_view piece, body_framing framing);
    boost::asio::awaitable<bool> wait_for(wire::body_stream& source);
    boost::asio::awaitable<bool> write_all(gather pieces);
    boost::asio::awaitable<bool> fill();
    boost::asio::awaitable<void> say_goodbye(bool read_rest);
    void report_exception();

    void arm(std::chrono::milliseconds wait) noexcept;
    void disarm() noexcept { deadline_ = std::chrono::steady_clock::time_point::max(); }

    std::shared_ptr<server_context> context_;
    std::shared_ptr<byte_stream> stream_;
    std::shared_ptr<worker::media_socket> socket_;  ///< set while it is a WebSocket
    std::string remote_address_;
    read_buffer buffer_;
    std::string head_;   // reused from answer to answer
    std::string piece_;  // reused for streamed bodies, both ways
    std::shared_ptr<boost::asio::steady_timer> waiting_;
    std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
    bool watches_peer_ = false;  // while it waits for something to send
    bool timed_out_ = false;
    bool idle_ = false;
    bool served_ = false;
};

}  // namespace net
}  // namespace cxb::inline v1
