// Places, pauses and turns at a target host, as several processes share them (spec 21 §3.3).
#include "server/api/push/host_gate.hpp"

#include <gtest/gtest.h>

#include "cxb/testing/fake_clock.hpp"
#include "server/common/model/collections.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/run_awaitable.hpp"
#include "support/child_process.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;
using cxb::test::run;

constexpr char const* host = "https://crm.example";
constexpr char const* other_host = "https://other.example";

class HostGate : public ::testing::Test {
  protected:
    HostGate() { EXPECT_TRUE(run(store_->ensure(server::model::push_hosts))); }
    ~HostGate() override { store_->close(); }

    // Until when the host is full or paused; none: a place was taken.
    std::optional<milliseconds> refused(host_gate& at, std::string const& where = host) {
        auto const got = run(at.enter(where));
        EXPECT_TRUE(got) << got.error().to_log_text();
        if (!got || !*got) return std::nullopt;
        return std::chrono::duration_cast<milliseconds>(**got - time.now());
    }
    void leave(host_gate& at, host_word word, milliseconds took = 5ms) {
        EXPECT_TRUE(run(at.leave(host, word, took)));
    }
    void exchange(host_gate& at, host_word word, milliseconds took = 5ms) {
        ASSERT_EQ(refused(at), std::nullopt);
        leave(at, word, took);
    }
    void fill(host_gate& at) {
        for (int i = 0; i < host_gate::max_in_flight; ++i)
            ASSERT_EQ(refused(at), std::nullopt);
    }

    testing::fake_clock time;

  private:
    cxb::test::scratch_dir scratch_;
    std::unique_ptr<store::sqlite_document_store> store_ = [this] {
        store::sqlite_options options;
        options.path = scratch_ / "x.db";
        return store::sqlite_document_store::open(std::move(options)).value();
    }();

  protected:
    host_gate gate{*store_, time};
    host_gate of_other_process{*store_, time};
};

TEST_F(HostGate, EightPlacesForEachHostAndProcess) {
    ASSERT_NO_FATAL_FAILURE(fill(gate));
    EXPECT_EQ(refused(gate), 1000ms);
    EXPECT_EQ(refused(gate, other_host), std::nullopt);
    EXPECT_EQ(refused(of_other_process), std::nullopt);
    leave(gate, host_word::answered);
    EXPECT_EQ(refused(gate), std::nullopt);
    EXPECT_NE(refused(gate), std::nullopt);
}

TEST_F(HostGate, TenFailuresInARowPauseTheHostForAllProcesses) {
    for (int i = 0; i < host_gate::failures_to_pause; ++i)
        ASSERT_NO_FATAL_FAILURE(exchange(i % 2 == 0 ? gate : of_other_process, host_word::silent));
    EXPECT_EQ(refused(gate), 60'000ms);
    EXPECT_EQ(refused(of_other_process), 60'000ms);
    EXPECT_EQ(refused(gate, other_host), std::nullopt);
    time.advance(host_gate::pause - 1ms);
    EXPECT_NE(refused(gate), std::nullopt);
    time.advance(1ms);
    EXPECT_EQ(refused(gate), std::nullopt);
    // Ten new ones make the next pause, not the first one.
    for (int i = 1; i < host_gate::failures_to_pause; ++i)
        ASSERT_NO_FATAL_FAILURE(exchange(of_other_process, host_word::silent));
    EXPECT_EQ(refused(of_other_process), std::nullopt);
    leave(gate, host_word::silent);
    EXPECT_NE(refused(gate), std::nullopt);
}

TEST_F(HostGate, AnAnswerForgetsTheFailures) {
    for (int i = 1; i < host_gate::failures_to_pause; ++i)
        ASSERT_NO_FATAL_FAILURE(exchange(gate, host_word::silent));
    ASSERT_NO_FATAL_FAILURE(exchange(of_other_process, host_word::answered));
    ASSERT_NO_FATAL_FAILURE(exchange(gate, host_word::silent));
    EXPECT_EQ(refused(gate), std::nullopt);
}

TEST_F(HostGate, WhoDidNotAskSaysNothingOfTheHost) {
    for (int i = 1; i < host_gate::failures_to_pause; ++i)
        ASSERT_NO_FATAL_FAILURE(exchange(gate, host_word::silent));
    ASSERT_NO_FATAL_FAILURE(exchange(gate, host_word::not_asked));
    ASSERT_EQ(refused(gate), std::nullopt) << "it is no failure";
    leave(gate, host_word::silent);
    EXPECT_NE(refused(gate), std::nullopt) << "and it is no answer";
}

TEST_F(HostGate, OfManyWhoFindNoPlaceEachHasATurnAtThePaceOfTheHost) {
    ASSERT_NO_FATAL_FAILURE(fill(gate));
    for (int i = 0; i < host_gate::max_in_flight; ++i)
        leave(gate, host_word::answered, 80ms);
    ASSERT_NO_FATAL_FAILURE(fill(gate));
    // Eight at once, 80 ms each: one leaves each 10 ms.
    for (int i = 0; i < 1000; ++i)
        ASSERT_EQ(refused(gate), 1000ms + i * 10ms);
    time.advance(20s);
    EXPECT_EQ(refused(gate), 1000ms) << "their turns are over";
}

TEST_F(HostGate, ThousandsWhoWaitForAHangingHostDoNotComeAllAtOnce) {
    ASSERT_NO_FATAL_FAILURE(fill(gate));
    time.advance(8s);  // nobody has answered: an exchange takes 8 s at least
    std::map<milliseconds::rep, int> in_second;
    for (int i = 0; i < 10'000; ++i)
        ++in_second[refused(gate).value_or(0ms).count() / 1000];
    EXPECT_EQ(in_second.begin()->first, 1);
    for (auto const& [second, count] : in_second)
        EXPECT_LE(count, 101) << second;
    EXPECT_LE(in_second.rbegin()->first, 165) << "and they do not wait for ever";
}

TEST_F(HostGate, AfterAPauseTheyDoNotComeAllAtOnceEither) {
    for (int i = 0; i < host_gate::failures_to_pause; ++i)
        ASSERT_NO_FATAL_FAILURE(exchange(gate, host_word::silent, 0ms));
    std::map<milliseconds::rep, int> in_second;
    for (int i = 0; i < 1000; ++i)
        ++in_second[refused(gate).value_or(0ms).count() / 1000];
    EXPECT_EQ(in_second.begin()->first, 60);
    for (auto const& [second, count] : in_second)
        EXPECT_LE(count, 101) << second;
}

TEST_F(HostGate, RememberedHostsAreBounded) {
    for (std::size_t i = 0; i < 2 * host_gate::max_known; ++i) {
        auto const name = "https://" + std::to_string(i) + ".example";
        ASSERT_EQ(refused(gate, name), std::nullopt);
        EXPECT_TRUE(run(gate.leave(name, host_word::answered, 5ms)));
        ASSERT_LE(gate.known_hosts(), host_gate::max_known);
    }
}

}  // namespace
}  // namespace cxb::api::test
