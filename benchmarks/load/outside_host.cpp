// What cxb-api speaks to in a measurement: hosts of a Core fleet that take every call at once, and
// a receiver of webhooks that checks every signature.
//
//   outside_host --ready-file FILE [--hosts N] [--secret-file FILE]
//
// Listens on N ports of loopback chosen by the system, each a host of its own with slots enough:
//   GET /health/fleet, POST /livekit/dialout   a Core host
//   POST /hook      200 for a webhook signed with the secret in FILE (read at the first), else 401
//   GET /counts     {"dialouts","webhooks","distinct","refused"}; distinct: webhook ids accepted
// The ready file is one JSON line {"url": first host, "hosts": [all]}. Ends on SIGTERM or SIGINT.
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <unordered_set>

#include "benchmarks/load/arguments.hpp"
#include "cxb/base/ids.hpp"
#include "cxb/contract/dialout/call_accepted.hpp"
#include "cxb/contract/fleet/fleet_health.hpp"
#include "cxb/contract/webhook/signature.hpp"
#include "cxb/net/http_server.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::bench {
namespace {

constexpr std::int64_t slots = 1'000'000;  // of a host: it must never be the one to say no

/// All ports share it; one loop, so nothing needs a lock.
class outside_world final : public worker::http_handler {
  public:
    explicit outside_world(std::string secret_file) : secret_file_(std::move(secret_file)) {
        contract::fleet::fleet_worker worker;
        worker.id = "0";
        worker.max = slots;
        health_ = contract::fleet::serialize(contract::fleet::make_fleet_health({worker}));
    }

    boost::asio::awaitable<worker::head_verdict> accept_head(
        wire::http_request const& /*request*/) override {
        worker::head_verdict verdict;
        verdict.max_body = limits::results_body;
        co_return verdict;
    }

    boost::asio::awaitable<wire::http_response> handle(wire::http_request request) override {
        if (request.path == "/health/fleet") co_return answer(200, health_);
        if (request.path == "/livekit/dialout") co_return take_call();
        if (request.path == "/hook") co_return take_webhook(request);
        if (request.path == "/counts") co_return answer(200, counts());
        co_return answer(404, "{}");
    }

    wire::http_response refusal(int status) override { return answer(status, "{}"); }

  private:
    static wire::http_response answer(int status, std::string body) {
        wire::http_response out;
        out.status = status;
        out.headers.set("Content-Type", "application/json");
        out.body = std::move(body);
        return out;
    }

    wire::http_response take_call() {
        ++dialouts_;
        contract::dialout::call_accepted accepted;
        accepted.call_id = new_uuid7();
        return answer(200, contract::dialout::serialize(accepted));
    }

    wire::http_response take_webhook(wire::http_request const& request) {
        if (!secret_) secret_.emplace(read_secret());
        auto const verified = contract::webhook::verify(
            request.headers, request.body, std::span(&*secret_, 1), real_clock().now());
        if (!verified) {
            ++refused_;
            return answer(401, "{}");
        }
        ++webhooks_;
        ids_.emplace(request.headers.get(contract::webhook::id_header));
        return answer(200, "{}");
    }

    [[nodiscard]] secret read_secret() const {
        std::ifstream in(secret_file_);
        std::string text;
        std::getline(in, text);
        return secret(std::move(text));
    }

    [[nodiscard]] std::string counts() const {
        return wire::to_text(wire::json_object{{"dialouts", dialouts_},
                                               {"webhooks", webhooks_},
                                               {"distinct", ids_.size()},
                                               {"refused", refused_}});
    }

    std::string secret_file_;
    std::optional<secret> secret_;
    std::string health_;
    std::unordered_set<std::string> ids_;
    std::int64_t dialouts_ = 0;
    std::int64_t webhooks_ = 0;
    std::int64_t refused_ = 0;
};

void write_ready_file(std::string const& path, wire::json_array urls) {
    wire::json_object const line{{"url", urls.front()}, {"hosts", urls}};
    std::ofstream(path + ".new") << wire::to_text(line) << '\n';
    std::filesystem::rename(path + ".new", path);
}

int run(arguments const& given) {
    auto const secrets = given.all("secret-file");
    outside_world world(secrets.empty() ? std::string() : secrets.back());
    boost::asio::io_context signals(1);
    boost::asio::signal_set stop(signals, SIGINT, SIGTERM);
    stop.async_wait([](boost::system::error_code, int) {});
    net::event_loops loops(1);
    std::vector<std::unique_ptr<net::http_server>> hosts;
    wire::json_array urls;
    for (std::size_t i = 0; i < static_cast<std::size_t>(given.number("hosts", 1)); ++i) {
        auto& host = *hosts.emplace_back(
            std::make_unique<net::http_server>(loops, world, net::server_options{}));
        if (auto const started = host.start(); !started)
            throw std::runtime_error(started.error().to_log_text());
        urls.push_back(wire::json_value("http://127.0.0.1:" + std::to_string(host.port())));
    }
    loops.start();
    write_ready_file(given.text("ready-file"), std::move(urls));
    signals.run();
    loops.stop();
    hosts.clear();
    return 0;
}

}  // namespace
}  // namespace cxb::bench

int main(int argc, char** argv) {
    return cxb::bench::run_main(argc, argv, &cxb::bench::run);
}
