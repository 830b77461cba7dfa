// Calls over the media WebSockets of a real cxb-core: through its front to a worker and back.

#include <csignal>

#include "cxb/base/encoding.hpp"
#include "cxb/contract/shared_secret/websocket_token.hpp"
#include "tests/server/core/core_fixture.hpp"
#include "tests/support/callers.hpp"

namespace {

using cxb::test::eventually;
using cxb::testing::fake_media_dialler;
using cxb::testing::loud_tone;
using cxb::testing::silence;
using cxb::wire::json_object;
using cxb::wire::text_at;
using cxb_test::caller_at;
namespace close_code = cxb::worker::close_code;

class CoreMedia : public cxb_test::core_test {
  protected:
    [[nodiscard]] std::string ws(std::string const& path = "/ws/65f000000000000000000001") const {
        return "ws" + url_.substr(4) + path;
    }
    [[nodiscard]] static std::string exotel() { return "/exotel/65f000000000000000000001"; }
    static bool hears(fake_media_dialler& line, int frames) {
        for (int i = 0; i < frames; ++i)
            if (!line.until("reverse-media")) return false;
        return true;
    }
    // A sentence of 1.2 s and the silence that ends it, at once.
    static void say_something(fake_media_dialler& line) {
        line.speak(loud_tone(std::chrono::milliseconds{1200}) + silence(std::chrono::seconds{1}));
    }
    std::optional<json_object> only_result() {
        std::optional<json_object> out;
        (void)eventually([&] {
            auto const all = plane_.results();
            if (!all.empty()) out = all.front();
            return out.has_value();
        });
        return out;
    }
    json_object live_call() {
        auto const calls = object_of(ask("GET", "/calls")).at("calls").as_array();
        return calls.empty() ? json_object{} : calls.front().as_object();
    }
    bool all_free() {
        return eventually([&] { return fleet().find("\"fleet_calls\":0") != std::string::npos; });
    }
    static bool has(json_object const& result, std::string const& type) {
        for (auto const& one : result.at("events").as_array())
            if (text_at(one.as_object(), "type") == type) return true;
        return false;
    }
    // The model ends the call at the caller's first words.
    static json_object config_that(std::string const& then) {
        auto const rule = R"({"rules":[{"when":{"turn":1},)" + then + "}]}";
        return {{"llm",
                 {{"provider", "scripted"},
                  {"model", "m"},
                  {"extra", {{"script", cxb::wire::parse_json(rule).value()}}}}}};
    }
    static constexpr char const* long_opening =
        "This is an opening that goes on and on and on and on and on and on and on, for so long "
        "that whoever listens to it will want to say something about it before it has ended.";
    // "Namaste, am I audible?": 22 characters of 60 ms.
    static constexpr int opening_frames = 22 * 60 / 20;
};

TEST_F(CoreMedia, DiallerCallFromHandshakeToResult) {
    start(1);
    fake_media_dialler line(caller_at(ws()));
    ASSERT_TRUE(line.call()) << core_->log_text();
    auto const first = line.until("reverse-media");
    ASSERT_TRUE(first) << core_->log_text();
    EXPECT_EQ(first->at("chunk").as_int64(), 1);
    EXPECT_EQ(first->at("chunk_durn_ms").as_int64(), 20);
    EXPECT_EQ(cxb::from_base64(text_at(*first, "payload"))->size(), 320U);
    EXPECT_EQ(text_at(*first, "callDirection"), "outgoing");
    ASSERT_TRUE(hears(line, opening_frames - 1));
    auto const heard = line.heard();
    for (int chunk = 1; chunk <= opening_frames; ++chunk)
        EXPECT_EQ(heard[static_cast<std::size_t>(chunk) - 1].message.at("chunk").as_int64(), chunk);
    EXPECT_TRUE(line.faults().empty());
    EXPECT_EQ(text_at(live_call(), "transport"), "websocket");
    // What was sent is played a little later.
    ASSERT_TRUE(eventually([&] { return text_at(live_call(), "waiting_for") == "user"; }));
    line.hang_up("caller");
    EXPECT_EQ(line.wait_for_end().code, close_code::normal);
    auto const result = only_result();
    ASSERT_TRUE(result) << core_->log_text();
    EXPECT_EQ(text_at(*result, "disconnected_by"), "customer");
    EXPECT_EQ(text_at(*result, "stream_id"), "st-1");
    EXPECT_EQ(text_at(*result, "caller_id"), "+919876543210");
    EXPECT_EQ(text_at(*result, "call_direction"), "outbound");
    EXPECT_EQ(text_at(*result, "pipeline_config.transport"), "websocket");
    EXPECT_TRUE(text_at(*result, "session_id").starts_with("own-")) << "flags are not trusted";
    auto const& said = result->at("transcript").as_array();
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(text_at(said[0].as_object(), "content"), "Namaste, am I audible?");
    for (auto const& one : result->at("events").as_array())
        if (text_at(one.as_object(), "type") == "call_ended")
            EXPECT_EQ(text_at(one.as_object(), "data.raw_reason"), "caller");
    EXPECT_TRUE(all_free());
}

TEST_F(CoreMedia, TheBotHearsTheCallerAndHangsUp) {
    plane_.set_config(config_that(R"("say":"Goodbye.","tool":{"name":"end_call"})"));
    start(1);
    fake_media_dialler line(caller_at(ws()));
    ASSERT_TRUE(line.call());
    ASSERT_TRUE(hears(line, opening_frames));
    say_something(line);
    auto const end = line.wait_for_end();
    EXPECT_EQ(end.code, close_code::normal) << core_->log_text();
    auto const events = line.events();
    ASSERT_GE(events.size(), 3U);
    EXPECT_EQ(events[events.size() - 2], "reverse-media-stop");
    EXPECT_EQ(events.back(), "reverse-hangup-call");
    auto const result = only_result();
    ASSERT_TRUE(result);
    EXPECT_EQ(text_at(*result, "disconnected_by"), "bot");
    EXPECT_TRUE(result->at("has_customer_message").as_bool());
    auto const& said = result->at("transcript").as_array();
    ASSERT_EQ(said.size(), 3U) << cxb::wire::to_text(said);
    EXPECT_EQ(text_at(said[1].as_object(), "content"), "[speech 1.2 s]");
    EXPECT_EQ(text_at(said[2].as_object(), "content"), "Goodbye.");
}

TEST_F(CoreMedia, SpeechOverTheBotClearsTheFarSide) {
    plane_.set_config({{"opening_message", long_opening}, {"opening", {{"interruptible", true}}}});
    start(1);
    fake_media_dialler line(caller_at(ws()));
    ASSERT_TRUE(line.call());
    ASSERT_TRUE(hears(line, 60));
    line.speak(loud_tone(std::chrono::milliseconds{800}));
    ASSERT_TRUE(line.until("reverse-media-stop")) << core_->log_text();
    EXPECT_EQ(line.count("reverse-media-stop"), 1U);
    line.drop();
    auto const result = only_result();
    ASSERT_TRUE(result);
    EXPECT_EQ(text_at(*result, "disconnected_by"), "customer");
    EXPECT_TRUE(has(*result, "interruption"));
    auto const& said = result->at("transcript").as_array();
    ASSERT_FALSE(said.empty());
    EXPECT_TRUE(said[0].as_object().at("interrupted").as_bool());
}

TEST_F(CoreMedia, TransfersOverTheSocket) {
    auto config = config_that(
        R"("tool":{"name":"transfer_call","arguments":{"reason":"asked","target":"sales"}})");
    config["tools"] =
        cxb::wire::parse_json(R"([{"type":"function","function":{"name":"transfer_call"}}])")
            .value();
    config["transfer_numbers"] = {{"sales", "+911140000000"}};
    plane_.set_config(config);
    start(1);
    fake_media_dialler line(caller_at(ws()));
    ASSERT_TRUE(line.call());
    ASSERT_TRUE(hears(line, opening_frames));
    say_something(line);
    auto const told = line.until("reverse-call-transfer");
    ASSERT_TRUE(told) << core_->log_text();
    EXPECT_EQ(text_at(*told, "transferTo"), "+911140000000");
    line.close(close_code::normal);
    auto const result = only_result();
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->at("was_transferred").as_bool());
    EXPECT_EQ(text_at(*result, "disconnected_by"), "bot");
    EXPECT_EQ(text_at(*result, "transfer_method"), "websocket_reverse_transfer");
}

