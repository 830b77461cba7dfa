// Our tokens and webhooks beside a real LiveKit server (scripts/setup.sh builds one where Go is
// there): it takes the widget's token, and we take what it tells.
#include <filesystem>

#include "server/api/ways_fixture.hpp"
#include "support/free_port.hpp"
#include "support/required.hpp"

namespace cxb::api::test {
namespace {

std::string livekit_program() {
    return std::string(CXB_SOURCE_DIR) + "/.deps/livekit/livekit-server";
}

std::string missing_livekit() {
    bool const there = std::filesystem::exists(livekit_program());
    return cxb::test::missing_here(there ? "" : "a LiveKit server (.deps/livekit/livekit-server)");
}

struct BesideLiveKit : WaysFixture {
    std::uint16_t port = cxb::test::free_port();
    std::unique_ptr<cxb::test::child_process> server;
    worker_host host;

    void SetUp() override {
        CXB_SKIP_IF_MISSING(missing_livekit());
        // It judges times by the real clock, and so does the test.
        auto const own = livekit_credentials();
        settings.livekit = {"ws://127.0.0.1:" + std::to_string(port), own.api_key, own.api_secret};
        start();
        fleet({host.url()});
        std::string const config =
            "{port: " + std::to_string(port) + ", bind_addresses: [127.0.0.1], rtc: {tcp_port: " +
            std::to_string(cxb::test::free_port()) +
            ", udp_port: " + std::to_string(cxb::test::free_port()) +
            ", node_ip: 127.0.0.1}, keys: {" + own.api_key + ": " + own.api_secret.reveal() +
            "}, webhook: {api_key: " + own.api_key + ", urls: ['" + url() +
            "/api/v1/livekit/webhook']}}";
        server = std::make_unique<cxb::test::child_process>(cxb::test::process_spec{
            "livekit", {livekit_program(), "--config-body", config}, {}, scratch.path()});
        ASSERT_TRUE(eventually([&] { return livekit("GET", "/").status == 200; }))
            << server->log_text();
    }
    answer livekit(std::string const& method, std::string const& target, std::string body = {},
                   wire::header_list headers = {}) {
        auto const got = cxb::test::run_program(curl(method, target, body, headers));
        answer out;
        out.body = got.output.substr(0, got.output.rfind('\n'));
        out.status = std::atoi(got.output.substr(got.output.rfind('\n') + 1).c_str());
        return out;
    }
    // Its HTTP is asked by somebody else's client.
    std::vector<std::string> curl(std::string const& method, std::string const& target,
                                  std::string const& body, wire::header_list const& headers) const {
        std::vector<std::string> out{"curl", "-s",   "-m", "10",
                                     "-X",   method, "-w", "\n%{http_code}"};
        for (auto const& [name, value] : headers.items())
            out.insert(out.end(), {"-H", name + ": " + value});
        if (!body.empty()) out.insert(out.end(), {"--data-binary", body});
        out.push_back("http://127.0.0.1:" + std::to_string(port) + target);
        return out;
    }
    int entered(std::string const& token) {
        return livekit("GET", "/rtc/validate?access_token=" + token).status;
    }
    std::string widget_token() {
        auto const bot = make_bot();
        auto const key =
            admin("POST", "/api/v1/bots/" + bot + "/widget-key").text("widget_api_key");
        auto const got =
            send("POST", "/api/v1/widget/token", json_object{{"bot_id", bot}, {"api_key", key}});
        EXPECT_EQ(got.status, 201) << got.body;
        return got.text("participant_token");
    }
    // Rooms may be made and asked for by whoever the token lets.
    answer twirp(std::string const& what, std::string const& token, json_object const& body) {
        return livekit(
            "POST", "/twirp/livekit.RoomService/" + what, wire::to_text(body),
            {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}});
    }
};

TEST_F(BesideLiveKit, TheWidgetTokenIsGoodForItsRoomAlone) {  // 21-39
    auto const token = widget_token();
    EXPECT_EQ(entered(token), 200) << server->log_text();
    auto forged = token;
    auto& letter = forged[forged.rfind('.') + 1];  // of the last one not all bits count
    letter = letter == 'A' ? 'B' : 'A';
    EXPECT_EQ(entered(forged), 401);
    auto const own = livekit_credentials();
    contract::livekit::token_request roomless =
        contract::livekit::widget_user("r", system_random());
    roomless.video->room.reset();
    // Without a room it would be good for any: such a one is not even made.
    EXPECT_FALSE(contract::livekit::mint_token(own, roomless, real_clock().now()));
    // It neither makes nor sees rooms, nor who is in one.
    EXPECT_EQ(twirp("CreateRoom", token, {{"name", "another"}}).status, 401);
    EXPECT_EQ(twirp("ListRooms", token, {}).status, 401);
    EXPECT_EQ(twirp("ListParticipants", token, {{"room", "another"}}).status, 401);
}

TEST_F(BesideLiveKit, WhatItTellsIsBelieved) {  // 21-37
    auto const told = [&](std::string const& code) {
        auto const wanted =
            "{code=\"" + code + R"(",method="POST",route="/api/v1/livekit/webhook"})";
        return send("GET", "/metrics").body.find(wanted) != std::string::npos;
    };
    EXPECT_FALSE(told("200"));
    auto const own = livekit_credentials();
    auto const token =
        contract::livekit::mint_token(own, contract::livekit::server(), real_clock().now());
    auto const made = twirp("CreateRoom", token.value(), {{"name", "call-1"}});
    ASSERT_EQ(made.status, 200) << made.body;
    EXPECT_TRUE(eventually([&] { return told("200"); })) << send("GET", "/metrics").body;
    EXPECT_FALSE(told("401")) << server->log_text();
    EXPECT_TRUE(host.orders().empty());
}

}  // namespace
}  // namespace cxb::api::test
