// A store that answers too late or fails midway: what a config and a dialout do then
// (spec 20 §8 step 14, 21 §6 step 7).
#include <gtest/gtest.h>

#include "cxb/net/event_loops.hpp"
#include "cxb/testing/fault_store.hpp"
#include "cxb/testing/scripted_transport.hpp"
#include "server/api/config/config_service.hpp"
#include "server/api/dialout/dialout_service.hpp"
#include "server/common/jobs/job.hpp"
#include "server/common/model/collections.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "support/child_process.hpp"

namespace cxb::api::test {
namespace {

namespace asio = boost::asio;
namespace model = server::model;
using wire::json_object;

std::unique_ptr<store::sqlite_document_store> open_in(cxb::test::scratch_dir const& folder) {
    store::sqlite_options options;
    options.path = folder / "x.db";
    return store::sqlite_document_store::open(std::move(options)).value();
}

struct SlowStore : ::testing::Test {
    cxb::test::scratch_dir scratch;
    net::event_loops loops{1};
    std::unique_ptr<store::sqlite_document_store> inner = open_in(scratch);
    testing::fault_store slow{*inner};
    server::metrics_registry metrics;
    server::keyed_turn turns;
    audit_trail audit{slow, real_clock(), system_random()};
    settings_directory system{slow, audit, real_clock()};
    bot_directory bots{slow, audit, real_clock(), system_random(),
                       domain::make_guard_policy(false, {}).value()};
    testing::scripted_transport crm;
    crm_prefetch prefetch{crm, real_clock()};
    webhook_directory endpoints{slow, audit, real_clock(), system_random(),
                                domain::make_guard_policy(false, {}).value()};
    std::optional<config_service> configs;
    config_options options;
    std::string bot_id;

    void SetUp() override {
        loops.start();
        loops.run_and_wait([](SlowStore& at) -> asio::awaitable<void> {
            for (auto const* collection : model::all_collections())
                EXPECT_TRUE(co_await at.slow.ensure(*collection));
            EXPECT_TRUE(co_await at.system.load());
            json_object sent{{"name", "Renewals"}};
            auto const made = co_await at.bots.create(std::move(sent), audit_actor::system("test"));
            if (made) at.bot_id = made->bot->id;
        }(*this));
        ASSERT_FALSE(bot_id.empty());
        be_configured();
    }
    void be_configured() {
        configs.emplace(slow, bots, system, prefetch, endpoints, turns, metrics, real_clock(),
                        system_random(), options);
    }
    void TearDown() override {
        loops.stop();
        inner->close();
        loops.let_go();
    }
    config_ask asked() {
        config_ask ask;
        ask.bot_id = bot_id;
        ask.base = "http://api.example";
        ask.request.fetch_id = "019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10";
        return ask;
    }
    result<config_service::served> serve() { return serve(asked()); }
    result<config_service::served> serve(config_ask ask) {
        result<config_service::served> out = error{errc::internal};
        loops.run_and_wait([](SlowStore& at, config_ask what,
                              result<config_service::served>& got) -> asio::awaitable<void> {
            got = co_await at.configs->serve(std::move(what));
        }(*this, std::move(ask), out));
        return out;
    }
};

TEST_F(SlowStore, AConfigWaitsOneSecondAndTheNextTryFindsItsCall) {  // 20-38, 10-12
    // Written at once, told late.
    slow.add({.on = testing::store_operation::commit,
              .times = 0,
              .failure = {},
              .delay = milliseconds{1500}});
    auto const began = std::chrono::steady_clock::now();
    auto const refused = serve();
    auto const took = std::chrono::steady_clock::now() - began;
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::unavailable);
    EXPECT_EQ(refused.error().reason(), "store_unavailable");
    EXPECT_EQ(refused.error().retry_after(), seconds{1});
    EXPECT_GE(took, std::chrono::milliseconds{1000});
    EXPECT_LT(took, std::chrono::milliseconds{1500});
    slow.clear();
    auto const served = serve();
    ASSERT_TRUE(served) << served.error().to_log_text();
    loops.run_and_wait([](SlowStore& at, std::string session) -> asio::awaitable<void> {
        auto const count = co_await at.slow.count(model::calls, {}, 0);
        EXPECT_EQ(*count, 1);
        auto const by_session = store::all_of({store::eq("session_id", wire::json_value(session))});
        auto const call = co_await at.slow.find_one(model::calls, by_session, {});
        EXPECT_EQ(wire::int_at(**call, "config_fetches"), 2);
    }(*this, served->session_id));
}

// What a config of this bot comes to when its time is 300 ms.
struct ConfigDeadline : SlowStore {
    void SetUp() override {
        SlowStore::SetUp();
        options.deadline = milliseconds{300};
        be_configured();
    }
    void expect_late(config_ask ask, std::chrono::milliseconds before) {
        auto const began = std::chrono::steady_clock::now();
        auto const refused = serve(std::move(ask));
        auto const took = std::chrono::steady_clock::now() - began;
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code(), errc::unavailable);
        EXPECT_EQ(refused.error().reason(), "config_deadline");
        EXPECT_EQ(refused.error().detail(), "config_deadline");
        EXPECT_GE(took, options.deadline);
        EXPECT_LT(took, before);
    }
    std::int64_t calls() {
        std::int64_t out = -1;
        loops.run_and_wait([](SlowStore& at, std::int64_t& got) -> asio::awaitable<void> {
            got = (co_await at.inner->count(model::calls, {}, 0)).value();
        }(*this, out));
        return out;
    }
};

