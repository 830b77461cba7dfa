// Pushes that do not go smoothly, and what people do about them.
#include "cxb/base/encoding.hpp"
#include "server/api/api_fixture.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::api::test {
namespace {

// A CRM that takes every record, but answers only when it may.
struct slow_crm {
    std::atomic<bool> may_end{false};
    peer crm{[this](wire::http_request const&, int) {
        EXPECT_TRUE(eventually([&] { return may_end.load(); }));
        return json_reply(200, "{}");
    }};
    bool is_asked() {
        return eventually([&] { return crm.count() == 1; });
    }
};

struct PushFaults : api_test {
    std::string finished_call(std::string const& bot, json_object variables = {},
                              json_object result = {}) {
        auto const got = core("POST", "/api/v1/config/" + bot,
                              json_object{{"connected_event", std::move(variables)}});
        EXPECT_EQ(got.status, 200) << got.body;
        result["session_id"] = got.text("session_id");
        result["disconnected_by"] = "customer";
        EXPECT_EQ(post_result(result).status, 200);
        return got.text("session_id");
    }
    std::string push_state(std::string const& session) {
        return admin("GET", "/api/v1/calls/" + session).text("push_state");
    }
    bool reaches(std::string const& session, std::string const& state) {
        return eventually([&] { return push_state(session) == state; });
    }
    wire::json_array pushes(std::string const& session) {
        return admin("GET", "/api/v1/calls/" + session + "/pushes").json.as_array();
    }
    // A first attempt was made and the next one is half a minute away.
    bool waits(std::string const& session) {
        return eventually([&] {
            auto const jobs = pushes(session);
            return !jobs.empty() && jobs[0].at("state").as_string() == "queued" &&
                   jobs[0].at("attempts").to_number<int>() == 1;
        });
    }
    // A call whose push the CRM has refused for good.
    std::string pushed_in_vain(peer& crm) {
        auto const session =
            finished_call(make_bot({{"post_call_push", {{"url", crm.url() + "/calls"}}}}));
        EXPECT_TRUE(reaches(session, "dead"));
        return session;
    }
    answer replay(std::string const& session, char const* mode = "rebuild") {
        return admin("POST", "/api/v1/calls/" + session + "/push",
                     json_object{{"mode", mode}, {"reason", "CRM was down"}});
    }
    std::string sql(std::string const& statement) {
        auto const got = cxb::test::run_sqlite(settings.data_dir + "/cxb.db", statement);
        EXPECT_EQ(got.errors, "");
        return got.output;
    }
};

// Credentials are templates of the call and are added at each try, not frozen with the rest.
TEST_F(PushFaults, CredentialsAreRenderedForEveryAttempt) {
    start();
    peer crm([](wire::http_request const&, int number) {
        return json_reply(number < 3 ? 503 : 200, "{}");
    });
    std::string const bot =
        make_bot({{"post_call_push",
                   {{"url", crm.url() + "/calls"},
                    {"auth", {{"type", "bearer"}, {"token", "{{crm.tenant}}-key"}}}}}});
    ASSERT_TRUE(reaches(finished_call(bot, {{"tenant", "t1"}}), "delivered"));
    ASSERT_EQ(crm.count(), 3U);
    for (auto const& one : crm.requests())
        EXPECT_EQ(one.headers.get("Authorization"), "Bearer t1-key");
}

// The body is not wanted, but the status of an answer counts however long it is.
TEST_F(PushFaults, ALongErrorPageIsNoDelivery) {
    start();
    std::string const page(200 * limits::kib, 'x');
    peer crm([&](wire::http_request const& request, int number) {
        if (request.path == "/gone") return json_reply(410, page);
        return json_reply(number == 1 ? 500 : 200, page);
    });
    std::string const bot = make_bot({{"post_call_push", {{"url", crm.url() + "/calls"}}}});
    ASSERT_TRUE(reaches(finished_call(bot), "delivered"));
    EXPECT_EQ(crm.count(), 2U);
    std::string const gone = make_bot({{"post_call_push", {{"url", crm.url() + "/gone"}}}});
    ASSERT_TRUE(reaches(finished_call(gone), "dead"));
    auto const shown = admin("GET", "/api/v1/bots/" + gone);
    EXPECT_EQ(shown.json.at("post_call_push").at("enabled").as_bool(), false);
}

TEST_F(PushFaults, OnlyOneReplayAtATime) {  // 21-15
    settings.push_wait_scale = 1;
    start();
    std::atomic<int> status{400};
    peer crm([&](wire::http_request const&, int) { return json_reply(status, "{}"); });
    std::string const session = pushed_in_vain(crm);
    status = 503;
    std::string const body = wire::to_text(json_object{{"mode", "rebuild"}});
    std::string const bearer = "Bearer " + token();
    auto const got = at_once(4, [&](std::size_t) {
        client::outgoing_request request{url() + "/api/v1/calls/" + session + "/push", {}, {}};
        request.message.method = "POST";
        request.message.headers = {{"Authorization", bearer}, {"Content-Type", "application/json"}};
        request.message.body = body;
        return request;
    });
    int accepted = 0;
    for (auto const& one : got) {
        accepted += one.status == 202 ? 1 : 0;
        if (one.status == 202) continue;
        EXPECT_EQ(one.status, 409) << one.body;
        EXPECT_EQ(one.text("code"), "push_in_progress");
    }
    EXPECT_EQ(accepted, 1);
    ASSERT_TRUE(waits(session));
    EXPECT_EQ(replay(session, "same").text("code"), "push_in_progress");
}

// What cannot be sent is not tried: over 8 MiB once it is rendered.
TEST_F(PushFaults, ABodyThatIsTooLongIsDeadAtOnce) {
    peer crm([](wire::http_request const&, int) { return json_reply(200, "{}"); });
    start();
    char const* all = "{{result.transcript}}";
    auto const bot = make_bot(
        {{"post_call_push",
          {{"url", crm.url() + "/calls"}, {"key_mapper", {{"a", all}, {"b", all}, {"c", all}}}}}});
    wire::json_array words;
    for (int i = 0; i < 200; ++i)
        words.push_back(json_object{{"role", "user"}, {"content", std::string(16'000, 'w')}});
    auto const session = finished_call(bot, {}, {{"transcript", std::move(words)}});
    ASSERT_TRUE(reaches(session, "dead"));
    auto const job = pushes(session).at(0).as_object();
    EXPECT_EQ(wire::text_at(job, "last_error"), "too_large");
    EXPECT_EQ(wire::int_at(job, "attempts"), 1);
    EXPECT_FALSE(job.contains("frozen_request"));
    EXPECT_EQ(crm.connections(), 0U);
}

// A GET carries its fields in the query, behind what its URL has already.
TEST_F(PushFaults, AGetCarriesItsFieldsInTheQuery) {
    peer crm([](wire::http_request const&, int) { return json_reply(200, "{}"); });
    start();
    auto const bot = make_bot({{"post_call_push",
                                {{"url", crm.url() + "/calls?src=bot"},
                                 {"method", "GET"},
                                 {"key_mapper",
                                  {{"how", "{{result.status}}"},
                                   {"note", "a&b=c {{call.name}}"},
                                   {"list", {"{{result.disposition}}", 2}}}}}}});
    auto const session = finished_call(bot, {{"name", "Ravi \xE0\xA4\x9C\xE0\xA5\x80"}});
    ASSERT_TRUE(reaches(session, "delivered"));
    auto const sent = crm.requests().at(0);
    EXPECT_EQ(sent.method, "GET");
    EXPECT_EQ(sent.body, "");
    EXPECT_FALSE(sent.headers.has("Content-Type"));
    EXPECT_EQ(sent.query_text,
              "src=bot&how=completed&note=a%26b%3Dc%20Ravi%20%E0%A4%9C%E0%A5%80&"
              "list=%5B%22Connected%22%2C2%5D");
}

TEST_F(PushFaults, AReplayThatIsAskedForWronglyIsNamed) {
    peer crm([](wire::http_request const&, int) { return json_reply(400, "{}"); });
    start();
    auto const session = pushed_in_vain(crm);
    auto const refused = [&](json_object body, std::string const& pointer) {
        auto const got = admin("POST", "/api/v1/calls/" + session + "/push", body);
        EXPECT_EQ(got.status, 422) << got.body;
        EXPECT_EQ(got.json.at("errors").at(0).at("pointer").as_string(), pointer) << got.body;
    };
    refused({{"mode", "again"}}, "/mode");
    refused({{"mode", 1}}, "/mode");
    refused({{"reason", std::string(501, 'x')}}, "/reason");
    refused({{"reason", 1}}, "/reason");
    EXPECT_EQ(pushes(session).size(), 1U);
    EXPECT_EQ(crm.count(), 1U);
    EXPECT_EQ(admin("POST", "/api/v1/calls/" + session + "/push",
                    json_object{{"mode", "same"}, {"reason", std::string(500, 'x')}})
                  .status,
              202);
}

TEST_F(PushFaults, RebuildsAreCountedOnAfterTheClean_up) {
    start();
    peer crm([&](wire::http_request const&, int) { return json_reply(400, "{}"); });
    std::string const bot = make_bot({{"post_call_push", {{"url", crm.url() + "/calls"}}}});
    std::string const session = finished_call(bot);
    for (std::size_t i = 1; i <= 3; ++i) {
        ASSERT_TRUE(eventually([&] { return crm.count() == i && push_state(session) == "dead"; }));
        if (i == 3) sql("delete from jobs where json_extract(doc,'$.key') like '%:r1'");
        EXPECT_EQ(replay(session).status, 202);
    }
    ASSERT_TRUE(eventually([&] { return crm.count() == 4 && push_state(session) == "dead"; }));
    EXPECT_EQ(sql("select json_extract(doc,'$.changes[1].new') from audit_log where "
                  "json_extract(doc,'$.action')='call.push_replay' limit 1"),
              "CRM was down\n");
}

// A job that was changed by hand says so on its call.
TEST_F(PushFaults, RetryAndCancelShowOnTheCall) {
    settings.push_wait_scale = 1;
    start();
    std::atomic<int> status{400};
    peer crm([&](wire::http_request const&, int) { return json_reply(status, "{}"); });
    std::string const session = pushed_in_vain(crm);
    status = 503;
    std::string const job(pushes(session)[0].at("id").as_string());
    EXPECT_EQ(admin("POST", "/api/v1/ops/jobs/" + job + "/retry").status, 200);
    EXPECT_EQ(push_state(session), "queued");
    ASSERT_TRUE(waits(session));
    auto const again = admin("POST", "/api/v1/ops/jobs/" + job + "/retry");
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(again.text("detail"), "Only a dead job can be retried");
    EXPECT_EQ(admin("POST", "/api/v1/ops/jobs/" + job + "/cancel").status, 200);
    EXPECT_EQ(push_state(session), "skipped");
    EXPECT_EQ(admin("POST", "/api/v1/ops/jobs/" + job + "/cancel").status, 409);
    // A cancelled one still has its frozen bytes.
    status = 200;
    EXPECT_EQ(replay(session, "same").status, 202);
    EXPECT_TRUE(reaches(session, "delivered"));
}

// What an older push came to says nothing about the newest one, whichever ends first.
TEST_F(PushFaults, AnOlderPushThatEndsLateLeavesTheStateOfTheNewest) {
    settings.push_wait_scale = 1;
    start();
    slow_crm slow;
    peer strict([](wire::http_request const&, int) { return json_reply(400, "{}"); });
    auto const pushed_to = [](peer const& crm) {
        return json_object{
            {"post_call_push", {{"url", crm.url() + "/calls"}, {"send_updates", true}}}};
    };
    std::string const bot = make_bot(pushed_to(slow.crm));
    auto const session = finished_call(bot, {}, {{"post_call_analysis", {{"DISPOSITION", "old"}}}});
    ASSERT_TRUE(slow.is_asked());
    ASSERT_EQ(admin("PUT", "/api/v1/bots/" + bot, pushed_to(strict)).status, 200);
    json_object newer{{"session_id", session},
                      {"disconnected_by", "customer"},
                      {"post_call_analysis", {{"DISPOSITION", "new"}}}};
    EXPECT_EQ(post_result(newer).text("result"), "updated");
    ASSERT_TRUE(reaches(session, "dead"));
    slow.may_end = true;
    ASSERT_TRUE(eventually([&] {
        return std::ranges::any_of(pushes(session), [](json_value const& job) {
            return job.at("state").as_string() == "done";
        });
    }));
    EXPECT_EQ(push_state(session), "dead");
    // Both attempts are told with the call all the same.
    auto const call = admin("GET", "/api/v1/calls/" + session);
    EXPECT_EQ(call.json.at("integration_log").as_array().size(), 2U);
}

// Calls stored before they knew their newest push are told all the same, by push and by person.
TEST_F(PushFaults, CallsThatDoNotNameTheirPushAreToldToo) {
    settings.push_wait_scale = 1;
    start();
    slow_crm slow;
    peer down([](wire::http_request const&, int) { return json_reply(503, "{}"); });
    auto const pushed_to = [&](peer const& crm) {
        return finished_call(make_bot({{"post_call_push", {{"url", crm.url() + "/calls"}}}}));
    };
    std::string const delivered = pushed_to(slow.crm);
    std::string const cancelled = pushed_to(down);
    ASSERT_TRUE(slow.is_asked() && waits(cancelled));
    sql("update calls set doc=json_remove(doc,'$.push_job'),push_job=null");
    std::string const job(pushes(cancelled)[0].at("id").as_string());
    EXPECT_EQ(admin("POST", "/api/v1/ops/jobs/" + job + "/cancel").status, 200);
    EXPECT_EQ(push_state(cancelled), "skipped");
    slow.may_end = true;
    EXPECT_TRUE(reaches(delivered, "delivered"));
}

// The bot lost its push before the job came to be done: nobody read the call until then.
TEST_F(PushFaults, APushOfABotThatHasNoneAnyMoreIsDead) {
    settings.jobs.workers = 0;
    start();
    peer crm([](wire::http_request const&, int) { return json_reply(200, "{}"); });
    std::string const bot = make_bot({{"post_call_push", {{"url", crm.url() + "/calls"}}}});
    std::string const session = finished_call(bot);
    EXPECT_EQ(push_state(session), "queued");
    ASSERT_EQ(admin("PUT", "/api/v1/bots/" + bot, json_object{{"post_call_push", nullptr}}).status,
              200);
    settings.jobs.workers = 4;
    restart();
    EXPECT_TRUE(reaches(session, "dead"));
    EXPECT_EQ(pushes(session)[0].at("last_error").as_string(), "no_push_config");
    EXPECT_EQ(crm.count(), 0U);
}

// Job 1 died before it rendered anything: the full result gets a job of its own.
TEST_F(PushFaults, AFullResultAfterAnUnsendableMinimalOneIsPushed) {  // 21-5
    start();
    peer crm([&](wire::http_request const&, int) { return json_reply(200, "{}"); });
    json_object mapper;
    for (int i = 0; i < 170; ++i)
        mapper["k" + std::to_string(i)] = "{{crm.big}}";
    std::string const bot =
        make_bot({{"post_call_push", {{"url", crm.url() + "/calls"}, {"key_mapper", mapper}}}});
    std::string const session = finished_call(bot, {{"big", std::string(60000, 'x')}});
    ASSERT_TRUE(reaches(session, "dead"));
    EXPECT_EQ(pushes(session)[0].at("last_error").as_string(), "too_large");
    admin("PUT", "/api/v1/bots/" + bot,
          json_object{{"post_call_push",
                       {{"url", crm.url() + "/calls"}, {"key_mapper", {{"a", "{{call.none}}"}}}}}});
    EXPECT_EQ(post_result({{"session_id", session},
                           {"disconnected_by", "customer"},
                           {"call_duration_seconds", 42}})
                  .text("result"),
              "updated");
    EXPECT_TRUE(reaches(session, "delivered"));
    EXPECT_EQ(pushes(session).size(), 2U);
}

}  // namespace
}  // namespace cxb::api::test
