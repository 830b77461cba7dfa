// A result and a store that fails, or a call that somebody else changes meanwhile (spec 21 §1.2).
#include <gtest/gtest.h>

#include "cxb/net/event_loops.hpp"
#include "cxb/testing/fault_store.hpp"
#include "server/api/calls/result_ingest.hpp"
#include "server/api/webhooks/webhook_directory.hpp"
#include "server/common/jobs/job.hpp"
#include "server/common/model/collections.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "support/child_process.hpp"

namespace cxb::api::test {
namespace {

namespace asio = boost::asio;
namespace model = server::model;
using testing::store_operation;
using wire::json_object;

constexpr char const* session = "s-1";
constexpr int most_decisions = 5;

struct ResultFaults : ::testing::Test {
    cxb::test::scratch_dir scratch;
    net::event_loops loops{1};
    std::unique_ptr<store::sqlite_document_store> inner = [this] {
        store::sqlite_options options;
        options.path = scratch / "x.db";
        return store::sqlite_document_store::open(std::move(options)).value();
    }();
    testing::fault_store shaky{*inner};
    server::metrics_registry metrics;
    server::keyed_turn turns;
    audit_trail audit{shaky, real_clock(), system_random()};
    domain::guard_policy policy = domain::make_guard_policy(false, {}).value();
    bot_directory bots{shaky, audit, real_clock(), system_random(), policy};
    webhook_directory endpoints{shaky, audit, real_clock(), system_random(), policy};
    result_ingest results{shaky, bots, endpoints, turns, metrics, real_clock(), system_random()};
    std::string bot;

    void SetUp() override {
        loops.start();
        loops.run_and_wait([](ResultFaults& at) -> asio::awaitable<void> {
            for (auto const* collection : model::all_collections())
                EXPECT_TRUE(co_await at.shaky.ensure(*collection));
            EXPECT_TRUE(co_await at.shaky.ensure(server::jobs));
        }(*this));
        bot = make_bot({});
    }
    void TearDown() override {
        loops.stop();
        inner->close();
    }
    template <class T>
    T run(asio::awaitable<T> work) {
        std::optional<T> out;
        loops.run_and_wait(
            [](asio::awaitable<T> what, std::optional<T>& got) -> asio::awaitable<void> {
                got.emplace(co_await std::move(what));
            }(std::move(work), out));
        return *std::move(out);
    }
    std::string make_bot(json_object push) {
        push["url"] = "https://crm.example/calls";
        auto const made = run(bots.create({{"name", "Renewals"}, {"post_call_push", push}},
                                          audit_actor::system("test")));
        EXPECT_TRUE(made) << made.error().to_log_text();
        return made ? made->bot->id : std::string();
    }
    result<std::string> post(ingest_options options = {}, std::string const& to = session) {
        json_object const body{{"session_id", to},
                               {"bot_id", bot},
                               {"disconnected_by", "customer"},
                               {"call_duration_seconds", 42}};
        auto const got = run(results.take(wire::to_text(body), std::move(options)));
        if (!got) return got.error();
        return std::string(got->result->text());
    }
    std::int64_t rows(store::collection const& in) { return run(inner->count(in, {}, 0)).value(); }
    json_object call(std::string const& of = session) {
        return run(inner->find_one(model::calls, model::of_session(of))).value().value();
    }
    void expect_try_again(result<std::string> const& got) {
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().code(), errc::unavailable);
        EXPECT_EQ(got.error().retry_after(), seconds{1});
        for (auto const* each :
             {&model::calls, &server::jobs, &model::call_trace, &model::call_rollups})
            EXPECT_EQ(rows(*each), 0) << each->name;
    }
    // Commits that find the call changed, or are carried out after all.
    ingest_options commits(std::function<store::async<void>(int)> before) {
        ingest_options out;
        out.commit = [this, before](store::batch writes) -> store::async<store::commit_outcome> {
            CXB_CO_CHECK(co_await before(++commits_));
            co_return co_await shaky.commit(std::move(writes));
        };
        return out;
    }
    int commits_ = 0;
};

TEST_F(ResultFaults, AStoreThatFailsTakesNothing) {
    shaky.add({.on = store_operation::commit, .times = 0});
    expect_try_again(post());
    shaky.clear();
    shaky.add({.on = store_operation::any_read, .times = 0});
    expect_try_again(post());
    shaky.clear();
    EXPECT_EQ(post().value(), "stored");
    EXPECT_EQ(rows(server::jobs), 1);
}

// The worker hears of a failure and sends it again.
TEST_F(ResultFaults, WhatWasStoredAllTheSameIsADuplicateNextTime) {
    shaky.add({.on = store_operation::commit, .carried_out = true});
    EXPECT_FALSE(post());
    shaky.clear();
    EXPECT_EQ(post().value(), "duplicate");
    EXPECT_EQ(rows(model::calls), 1);
    EXPECT_EQ(rows(server::jobs), 1);
}

TEST_F(ResultFaults, ACallThatAlwaysChangesIsGivenUpAfterFiveDecisions) {
    EXPECT_TRUE(run(inner->insert(
        model::calls,
        {{"session_id", session}, {"rev", 1}, {"status", "active"}, {"call_type", "bot"}})));
    auto const got = post(commits([this](int) -> store::async<void> {
        auto const moved =
            co_await inner->update_one(model::calls, model::of_session(session),
                                       store::update{}.inc("rev", 1).set("touched", true));
        if (!moved) co_return moved.error();
        co_return result<void>{};
    }));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), errc::unavailable);
    EXPECT_EQ(commits_, most_decisions);
    EXPECT_EQ(wire::text_at(call(), "status"), "active");
    EXPECT_EQ(rows(server::jobs), 0);
    EXPECT_EQ(rows(model::call_trace), 0);
}

