#include "server/common/http/idempotency.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "cxb/testing/fake_clock.hpp"
#include "server/common/http/problem.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/run_awaitable.hpp"
#include "support/child_process.hpp"

namespace cxb::server {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using answer = idempotency_keeper::answer;

class Idempotency : public ::testing::Test {
  protected:
    Idempotency() {
        store::sqlite_options options;
        options.path = (folder / "store.db").string();
        store = store::sqlite_document_store::open(options).value();
        EXPECT_TRUE(test::run(store->ensure(idempotency_keys)));
        keeper = std::make_unique<idempotency_keeper>(*store, time);
    }
    static idempotency_keeper::subject subject(std::string key = "k") {
        return {"POST", "/p", "user:1", std::move(key), "hash", "r1"};
    }
    // Answers `outcome`; counts how often it was asked.
    idempotency_keeper::work giving(answer outcome) {
        return [this, outcome]() -> asio::awaitable<answer> {
            ++runs;
            co_return outcome;
        };
    }
    answer once(answer outcome, std::string key = "k") {
        return test::run(keeper->once(subject(std::move(key)), giving(std::move(outcome))));
    }
    std::string reason(answer outcome) {
        auto const got = once(std::move(outcome));
        return got ? std::to_string(got->status) : std::string(got.error().reason());
    }
    static answer accepted() { return json_response(202, R"({"id":1})"); }

    test::scratch_dir folder;
    testing::fake_clock time;
    std::unique_ptr<store::sqlite_document_store> store;
    std::unique_ptr<idempotency_keeper> keeper;
    int runs = 0;
};

TEST_F(Idempotency, KeepsSuccessForADay) {
    EXPECT_EQ(reason(accepted()), "202");
    time.advance(24h - 1s);
    auto const again = once(accepted());
    EXPECT_EQ(again->headers.get("Idempotent-Replayed"), "true");
    EXPECT_EQ(again->bytes(), R"({"id":1})");
    EXPECT_EQ(runs, 1);
    time.advance(1s);
    EXPECT_FALSE(once(accepted())->headers.has("Idempotent-Replayed"));
    EXPECT_EQ(runs, 2);
    EXPECT_TRUE(once(accepted())->headers.has("Idempotent-Replayed"));
}

TEST_F(Idempotency, KeepsRefusalsOfTheCaller) {
    EXPECT_EQ(reason(error{errc::not_found, "Bot not found"}), "not_found");
    auto const again = once(accepted());
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->status, 404);
    EXPECT_EQ(again->headers.get("Content-Type"), "application/problem+json");
    EXPECT_NE(again->body.find("\"request_id\":\"r1\""), std::string::npos);
    EXPECT_EQ(runs, 1);
}

TEST_F(Idempotency, FailuresWithoutEffectFreeTheKey) {
    EXPECT_EQ(reason(error{errc::unavailable}), "unavailable");
    EXPECT_EQ(reason(error{errc::at_capacity}), "at_capacity");
    EXPECT_EQ(reason(error{errc::rate_limited}), "rate_limited");
    EXPECT_EQ(reason(json_response(503, "{}")), "503");
    EXPECT_EQ(reason(accepted()), "202");
    EXPECT_EQ(runs, 5);
}

// 21-30: after a crash in between 409 outcome_unknown
TEST_F(Idempotency, DoubtIsNeverCarriedOutAgain) {
    EXPECT_EQ(reason(error{errc::deadline_exceeded}.with_reason("outcome_unknown")),
              "outcome_unknown");
    auto const again = once(accepted());
    EXPECT_EQ(again.error().code(), errc::conflict);
    EXPECT_EQ(again.error().reason(), "outcome_unknown");
    time.advance(1h);
    EXPECT_EQ(reason(accepted()), "outcome_unknown");
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(once(error{errc::internal}, "k2").error().code(), errc::internal);
    EXPECT_EQ(once(accepted(), "k2").error().reason(), "outcome_unknown");
    EXPECT_EQ(once(error{errc::cancelled}, "k3").error().code(), errc::cancelled);
    EXPECT_EQ(once(accepted(), "k3").error().reason(), "outcome_unknown");
    auto const broke =
        error{errc::unavailable, "Connection broke"}.with_request_sent(sent_state::maybe);
    EXPECT_EQ(once(broke, "k4").error().code(), errc::unavailable);
    EXPECT_EQ(once(accepted(), "k4").error().reason(), "outcome_unknown");
}

