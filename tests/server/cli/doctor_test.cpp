// What `cxb doctor` makes of what an installation says of itself.
#include "cli/commands/doctor_watch.hpp"
#include "tests/server/cli/cli_fixture.hpp"

namespace {
using namespace cxb;

wire::json_object object(std::string const& text) {
    return wire::parse_json(text).value().as_object();
}

std::vector<std::string> lines(std::vector<cli::finding> const& found) {
    std::vector<std::string> out;
    for (auto const& one : found) {
        EXPECT_EQ(one.advice.empty(), one.judged == cli::verdict::good) << one.name;
        out.push_back((one.judged == cli::verdict::good ? "ok " : "warn ") + one.name + ": " +
                      one.detail);
    }
    return out;
}

using texts = std::vector<std::string>;

struct DoctorWatch : cxb_test::CliFixture {
    std::string stamp(std::chrono::minutes ago) const {
        return format_timestamp(clock.now() - ago);
    }
};

TEST_F(DoctorWatch, LoopsAreJudgedByTheirErrorAndTheirLastRun) {
    using std::chrono::minutes;
    auto const status = [&](std::string const& loops) {
        return lines(cli::judge_status(
            object(R"({"loops":[{"name":"snapshots","owner":"i-1"},)" + loops + "]}"),
            clock.now()));
    };
    auto const loop = [&](char const* name, minutes ago, std::string const& error) {
        return std::string(R"({"name":")") + name + R"(","owner":"i-1","last_run":")" + stamp(ago) +
               R"(","last_error":)" + error + "}";
    };
    EXPECT_EQ(status(loop("a", minutes{1}, "null") + "," + loop("b", minutes{29}, "null")),
              texts{"ok loops: 3 run"});
    EXPECT_EQ(status(loop("a", minutes{1}, "null") + "," + loop("b", minutes{1}, "\"no\"")),
              texts{"warn loop b: fails: no"});
    EXPECT_EQ(status(loop("a", minutes{31}, "null")),
              texts{"warn loop a: ran last at 2025-12-31 23:29:00 UTC"});
    // One that has not run yet is none that stands still.
    EXPECT_EQ(status(R"({"name":"a","owner":null,"last_run":null,"last_error":null})"),
              texts{"ok loops: 2 run"});
    // Of another's only the last write is known.
    EXPECT_EQ(status(R"({"name":"a","owner":"i-2","last_error":null,"last_run":")" +
                     stamp(minutes{90}) + "\"}"),
              texts{"ok loops: 2 run"});
}

TEST_F(DoctorWatch, DeadJobsAreCounted) {
    auto const jobs = [&](std::string const& kinds) {
        return lines(cli::judge_status(object(R"({"jobs":)" + kinds + "}"), clock.now()));
    };
    EXPECT_EQ(jobs(R"({"crm_push":{"queued":9}})"), texts{"ok jobs: none was given up"});
    EXPECT_EQ(jobs(R"({"crm_push":{"dead":2},"webhook":{"dead":1}})"),
              texts{"warn jobs: given up: crm_push 2, webhook 1"});
    EXPECT_EQ(jobs("7"), texts{});
}

TEST_F(DoctorWatch, EndpointsAndCarriersThatFailAreNamed) {
    auto const rows = [](std::string const& text) {
        return object(R"({"items":)" + text + "}").at("items").as_array();
    };
    EXPECT_EQ(lines(cli::judge_endpoints(rows(
                  R"([{"id":"w1","url":"https://a"},
                      {"id":"w2","url":"https://b","failing_since":"2026-01-01T00:00:00.000Z"},
                      {"id":"w3","url":"https://c","disabled_reason":"gone",
                       "failing_since":"2026-01-01T00:00:00.000Z"}])"))),
              (texts{"warn webhook https://b: fails since 2026-01-01 00:00:00 UTC",
                     "warn webhook https://c: switched off: gone"}));
    EXPECT_EQ(lines(cli::judge_carriers(rows(
                  R"([{"id":"c1","name":"Main","lk_sync_status":"synced"},
                      {"id":"c2","name":"Spare","lk_sync_status":"pending"},
                      {"id":"c3","name":"Old","lk_sync_status":"error",
                       "lk_sync_error":"trunk missing in LiveKit"}])"))),
              (texts{"warn carrier Spare: LiveKit pending",
                     "warn carrier Old: LiveKit error: trunk missing in LiveKit"}));
}

TEST_F(DoctorWatch, AnInstallationWithoutAnAdministratorIsTold) {
    net.otherwise([](client::outgoing_request const& request) {
        wire::http_response answer;
        if (request.url.ends_with("/health"))
            answer.body = R"({"status":"ok","service":"cxb-api","version":"1.0.0"})";
        else if (request.url.ends_with("/ready"))
            answer.body = R"({"status":"ready","checks":{}})";
        else if (request.url.ends_with("/auth/bootstrap"))
            answer.body = R"({"needed":true})";
        else
            answer.status = 401;
        return cxb::testing::scripted_transport::answer(answer);
    });
    EXPECT_EQ(run({"doctor"}), 1);
    EXPECT_NE(out.str().find("FAIL   administrator"), std::string::npos) << out.str();
    EXPECT_NE(out.str().find("bootstrap-admin"), std::string::npos) << out.str();
    EXPECT_EQ(out.str().find("encryption"), std::string::npos) << out.str();
}

}  // namespace
