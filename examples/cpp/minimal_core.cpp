// A Core of one's own: takes calls, fetches their config, "talks" and reports. Media and model go
// where the comment says so; the worker kit does the rest (slots, secrets, config, outbox).
// docs/guides/write-a-core.md explains it step by step.
//   CXB_CORE_SECRET=... CXB_URL=http://127.0.0.1:8080 minimal_core [PORT] [OUTBOX_DIR]
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "cxb/net/event_loops.hpp"
#include "cxb/net/http_client.hpp"
#include "cxb/net/http_server.hpp"
#include "cxb/worker/worker_host.hpp"
#include "settings.hpp"

using namespace cxb;

struct greeter final : worker::call_handler {
    boost::asio::awaitable<result<worker::call_end>> run(worker::call_context call) override {
        worker::call_end end;
        contract::call_results::transcript_item spoken;
        spoken.role = contract::call_results::speaker::assistant;
        spoken.content = call.config.opening_message;  // here a real Core speaks and listens
        end.result.transcript = {spoken};
        end.result.disconnected_by = contract::call_results::disconnect_word::bot;
        end.result.call_duration_seconds = real_seconds(1);
        co_return end;
    }
};

int main(int argc, char** argv) {
    auto const transport = net::http_client::create().value();
    auto const keys = std::make_shared<contract::shared_secret::keyring>();
    keys->current = secret(example::setting("CXB_CORE_SECRET", "dev-secret"));
    worker::host_options options;
    options.max_calls = 8;
    options.room_media = true;  // rooms can be joined
    options.keys = [keys] { return keys; };
    options.config_url = example::setting("CXB_URL", "http://127.0.0.1:8080") + "/api/v1/config";
    options.outbox_dir = argc > 2 ? argv[2] : "minimal_core_outbox";
    options.transport = transport.get();
    greeter handler;
    net::event_loops loops(1);
    worker::worker_host host(options, handler);
    if (auto const opened = host.open(); !opened) return example::report(opened.error());
    net::server_options listen;
    listen.port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 8001);
    net::http_server server(loops, host, listen);
    if (auto const started = server.start(); !started) return example::report(started.error());
    loops.spawn(0, host.run());
    loops.start();
    std::printf("{\"listening\":\"%s\"}\n", server.url().c_str());
    std::fflush(stdout);
    boost::asio::io_context main_loop;
    boost::asio::signal_set signals(main_loop, SIGTERM, SIGINT);
    signals.async_wait([](auto, int) {});
    main_loop.run();
    loops.run_and_wait(host.drain(std::chrono::seconds{30}));
    loops.stop();
}
