// One slow host costs its own pushes their time, nobody else's (spec 21 §3.3).
#include "server/api/push/host_gate.hpp"
#include "server/api/webhooks_fixture.hpp"
#include "support/stuck_host.hpp"

namespace cxb::api::test {
namespace {

// More than a process runs jobs at once.
constexpr std::size_t many = 100;

struct PushHosts : WebhookFixture {
    cxb::test::stuck_host stuck;

    void TearDown() override { stop(); }  // before clock and hosts go
    std::string bot_pushing_to(std::string const& base, json_object more = {}) {
        more["url"] = base + "/calls";
        more["timeout_seconds"] = 30;
        return make_bot({{"post_call_push", std::move(more)}});
    }
    // So many finished calls, all at once.
    void finish_calls(std::string const& bot, std::size_t count) {
        auto const got = at_once(count, [&](std::size_t i) {
            client::outgoing_request request{url() + "/api/v1/call-results", {}};
            request.message.method = "POST";
            request.message.headers = {{"X-CXB-Core-Secret", "dev-secret"},
                                       {"Content-Type", "application/json"}};
            request.message.body =
                wire::to_text(json_object{{"session_id", bot + "-" + std::to_string(i)},
                                          {"bot_id", bot},
                                          {"disconnected_by", "customer"}});
            return request;
        });
        for (auto const& one : got)
            EXPECT_EQ(one.status, 200) << one.body;
    }
    bool rows_become(std::string const& sql, std::string const& wanted) const {
        return eventually([&] { return rows(sql) == wanted; });
    }
    static std::string pushes_of(std::string const& bot) {
        return " from jobs where json_extract(doc,'$.bot_id')='" + bot + "'";
    }
    // All but those that have a place were sent back, without losing an attempt.
    bool only_eight_wait_at_the_host(std::string const& bot) {
        auto const places = std::to_string(host_gate::max_in_flight);
        return rows_become(
            "select json_extract(doc,'$.state'), json_extract(doc,'$.attempts'), "
            "count(*)" +
                pushes_of(bot) + " group by 1,2 order by 1",
            "queued|0|" + std::to_string(many - host_gate::max_in_flight) + "\nrunning|1|" +
                places + "\n");
    }
    // At the same host, where that one is not the one that hangs.
    void expect_others_are_served() {
        finished_call(bot_pushing_to(receiver.url()));
        EXPECT_TRUE(eventually([&] { return receiver.count() == 1; }));
    }
};

TEST_F(PushHosts, OneThatHangsTakesEightPlaces) {
    auto const bot = bot_pushing_to(stuck.url());
    finish_calls(bot, many);
    EXPECT_TRUE(only_eight_wait_at_the_host(bot)) << rows("select doc" + pushes_of(bot));
    EXPECT_EQ(stuck.dials(), host_gate::max_in_flight);
    expect_others_are_served();
}

TEST_F(PushHosts, ATokenServerThatHangsTakesNoMore) {
    auto const bot = bot_pushing_to(receiver.url(), {{"auth",
                                                      {{"type", "oauth2_client_credentials"},
                                                       {"token_url", stuck.url() + "/token"},
                                                       {"client_id", "cxb"},
                                                       {"client_secret", "hush"}}}});
    finish_calls(bot, many);
    EXPECT_TRUE(only_eight_wait_at_the_host(bot)) << rows("select doc" + pushes_of(bot));
    EXPECT_EQ(stuck.dials(), 1) << "all wait for the one token";
    expect_others_are_served();
}

TEST_F(PushHosts, APausedOneKeepsItsJobsWithoutAnAttempt) {
    std::string const gone =
        peer([](wire::http_request const&, int) { return json_reply(200, "{}"); }).url();
    auto const bot = bot_pushing_to(gone);
    // One after the other: who found no place would wait for the clock.
    for (int i = 1; i <= host_gate::failures_to_pause; ++i) {
        finished_call(bot);
        ASSERT_TRUE(rows_become("select count(*)" + pushes_of(bot) +
                                    " and json_extract(doc,'$.attempts')=1 and "
                                    "json_extract(doc,'$.state')='queued'",
                                std::to_string(i) + "\n"));
    }
    auto const until = format_timestamp(clock.now() + host_gate::pause);
    auto const late = finished_call(bot);
    EXPECT_TRUE(
        rows_become("select json_extract(doc,'$.state'), json_extract(doc,'$.attempts'), "
                    "json_extract(doc,'$.run_at') from jobs where "
                    "json_extract(doc,'$.session_id')='" +
                        late + "' and json_extract(doc,'$.fence')=1",
                    "queued|0|" + until + "\n"));
    expect_others_are_served();
}

}  // namespace
}  // namespace cxb::api::test