TEST_F(CoreMedia, SilenceEndsTheCallByTheRules) {
    plane_.set_config(
        {{"opening_message", ""},
         {"re_engagement", {{"enabled", true}, {"timeout_seconds", 2}, {"max_attempts", 0}}}});
    start(1);
    fake_media_dialler line(caller_at(ws()));
    ASSERT_TRUE(line.call());
    EXPECT_EQ(line.wait_for_end().code, close_code::normal);
    EXPECT_EQ(line.events().back(), "reverse-hangup-call");
    auto const result = only_result();
    ASSERT_TRUE(result);
    EXPECT_EQ(text_at(*result, "disconnected_by"), "RNR");
}

// 10-25
TEST_F(CoreMedia, AFullHostClosesAndAttachIsRefused) {
    start(2);
    fake_media_dialler one(caller_at(ws()));
    fake_media_dialler two(caller_at(ws()));
    ASSERT_TRUE(one.connect() && two.connect());
    for (auto* const line : {&one, &two}) {
        ASSERT_TRUE(line->call());
        ASSERT_TRUE(line->until("reverse-media")) << "on different workers";
    }
    fake_media_dialler three(caller_at(ws()));
    ASSERT_TRUE(three.connect());
    auto const end = three.wait_for_end();
    EXPECT_EQ(end.code, close_code::policy);
    EXPECT_EQ(end.reason, "At capacity");
    EXPECT_EQ(attach("session-x", "polite").status, 429);
    EXPECT_EQ(plane_.config_requests(), 2);
    ASSERT_TRUE(one.until("reverse-media")) << "unharmed";
    one.drop();
    EXPECT_TRUE(eventually([&] { return plane_.results().size() == 1; }));
    EXPECT_TRUE(eventually([&] { return attach("session-x", "polite").status == 200; }));
}

