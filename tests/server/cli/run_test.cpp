#include "cli/app/run.hpp"

#include <fstream>

#include "cli/commands/doctor_checks.hpp"
#include "cxb/base/encoding.hpp"
#include "tests/server/cli/cli_fixture.hpp"

namespace {
using namespace cxb;
using cxb_test::CliFixture;

struct Cli : CliFixture {};

TEST_F(Cli, EveryCommandHasHelpWithAnExample) {
    for (auto const* row : cli::all_commands()) {
        std::vector<std::string> words{std::string(row->noun)};
        if (!row->verb.empty()) words.emplace_back(row->verb);
        words.emplace_back("--help");
        EXPECT_EQ(run(words), 0) << words[0];
        EXPECT_NE(out.str().find("Example: " + std::string(row->example)), std::string::npos)
            << out.str();
    }
}

TEST_F(Cli, WrongUsageIsTwo) {
    EXPECT_EQ(run({}), 2);
    EXPECT_EQ(run({"nonsense"}), 2);
    EXPECT_EQ(run({"bots", "show"}), 2);
    EXPECT_EQ(run({"bots", "list", "--limit", "0"}), 2);
    EXPECT_EQ(run({"bots", "create", "/nowhere/bot.json"}), 2);
    EXPECT_EQ(run({"dialout", "b", "1", "--var", "novalue"}), 2);
    EXPECT_TRUE(net.calls().empty());
}

TEST_F(Cli, FailuresHaveTheirExitCodes) {
    constexpr std::pair<int, int> rows[] = {{401, 3}, {403, 3}, {404, 4}, {409, 1},
                                            {422, 1}, {500, 1}, {504, 5}};
    for (auto const& [status, code] : rows) {
        net.otherwise([status = status](auto const&) {
            wire::http_response answer;
            answer.status = status;
            answer.body = R"({"detail":"No","request_id":"r7"})";
            return cxb::testing::scripted_transport::answer(answer);
        });
        EXPECT_EQ(run({"bots", "delete", "b"}), code) << status;
        EXPECT_NE(err.str().find("cxb: No"), std::string::npos);
        EXPECT_NE(err.str().find("r7"), std::string::npos);
        EXPECT_EQ(run({"--json", "bots", "delete", "b"}), code) << status;
        EXPECT_EQ(out.str(), "");
        EXPECT_TRUE(wire::parse_json(trim(err.str()))) << err.str();
    }
    net.otherwise([](auto const&) {
        return cxb::testing::scripted_transport::answer(
            error{errc::unavailable, "refused"}.with_request_sent(sent_state::maybe));
    });
    EXPECT_EQ(run({"--url", "http://far:1", "bots", "delete", "b"}), 5);
    EXPECT_NE(err.str().find("http://far:1"), std::string::npos);
}

TEST_F(Cli, LoginKeepsATokenThatLaterCommandsSend) {
    net.reply(200, R"({"access_token":"tok","expires_in":3600,"user":{"role":"admin"}})");
    EXPECT_EQ(run({"--json", "login", "--email", "a@b.c"}), 0);
    EXPECT_EQ(wire::text_at(document().as_object(), "role"), "admin");
    EXPECT_EQ(last().url, "http://127.0.0.1:8080/api/v1/auth/login");
    EXPECT_EQ(last().message.body, R"({"email":"a@b.c","password":"correct horse"})");
    net.reply(200, R"({"items":[],"total":0})");
    EXPECT_EQ(run({"bots", "list"}), 0);
    EXPECT_EQ(last().message.headers.get("Authorization"), "Bearer tok");
    clock.advance(std::chrono::hours(2));
    net.reply(200, R"({"items":[],"total":0})");
    EXPECT_EQ(run({"bots", "list"}), 0);
    EXPECT_FALSE(last().message.headers.has("Authorization"));
    EXPECT_EQ(run({"logout"}), 0);
    password.clear();
    EXPECT_EQ(run({"login", "--email", "a@b.c"}), 2);
}

TEST_F(Cli, TheEnvironmentDecidesAccessAndAddress) {
    environment["CXB_URL"] = "http://api:9/";
    environment["CXB_API_KEY"] = "vx_1";
    net.reply(200, R"({"id":"b"})");
    EXPECT_EQ(run({"--json", "bots", "show", "b/1"}), 0);
    EXPECT_EQ(last().url, "http://api:9/api/v1/bots/b%2F1");
    EXPECT_EQ(last().message.headers.get("X-API-Key"), "vx_1");
    environment["CXB_CORE_SECRET"] = "s3cret";
    net.reply(200, R"({"session_id":"s"})");
    EXPECT_EQ(run({"config", "fetch", "b", "--var", "K=V"}), 0);
    EXPECT_EQ(last().message.headers.get("X-CXB-Core-Secret"), "s3cret");
    EXPECT_FALSE(last().message.headers.has("X-API-Key"));
    EXPECT_EQ(last().message.body, R"({"caller_id":"","connected_event":{"K":"V"}})");
}

TEST_F(Cli, ListsFollowTheCursor) {
    net.reply(200, R"({"items":[{"id":"1","name":"A"}],"next":"n2"})")
        .reply(200, R"({"items":[{"id":"2","name":"B"}]})");
    EXPECT_EQ(run({"bots", "list"}), 0);
    EXPECT_NE(out.str().find("NAME"), std::string::npos);
    EXPECT_NE(out.str().find("2   B"), std::string::npos) << out.str();
    EXPECT_NE(last().url.find("cursor=n2"), std::string::npos);
}

TEST_F(Cli, DialoutWaitsUntilThePushIsSettled) {
    net.reply(200, R"({"status":"accepted","call_id":"c","session_id":"s"})")
        .reply(404, R"({"detail":"Call not found"})")
        .reply(200, R"({"status":"active"})")
        .reply(200, R"({"status":"completed","push_state":"queued"})")
        .reply(200, R"({"status":"completed","push_state":"delivered"})");
    EXPECT_EQ(run({"--json", "dialout", "b", "+919876543210", "--var", "A=1", "--wait"}), 0);
    EXPECT_EQ(wire::text_at(document().as_object(), "call.push_state"), "delivered");
    EXPECT_TRUE(net.calls()[0].request.message.headers.has("Idempotency-Key"));
    EXPECT_NE(err.str().find("dialling"), std::string::npos);
    EXPECT_NE(err.str().find("active"), std::string::npos);
}

TEST_F(Cli, DialoutWaitFailsWithTheCallOrTheTime) {
    net.reply(200, R"({"status":"accepted","call_id":"c","session_id":"s"})")
        .reply(200, R"({"status":"failed","disconnected_by":"rejected"})");
    EXPECT_EQ(run({"dialout", "b", "1234567", "--wait"}), 1);
    net.reply(200, R"({"status":"accepted","call_id":"c","session_id":"s"})");
    net.otherwise([](auto const&) {
        wire::http_response active;
        active.body = R"({"status":"active"})";
        return cxb::testing::scripted_transport::answer(active);
    });
    EXPECT_EQ(run({"dialout", "b", "1234567", "--wait", "--timeout", "3"}), 5);
}

TEST_F(Cli, TailTellsNewCallsAndChangesOnly) {
    net.reply(200, R"({"items":[{"session_id":"old","status":"completed"}]})")
        .reply(200, R"({"items":[{"session_id":"new","status":"active"},
                                 {"session_id":"old","status":"completed"}]})")
        .reply(200, R"({"items":[{"session_id":"new","status":"completed"}]})");
    pauses_left = 2;
    EXPECT_EQ(run({"--json", "calls", "tail"}), 0);
    EXPECT_EQ(out.str(),
              "{\"session_id\":\"new\",\"status\":\"active\"}\n"
              "{\"session_id\":\"new\",\"status\":\"completed\"}\n");
}

