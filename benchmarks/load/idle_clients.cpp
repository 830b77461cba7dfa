// Clients that stay connected and say nothing: N keep-alive connections, each after one request.
//
//   idle_clients --port P --request FILE [--count N]
//
// Prints {"phase":"connected"} when every connection has had its answer (of status 200), waits for
// the end of standard input, then prints {"phase":"result","open":…}: those the server has not
// closed. Needs a descriptor for each connection. Exit status: 1 could not connect, 2 wrong use.
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <iostream>

#include "benchmarks/load/answer_reader.hpp"
#include "benchmarks/load/arguments.hpp"
#include "benchmarks/load/text_file.hpp"

namespace cxb::bench {
namespace {

using boost::asio::ip::tcp;

void ask_once(tcp::socket& socket, std::string const& request) {
    boost::asio::write(socket, boost::asio::buffer(request));
    answer_reader reader;
    std::string received;
    std::array<char, 16384> part;
    for (;;) {
        auto const size = socket.read_some(boost::asio::buffer(part));
        received.append(part.data(), size);
        auto const state = reader.look(received);
        if (state == answer_reader::state::more) continue;
        if (state == answer_reader::state::done && reader.status() == 200 && !reader.closes())
            return;
        throw std::runtime_error("not the answer that is wanted: " + received.substr(0, 300));
    }
}

/// Open: nothing has come since, least of all the end.
bool is_open(tcp::socket& socket) {
    char byte = 0;
    auto const got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

int run(arguments const& given) {
    auto const request = read_file(given.text("request"));
    auto const port = static_cast<std::uint16_t>(given.number("port", 0));
    boost::asio::io_context io(1);
    std::vector<tcp::socket> clients;
    for (std::size_t i = 0; i < static_cast<std::size_t>(given.number("count", 1)); ++i) {
        auto& socket = clients.emplace_back(io);
        socket.connect({boost::asio::ip::address_v4::loopback(), port});
        ask_once(socket, request);
    }
    std::cout << "{\"phase\":\"connected\"}" << std::endl;
    std::string ignored;
    while (std::getline(std::cin, ignored)) {
    }
    auto const open = std::ranges::count_if(clients, is_open);
    std::cout << "{\"phase\":\"result\",\"open\":" << open << '}' << std::endl;
    return 0;
}

}  // namespace
}  // namespace cxb::bench

int main(int argc, char** argv) {
    return cxb::bench::run_main(argc, argv, &cxb::bench::run);
}
