#pragma once
// An API with webhook endpoints, its clock in the hand of the test, and a receiver.
#include "cxb/contract/webhook/signature.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "server/api/api_fixture.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::api::test {

inline constexpr char const* endpoints_path = "/api/v1/webhook-endpoints";

// What a receiver reads out of one request.
struct told {
    std::string type;
    std::string id;
    json_object data;
};

[[nodiscard]] inline told read_event(wire::http_request const& request) {
    auto const body = wire::parse_json(request.body).value().as_object();
    told out{std::string(wire::text_at(body, "type")),
             std::string(request.headers.get(contract::webhook::id_header)),
             {}};
    out.data = body.at("data").as_object();
    EXPECT_TRUE(parse_timestamp(wire::text_at(body, "timestamp"))) << request.body;
    return out;
}

struct WebhookFixture : api_test {
    testing::fake_clock clock{std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};
    std::atomic<int> status{200};
    peer receiver{[this](wire::http_request const&, int) { return json_reply(status, "{}"); }};

    void SetUp() override {
        surroundings.time = &clock;
        settings.push_wait_scale = 1;
        start();
    }
    answer make_endpoint(wire::json_array types = {"*"}, std::string const& path = "/hook") {
        auto made = admin("POST", endpoints_path,
                          json_object{{"url", receiver.url() + path}, {"types", std::move(types)}});
        EXPECT_EQ(made.status, 201) << made.body;
        return made;
    }
    static std::string path_of(std::string const& id, std::string const& what = {}) {
        return endpoints_path + ("/" + id) + what;
    }
    answer shown(std::string const& id) { return admin("GET", path_of(id)); }
    std::string finished_call(std::string const& bot) {
        auto const session = config(bot).text("session_id");
        EXPECT_EQ(post_result({{"session_id", session},
                               {"disconnected_by", "customer"},
                               {"caller_id", "+919876543210"},
                               {"call_duration_seconds", 42},
                               {"post_call_analysis", {{"DISPOSITION", "PTP"}}}})
                      .status,
                  200);
        return session;
    }
    json_value deliveries(std::string const& id, std::string const& query = {}) {
        return admin("GET", path_of(id, "/deliveries" + query)).json.at("items");
    }
    // Waits ask the store itself: the clock stands still, and with it what refills rate limits.
    std::string rows(std::string const& sql) const {
        auto const ran = cxb::test::run_sqlite(settings.data_dir + "/cxb.db", sql);
        EXPECT_EQ(ran.errors, "");
        return ran.output;
    }
    bool rows_become(std::string const& sql, std::string const& wanted) const {
        return eventually([&] { return rows(sql) == wanted; });
    }
    static std::string jobs_of(std::string const& id) {
        return " from jobs where json_extract(doc,'$.payload.endpoint_id')='" + id + "'";
    }
    // One delivery of the endpoint made so many attempts and is not under way.
    bool attempted(std::string const& id, int times) const {
        return rows_become("select count(*)" + jobs_of(id) +
                               " and json_extract(doc,'$.state')<>'running' and "
                               "json_extract(doc,'$.attempts')=" +
                               std::to_string(times),
                           "1\n");
    }
    // So many deliveries of the endpoint are over, whatever came of them.
    bool ended(std::string const& id, std::size_t count) const {
        return rows_become(
            "select count(*)" + jobs_of(id) + " and json_extract(doc,'$.state') in ('done','dead')",
            std::to_string(count) + "\n");
    }
    std::vector<told> events() const {
        std::vector<told> out;
        for (auto const& request : receiver.requests())
            out.push_back(read_event(request));
        return out;
    }
    bool verified(wire::http_request const& request, std::string const& by) const {
        secret const secrets[] = {secret(by)};
        return contract::webhook::verify(request.headers, request.body, secrets, clock.now())
            .has_value();
    }
};

}  // namespace cxb::api::test
