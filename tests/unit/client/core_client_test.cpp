#include "cxb/client/core_client.hpp"

#include "tests/unit/client/client_fixture.hpp"

namespace {
using namespace cxb;
using namespace std::chrono_literals;

constexpr char const* accepted = R"({"status":"accepted","call_id":"c1"})";

struct CoreClient : cxb_test::ClientFixture {
    enum class start { attach, dialout, dispatch, widget };
    result<contract::dialout::call_accepted> run(client::core_client& core, start what) {
        std::string const bot = "65f000000000000000000001";
        switch (what) {
            case start::attach: {
                client::attach_params params;
                params.request.room_name = "r";
                params.request.bot_id = bot;
                params.idempotency_key = "k";
                return runner.run(core.attach(std::move(params)));
            }
            case start::dialout: {
                client::core_dialout_params params;
                params.request.bot_id = bot;
                params.request.to_number = "+919876543210";
                return runner.run(core.dialout(std::move(params)));
            }
            case start::dispatch: {
                contract::dispatch::dispatch_request request;
                request.room_name = "r";
                request.caller_number = "+919876543210";
                request.dialed_number = "+911140000001";
                return runner.run(core.dispatch(std::move(request)));
            }
            case start::widget: {
                contract::widget::widget_request request;
                request.bot_id = bot;
                request.room_name = "r";
                return runner.run(core.widget(std::move(request)));
            }
        }
        return error{errc::internal};
    }
};

// 10-37: a call start is repeated only where no second call can come of it.
TEST_F(CoreClient, CallStartsRepeatOnlyWhereTheTableSaysSo) {
    struct row {
        start what;
        char const* path;
        std::chrono::milliseconds timeout;
        bool after_unsent, after_429;
    };
    constexpr row rows[] = {{start::attach, "/attach", 10s, true, false},
                            {start::dialout, "/livekit/dialout", 60s, true, true},
                            {start::dispatch, "/livekit/dispatch", 10s, false, false},
                            {start::widget, "/livekit/widget", 10s, true, false}};
    for (auto const& one : rows) {
        SCOPED_TRACE(one.path);
        client::core_client core(options());
        auto tries = [&](result<wire::http_response> first) {
            auto const before = net.calls().size();
            if (first)
                net.reply(first->status, first->body);
            else
                net.fail(first.error());
            net.otherwise([](client::outgoing_request const&) {
                wire::http_response out;
                out.body = accepted;
                return cxb::testing::scripted_transport::answer(out);
            });
            auto const got = run(core, one.what);
            auto const calls = net.calls();
            EXPECT_EQ(calls.back().request.url, std::string("http://peer:1") + one.path);
            EXPECT_EQ(calls.back().options.total, one.timeout);
            EXPECT_EQ(calls.back().request.message.headers.get("X-CXBCore-Secret"), "s3cret");
            EXPECT_EQ(got.has_value(), calls.size() - before == 2);
            return calls.size() - before;
        };
        wire::http_response full;
        full.status = 429;
        full.body = R"({"error":"At capacity"})";
        wire::http_response down;
        down.status = 503;
        EXPECT_EQ(tries(refused()), one.after_unsent ? 2U : 1U);
        EXPECT_EQ(tries(reset()), 1U);
        EXPECT_EQ(tries(timed_out()), 1U);
        EXPECT_EQ(tries(full), one.after_429 ? 2U : 1U);
        EXPECT_EQ(tries(down), 1U);
    }
}

TEST_F(CoreClient, AttachSendsItsKeyAndBody) {
    net.reply(200, accepted);
    client::core_client core(options());
    EXPECT_TRUE(run(core, start::attach));
    auto const sent = net.calls()[0].request.message;
    EXPECT_EQ(sent.headers.get("Idempotency-Key"), "k");
    EXPECT_EQ(sent.body, R"({"room_name":"r","bot_id":"65f000000000000000000001"})");
}

TEST_F(CoreClient, AFaultyRequestIsNotSent) {
    client::core_client core(options());
    auto const got = runner.run(core.attach({}));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), errc::invalid);
    client::attach_params params;
    params.request.room_name = "r";
    params.request.bot_id = "65f000000000000000000001";
    params.idempotency_key.assign(256, 'k');
    EXPECT_EQ(runner.run(core.attach(std::move(params))).error().code(), errc::invalid);
    EXPECT_TRUE(net.calls().empty());
}

TEST_F(CoreClient, FleetHealthIsAskedOnceAndNeverFails) {
    using contract::fleet::fleet_fault;
    using contract::fleet::fleet_health;
    client::core_client core(options());
    net.reply(200,
              R"({"status":"ok","fleet_calls":1,"fleet_max":2,"fleet_available":1,"workers":[]})")
        .reply(503)
        .fail(refused())
        .fail(timed_out());
    auto const good = runner.run(core.fleet_health());
    ASSERT_TRUE(good);
    EXPECT_EQ(std::get<fleet_health>(*good).fleet_available, 1);
    EXPECT_EQ(net.calls()[0].options.total, 20s);
    EXPECT_FALSE(net.calls()[0].request.message.headers.has("X-CXBCore-Secret"));
    for (char const* reason : {"http_status", "network", "timeout"}) {
        auto const bad = runner.run(core.fleet_health());
        ASSERT_TRUE(bad);
        EXPECT_EQ(std::get<fleet_fault>(*bad).reason, reason);
    }
    EXPECT_EQ(net.calls().size(), 4U);
}

TEST_F(CoreClient, WorkerHealthIsRead) {
    client::core_client core(options());
    net.reply(200, contract::fleet::serialize(contract::fleet::worker_health{})).reply(200, "[]");
    EXPECT_TRUE(runner.run(core.health()));
    auto const bad = runner.run(core.health());
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code(), errc::corrupt_data);
}

TEST_F(CoreClient, ARecordingIsFetchedOnce) {
    client::core_client core(options());
    net.reply(206, "RIFF").reply(404).fail(refused());
    client::recording_params params;
    params.key = "2026/01/a (1).wav";
    params.range = "bytes=0-3";
    params.stream = true;
    EXPECT_EQ(runner.run(core.recording(params)).error().code(), errc::invalid);  // a blank
    params.key = "2026/01/a(1).wav";
    auto const got = runner.run(core.recording(params));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, 206);
    EXPECT_EQ(got->body, "RIFF");
    auto const call = net.calls().at(0);
    EXPECT_EQ(call.request.url, "http://peer:1/recordings/2026/01/a%281%29.wav");
    EXPECT_EQ(call.request.message.headers.get("Range"), "bytes=0-3");
    EXPECT_EQ(call.request.message.headers.get("X-CXBCore-Secret"), "s3cret");
    EXPECT_EQ(call.options.total, 5s);
    EXPECT_TRUE(call.options.stream);
    params.stream = false;
    EXPECT_EQ(runner.run(core.recording(params)).error().code(), errc::not_found);
    EXPECT_EQ(net.calls().at(1).options.max_response_bytes, 64 * limits::mib);
    EXPECT_EQ(runner.run(core.recording(params)).error().code(), errc::unavailable);
    EXPECT_EQ(net.calls().size(), 3U);
}

}  // namespace