// 10-29
TEST_F(CoreMedia, AnswerBeforeStartCloses1002) {
    start(1);
    fake_media_dialler line(caller_at(ws()));
    ASSERT_TRUE(line.connect());
    line.say_connected();
    line.say_answer();
    EXPECT_EQ(line.wait_for_end().code, close_code::protocol_error);
    EXPECT_TRUE(all_free());
    EXPECT_EQ(plane_.config_requests(), 0);
}

TEST_F(CoreMedia, WithoutConfigTheLineIsClosed) {
    start(1);
    plane_.refuse_config(503, R"({"detail":"outside_active_hours: opens at nine"})");
    fake_media_dialler line(caller_at(ws()));
    ASSERT_TRUE(line.call());
    EXPECT_EQ(line.wait_for_end().code, close_code::internal);
    EXPECT_TRUE(all_free());
}

TEST_F(CoreMedia, ExotelCallToResult) {
    plane_.set_config({{"opening_message", long_opening}, {"opening", {{"interruptible", true}}}});
    start(1);
    fake_media_dialler line(caller_at(ws(exotel())));
    ASSERT_TRUE(line.call());
    auto const first = line.until("media");
    ASSERT_TRUE(first) << core_->log_text();
    EXPECT_EQ(cxb::from_base64(text_at(*first, "media.payload"))->size(), 3200U);
    line.speak(loud_tone(std::chrono::milliseconds{800}));
    ASSERT_TRUE(line.until("clear"));
    line.press('5');
    line.hang_up("callended");
    EXPECT_EQ(line.wait_for_end().code, close_code::normal);
    auto const result = only_result();
    ASSERT_TRUE(result);
    EXPECT_EQ(text_at(*result, "disconnected_by"), "customer");
    EXPECT_EQ(text_at(*result, "stream_id"), "ss");
    EXPECT_EQ(text_at(*result, "caller_id"), "0987");
    EXPECT_EQ(text_at(*result, "call_direction"), "inbound");
    EXPECT_TRUE(has(*result, "dtmf"));
    EXPECT_TRUE(has(*result, "interruption"));
}