TEST_F(ConfigDeadline, AReadThatTakesLongerIsNotWaitedFor) {
    config_ask linked = asked();
    linked.request.connected_event.flags.campaign_id = "c1";
    linked.request.connected_event.flags.campaign_call_id = "k1";
    slow.add({.on = testing::store_operation::find_one,
              .collection = "campaign_calls",
              .times = 0,
              .failure = {},
              .delay = milliseconds{3000}});
    expect_late(linked, std::chrono::milliseconds{3000});
    EXPECT_EQ(calls(), 0);
    EXPECT_NE(metrics.expose().find(R"(cxb_config_total{outcome="config_deadline"} 1)"),
              std::string::npos);
    slow.clear();
}

TEST_F(ConfigDeadline, AWriteThatIsToldTooLateIsFoundByTheNextTry) {
    slow.add({.on = testing::store_operation::commit,
              .times = 0,
              .failure = {},
              .delay = milliseconds{900}});
    expect_late(asked(), std::chrono::milliseconds{900});
    slow.clear();
    options.deadline = milliseconds{4500};
    be_configured();
    ASSERT_TRUE(serve());
    EXPECT_EQ(calls(), 1);
}

// The other build of the same call is held up: nobody waits longer for it than for himself.
TEST_F(ConfigDeadline, ATurnThatDoesNotComeIsNotWaitedFor) {
    std::optional<server::keyed_turn::hold> other;
    loops.run_and_wait(
        [](SlowStore& at, std::optional<server::keyed_turn::hold>& held) -> asio::awaitable<void> {
            held.emplace(co_await at.turns.take("fetch " + *at.asked().request.fetch_id));
        }(*this, other));
    expect_late(asked(), std::chrono::milliseconds{30'000});
    // When its turn comes its time is over: it writes nothing.
    other.reset();
    EXPECT_TRUE(cxb::test::eventually([&] { return turns.size() == 0; }));
    EXPECT_EQ(calls(), 0);
}

// The reservation cannot be given back, but the phone may ring: that is what the caller must hear.
TEST_F(SlowStore, ADialoutInDoubtStaysInDoubtWhenTheStoreFails) {  // 21-29
    testing::scripted_transport hosts;
    hosts.otherwise(
        [&](client::outgoing_request const& request) -> testing::scripted_transport::answer {
            if (request.url.ends_with("/health/fleet")) {
                wire::http_response fine;
                fine.status = 200;
                fine.body = R"({"status":"ok","fleet_calls":0,"fleet_max":2,"fleet_available":2,)"
                            R"("workers":[]})";
                return fine;
            }
            slow.add({.on = testing::store_operation::find_one, .times = 0});
            return error{errc::deadline_exceeded}.with_request_sent(sent_state::maybe);
        });
    fleet_options options;
    options.fallback_urls = {"http://10.0.0.1", "http://10.0.0.2"};
    fleet_service fleet(hosts, system, slow, metrics, real_clock(), system_random(), options);
    server::logger log({.level = server::log_level::off});
    server::secret_gate const core({});
    call_handover handover(fleet, hosts, core, log, real_clock());
    dialout_service dialouts(handover, slow, log, metrics, real_clock(), system_random(),
                             milliseconds{1000});
    result<dialed_call> out = error{errc::internal};
    loops.run_and_wait([](dialout_service& service, std::string bot,
                          result<dialed_call>& got) -> asio::awaitable<void> {
        dial_order order;
        order.bot_id = std::move(bot);
        order.to_number = "+919876543210";
        order.config_base = "http://api.example";
        got = co_await service.dial(std::move(order));
    }(dialouts, bot_id, out));
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code(), errc::deadline_exceeded);
    EXPECT_EQ(out.error().reason(), "outcome_unknown");
    std::size_t dials = 0;
    for (auto const& one : hosts.calls())
        dials += one.request.url.ends_with("/livekit/dialout") ? 1 : 0;
    EXPECT_EQ(dials, 1U);
    slow.clear();
}

}  // namespace
}  // namespace cxb::api::test
