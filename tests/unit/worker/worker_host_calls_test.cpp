// Calls that run for a while: dispatch, drain, operators, repeated starts, owed corrections.

#include "tests/unit/worker/host_fixture.hpp"

namespace {

namespace asio = boost::asio;
namespace worker = cxb::worker;
using cxb::wire::text_at;
using cxb_test::scripted_peer;
using namespace std::chrono_literals;

class GatedHost : public cxb_test::host_test {
  protected:
    void open() { host_test::open(handler_); }
    std::string attach() {
        auto const answer = ask("/attach", body_);
        EXPECT_EQ(answer.status, 200);
        auto const parsed = cxb::wire::parse_json(answer.body).value();
        run_until([&] { return !handler_.waiting().empty(); });
        return std::string(text_at(parsed.as_object(), "call_id"));
    }
    cxb_test::gated_handler handler_;
};

// 80-6: the caller is removed exactly once, by the worker that refuses.
TEST_F(GatedHost, RefusedDispatchRemovesTheCallerOnce) {
    open();
    auto const running = attach();
    auto const asked = peer_.seen.size();
    auto const refused = ask("/livekit/dispatch", dispatch_);
    EXPECT_EQ(refused.status, 429);
    EXPECT_NE(refused.body.find(R"("error":"At capacity")"), std::string::npos);
    EXPECT_EQ(handler_.turned_away, (std::vector<std::string>{"r"}));
    EXPECT_EQ(ask("/attach", body_).status, 429);
    EXPECT_EQ(handler_.turned_away.size(), 1U) << "an attach has nobody to remove";
    EXPECT_EQ(peer_.seen.size(), asked) << "no look-up, no config";
    EXPECT_EQ(handler_.waiting(), (std::vector<std::string>{running}));
    host_->begin_drain();
    EXPECT_EQ(ask("/livekit/dispatch", dispatch_).status, 503);
    EXPECT_EQ(handler_.turned_away.size(), 1U) << "draining leaves him in the room";
}

TEST_F(GatedHost, DispatchLooksTheNumberUpBeforeItAnswers) {
    open();
    lookup_ = scripted_peer::status(404);
    EXPECT_EQ(ask("/livekit/dispatch", dispatch_).status, 404);
    EXPECT_EQ(handler_.turned_away.size(), 1U);
    EXPECT_EQ(host_->now().calls, 0U);
    for (int const status : {403, 500}) {
        lookup_ = scripted_peer::status(status);
        EXPECT_EQ(ask("/livekit/dispatch", dispatch_).status, 503);
    }
    lookup_ = cxb::error{cxb::errc::unavailable, "refused"};
    EXPECT_EQ(ask("/livekit/dispatch", dispatch_).status, 503);
    EXPECT_EQ(handler_.turned_away.size(), 1U);
    EXPECT_EQ(host_->now().calls, 0U);
    EXPECT_EQ(journals(), 0U);
    lookup_ = scripted_peer::status(200, R"({"bot_id":"b1","carrier_id":"c","did_id":"d"})");
    peer_.seen.clear();
    auto const answer = ask("/livekit/dispatch",
                            R"({"room_name":"r","caller_number":"+911","dialed_number":"+91 2",)"
                            R"("call_id":"mine"})");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"status":"accepted","call_id":"mine"})");
    run_until([&] { return !handler_.waiting().empty(); });
    ASSERT_EQ(peer_.seen.size(), 2U);
    EXPECT_EQ(peer_.seen[0].url, "http://a/api/v1/sip/lookup?number=%2B91%202");
    EXPECT_TRUE(peer_.seen[1].url.starts_with("http://a/api/v1/config/b1?"));
    EXPECT_NE(peer_.seen[1].url.find("caller_id=%2B911"), std::string::npos);
    EXPECT_NE(peer_.seen[1].url.find("transport=livekit_inbound"), std::string::npos);
}

TEST_F(GatedHost, DrainWaitsForCallsWhateverWasStartedFirst) {
    for (bool const run_first : {true, false}) {
        options_.outbox_dir = folder_.path() / (run_first ? "a" : "b");
        open();
        auto const id = attach();
        bool drained = false;
        auto const drain = [&]() -> asio::awaitable<void> {
            co_await host_->drain(1h);
            drained = true;
        };
        if (run_first) asio::co_spawn(loop_, host_->run(), asio::detached);
        asio::co_spawn(loop_, drain, asio::detached);
        if (!run_first) asio::co_spawn(loop_, host_->run(), asio::detached);
        EXPECT_EQ(ask("/attach", body_).status, 429);
        EXPECT_EQ(ask("/undrain", "{}").status, 409) << "a host that leaves does not come back";
        EXPECT_FALSE(drained);
        EXPECT_TRUE(handler_.end(id));
        loop_.restart();
        loop_.run_for(20s);
        EXPECT_TRUE(drained);
        EXPECT_TRUE(loop_.stopped());
        EXPECT_TRUE(stored().empty()) << "it was delivered while draining";
        host_.reset();
    }
}

