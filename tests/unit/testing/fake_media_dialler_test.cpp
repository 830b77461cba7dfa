#include "cxb/testing/fake_media_dialler.hpp"

#include <gmock/gmock.h>

#include <mutex>

#include "cxb/contract/media_ws/audio.hpp"
#include "cxb/contract/media_ws/exotel.hpp"
#include "cxb/net/http_server.hpp"
#include "cxb/testing/fake_core.hpp"
#include "cxb/testing/matchers.hpp"
#include "tests/support/callers.hpp"

namespace {
using namespace cxb;
using namespace std::chrono_literals;
using cxb::testing::fake_core;
using cxb::testing::fake_media_dialler;
using cxb::testing::fake_media_dialler_options;
using cxb::testing::loud_tone;
using cxb::testing::media_kind;
using cxb::testing::silence;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using wire::text_at;
namespace asio = boost::asio;
namespace close_code = worker::close_code;
namespace dialler = contract::media_ws::dialler;
namespace exotel = contract::media_ws::exotel;

// Says its lines to whoever connects, and keeps what it hears until the other leaves.
class scripted_core final : public worker::http_handler {
  public:
    explicit scripted_core(std::vector<std::string> lines = {}) : lines_(std::move(lines)) {
        EXPECT_TRUE(server_.start());
        loops_.start();
    }
    ~scripted_core() override {
        loops_.run_and_wait([](net::http_server& one) -> asio::awaitable<void> {
            (void)co_await one.drain(0ms);
        }(server_));
        loops_.stop();
    }
    [[nodiscard]] std::string url() const { return "ws" + server_.url().substr(4) + "/ws/b-1"; }
    // All that came before the close frame, once the line has ended by one.
    [[nodiscard]] std::vector<std::string> heard() const {
        std::lock_guard const lock(mutex_);
        return heard_;
    }

    asio::awaitable<worker::head_verdict> accept_head(wire::http_request const&) override {
        worker::head_verdict out;
        out.socket.emplace();
        co_return out;
    }
    asio::awaitable<wire::http_response> handle(wire::http_request) override {
        co_return refusal(426);
    }
    asio::awaitable<void> serve(wire::http_request,
                                std::shared_ptr<worker::media_socket> socket) override {
        for (auto const& one : lines_)
            (void)socket->send(one);
        while (auto text = co_await socket->receive()) {
            std::lock_guard const lock(mutex_);
            heard_.push_back(*std::move(text));
        }
    }
    wire::http_response refusal(int status) override {
        wire::http_response out;
        out.status = status;
        return out;
    }

  private:
    std::vector<std::string> lines_;
    mutable std::mutex mutex_;
    std::vector<std::string> heard_;
    net::event_loops loops_{1};
    net::http_server server_{loops_, *this, {}};
};

std::string voice_of(std::string_view pcm, int chunk) {
    dialler::reverse_media_message out;
    out.chunk = chunk;
    out.payload = contract::media_ws::encode_audio(pcm);
    out.timestamp = "2026-01-02 03:04:05";
    return dialler::serialize(out);
}

std::optional<contract::call_results::call_results> only_result(fake_core& core) {
    auto const posts = [&core] { return core.plane().requests("/api/v1/call-results"); };
    EXPECT_TRUE(core.plane().wait_until([&] { return !posts().empty(); }, 20s));
    auto const all = posts();
    EXPECT_THAT(all, SizeIs(1));
    if (all.empty()) return std::nullopt;
    auto parsed = contract::call_results::parse_call_results(all.front().request.body);
    EXPECT_TRUE(parsed);
    return parsed ? std::optional(*std::move(parsed)) : std::nullopt;
}

TEST(FakeMediaDialler, CallsACoreFromHandshakeToResult) {
    fake_core core;
    ASSERT_TRUE(core.start());
    fake_media_dialler line({.url = core.socket_url("b-1"), .caller = cxb_test::dialler_caller()});
    ASSERT_TRUE(line.call());
    auto const words = loud_tone(100ms);
    line.speak(words);
    EXPECT_TRUE(line.wait_for("reverse-media", 5));
    EXPECT_EQ(line.heard_audio(), words) << "this Core plays back what it hears";
    line.hang_up("caller");
    EXPECT_EQ(line.wait_for_end().code, close_code::normal);
    EXPECT_THAT(line.faults(), IsEmpty());
    auto const told = core.plane().requests("/api/v1/config/b-1");
    ASSERT_THAT(told, SizeIs(1));
    for (auto const* const part : {"stream_id=st-1", "transport=websocket", "CUSTOMER"})
        EXPECT_THAT(told[0].request.query_text, HasSubstr(part));
    EXPECT_THAT(told[0].request.query_text, Not(HasSubstr("not-yours"))) << "flags of strangers";
    auto const result = only_result(core);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->disconnected_by, contract::call_results::disconnect_word::customer);
    EXPECT_EQ(result->stream_id, "st-1");
}