TEST_F(Cli, FleetSetSendsTheList) {
    net.reply(200, R"({"cxbcore_fleet":["http://a:1","http://b:1"]})");
    EXPECT_EQ(run({"fleet", "set", "http://a:1", "http://b:1"}), 0);
    EXPECT_EQ(last().message.method, "PUT");
    EXPECT_EQ(last().message.body, R"({"cxbcore_fleet":["http://a:1","http://b:1"]})");
}

TEST_F(Cli, KeysCreateShowsTheKeyOnce) {
    net.reply(201, R"({"id":"k","key":"vx_1"})");
    EXPECT_EQ(run({"--json", "keys", "create", "--name", "crm", "--scope", "dialout", "--scope",
                   "calls:read", "--rate", "5"}),
              0);
    EXPECT_EQ(wire::text_at(document().as_object(), "key"), "vx_1");
    EXPECT_EQ(last().message.body,
              R"({"name":"crm","scopes":["dialout","calls:read"],"rate_limit_per_second":5})");
}

TEST_F(Cli, ContractsAreCheckedWithoutAServer) {
    in.str(R"({"room_name":"r","bot_id":7})");
    EXPECT_EQ(run({"--json", "contract", "check", "--type", "attach_request", "-"}), 1);
    EXPECT_NE(out.str().find("/bot_id"), std::string::npos);
    EXPECT_EQ(run({"contract", "check", "--type", "nothing", "-"}), 2);
    EXPECT_EQ(run({"contract", "schema", "attach_request"}), 0);
    EXPECT_TRUE(document().is_object());
    EXPECT_EQ(run({"contract", "schema", "nothing"}), 4);
    EXPECT_EQ(run({"contract", "schema"}), 0);
    EXPECT_TRUE(net.calls().empty());
}

TEST_F(Cli, OutboxHandlesDeadEntries) {
    EXPECT_EQ(run({"outbox", "list", "--dir", "/nowhere"}), 2);
    std::filesystem::create_directories(home / "w1" / "dead");
    std::filesystem::create_directories(home / "w1" / "new");
    auto const dead = home / "w1" / "dead";
    std::ofstream(dead / "0000000000001-x.entry") << "broken";
    std::ofstream(dead / "0000000000001-x.entry.reason.json")
        << R"({"reason":"refused","status":422,"detail":"no","errors":[],
               "at":"2026-01-01T00:00:00.000Z"})";
    EXPECT_EQ(run({"--json", "outbox", "list", "--dir", home.string()}), 0);
    EXPECT_EQ(document().as_object().at("items").as_array().size(), 1U);
    EXPECT_EQ(run({"outbox", "drop", "--dir", home.string()}), 2);
    EXPECT_EQ(run({"outbox", "drop", "absent", "--dir", home.string()}), 4);
    EXPECT_EQ(run({"outbox", "retry", "--all", "--dir", home.string()}), 1);
    EXPECT_EQ(run({"outbox", "drop", "0000000000001-x.entry", "--dir", home.string()}), 0);
    EXPECT_EQ(run({"--json", "outbox", "list", "--dir", home.string()}), 0);
    EXPECT_TRUE(document().as_object().at("items").as_array().empty());
}

