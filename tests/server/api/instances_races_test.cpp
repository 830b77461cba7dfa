// What two processes do in the same moment, or one right after the other: the store decides, not
// what each of them happens to know.
#include <array>
#include <thread>

#include "server/api/instances_fixture.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

class RacesOfInstances : public Instances {
  protected:
    client::outgoing_request core_post(instance& at, std::string const& path,
                                       json_object const& body) {
        client::outgoing_request request{at.url() + path, {}};
        request.message.method = "POST";
        request.message.headers = {{"X-CXB-Core-Secret", "dev-secret"},
                                   {"Content-Type", "application/json"}};
        request.message.body = wire::to_text(body);
        return request;
    }
    // With a key, since these tests ask more often than a person may.
    json_object call(std::string const& session) {
        if (key_.empty())
            key_ = a.make_key({{"scopes", {"calls:read"}}, {"rate_limit_per_second", 200}});
        answer got;
        EXPECT_TRUE(eventually([&] {
            got = a.send("GET", "/api/v1/calls/" + session, nullptr, {{"X-API-Key", key_}});
            return got.status != 429;
        }));
        EXPECT_EQ(got.status, 200) << got.body;
        return got.json.is_object() ? got.json.as_object() : json_object{};
    }
    bool delivered(std::string const& session) {
        return eventually(
            [&] { return wire::text_at(call(session), "push_state") == "delivered"; });
    }

    // As callers do: what the store could not take in time is sent again.
    std::vector<answer> insist(std::size_t count,
                               std::function<client::outgoing_request(std::size_t)> const& make) {
        auto got = a.at_once(count, make);
        for (std::size_t i = 0; i < count; ++i)
            EXPECT_TRUE(eventually([&] {
                if (got[i].status == 503)
                    got[i] = a.at_once(1, [&](std::size_t) { return make(i); }).front();
                return got[i].status != 503;
            }));
        return got;
    }

    std::string key_;
};

