#include "support/livekit_server.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "cxb/wire/json.hpp"
#include "support/free_port.hpp"
#include "support/required.hpp"

namespace cxb::test {
namespace {

std::filesystem::path program() {
    return std::filesystem::path(CXB_SOURCE_DIR) / ".deps/livekit/livekit-server";
}

std::string missing_part() {
    if (!std::filesystem::exists(program()))
        return "the LiveKit server is not built (scripts/setup.sh builds it into .deps/livekit)";
    if (run_program({"curl", "--version"}).exit_code != 0) return "curl is not installed";
    return missing_for_redis_server();
}

}  // namespace

std::string missing_for_livekit_server() {
    return missing_here(missing_part());
}

livekit_server::livekit_server() : port_(free_port()), media_port_(free_port()) {
    start();
}

void livekit_server::start() {
    auto const redis = redis_.tcp_url().substr(std::string("redis://").size());
    wire::json_object const settings{{"port", port_},
                                     {"bind_addresses", {"127.0.0.1"}},
                                     {"rtc",
                                      {{"tcp_port", 0},
                                       {"udp_port", media_port_},
                                       {"interfaces", {{"includes", wire::json_array{"lo"}}}},
                                       {"enable_loopback_candidate", true},
                                       {"node_ip", "127.0.0.1"}}},
                                     {"redis", {{"address", redis.substr(0, redis.find('/'))}}},
                                     {"keys", {{api_key, api_secret}}},
                                     {"logging", {{"level", "warn"}}}};
    process_ = std::make_unique<child_process>(
        process_spec{.name = "livekit-" + std::to_string(++starts_),
                     .arguments = {program(), "--config-body", wire::to_text(settings)},
                     .environment = {},
                     .directory = folder_.path()});
    ASSERT_TRUE(eventually([&] { return !ask("ListSIPInboundTrunk", "{}", "none").empty(); }))
        << process_->log_text();
}

void livekit_server::kill() {
    process_->signal(SIGKILL);
    EXPECT_TRUE(process_->wait_exit());
}

std::string livekit_server::url() const {
    return "ws://127.0.0.1:" + std::to_string(port_);
}

std::string livekit_server::ask(std::string const& method, std::string const& body,
                                std::string const& token) const {
    auto const target =
        "http://127.0.0.1:" + std::to_string(port_) + "/twirp/livekit.SIP/" + method;
    auto const ran = run_program(
        {"curl", "--silent", "--max-time", "20", "--header", "Content-Type: application/json",
         "--header", "Authorization: Bearer " + token, "--data-binary", "@-", target},
        {}, body);
    return ran.exit_code == 0 ? ran.output : std::string();
}

}  // namespace cxb::test
