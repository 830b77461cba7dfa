#include "e2e/hung_crm.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace cxb::e2e {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

// Until the head and the body it announces are there; false when the peer leaves before.
asio::awaitable<bool> read_request(tcp::socket& peer) {
    std::string text;
    std::array<char, 8192> piece{};
    for (;;) {
        auto const [fault, count] = co_await peer.async_read_some(asio::buffer(piece), quietly);
        if (fault) co_return false;
        text.append(piece.data(), count);
        auto const end = text.find("\r\n\r\n");
        auto const length = text.find("Content-Length: ");
        if (end == std::string::npos) continue;
        auto const body = length < end ? std::stoul(text.substr(length + 16)) : 0;
        if (text.size() >= end + 4 + body) co_return true;
    }
}

}  // namespace

hung_crm::hung_crm(hang how)
    : how_(how), acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    asio::co_spawn(io_, listen(), asio::detached);
    thread_ = std::jthread([this] { io_.run(); });
}

hung_crm::~hung_crm() {
    io_.stop();
}

std::string hung_crm::url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

asio::awaitable<void> hung_crm::listen() {
    for (;;) {
        auto [fault, peer] = co_await acceptor_.async_accept(quietly);
        if (fault) co_return;
        ++taken_;
        asio::co_spawn(io_, serve(std::move(peer)), asio::detached);
    }
}

asio::awaitable<void> hung_crm::serve(tcp::socket peer) {
    bool const well = well_;
    if ((well || how_ != hang::before_reading) && !co_await read_request(peer)) co_return;
    std::string answer;
    if (well)
        answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    else if (how_ == hang::in_the_answer)
        answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":";
    (void)co_await asio::async_write(peer, asio::buffer(answer), quietly);
    if (well) co_return;
    // Whoever waits must leave by himself.
    asio::steady_timer never(co_await asio::this_coro::executor,
                             asio::steady_timer::time_point::max());
    (void)co_await never.async_wait(quietly);
}

}  // namespace cxb::e2e