TEST_F(GatedHost, IdleDrainEndsAtOnceAlsoWithoutARun) {
    open();
    asio::co_spawn(loop_, host_->drain(1h), asio::detached);
    loop_.run_for(20s);
    EXPECT_TRUE(loop_.stopped());
}

TEST_F(GatedHost, DrainDeadlineEndsTheCalls) {
    open();
    (void)attach();
    asio::co_spawn(loop_, host_->run(), asio::detached);
    asio::co_spawn(loop_, host_->drain(0ms), asio::detached);
    loop_.restart();
    loop_.run_for(20s);
    EXPECT_TRUE(loop_.stopped());
    EXPECT_EQ(handler_.stops, (std::vector<std::string>{"drain_deadline"}));
    ASSERT_EQ(ended_.size(), 1U);
}

TEST_F(GatedHost, OperatorEndsACall) {
    open();
    auto const id = attach();
    auto const live = cxb::wire::parse_json(ask("/calls", "").body).value();
    auto const& call = live.as_object().at("calls").as_array().at(0).as_object();
    EXPECT_EQ(text_at(call, "call_id"), id);
    EXPECT_EQ(text_at(call, "session_id"), "s1");
    EXPECT_EQ(text_at(call, "transport"), "attach");
    EXPECT_EQ(ask("/calls/" + id + "/end", "[").status, 400);
    EXPECT_EQ(ask("/calls/" + id + "/end", R"({"reason":"test"})").status, 200);
    run_until([&] { return !ended_.empty(); });
    EXPECT_EQ(handler_.stops, (std::vector<std::string>{"operator_end"}));
    EXPECT_EQ(ask("/calls/" + id + "/end", "{}").status, 404);
}

// 10-25
TEST_F(GatedHost, RepeatedKeyGetsTheFirstAnswerAndNoSecondCall) {
    open();
    auto one = request("/attach", body_);
    one.headers.set("Idempotency-Key", "k1");
    auto const first = ask(one);
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(ask(one).body, first.body);
    one.body = R"({"room_name":"other","bot_id":"b"})";
    auto const other = ask(one);
    EXPECT_EQ(other.status, 422);
    EXPECT_NE(other.body.find("idempotency_key_reused"), std::string::npos);
    // A refused start frees its key.
    auto two = request("/attach", body_);
    two.headers.set("Idempotency-Key", "k2");
    EXPECT_EQ(ask(two).status, 429);
    run_until([&] { return !handler_.waiting().empty(); });
    handler_.end(handler_.waiting().at(0));
    run_until([&] { return !ended_.empty(); });
    EXPECT_EQ(ask(two).status, 200);
}

// A correction of a call that an earlier process owed is posted once the host runs.
TEST_F(GatedHost, UnfinishedCorrectionsArePosted) {
    struct owing : cxb_test::gated_handler {
        int asked = 0;
        bool settled = false;
        std::vector<worker::unfinished_call> unfinished() override {
            if (++asked > 1) return {};
            worker::unfinished_call one;
            one.url = "http://a/hook";
            one.end.result.session_id = "s9";
            one.end.result.result_id = "019436f4-0000-7000-8000-000000000001";
            one.end.afterwards =
                []() -> asio::awaitable<std::optional<cxb::contract::call_results::call_results>> {
                cxb::contract::call_results::call_results changed;
                changed.result_seq = 2;
                co_return changed;
            };
            one.end.settled = [this] { settled = true; };
            return {std::move(one)};
        }
    } handler;
    host_test::open(handler);
    asio::co_spawn(loop_, host_->run(), asio::detached);
    run_until([&] { return !peer_.seen.empty(); });
    EXPECT_TRUE(handler.settled);
    EXPECT_EQ(peer_.seen[0].url, "http://a/hook");
    EXPECT_NE(peer_.seen[0].message.body.find(R"("result_seq":2)"), std::string::npos);
    EXPECT_NE(peer_.seen[0].message.body.find("s9"), std::string::npos);
    asio::co_spawn(loop_, host_->drain(0ms), asio::detached);
    loop_.run_for(20s);
    EXPECT_TRUE(loop_.stopped());
}

// A call is cut while its journal is written: the disk thread is done before the loop goes.
TEST_F(GatedHost, ItsDiskIsQuietOnceItIsGone) {
    std::atomic<bool> armed = false;
    std::atomic<bool> reached = false;
    std::promise<void> go_on;
    options_.disk.gate =
        [&, gone_on = go_on.get_future().share()](worker::disk_step) -> cxb::result<void> {
        if (armed) {
            reached = true;
            gone_on.wait();
        }
        return {};
    };
    open();
    armed = true;
    asio::co_spawn(loop_, host_->handle(request("/attach", body_)), asio::detached);
    run_until([&] { return reached.load(); });
    auto going = std::async(std::launch::async, [this] { host_.reset(); });
    EXPECT_EQ(going.wait_for(20ms), std::future_status::timeout);
    go_on.set_value();
    going.get();
    EXPECT_EQ(journals(), 1U);
}

}  // namespace