TEST_F(CoreMedia, ChecksTheTokenAtTheFront) {
    start(1, true, "simulated", {{"CXB_WS_AUTH", "token"}});
    fake_media_dialler refused(caller_at(ws()));
    EXPECT_EQ(refused.connect().error().status(), 403);
    auto const token = cxb::contract::shared_secret::websocket_token(cxb::secret("dev-secret"),
                                                                     "65f000000000000000000001");
    fake_media_dialler line(caller_at(ws() + "?t=" + token));
    ASSERT_TRUE(line.call());
    EXPECT_TRUE(line.until("reverse-media")) << "and at the worker";
    EXPECT_EQ(ask("GET", "/ws/65f000000000000000000001?t=" + token).status, 426);
    EXPECT_EQ(ask("POST", "/ws/65f000000000000000000001").status, 405);
}

// 80-3
TEST_F(CoreMedia, AKilledWorkerCostsItsCallOnly) {
    start(2);
    fake_media_dialler doomed(caller_at(ws()));
    ASSERT_TRUE(doomed.call());
    ASSERT_TRUE(doomed.until("reverse-media"));
    int const pid = worker_pid(true);
    fake_media_dialler other(caller_at(ws()));
    ASSERT_TRUE(other.call());
    ASSERT_TRUE(other.until("reverse-media"));
    ASSERT_EQ(::kill(pid, SIGKILL), 0);
    EXPECT_EQ(doomed.wait_for_end().code, close_code::internal);
    EXPECT_TRUE(other.until("reverse-media"));
    auto const result = only_result();
    ASSERT_TRUE(result);
    EXPECT_EQ(text_at(*result, "disconnected_by"), "error");
    EXPECT_EQ(text_at(*result, "call_direction"), "outbound");
}

// 10-36, 80-38
TEST_F(CoreMedia, ADrainLetsTheCallEndByItself) {
    start(1);
    fake_media_dialler line(caller_at(ws()));
    ASSERT_TRUE(line.call());
    ASSERT_TRUE(line.until("reverse-media"));
    core_->signal(SIGTERM);
    EXPECT_TRUE(eventually([&] { return attach("late", "polite").status == 429; }));
    fake_media_dialler late(caller_at(ws()));
    ASSERT_TRUE(late.connect());
    EXPECT_EQ(late.wait_for_end().code, close_code::policy);
    ASSERT_TRUE(line.until("reverse-media")) << "it goes on";
    line.hang_up();
    EXPECT_EQ(line.wait_for_end().code, close_code::normal);
    auto const result = only_result();
    ASSERT_TRUE(result);
    EXPECT_EQ(text_at(*result, "disconnected_by"), "customer");
    EXPECT_EQ(core_->wait_exit(), 0);
}

// 80-36: a host without room media serves WebSockets, but nothing here could speak to a caller.
TEST_F(CoreMedia, WithoutSpeechProviderTheCallEndsBeforeAWord) {
    start(1, true, "none");
    fake_media_dialler line(caller_at(ws()));
    ASSERT_TRUE(line.call());
    EXPECT_EQ(line.wait_for_end().code, close_code::normal);
    EXPECT_EQ(line.count("reverse-media"), 0U);
    auto const result = only_result();
    ASSERT_TRUE(result);
    EXPECT_EQ(text_at(*result, "disconnected_by"), "error");
    EXPECT_EQ(text_at(result->at("events").as_array().front().as_object(), "data.code"),
              "unsupported_provider");
}

}  // namespace