TEST_F(Idempotency, AnExceptionLeavesDoubt) {
    auto const broken = []() -> asio::awaitable<answer> {
        throw std::runtime_error("bug");
        co_return error{errc::internal};
    };
    EXPECT_THROW((void)test::run(keeper->once(subject(), broken)), std::runtime_error);
    EXPECT_EQ(reason(accepted()), "outcome_unknown");
    EXPECT_EQ(runs, 0);
}

TEST_F(Idempotency, TwoAtOnceAreCarriedOutOnce) {
    auto const inner = [this]() -> asio::awaitable<answer> {
        ++runs;
        // The second comes while the first is under way.
        auto const second = co_await keeper->once(subject(), giving(accepted()));
        EXPECT_EQ(second.error().reason(), "idempotency_in_flight");
        EXPECT_EQ(second.error().code(), errc::conflict);
        co_return accepted();
    };
    EXPECT_TRUE(test::run(keeper->once(subject(), inner)).has_value());
    EXPECT_EQ(runs, 1);
}

TEST_F(Idempotency, ARowLeftByACrashIsUnknownAfterTwoMinutes) {
    auto const crashed = [this]() -> asio::awaitable<answer> {
        time.advance(119s);
        auto soon = co_await keeper->once(subject(), giving(accepted()));
        EXPECT_EQ(soon.error().reason(), "idempotency_in_flight");
        time.advance(1s);
        auto late = co_await keeper->once(subject(), giving(accepted()));
        EXPECT_EQ(late.error().reason(), "outcome_unknown");
        co_return accepted();
    };
    EXPECT_TRUE(test::run(keeper->once(subject(), crashed)).has_value());
    EXPECT_EQ(runs, 0);
}

TEST_F(Idempotency, OtherBodyOrTooLongAKeyIsInvalid) {
    EXPECT_EQ(reason(accepted()), "202");
    auto other = subject();
    other.body_hash = "other";
    auto const got = test::run(keeper->once(other, giving(accepted())));
    EXPECT_EQ(got.error().reason(), "idempotency_key_reused");
    EXPECT_EQ(got.error().code(), errc::invalid);
    EXPECT_EQ(once(accepted(), std::string(256, 'x')).error().code(), errc::invalid);
    EXPECT_TRUE(once(accepted(), std::string(255, 'x')).has_value());
    EXPECT_EQ(runs, 2);
}

TEST_F(Idempotency, WithoutAStoreNothingIsCarriedOut) {
    store->close();
    EXPECT_EQ(once(accepted()).error().code(), errc::unavailable);
    EXPECT_EQ(runs, 0);
}

TEST_F(Idempotency, AStoreThatFailsAtTheEndLeavesDoubt) {
    auto const closing = [this]() -> asio::awaitable<answer> {
        store->close();
        co_return accepted();
    };
    EXPECT_EQ(test::run(keeper->once(subject(), closing))->status, 202);
}

TEST_F(Idempotency, CleansUpWhatExpired) {
    (void)once(accepted(), "a");
    time.advance(1h);
    (void)once(accepted(), "b");
    time.advance(23h);
    auto const old = idempotency_keeper::expired(time.now());
    EXPECT_EQ(test::run(store->remove(idempotency_keys, old)).value(), 1);
    EXPECT_EQ(test::run(store->count(idempotency_keys, {})).value(), 1);
}

}  // namespace
}  // namespace cxb::server
