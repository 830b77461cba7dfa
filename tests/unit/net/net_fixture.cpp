#include "tests/unit/net/net_fixture.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
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

namespace {

int open_socket(int family, sockaddr const* address, socklen_t size) {
    int const fd = ::socket(family, SOCK_STREAM, 0);
    timeval const wait{5, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    EXPECT_EQ(::connect(fd, address, size), 0) << std::strerror(errno);
    return fd;
}

}  // namespace

raw_client::raw_client(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd_ = open_socket(AF_INET, reinterpret_cast<sockaddr*>(&address), sizeof address);
}

raw_client::raw_client(std::string const& unix_path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, unix_path.c_str(), sizeof address.sun_path - 1);
    fd_ = open_socket(AF_UNIX, reinterpret_cast<sockaddr*>(&address), sizeof address);
}

raw_client::~raw_client() {
    ::close(fd_);
}

bool raw_client::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        auto const sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void raw_client::close_sending() const {
    ::shutdown(fd_, SHUT_WR);
}

bool raw_client::fill() {
    char bytes[65536];
    auto const got = ::recv(fd_, bytes, sizeof bytes, 0);
    if (got > 0) buffer_.append(bytes, static_cast<std::size_t>(got));
    return got > 0;
}

std::string raw_client::read_response(bool with_body) {
    auto end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!fill()) return std::exchange(buffer_, {});
    }
    std::size_t total = end + 4;
    auto const length = buffer_.find("Content-Length: ");
    if (with_body && length < end) {
        total += std::stoul(buffer_.substr(length + 16));
        while (buffer_.size() < total && fill()) {
        }
    } else if (with_body && buffer_.find("Transfer-Encoding: chunked") < end) {
        while ((end = buffer_.find("0\r\n\r\n", total)) == std::string::npos && fill()) {
        }
        total = end == std::string::npos ? buffer_.size() : end + 5;
    }
    auto out = buffer_.substr(0, total);
    buffer_.erase(0, total);
    return out;
}

std::string raw_client::read_all() {
    while (fill()) {
    }
    return std::exchange(buffer_, {});
}

bool raw_client::at_end() {
    char byte = 0;
    return buffer_.empty() && ::recv(fd_, &byte, 1, 0) == 0;
}

int status_of(std::string_view response) {
    return response.starts_with("HTTP/1.1 ") ? std::stoi(std::string(response.substr(9, 3))) : 0;
}

std::string body_of(std::string_view response) {
    auto const end = response.find("\r\n\r\n");
    return end == std::string_view::npos ? "" : std::string(response.substr(end + 4));
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
