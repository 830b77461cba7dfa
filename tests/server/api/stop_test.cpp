// A stop beside work that nobody waits for any more (spec 20 §1 "Stop").
#include "server/api/api_fixture.hpp"
#include "support/stuck_host.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;

struct Stop : api_test {};

// It still waits for the CRM, with the turn of its call and a place in the CRM's flight.
TEST_F(Stop, ABuildWhoseAnswerIsOutEndsBeforeWhatItUses) {
    settings.http.request_timeout = 1s;
    settings.http.shutdown_grace = 0s;
    cxb::test::stuck_host crm;
    start();
    std::string const bot =
        make_bot({{"pre_call_fetch", {{"url", crm.url() + "/customer"}, {"timeout_ms", 4000}}}});
    auto const given_up = config(bot, "fetch_id=019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10");
    EXPECT_EQ(given_up.status, 504) << given_up.body;
    EXPECT_EQ(crm.dials(), 1);
    stop();
    start();
    EXPECT_EQ(admin("GET", "/api/v1/calls").json.at("total").to_number<int>(), 0);
}

}  // namespace
}  // namespace cxb::api::test