TEST_F(Cli, CompletionKnowsEveryCommand) {
    for (char const* shell : {"bash", "zsh", "fish"}) {
        EXPECT_EQ(run({"completion", shell}), 0);
        for (auto const* row : cli::all_commands())
            EXPECT_NE(out.str().find(row->verb.empty() ? row->noun : row->verb), std::string::npos);
    }
    EXPECT_EQ(run({"completion", "tcsh"}), 2);
}

TEST_F(Cli, DoctorNamesWhatToFix) {
    net.otherwise([](client::outgoing_request const& request) {
        wire::http_response answer;
        auto const is = [&](std::string_view path) {
            return request.url.find(path) != std::string::npos;
        };
        if (is("/health")) {
            answer.body = R"({"status":"ok","service":"cxb-api","version":"0.0.1"})";
            answer.headers.add("Date", "Thu, 01 Jan 2026 00:10:00 GMT");
        } else if (is("/ready")) {
            answer.status = 503;
            answer.body =
                R"({"status":"not_ready","checks":{"redis":{"ok":false,"detail":"down"}}})";
        } else if (is("/auth/me")) {
            answer.body = R"({"email":"a@b.c","role":"admin"})";
        } else if (is("/fleet/status")) {
            answer.body = R"({"workers":[]})";
        } else if (is("/ops/status")) {
            answer.body = R"({"loops":[{"name":"clean_up","owner":"i-1","last_error":"slow"}],
                "jobs":{"crm_push":{"queued":1,"dead":2}}})";
        } else if (is("/webhook-endpoints") || is("/carriers")) {
            answer.status = 404;
        } else if (is("preview-config")) {
            answer.body = R"({"config":{"webhook_url":"http://127.0.0.1:8080/x"},
                "steps":[{"name":"render","note":"provider_key_missing:openai"}]})";
        } else {
            answer.body = R"({"items":[{"id":"b","name":"Bot"}]})";
        }
        return cxb::testing::scripted_transport::answer(answer);
    });
    EXPECT_EQ(run({"--url", "http://api.example.com", "--json", "doctor"}), 1);
    std::map<std::string, std::string> states;
    auto const told = document();
    for (auto const& row : told.as_object().at("checks").as_array())
        states[std::string(wire::text_at(row.as_object(), "check"))] =
            wire::text_at(row.as_object(), "state");
    std::map<std::string, std::string> const expected{
        {"reachable", "ok"},    {"version", "warn"},       {"clock", "warn"},
        {"ready", "fail"},      {"part redis", "warn"},    {"login", "ok"},
        {"public_url", "warn"}, {"fleet", "fail"},         {"bots", "fail"},
        {"encryption", "warn"}, {"loop clean_up", "warn"}, {"jobs", "warn"}};
    EXPECT_EQ(states, expected);
    EXPECT_EQ(run({"--url", "http://api.example.com", "doctor"}), 1);
    EXPECT_NE(out.str().find("1 active, no key of openai for Bot"), std::string::npos) << out.str();
    EXPECT_NE(out.str().find("cxb fleet set"), std::string::npos);
}

TEST_F(Cli, DoctorStopsWhenNobodyAnswers) {
    net.otherwise([](auto const&) {
        return cxb::testing::scripted_transport::answer(error{errc::unavailable, "refused"});
    });
    EXPECT_EQ(run({"doctor"}), 1);
    EXPECT_NE(out.str().find("FAIL"), std::string::npos);
    EXPECT_FALSE(cli::clock_skew("yesterday", clock.now()));
}

}  // namespace