TEST(FakeMediaDialler, CallsACoreAsExotelDoes) {
    fake_core core;
    ASSERT_TRUE(core.start());
    fake_media_dialler line({.url = core.socket_url("b-1", "exotel"),
                             .kind = media_kind::exotel,
                             .caller = cxb_test::dialler_caller()});
    ASSERT_TRUE(line.call());
    line.speak(loud_tone(400ms));
    auto const first = line.until("media");
    ASSERT_TRUE(first);
    EXPECT_EQ(text_at(*first, "stream_sid"), "st-1");
    EXPECT_GE(line.heard_audio().size(), contract::media_ws::exotel_min_bytes);
    line.hang_up("callended");
    EXPECT_EQ(line.wait_for_end().code, close_code::normal);
    EXPECT_THAT(line.faults(), IsEmpty());
    auto const told = core.plane().requests("/api/v1/config/b-1");
    ASSERT_THAT(told, SizeIs(1));
    for (auto const* const part : {"transport=exotel", "st-1-call", "CUSTOMER"})
        EXPECT_THAT(told[0].request.query_text, HasSubstr(part));
    auto const result = only_result(core);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->disconnected_by, contract::call_results::disconnect_word::customer);
}

// 10-25 on a WebSocket.
TEST(FakeMediaDialler, IsToldThatACoreIsFull) {
    fake_core core;
    ASSERT_TRUE(core.start());
    fake_media_dialler running({.url = core.socket_url("b-1")});
    ASSERT_TRUE(running.call());
    running.speak(loud_tone(20ms));
    ASSERT_TRUE(running.until("reverse-media"));
    fake_media_dialler refused({.url = core.socket_url("b-1")});
    ASSERT_TRUE(refused.connect()) << "the upgrade is not what is refused";
    EXPECT_EQ(refused.wait_for_end().code, close_code::policy);
    ASSERT_TRUE(refused.end());
    EXPECT_EQ(refused.end()->reason, "At capacity");
    EXPECT_TRUE(refused.end()->by_peer);
    EXPECT_FALSE(refused.next());
    EXPECT_FALSE(refused.wait_for("reverse-media")) << "over before the patience is";
    EXPECT_FALSE(running.end());
    running.speak(loud_tone(20ms));
    EXPECT_TRUE(running.until("reverse-media")) << "unharmed";
}

// 10-29
TEST(FakeMediaDialler, MayBreakTheOrder) {
    fake_core core;
    ASSERT_TRUE(core.start());
    fake_media_dialler line({.url = core.socket_url("b-1")});
    ASSERT_TRUE(line.connect());
    line.say_connected();
    line.say_answer();
    EXPECT_EQ(line.wait_for_end().code, close_code::protocol_error);
    EXPECT_THAT(core.plane().requests("/api/v1/config"), IsEmpty());
}

TEST(FakeMediaDialler, ALineThatBreaksIsACustomerWhoLeft) {
    fake_core core;
    ASSERT_TRUE(core.start());
    fake_media_dialler line({.url = core.socket_url("b-1")});
    ASSERT_TRUE(line.call());
    line.speak(loud_tone(20ms));
    ASSERT_TRUE(line.until("reverse-media"));
    line.drop();
    EXPECT_EQ(line.wait_for_end().code, close_code::lost);
    auto const result = only_result(core);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->disconnected_by, contract::call_results::disconnect_word::customer);
}

