// cxb::net: a server and a client that meet on loopback, Asio's threads on both sides.
#include "cxb/client/blocking.hpp"
#include "cxb/net/event_loops.hpp"
#include "cxb/net/http_client.hpp"
#include "cxb/net/http_server.hpp"

namespace {

struct greeter final : cxb::worker::http_handler {
    boost::asio::awaitable<cxb::worker::head_verdict> accept_head(
        cxb::wire::http_request const& /*request*/) override {
        cxb::worker::head_verdict verdict;
        co_return verdict;
    }
    boost::asio::awaitable<cxb::wire::http_response> handle(
        cxb::wire::http_request /*request*/) override {
        co_return refusal(200);
    }
    cxb::wire::http_response refusal(int status) override {
        cxb::wire::http_response response;
        response.status = status;
        response.body = "hello";
        return response;
    }
};

}  // namespace

int main() {
    cxb::net::event_loops loops(1);
    greeter handler;
    cxb::net::http_server server(loops, handler, {});
    if (!server.start()) return 1;
    loops.start();
    auto const transport = cxb::net::http_client::create();
    if (!transport) return 1;
    cxb::client::blocking_runner runner;
    cxb::client::outgoing_request request;
    request.url = server.url() + "/";
    auto const answer = runner.run((*transport)->send(request, {}));
    loops.stop();
    return answer && answer->status == 200 && answer->body == "hello" ? 0 : 1;
}
