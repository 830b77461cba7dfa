// Our LiveKit tokens and webhooks beside the public SDK of LiveKit.
#include <array>

#include "cxb/base/encoding.hpp"
#include "cxb/contract/livekit/webhook.hpp"
#include "peers/node_peer.hpp"

namespace {

using namespace cxb;
using namespace cxb::contract::livekit;

constexpr std::string_view body = R"({"event":"participant_joined","id":"EV_1"})";
api_credentials const credentials{"devkey", secret{"secret"}};
api_credentials const others{"devkey", secret{"other"}};

time_point present() {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

wire::json_object job(char const* kind) {
    return {{"kind", kind}, {"key", "devkey"}, {"secret", "secret"}};
}

class LivekitSdk : public ::testing::Test {
  protected:
    void SetUp() override { CXB_SKIP_IF_MISSING(test::missing_package("livekit-server-sdk")); }
};

wire::json_array verified(std::vector<std::string> const& tokens) {
    wire::json_array jobs;
    for (auto const& token : tokens) {
        auto one = job("verify");
        one["token"] = token;
        jobs.push_back(std::move(one));
    }
    return test::ask_node("livekit.mjs", jobs);
}

// 10-7
TEST_F(LivekitSdk, AcceptsEveryPreset) {
    std::vector const presets{worker("r"),
                              agent("r", "u"),
                              supervisor_listen("r", "u"),
                              supervisor_barge("r", "u"),
                              transcriber("r"),
                              whisper("r", "u"),
                              whisper_listen("r", "u"),
                              widget_user("r", system_random()),
                              server(),
                              server("r")};
    std::vector<std::string> tokens;
    for (auto const& preset : presets)
        tokens.push_back(mint_token(credentials, preset, present()).value());
    auto const answers = verified(tokens);
    ASSERT_EQ(answers.size(), presets.size());
    for (std::size_t i = 0; i < presets.size(); ++i) {
        auto const* claims = answers[i].as_object().if_contains("ok");
        ASSERT_NE(claims, nullptr) << wire::to_text(answers[i]);
        EXPECT_EQ(claims->at("sub").as_string(), presets[i].identity);
        EXPECT_EQ(wire::to_canonical(claims->at("video")),
                  wire::to_canonical(wire::to_object(*presets[i].video)));
    }
    EXPECT_EQ(wire::to_canonical(answers[8].at("ok").at("sip")), R"({"admin":true,"call":true})");
}

TEST_F(LivekitSdk, RefusesWhatWeMadeWithAnotherSecretOrLongAgo) {
    auto const answers =
        verified({mint_token(others, worker("r"), present()).value(),
                  mint_token(credentials, server(), present() - std::chrono::hours{1}).value()});
    ASSERT_EQ(answers.size(), 2U);
    for (auto const& answer : answers)
        EXPECT_TRUE(answer.as_object().contains("error")) << wire::to_text(answer);
}

// 10-7, 10-8: a webhook as a LiveKit server makes it.
TEST_F(LivekitSdk, SignsWebhooksThatWeAccept) {
    auto sign = job("sign");
    sign["digest"] = body_digest(body);
    sign["ttl"] = 300;
    auto access = job("mint");
    access["identity"] = "x";
    access["grant"] = wire::json_object{{"roomJoin", true}, {"room", "r"}};
    auto const answers = test::ask_node("livekit.mjs", {sign, access});
    ASSERT_EQ(answers.size(), 2U);
    std::string const token(answers[0].at("ok").as_string());
    std::array const keys{credentials};
    auto const event = verify_webhook(body, token, keys, present());
    ASSERT_TRUE(event) << event.error().to_log_text();
    EXPECT_EQ(event->id, "EV_1");
    EXPECT_FALSE(verify_webhook(std::string(body) + " ", token, keys, present()));
    EXPECT_FALSE(verify_webhook(body, token, std::array{others}, present()));
    EXPECT_FALSE(verify_webhook(body, token, keys, present() + std::chrono::minutes{7}));
    std::string const no_webhook(answers[1].at("ok").as_string());
    EXPECT_FALSE(verify_webhook(body, no_webhook, keys, present()));
}

// The example, on a webhook that the SDK signed.
TEST_F(LivekitSdk, TheExampleTellsGenuineFromForged) {
    auto sign = job("sign");
    sign["digest"] = body_digest(body);
    sign["ttl"] = 300;
    auto const answers = test::ask_node("livekit.mjs", {sign});
    ASSERT_EQ(answers.size(), 1U);
    std::vector<std::string> const command{
        std::string(CXB_BINARY_DIR) + "/bin/examples/verify_livekit",
        "Bearer " + std::string(answers[0].at("ok").as_string())};
    std::map<std::string, std::string> const settings{{"LIVEKIT_API_KEY", "devkey"},
                                                      {"LIVEKIT_API_SECRET", "secret"}};
    auto const genuine = test::run_program(command, settings, std::string(body));
    EXPECT_EQ(genuine.exit_code, 0) << genuine.errors;
    EXPECT_EQ(genuine.output, "genuine, participant_joined\n");
    auto const forged = test::run_program(command, settings, "{}");
    EXPECT_EQ(forged.exit_code, 1);
    EXPECT_EQ(forged.errors, "not genuine: Invalid signature\n");
    EXPECT_EQ(test::run_program({command[0]}, settings).exit_code, 2);
}

TEST_F(LivekitSdk, ReceivesWebhooksThatWeSign) {
    auto receive = job("receive");
    receive["body"] = body;
    receive["authorization"] = sign_webhook(body, credentials, present()).value();
    auto tampered = receive;
    tampered["body"] = std::string(body) + " ";
    auto const answers = test::ask_node("livekit.mjs", {receive, tampered});
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(wire::to_text(answers[0]), R"({"ok":{"event":"participant_joined"}})");
    EXPECT_TRUE(answers[1].as_object().contains("error"));
}

}  // namespace
