#include "tests/unit/net/net_fixture.hpp"

#include <thread>

namespace cxb::net_test {

asio::awaitable<worker::head_verdict> lambda_handler::accept_head(
    wire::http_request const& request) {
    if (on_head) co_return on_head(request);
    worker::head_verdict out;
    if (on_socket && worker::asks_for_socket(request)) out.socket = socket_options;
    co_return out;
}

asio::awaitable<void> lambda_handler::serve(wire::http_request,
                                            std::shared_ptr<worker::media_socket> socket) {
    co_await on_socket(std::move(socket));
}

asio::awaitable<wire::http_response> lambda_handler::handle(wire::http_request request) {
    if (on_request) co_return co_await on_request(std::move(request));
    auto response = text_response(request.method + ' ' + request.path + '?' + request.query_text +
                                  '|' + request.body);
    response.headers.add("X-Peer", request.remote_address);
    co_return response;
}

wire::http_response lambda_handler::refusal(int status) {
    return text_response("refused " + std::to_string(status), status);
}

server_test::~server_test() {
    if (!drained_) drain(0ms);
    loops.stop();
}

void server_test::serve() {
    server = std::make_unique<net::http_server>(loops, handler, options);
    auto const started = server->start();
    ASSERT_TRUE(started) << started.error().to_log_text();
    loops.start();
}

bool server_test::drain(std::chrono::milliseconds grace) {
    drained_ = true;
    return server == nullptr || run(server->drain(grace));
}

std::string server_test::exchange(std::string_view bytes) const {
    raw_client client(port());
    client.send(bytes);
    return client.read_all();
}

wire::http_response text_response(std::string body, int status) {
    wire::http_response out;
    out.status = status;
    out.headers.add("Content-Type", "text/plain");
    out.body = std::move(body);
    return out;
}

std::shared_ptr<wire::body_stream> stream_of(std::string bytes, std::size_t piece,
                                             bool known_length) {
    auto out = std::make_shared<wire::body_stream>();
    if (known_length) out->length = bytes.size();
    out->next = [bytes = std::move(bytes), piece, at = std::size_t{0}](std::string& to) mutable {
        to = bytes.substr(at, piece);
        at += to.size();
        return result<bool>(at < bytes.size());
    };
    return out;
}

bool eventually(std::function<bool()> const& condition) {
    for (int i = 0; i < 5000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(1ms);
    }
    return condition();
}

}  // namespace cxb::net_test
