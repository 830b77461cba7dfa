// CDRs that wait for their call, and those of a stream with several calls (spec 21 §1.4, 10 §5).
#include "cxb/testing/fake_clock.hpp"
#include "server/api/api_fixture.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

struct Cdrs : api_test {
    testing::fake_clock clock{std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};
    std::string bot;

    void SetUp() override {
        surroundings.time = &clock;
        start();
        bot = make_bot();
    }
    void TearDown() override { stop(); }

    std::string cdr(json_object body) {
        auto const got = core("POST", "/api/v1/cdr", body);
        EXPECT_EQ(got.status, 200) << got.body;
        return got.text("status");
    }
    json_object call(std::string const& session) {
        return admin("GET", "/api/v1/calls/" + session).json.as_object();
    }
    json_object call_with(std::string const& stream) {
        return call(config(bot, "stream_id=" + stream).text("session_id"));
    }
};

TEST_F(Cdrs, AreKeptForADay) {
    EXPECT_EQ(cdr({{"streamId", "st-1"}, {"talktime", 92}}), "not_found");
    EXPECT_EQ(cdr({{"streamId", "st-2"}, {"talktime", 92}}), "not_found");
    clock.advance(24h - 1ms);
    forget_token();
    EXPECT_EQ(wire::int_at(call_with("st-1"), "cdr_talktime"), 92);
    clock.advance(1ms);
    EXPECT_FALSE(call_with("st-2").contains("cdr_talktime"));
}

TEST_F(Cdrs, AnOldOneThatNobodyMetLeavesNothingToTheNext) {
    EXPECT_EQ(cdr({{"streamId", "st-1"}, {"call_status", "BUSY"}}), "not_found");
    clock.advance(24h);
    forget_token();
    EXPECT_EQ(cdr({{"streamId", "st-1"}, {"talktime", 7}}), "not_found");
    auto const met = call_with("st-1");
    EXPECT_EQ(wire::int_at(met, "cdr_talktime"), 7);
    EXPECT_FALSE(met.contains("cdr_call_status"));
}

TEST_F(Cdrs, SeveralOfOneStreamAddUpBeforeAndAfter) {
    EXPECT_EQ(cdr({{"streamId", "st-1"}, {"talktime", 7}, {"call_status", "BUSY"}}), "not_found");
    EXPECT_EQ(cdr({{"stream_id", "st-1"}, {"call_status", "ANSWERED"}}), "not_found");
    auto const session = std::string(wire::text_at(call_with("st-1"), "session_id"));
    auto const expect = [&](int talktime, std::string const& status, std::string const& url) {
        auto const shown = call(session);
        EXPECT_EQ(wire::int_at(shown, "cdr_talktime"), talktime);
        EXPECT_EQ(wire::text_at(shown, "cdr_call_status"), status);
        EXPECT_EQ(wire::text_at(shown, "cdr_recording_url"), url);
    };
    expect(7, "ANSWERED", "");
    EXPECT_EQ(cdr({{"streamId", "st-1"}, {"recording_filename", "https://d.example/1.wav"}}), "ok");
    expect(7, "ANSWERED", "https://d.example/1.wav");
    EXPECT_EQ(cdr({{"streamId", "st-1"}, {"talktime", 8}}), "ok");
    expect(8, "ANSWERED", "https://d.example/1.wav");
    EXPECT_EQ(wire::to_text(call(session).at("cdr").as_object()),
              R"({"streamId":"st-1","talktime":8})")
        << "the body is that of the last one";
    EXPECT_EQ(
        cxb::test::run_sqlite(settings.data_dir + "/cxb.db", "select count(*) from cdr_pending")
            .output,
        "0\n");
}

TEST_F(Cdrs, AStreamMayBeANumberOrItsDigits) {
    EXPECT_EQ(cdr({{"streamId", 881}, {"talktime", 1}}), "not_found");
    EXPECT_EQ(wire::int_at(call_with("881"), "cdr_talktime"), 1);
    EXPECT_EQ(cdr({{"stream_id", "881"}, {"talktime", 2}}), "ok");
    for (json_object const& nothing : {json_object{{"streamId", ""}}, json_object{}})
        EXPECT_EQ(cdr(nothing), "ignored");
}

TEST_F(Cdrs, TheNewestCallOfAStreamGetsIt) {
    auto const older = std::string(wire::text_at(call_with("st-1"), "session_id"));
    clock.advance(1s);
    auto const newer = std::string(wire::text_at(call_with("st-1"), "session_id"));
    ASSERT_NE(older, newer);
    EXPECT_EQ(cdr({{"streamId", "st-1"}, {"talktime", 3}}), "ok");
    EXPECT_FALSE(call(older).contains("cdr"));
    EXPECT_EQ(wire::int_at(call(newer), "cdr_talktime"), 3);
}

}  // namespace
}  // namespace cxb::api::test
