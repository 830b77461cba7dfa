#pragma once
// An API with webhook endpoints, its clock in the hand of the test, and a receiver.
#include <algorithm>

#include "cxb/contract/webhook/signature.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "server/api/store_beside.hpp"
#include "server/common/jobs/job.hpp"
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
    std::string rows(std::string const& sql) const {
        auto const ran = cxb::test::run_sqlite(settings.data_dir + "/cxb.db", sql);
        EXPECT_EQ(ran.errors, "");
        return ran.output;
    }
    // Waits ask the store itself: the clock stands still, and with it what refills rate limits.
    std::vector<json_object> jobs_of(std::string const& id) {
        if (!beside_) {
            beside_.emplace(settings);
            EXPECT_TRUE(beside_->run((*beside_)->ensure(server::jobs)));
        }
        store::find_options all;
        all.limit = 0;
        auto const of_endpoint = store::all_of({store::eq("payload.endpoint_id", json_value(id))});
        return beside_->run((*beside_)->find(server::jobs, of_endpoint, all)).value().items;
    }
    // One delivery of the endpoint made so many attempts and is not under way.
    bool attempted(std::string const& id, int times) {
        return eventually([&] {
            return std::ranges::count_if(jobs_of(id), [&](json_object const& job) {
                       return wire::text_at(job, "state") != server::job_state::running &&
                              wire::int_at(job, "attempts") == times;
                   }) == 1;
        });
    }
    // So many deliveries of the endpoint are over, whatever came of them.
    bool ended(std::string const& id, std::size_t count) {
        return eventually([&] {
            return std::ranges::count_if(jobs_of(id), [](json_object const& job) {
                       auto const state = wire::text_at(job, "state");
                       return state == server::job_state::done || state == server::job_state::dead;
                   }) == static_cast<std::ptrdiff_t>(count);
        });
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

  private:
    std::optional<store_beside> beside_;
};

}  // namespace cxb::api::test
