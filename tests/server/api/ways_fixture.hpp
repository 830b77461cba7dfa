#pragma once
// An API with a LiveKit server it never speaks to, its clock in the hand of the test, and worker
// hosts that answer as they are told.
#include "cxb/base/encoding.hpp"
#include "cxb/contract/livekit/webhook.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "server/api/api_fixture.hpp"
#include "support/stuck_host.hpp"

namespace cxb::api::test {

inline constexpr char const* livekit_url = "ws://livekit.example.com:7880";
inline contract::livekit::api_credentials livekit_credentials() {
    return {"devkey", secret("secret-of-the-livekit-server-0123")};
}

// A host with free slots; what it says to calls is for the test to change.
struct worker_host {
    std::atomic<int> free{5};
    std::atomic<int> status{200};
    peer http{[this](wire::http_request const& request, int) {
        if (request.path == "/health/fleet")
            return json_reply(200, R"({"status":"ok","fleet_calls":0,"fleet_max":99,)"
                                   R"("fleet_available":)" +
                                       std::to_string(free) + R"(,"workers":[]})");
        if (status == 200) return json_reply(200, R"({"status":"accepted","call_id":"c-1"})");
        return json_reply(status, R"({"error":"its words","detail":"its words"})");
    }};

    [[nodiscard]] std::string url() const { return http.url(); }
    /// Orders for calls, without the questions for its health.
    [[nodiscard]] std::vector<wire::http_request> orders() const {
        auto out = http.requests();
        std::erase_if(out, [](auto const& one) { return one.path == "/health/fleet"; });
        return out;
    }
};

struct WaysFixture : api_test {
    testing::fake_clock clock{std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};

    void SetUp() override {
        surroundings.time = &clock;
        auto const own = livekit_credentials();
        settings.livekit = {livekit_url, own.api_key, own.api_secret};
        start();
    }
    void fleet(std::vector<std::string> const& urls) {
        EXPECT_EQ(admin("PUT", "/api/v1/settings/fleet",
                        json_object{{"core_fleet", wire::json_array(urls.begin(), urls.end())}})
                      .status,
                  200);
    }
    // The probes of these hosts are kept; what happens to a host later is not seen by them.
    void fleet_as_it_is(std::vector<std::string> const& urls) {
        settings.fleet.snapshot_max_age = std::chrono::hours{1};
        restart();
        fleet(urls);
        EXPECT_EQ(admin("GET", "/api/v1/fleet/status").status, 200);
    }
    static json_object order_of(wire::http_request const& request) {
        return wire::parse_json(request.body).value().as_object();
    }
};

}  // namespace cxb::api::test