TEST(FakeMediaDialler, SpeaksTheWordsOfADialler) {
    scripted_core core;
    fake_media_dialler line({.url = core.url(), .caller = cxb_test::dialler_caller()});
    ASSERT_TRUE(line.connect());
    ASSERT_TRUE(line.call()) << "it is open already";
    line.speak(loud_tone(40ms) + std::string(100, 'x'));
    line.press('5');
    line.say("no message");
    line.hang_up("caller");
    line.close(close_code::normal, "done");
    EXPECT_EQ(line.wait_for_end().code, close_code::normal);
    auto const said = core.heard();
    ASSERT_THAT(said, SizeIs(8)) << "no keys in this protocol";
    auto const connected = dialler::parse_inbound_message(said[0]);
    ASSERT_TRUE(connected);
    auto const& who = std::get<dialler::connected_message>(*connected);
    EXPECT_EQ(who.callerId, "+919876543210");
    EXPECT_EQ(who.did, "+9111");
    EXPECT_EQ(who.callDirection, dialler::direction::outgoing);
    EXPECT_EQ(who.streamId, "st-1");
    EXPECT_EQ(text_at(who.others.to_object(), "_campaign_session_id"), "not-yours");
    auto const started = dialler::parse_inbound_message(said[1]);
    ASSERT_TRUE(started);
    EXPECT_EQ(std::get<dialler::start_message>(*started).streamId, "st-1");
    EXPECT_TRUE(is_supported(std::get<dialler::start_message>(*started).mediaFormat));
    EXPECT_EQ(said[2], R"({"event":"answer"})");
    std::size_t const sizes[] = {320, 320, 100};
    for (std::size_t i = 0; i < 3; ++i) {
        auto const heard = dialler::parse_inbound_message(said[3 + i]);
        ASSERT_TRUE(heard);
        auto const& payload = std::get<dialler::media_message>(*heard).payload;
        EXPECT_EQ(contract::media_ws::decode_audio(payload)->size(), sizes[i]);
    }
    EXPECT_EQ(said[6], "no message");
    EXPECT_EQ(said[7], R"({"event":"hangup-call","disconnectedBy":"caller"})");
}

TEST(FakeMediaDialler, SpeaksTheWordsOfExotel) {
    scripted_core core({R"({"event":"mark","stream_sid":"st-1","mark":{"name":"m-7"}})"});
    fake_media_dialler line(
        {.url = core.url(), .kind = media_kind::exotel, .caller = cxb_test::dialler_caller()});
    ASSERT_TRUE(line.connect());
    ASSERT_TRUE(line.until("mark"));
    ASSERT_TRUE(line.call());
    line.speak(silence(40ms));
    line.press('#');
    line.hang_up("callended");
    line.close();
    EXPECT_EQ(line.wait_for_end().code, close_code::normal);
    EXPECT_THAT(line.faults(), IsEmpty());
    std::vector<exotel::inbound_message> said;
    for (auto const& text : core.heard()) {
        auto one = exotel::parse_inbound_message(text);
        ASSERT_TRUE(one) << text;
        said.push_back(*std::move(one));
    }
    ASSERT_THAT(said, SizeIs(7)) << "no answer in this protocol";
    EXPECT_EQ(std::get<exotel::mark_message>(said[0]).mark.name, "m-7");
    EXPECT_TRUE(std::holds_alternative<exotel::connected_message>(said[1]));
    auto const& started = std::get<exotel::start_message>(said[2]);
    EXPECT_EQ(exotel::stream_id(started), "st-1");
    EXPECT_EQ(started.start.call_sid, "st-1-call");
    EXPECT_EQ(started.start.from, "+919876543210");
    EXPECT_EQ(started.start.to, "+9111");
    EXPECT_EQ(started.start.media_format.sample_rate, 8000);
    EXPECT_EQ(text_at(started.start.custom_parameters.to_object(), "CUSTOMER"), "Ravi");
    auto const& second = std::get<exotel::media_message>(said[4]);
    EXPECT_EQ(second.media.chunk, 2);
    EXPECT_EQ(second.media.timestamp, 20);
    EXPECT_EQ(contract::media_ws::decode_audio(second.media.payload)->size(), 320U);
    EXPECT_EQ(std::get<exotel::dtmf_message>(said[5]).dtmf.digit, "#");
    auto const& gone = std::get<exotel::stop_message>(said[6]);
    EXPECT_EQ(gone.stop.reason, "callended");
    EXPECT_EQ(gone.sequence_number, 6) << "all but connected are numbered, from the mark on";
}