// Another process serves the config between the look and the write.
TEST_F(ResultFaults, ASkeletonThatComesInBetweenIsNoOrphan) {
    auto const got = post(commits([this](int number) -> store::async<void> {
        if (number > 1) co_return result<void>{};
        co_return co_await inner->insert(model::calls, {{"session_id", session},
                                                        {"rev", 1},
                                                        {"status", "active"},
                                                        {"bot_id", bot},
                                                        {"call_type", "bot"},
                                                        {"crm_data", {{"name", "Ravi"}}}});
    }));
    ASSERT_TRUE(got) << got.error().to_log_text();
    EXPECT_EQ(*got, "stored");
    EXPECT_EQ(commits_, 2);
    EXPECT_FALSE(call().contains("orphan_result"));
    EXPECT_EQ(wire::text_at(call(), "crm_data.name"), "Ravi");
    EXPECT_EQ(wire::text_at(call(), "status"), "completed");
    EXPECT_EQ(rows(server::jobs), 1);
}

// Another process takes the same result in between: one of the two stores it.
TEST_F(ResultFaults, TheSameResultAtAnotherProcessIsStoredOnce) {
    server::keyed_turn turns_of_other;
    result_ingest beside{shaky,   bots,         endpoints,      turns_of_other,
                         metrics, real_clock(), system_random()};
    auto const got = post(commits([&](int number) -> store::async<void> {
        if (number > 1) co_return result<void>{};
        auto const first =
            co_await beside.take(wire::to_text(json_object{{"session_id", session},
                                                           {"bot_id", bot},
                                                           {"disconnected_by", "customer"},
                                                           {"call_duration_seconds", 42}}),
                                 {});
        EXPECT_TRUE(first);
        co_return result<void>{};
    }));
    EXPECT_EQ(got.value(), "duplicate");
    EXPECT_EQ(rows(model::calls), 1);
    EXPECT_EQ(rows(server::jobs), 1);
    EXPECT_EQ(rows(model::call_rollups), 1);
}

// What pushes are written for (the table of spec 21 §1.3).
TEST_F(ResultFaults, CallsOfAgentsArePushedOnlyWhereTheBotSaysSo) {
    std::string const silent = bot;
    std::string const telling = make_bot({{"include_agent_calls", true}});
    for (auto const& each : {silent, telling}) {
        bot = each;
        EXPECT_TRUE(run(inner->insert(model::calls, {{"session_id", "of " + each},
                                                     {"rev", 1},
                                                     {"status", "active"},
                                                     {"bot_id", each},
                                                     {"call_type", "agent"},
                                                     {"parent_call_id", "p-" + each}})));
        EXPECT_EQ(post({}, "of " + each).value(), "stored");
    }
    EXPECT_EQ(wire::text_at(call("of " + silent), "push_state"), "skipped");
    EXPECT_EQ(wire::text_at(call("of " + telling), "push_state"), "queued");
    EXPECT_EQ(rows(server::jobs), 1);
}

TEST_F(ResultFaults, ABotThatWasDeletedMeanwhileIsPushedFor) {
    auto const gone = run(bots.remove(bot, audit_actor::system("test")));
    ASSERT_TRUE(gone) << gone.error().to_log_text();
    EXPECT_EQ(post().value(), "stored");
    EXPECT_EQ(wire::text_at(call(), "push_state"), "queued");
    EXPECT_EQ(rows(server::jobs), 1);
}

}  // namespace
}  // namespace cxb::api::test
