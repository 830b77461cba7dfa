// Receives CX Bridge pushes, checks their signature and drops repeats.
//
//   CXB_WEBHOOK_SECRET=whsec_... webhook_receiver [PORT]        (0 = any free port)
//
// Prints {"listening":URL}, then one JSON line {"webhook_id","repeat","fields"} for each push. A
// bad signature is answered 401. Ends on SIGTERM or Ctrl-C.
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <mutex>
#include <set>

#include "cxb/base/clock.hpp"
#include "cxb/contract/webhook/signature.hpp"
#include "cxb/net/event_loops.hpp"
#include "cxb/net/http_server.hpp"
#include "cxb/wire/json.hpp"
#include "settings.hpp"

namespace asio = boost::asio;
using namespace cxb;

class receiver final : public worker::http_handler {
  public:
    explicit receiver(secret key) : secrets_{std::move(key)} {}

    asio::awaitable<worker::head_verdict> accept_head(wire::http_request const&) override {
        co_return worker::head_verdict{};
    }

    asio::awaitable<wire::http_response> handle(wire::http_request request) override {
        co_return take(request);
    }

    wire::http_response refusal(int status) override {
        wire::http_response answer;
        answer.status = status;
        return answer;
    }

  private:
    wire::http_response take(wire::http_request const& request) {
        // Before anything is read: is it from CX Bridge, whole and recent?
        auto const genuine =
            contract::webhook::verify(request.headers, request.body, secrets_, real_clock().now());
        if (!genuine) return refusal(401);
        auto const fields = wire::parse_json(request.body);
        if (!fields) return refusal(400);
        std::string const id(request.headers.get(contract::webhook::id_header));
        std::scoped_lock const lock(mutex_);
        bool const repeat = !seen_.insert(id).second;
        wire::json_object const line{{"webhook_id", id}, {"repeat", repeat}, {"fields", *fields}};
        std::printf("%s\n", wire::to_text(line).c_str());
        std::fflush(stdout);
        return refusal(200);
    }

    std::array<secret, 1> secrets_;
    std::mutex mutex_;
    std::set<std::string> seen_;
};

int main(int argc, char** argv) {
    auto const key = example::setting("CXB_WEBHOOK_SECRET");
    if (key.empty()) {
        std::fprintf(stderr, "set CXB_WEBHOOK_SECRET to the signing secret of the bot\n");
        return 2;
    }
    receiver handler{secret(key)};
    net::event_loops loops(1);
    net::server_options options;
    options.port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 9090);
    net::http_server server(loops, handler, options);
    if (auto const started = server.start(); !started) return example::report(started.error());
    loops.start();
    std::printf("{\"listening\":\"%s\"}\n", server.url().c_str());
    std::fflush(stdout);
    asio::io_context main_loop;
    asio::signal_set signals(main_loop, SIGTERM, SIGINT);
    signals.async_wait([](auto, int) {});
    main_loop.run();
    loops.stop();
    return 0;
}