TEST(FakeMediaDialler, KeepsAllThatACoreSays) {
    auto const tone = loud_tone(20ms);
    scripted_core core({voice_of(tone, 1), R"({"event":"weather","sun":true})", voice_of(tone, 2),
                        "{", R"({"event":"reverse-media","chunk":0})", R"([1])"});
    auto const before = std::chrono::steady_clock::now();
    fake_media_dialler line({.url = core.url()});
    EXPECT_FALSE(line.next()) << "not open";
    EXPECT_FALSE(line.end());
    ASSERT_TRUE(line.connect());
    ASSERT_TRUE(line.wait_until([&] { return line.heard().size() == 6; }, 20s));
    EXPECT_THAT(line.events(),
                ElementsAre("reverse-media", "weather", "reverse-media", "", "reverse-media", ""));
    EXPECT_EQ(line.count("reverse-media"), 3U);
    EXPECT_EQ(line.voice_event(), "reverse-media");
    EXPECT_EQ(line.heard_audio(), tone + tone);
    ASSERT_THAT(line.heard("weather"), SizeIs(1));
    EXPECT_TRUE(wire::bool_at(line.heard("weather")[0].message, "sun"));
    EXPECT_GE(line.heard()[0].at, before);
    auto const faults = line.faults();
    ASSERT_THAT(faults, SizeIs(3)) << "an event that nobody knows is none";
    EXPECT_EQ(faults[0].code(), errc::malformed);
    EXPECT_THAT(faults[1], cxb::testing::HasFault("/chunk"));
    EXPECT_EQ(faults[2].code(), errc::invalid);
    // Each message is taken once, those before the wanted one with it.
    EXPECT_EQ(line.next()->at("chunk").as_int64(), 1);
    EXPECT_EQ(line.until("reverse-media")->at("chunk").as_int64(), 2);
    EXPECT_EQ(line.heard().size(), 6U) << "which moves nothing";
    line.close();
    EXPECT_EQ(line.wait_for_end().code, close_code::normal);
    EXPECT_FALSE(line.until("weather")) << "passed over";
}

TEST(FakeMediaDialler, SpeaksAtThePaceOfATelephoneOrAtOnce) {
    scripted_core core;
    fake_media_dialler line({.url = core.url()});
    ASSERT_TRUE(line.connect());
    auto const before = std::chrono::steady_clock::now();
    line.speak(silence(100ms), contract::media_ws::frame_time);
    EXPECT_GE(std::chrono::steady_clock::now() - before, 100ms);
    auto const then = std::chrono::steady_clock::now();
    line.speak(silence(30s));
    EXPECT_LT(std::chrono::steady_clock::now() - then, 15s);
    line.close();
    EXPECT_EQ(line.wait_for_end().code, close_code::normal) << "700 KB at once are not too much";
    EXPECT_THAT(core.heard(), SizeIs(5 + 1500));
    auto const late = std::chrono::steady_clock::now();
    line.speak(silence(60s), contract::media_ws::frame_time);
    EXPECT_LT(std::chrono::steady_clock::now() - late, 30s) << "nobody listens any more";
}

TEST(FakeMediaDialler, WaitsNoLongerThanItsPatience) {
    scripted_core core;
    fake_media_dialler line({.url = core.url(), .patience = 20ms});
    ASSERT_TRUE(line.connect());
    EXPECT_FALSE(line.next());
    EXPECT_FALSE(line.until("reverse-media"));
    EXPECT_FALSE(line.wait_for("reverse-media"));
    EXPECT_EQ(line.wait_for_end().code, 0);
    EXPECT_FALSE(line.wait_until([] { return false; }, 10ms));
}

TEST(FakeMediaDialler, SaysWhyThereIsNoLine) {
    cxb::testing::fake_control_plane plane;
    ASSERT_TRUE(plane.start());
    auto const url = "ws" + plane.url().substr(4) + "/nowhere";
    fake_media_dialler line({.url = url});
    auto const refused = line.connect();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::not_found);
    EXPECT_EQ(refused.error().status(), 404);
    EXPECT_FALSE(line.end());
    EXPECT_EQ(line.wait_for_end().code, 0) << "at once: there is nothing to wait for";
    plane.stop();
    EXPECT_EQ(line.call().error().code(), errc::unavailable) << "it may be tried again";
    fake_media_dialler nameless({.url = "nonsense"});
    EXPECT_EQ(nameless.connect().error().code(), errc::invalid);
}

TEST(MediaSounds, AreWholeSamples) {
    EXPECT_EQ(loud_tone(20ms).size(), contract::media_ws::frame_bytes);
    EXPECT_EQ(silence(1s), std::string(16000, '\0'));
    EXPECT_EQ(loud_tone(20ms).substr(0, 2), std::string("\x00\x30", 2));
    EXPECT_EQ(loud_tone(20ms).substr(20, 2), std::string("\x00\xd0", 2));
    EXPECT_EQ(loud_tone(0ms), "");
}

}  // namespace
