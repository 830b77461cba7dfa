#include "cxb/testing/fault_transport.hpp"

#include <gtest/gtest.h>

#include "cxb/client/blocking.hpp"
#include "cxb/testing/scripted_transport.hpp"
#include "cxb/wire/json.hpp"

namespace {
using namespace cxb;
using cxb::testing::fault_kind;
using cxb::testing::fault_transport;
using cxb::testing::scripted_transport;

struct FaultTransport : ::testing::Test {
    void SetUp() override {
        peer.otherwise([](client::outgoing_request const&) {
            wire::http_response fine;
            fine.status = 201;
            fine.shared = std::make_shared<std::string const>("{}");
            return scripted_transport::answer(fine);
        });
    }
    scripted_transport::answer ask(std::string url = "http://a/x") {
        client::blocking_runner runner;
        client::outgoing_request request;
        request.url = std::move(url);
        client::transport_options options;
        sent = false;
        options.on_sent = [this] { sent = true; };
        return runner.run(flaky.send(std::move(request), std::move(options)));
    }
    std::size_t reached() const { return peer.calls().size(); }

    scripted_transport peer;
    fault_transport flaky{peer};
    bool sent = false;
};

TEST_F(FaultTransport, PassesOnWhatIsNotMeant) {
    EXPECT_EQ(ask()->status, 201);
    EXPECT_TRUE(sent);
    EXPECT_EQ(peer.calls().front().request.url, "http://a/x");
    EXPECT_EQ(flaky.requests(), 1U);
    EXPECT_EQ(flaky.failed(), 0U);
}

TEST_F(FaultTransport, FailsAtStepNAndAsOftenAsTold) {
    flaky.add({.step = 2, .times = 2});
    EXPECT_TRUE(ask());
    EXPECT_FALSE(ask());
    EXPECT_FALSE(ask());
    EXPECT_TRUE(ask());
    EXPECT_EQ(flaky.requests(), 4U);
    EXPECT_EQ(flaky.failed(), 2U);
    EXPECT_EQ(reached(), 2U);
}

TEST_F(FaultTransport, NothingOfARefusedRequestIsSent) {
    flaky.add({.kind = fault_kind::refused});
    auto const refused = ask();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::unavailable);
    EXPECT_EQ(refused.error().request_sent(), sent_state::no);
    EXPECT_FALSE(sent);
    EXPECT_EQ(reached(), 0U);
}

struct reset_case {
    fault_kind kind;
    errc code;
    sent_state sent;
    std::size_t reached;
};

TEST_F(FaultTransport, TellsHowFarALostRequestGot) {
    for (auto const& one :
         {reset_case{fault_kind::reset_before, errc::unavailable, sent_state::maybe, 0},
          reset_case{fault_kind::reset_after, errc::unavailable, sent_state::yes, 1},
          reset_case{fault_kind::timeout, errc::deadline_exceeded, sent_state::yes, 2}}) {
        flaky.clear();
        flaky.add({.kind = one.kind});
        auto const lost = ask();
        ASSERT_FALSE(lost);
        EXPECT_EQ(lost.error().code(), one.code);
        EXPECT_EQ(lost.error().request_sent(), one.sent);
        EXPECT_EQ(reached(), one.reached);
    }
}

TEST_F(FaultTransport, GarbageIsAnAnswerThatCannotBeRead) {
    flaky.add({.kind = fault_kind::garbage});
    auto const got = ask();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, 201);
    EXPECT_FALSE(wire::parse_json(got->bytes()));
    EXPECT_EQ(reached(), 1U);
}

TEST_F(FaultTransport, CountsOnlyWhatFits) {
    flaky.add({.kind = fault_kind::refused, .step = 2, .times = 0, .url_has = "/results"});
    EXPECT_TRUE(ask("http://a/config"));
    EXPECT_TRUE(ask("http://a/results"));
    EXPECT_FALSE(ask("http://a/results"));
    EXPECT_TRUE(ask("http://a/config"));
    EXPECT_FALSE(ask("http://a/results"));
    flaky.clear();
    EXPECT_TRUE(ask("http://a/results"));
}

TEST_F(FaultTransport, TheFirstThatIsDueCountsAndAllCount) {
    flaky.add({.kind = fault_kind::timeout, .step = 1})
        .add({.kind = fault_kind::refused, .step = 2});
    EXPECT_EQ(ask().error().code(), errc::deadline_exceeded);
    EXPECT_EQ(ask().error().code(), errc::unavailable);
    EXPECT_TRUE(ask());
}

TEST_F(FaultTransport, FailuresOfTheOtherTransportStay) {
    peer.fail(error{errc::too_large});
    flaky.add({.kind = fault_kind::garbage});
    EXPECT_EQ(ask().error().code(), errc::too_large);
}

}  // namespace