// 21-7 over two processes: neither sees what the other is about to write.
TEST_F(RacesOfInstances, ACdrAndItsCallFindEachOther) {
    ASSERT_NO_FATAL_FAILURE(start_alone());
    auto const bot = a.make_bot();
    ASSERT_TRUE(eventually([&] { return b.config(bot).status == 200; }));
    constexpr std::size_t streams = 60;
    for (int round = 0; round < 4; ++round) {
        std::string const prefix = "race-" + std::to_string(round) + "-";
        auto const got = insist(2 * streams, [&](std::size_t i) {
            auto const stream = prefix + std::to_string(i / 2);
            if (i % 2 == 1)
                return core_post(b, "/api/v1/cdr", {{"streamId", stream}, {"talktime", 7}});
            // With a fetch_id a second try finds the call of the first.
            auto const id =
                "019436f2-7c1e-7a52-9b1d-" + std::to_string(100'000'000'000 + round * 1000 + i);
            return core_post(a, "/api/v1/config/" + bot, {{"stream_id", stream}, {"fetch_id", id}});
        });
        for (std::size_t i = 0; i < got.size(); i += 2) {
            ASSERT_EQ(got[i].status, 200) << got[i].body;
            ASSERT_EQ(got[i + 1].status, 200) << got[i + 1].body;
            EXPECT_TRUE(call(got[i].text("session_id")).contains("cdr_talktime")) << i;
        }
    }
}

// The same with a result that brings the stream.
TEST_F(RacesOfInstances, ACdrAndItsResultFindEachOther) {
    ASSERT_NO_FATAL_FAILURE(start_alone());
    constexpr std::size_t streams = 60;
    for (int round = 0; round < 4; ++round) {
        std::string const prefix = "o-" + std::to_string(round) + "-";
        auto const got = insist(2 * streams, [&](std::size_t i) {
            auto const stream = prefix + std::to_string(i / 2);
            if (i % 2 == 1)
                return core_post(b, "/api/v1/cdr", {{"streamId", stream}, {"talktime", 7}});
            return core_post(
                a, "/api/v1/call-results",
                {{"session_id", stream}, {"stream_id", stream}, {"disconnected_by", "customer"}});
        });
        for (std::size_t i = 0; i < got.size(); i += 2) {
            ASSERT_EQ(got[i].status, 200) << got[i].body;
            auto const stored = call(prefix + std::to_string(i / 2));
            EXPECT_TRUE(stored.contains("cdr_talktime")) << i;
        }
    }
}

// 21-21 over two processes: links with a call's token are given away at once, so it has one.
TEST_F(RacesOfInstances, ARecordingAndItsResultAgreeOnOneToken) {
    ASSERT_NO_FATAL_FAILURE(start_alone());
    peer crm([](wire::http_request const&, int) { return json_reply(200, "{}"); });
    auto const bot = a.make_bot(
        {{"post_call_push",
          {{"url", crm.url() + "/calls"},
           {"key_mapper", {{"id", "{{result.call_id}}"}, {"link", "{{result.recording_url}}"}}}}}});
    constexpr std::size_t calls = 40;
    std::vector<answer> served;
    for (std::size_t i = 0; i < calls; ++i)
        served.push_back(a.config(bot));
    auto const got = a.at_once(2 * calls, [&](std::size_t i) {
        auto const& config = served[i / 2];
        if (i % 2 == 1)
            return core_post(b, "/api/v1/call-results",
                             {{"session_id", config.text("session_id")},
                              {"recording_key", config.text("recording.key")},
                              {"disconnected_by", "customer"}});
        client::outgoing_request request{config.text("recording.storage.upload_url"), {}};
        request.message.method = "PUT";
        request.message.headers = {{"Content-Type", "audio/wav"}};
        request.message.body = "RIFF";
        return request;
    });
    for (std::size_t i = 0; i < got.size(); ++i)
        EXPECT_EQ(got[i].status, i % 2 == 0 ? 201 : 200) << got[i].body;
    for (auto const& config : served)
        ASSERT_TRUE(delivered(config.text("session_id")));
    for (auto const& push : crm.requests()) {
        auto const told = wire::parse_json(push.body).value().as_object();
        auto const stored = call(std::string(wire::text_at(told, "id")));
        auto const link = wire::text_at(stored, "public_recording_url");
        auto const token = [](std::string_view url) { return url.substr(url.rfind('/') + 1); };
        EXPECT_EQ(token(wire::text_at(told, "link")), token(link));
    }
}

// C§5 "additive": what an earlier CDR said stays, whether or not the call is there yet.
TEST_F(RacesOfInstances, SeveralCdrsAddUpBeforeTheCallAsAfterIt) {
    ASSERT_NO_FATAL_FAILURE(start_alone());
    auto const bot = a.make_bot();
    auto const cdrs = [&](std::string const& stream) {
        a.core("POST", "/api/v1/cdr", json_object{{"streamId", stream}, {"talktime", 7}});
        b.core("POST", "/api/v1/cdr", json_object{{"streamId", stream}, {"call_status", "BUSY"}});
    };
    cdrs("early");
    auto const early = a.config(bot, "stream_id=early").text("session_id");
    auto const late = a.config(bot, "stream_id=late").text("session_id");
    cdrs("late");
    for (auto const& session : {early, late}) {
        auto const stored = call(session);
        EXPECT_EQ(wire::int_at(stored, "cdr_talktime"), 7) << session;
        EXPECT_EQ(wire::text_at(stored, "cdr_call_status"), "BUSY") << session;
    }
}

// A process that was held up, or heard no news, asks the store before it says that a bot is not
// there: its no would be final for the caller.
TEST_F(RacesOfInstances, ABotThatThisOneHasNotSeenIsServed) {
    ASSERT_NO_FATAL_FAILURE(start_alone());
    for (int i = 0; i < 5; ++i) {
        auto const bot = a.make_bot();
        EXPECT_EQ(b.config(bot).status, 200);
    }
    EXPECT_EQ(b.config("65f0000000000000000000ff").status, 404);
    EXPECT_EQ(b.config("nobody").status, 404);
    auto const bot = a.make_bot();
    auto const key = a.make_key({{"rate_limit_per_second", 200}});
    auto const dialled =
        b.send("POST", "/api/v1/sip/dialout", json_object{{"bot_id", bot}, {"to_number", "1001"}},
               {{"X-API-Key", key}});
    EXPECT_EQ(dialled.status, 503) << "there is no host, but there is a bot: " << dialled.body;
}

// The push that a result causes must not depend on when its receiver read the bots.
TEST_F(RacesOfInstances, APushIsOwedForABotThatThisOneHasNotSeen) {
    a.settings.jobs.workers = 0;  // the other carries it out
    ASSERT_NO_FATAL_FAILURE(start_alone());
    peer crm([](wire::http_request const&, int) { return json_reply(200, "{}"); });
    json_object const push{{"post_call_push", {{"url", crm.url() + "/calls"}}}};
    for (auto* receiver : {&a, &b}) {
        auto const bot = a.make_bot(push);
        auto const session = a.config(bot).text("session_id");
        ASSERT_EQ(receiver->post_result({{"session_id", session}, {"disconnected_by", "customer"}})
                      .status,
                  200);
        EXPECT_TRUE(delivered(session)) << wire::text_at(call(session), "push_state");
    }
    // The bot is known, but not that it has a push since.
    auto const bot = a.make_bot();
    ASSERT_EQ(b.config(bot).status, 200);
    ASSERT_EQ(a.admin("PUT", "/api/v1/bots/" + bot, push).status, 200);
    auto const session = a.config(bot).text("session_id");
    ASSERT_EQ(b.post_result({{"session_id", session}, {"disconnected_by", "customer"}}).status,
              200);
    EXPECT_TRUE(delivered(session)) << wire::text_at(call(session), "push_state");
    EXPECT_EQ(crm.count(), 3U);
}

// One document that cannot be read must not keep the others from being followed.
TEST_F(RacesOfInstances, BotsAreFollowedWhateverStandsInTheSettings) {
    ASSERT_NO_FATAL_FAILURE(start_alone());
    auto const bot = a.make_bot();
    ASSERT_EQ(b.config(bot).status, 200);
    auto const broken =
        cxb::test::run_sqlite(a.settings.data_dir + "/cxb.db",
                              "update system_settings set doc = "
                              "json_set(doc, '$.display_timezone', 'Nowhere/At_all')");
    ASSERT_EQ(broken.errors, "");
    EXPECT_TRUE(follows(a, b, bot, "still followed", 8s));
}

// Spec 20 §1 "Start": whoever comes first, all find what they need.
TEST(StartsOfInstances, SeveralAtOnceOnAnEmptyStore) {
    constexpr std::size_t count = 4;
    std::array<instance, count> all;
    std::vector<std::unique_ptr<api_app>> apps;
    for (auto& each : all) {
        each.settings.store.url = all[0].settings.store.url;
        each.settings.store.db = all[0].settings.store.db;
        each.settings.jwt.current = secret("0123456789abcdef0123456789abcdef");
        apps.push_back(std::make_unique<api_app>(each.settings, each.surroundings));
    }
    {
        std::vector<std::jthread> starts;
        for (auto& app : apps)
            starts.emplace_back([&app] {
                auto const started = app->start();
                EXPECT_TRUE(started) << started.error().to_log_text();
            });
    }
    for (auto& app : apps) {
        auto const login =
            all[0].post_to(app->url(), "/api/v1/auth/login",
                           json_object{{"email", admin_email}, {"password", admin_password}});
        EXPECT_EQ(login.status, 200) << login.body;
    }
    for (auto& app : apps)
        app->stop();
}

}  // namespace
}  // namespace cxb::api::test
