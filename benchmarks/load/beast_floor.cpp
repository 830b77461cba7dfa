// The least a server on this stack can do: Beast reads the request and answers fixed bytes. What
// the real server costs above this is ours.
//
//   beast_floor --ready-file FILE --get FILE --post FILE [--threads N]
//
// GET answers the bytes of --get, POST reads its body whole and answers those of --post. One
// io_context and one acceptor (SO_REUSEPORT) per thread; the port is chosen by the system and
// written to the ready file, by rename. Ends on SIGTERM or SIGINT.
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <thread>

#include "benchmarks/load/arguments.hpp"
#include "benchmarks/load/text_file.hpp"

namespace cxb::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t body_limit = std::size_t{4} << 20U;
constexpr std::size_t read_reserve = std::size_t{16} << 10U;  // else Beast reads in small pieces

struct fixed_answers {
    std::string get;
    std::string post;
};

http::response<http::span_body<char const>> answer(std::string const& body, unsigned version) {
    http::response<http::span_body<char const>> out(http::status::ok, version);
    out.set(http::field::content_type, "application/json");
    out.body() = {body.data(), body.size()};
    out.prepare_payload();
    return out;
}

asio::awaitable<void> serve(tcp::socket socket, fixed_answers const* answers) {
    beast::flat_buffer buffer;
    buffer.reserve(read_reserve);
    for (;;) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(body_limit);
        auto const [read_ec, read] = co_await http::async_read(socket, buffer, parser, use_tuple);
        if (read_ec) co_return;
        auto const& request = parser.get();
        auto const& body = request.method() == http::verb::post ? answers->post : answers->get;
        auto response = answer(body, request.version());
        response.keep_alive(request.keep_alive());
        auto const [write_ec, written] = co_await http::async_write(socket, response, use_tuple);
        if (write_ec || !request.keep_alive()) co_return;
    }
}

asio::awaitable<void> listen(std::shared_ptr<tcp::acceptor> acceptor,
                             fixed_answers const* answers) {
    for (;;) {
        auto socket = co_await acceptor->async_accept(asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        auto const executor = acceptor->get_executor();
        asio::co_spawn(executor, serve(std::move(socket), answers), asio::detached);
    }
}

std::shared_ptr<tcp::acceptor> open_acceptor(asio::io_context& io, std::uint16_t port) {
    using reuse_port = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
    auto acceptor = std::make_shared<tcp::acceptor>(io);
    tcp::endpoint const where(asio::ip::address_v4::loopback(), port);
    acceptor->open(where.protocol());
    acceptor->set_option(tcp::acceptor::reuse_address(true));
    acceptor->set_option(reuse_port(true));
    acceptor->bind(where);
    acceptor->listen();
    return acceptor;
}

void write_ready_file(std::string const& path, std::uint16_t port) {
    std::ofstream(path + ".new") << "{\"url\":\"http://127.0.0.1:" << port << "\"}\n";
    std::filesystem::rename(path + ".new", path);
}

int run(arguments const& given) {
    fixed_answers const answers{read_file(given.text("get")), read_file(given.text("post"))};
    auto const threads =
        std::max<std::size_t>(1, static_cast<std::size_t>(given.number("threads", 1)));
    std::vector<std::unique_ptr<asio::io_context>> loops;
    std::uint16_t port = 0;
    for (std::size_t i = 0; i < threads; ++i) {
        auto& io = *loops.emplace_back(std::make_unique<asio::io_context>(1));
        auto acceptor = open_acceptor(io, port);
        port = acceptor->local_endpoint().port();
        asio::co_spawn(io, listen(std::move(acceptor), &answers), asio::detached);
    }
    asio::signal_set stop(*loops.front(), SIGINT, SIGTERM);
    stop.async_wait([&](boost::system::error_code, int) {
        for (auto const& io : loops)
            io->stop();
    });
    write_ready_file(given.text("ready-file"), port);
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < threads; ++i)
        others.emplace_back([&io = *loops[i]] { io.run(); });
    loops.front()->run();
    return 0;
}

}  // namespace
}  // namespace cxb::bench

int main(int argc, char** argv) {
    return cxb::bench::run_main(argc, argv, &cxb::bench::run);
}
