#include "cxb/worker/worker_host.hpp"

#include <stdexcept>

#include "tests/unit/worker/host_fixture.hpp"

namespace {

namespace asio = boost::asio;
namespace worker = cxb::worker;
using cxb::wire::text_at;
using cxb_test::scripted_peer;
using namespace std::chrono_literals;

struct failing_handler final : worker::call_handler {
    bool throws = false;
    int runs = 0;
    asio::awaitable<cxb::result<worker::call_end>> run(worker::call_context) override {
        ++runs;
        if (throws) throw std::runtime_error("boom");
        co_return cxb::error{cxb::errc::internal, "no media"};
    }
};

class WorkerHost : public cxb_test::host_test {
  protected:
    void open() { host_test::open(handler_); }
    void run_call() {
        run_until([&] { return !ended_.empty(); });
    }
    // Fails every durable write while `broken`.
    void break_disk() {
        // Work that the loop lets go of at the end may still write.
        options_.disk.gate = [broken = broken_](worker::disk_step) -> cxb::result<void> {
            if (*broken) return cxb::error{cxb::errc::unavailable, "disk full"};
            return {};
        };
    }
    // The disk works until the config has been given.
    void break_disk_with_the_config() {
        peer_.reply = [this](cxb::client::outgoing_request const& request) {
            if (request.message.method != "POST") *broken_ = true;
            return request.message.method == "POST" ? posted_ : config_;
        };
    }
    failing_handler handler_;
    std::shared_ptr<std::atomic<bool>> broken_ = std::make_shared<std::atomic<bool>>(false);
};

TEST_F(WorkerHost, FailedHandlerGivesAnErrorResult) {
    for (bool const throws : {false, true}) {
        handler_.throws = throws;
        ended_.clear();
        peer_.seen.clear();
        open();
        ASSERT_EQ(ask("/attach", body_).status, 200);
        run_call();
        auto const sent = stored();
        ASSERT_EQ(sent.size(), 1U);
        EXPECT_EQ(text_at(sent[0].second, "disconnected_by"), "error");
        EXPECT_EQ(text_at(sent[0].second, "session_id"), "s1");
        EXPECT_NE(cxb::wire::to_text(sent[0].second).find("handler_failed"), std::string::npos);
        EXPECT_EQ(ended_[0].disconnected_by, "error");
        host_.reset();
        std::filesystem::remove_all(options_.outbox_dir);
    }
}

// 10-12: a completed session gets no second result.
TEST_F(WorkerHost, CompletedSessionPostsNothing) {
    config_ = scripted_peer::status(409, R"({"code":"session_completed"})");
    open();
    ASSERT_EQ(ask("/attach", body_).status, 200);
    run_call();
    EXPECT_TRUE(stored().empty());
    EXPECT_EQ(journals(), 0U);
    EXPECT_EQ(handler_.runs, 0);
    EXPECT_EQ(ended_[0].config_outcome, "session_completed");
}

// 10-26, 80-7: every outcome that refuses the call has its word.
TEST_F(WorkerHost, RefusedConfigsGoToTheResultsUrlUnderTheCampaignSession) {
    struct row {
        int status;
        char const* body;
        char const* outcome;
        char const* word;
    };
    row const rows[] = {
        {200, "{}", "malformed", "error"},
        {200, "[", "malformed", "error"},
        {403, R"({"detail":"Invalid core secret"})", "refused", "error"},
        {404, R"({"detail":"Bot not found"})", "bot_not_found", "error"},
        {503, R"({"detail":"outside_active_hours: x"})", "outside_hours", "outside_hours"},
        {503, R"({"detail":"bot_inactive: x"})", "bot_inactive", "error"},
        {503, R"({"detail":"bot_incomplete: x"})", "bot_incomplete", "error"},
        {503, R"({"detail":"crm_prefetch_failed: x"})", "prefetch_refused", "error"}};
    for (auto const& one : rows) {
        config_ = scripted_peer::status(one.status, one.body);
        ended_.clear();
        peer_.seen.clear();
        open();
        ASSERT_EQ(ask("/attach", body_).status, 200);
        run_call();
        auto const sent = stored();
        ASSERT_EQ(sent.size(), 1U) << one.body;
        EXPECT_EQ(ended_[0].config_outcome, one.outcome);
        EXPECT_EQ(text_at(sent[0].second, "disconnected_by"), one.word);
        EXPECT_EQ(text_at(sent[0].second, "session_id"), "camp-1");
        EXPECT_EQ(cxb::wire::number_at(sent[0].second, "call_duration_seconds", -1), 0);
        EXPECT_EQ(sent[0].first, "http://a/api/v1/call-results");
        EXPECT_EQ(peer_.seen.size(), 1U) << "final outcomes are not repeated";
        EXPECT_EQ(handler_.runs, 0);
        host_.reset();
        std::filesystem::remove_all(options_.outbox_dir);
    }
}

// Nobody waits for the result of a caller who came by widget or dispatch.
TEST_F(WorkerHost, RefusedConfigsOfWidgetAndDispatchPostNothing) {
    struct row {
        char const* path;
        char const* body;
        char const* transport;
    };
    row const rows[] = {{"/livekit/widget", R"({"room_name":"r","bot_id":"b"})", "widget"},
                        {"/livekit/dispatch", dispatch_, "livekit_inbound"}};
    for (auto const& one : rows) {
        config_ = scripted_peer::status(503, R"({"detail":"outside_active_hours: x"})");
        ended_.clear();
        open();
        auto const answer = ask(one.path, one.body);
        ASSERT_EQ(answer.status, 200) << one.path;
        EXPECT_EQ(answer.body.find("room_name"), std::string::npos);
        run_call();
        EXPECT_TRUE(stored().empty()) << one.path;
        EXPECT_EQ(journals(), 0U);
        EXPECT_EQ(host_->now().calls, 0U);
        ASSERT_EQ(ended_.size(), 1U);
        EXPECT_EQ(ended_[0].transport, one.transport);
        EXPECT_EQ(ended_[0].config_outcome, "outside_hours");
        EXPECT_EQ(ended_[0].disconnected_by, "");
        EXPECT_EQ(handler_.runs, 0);
        host_.reset();
    }
}

// 10-25: nothing happens for a refused start.
TEST_F(WorkerHost, ChecksComeInOrder) {
    options_.room_media = false;
    open();
    EXPECT_EQ(ask("/attach", "{", false).status, 403);
    EXPECT_EQ(ask("/attach", "{").status, 400);
    EXPECT_EQ(ask("/attach", R"({"bot_id":"b"})").status, 422);
    auto const refused = ask("/attach", body_);
    EXPECT_EQ(refused.status, 503);
    EXPECT_NE(refused.body.find(R"("error":"LiveKit is not configured")"), std::string::npos);
    EXPECT_TRUE(peer_.seen.empty());
}

TEST_F(WorkerHost, ConfigUrlOfAnotherHostIsRefused) {
    options_.config_hosts = {"api.example.com"};
    open();
    auto const with = [](std::string const& url) {
        return R"({"room_name":"r","bot_id":"b","config_url":")" + url + "\"}";
    };
    auto const refused = ask("/attach", with("http://evil.example/api/v1/config"));
    EXPECT_EQ(refused.status, 422);
    EXPECT_NE(refused.body.find("/config_url"), std::string::npos);
    EXPECT_EQ(ask("/attach", with("http://API.example.com/api/v1/config")).status, 200);
}

// 10-36: draining.
TEST_F(WorkerHost, DrainingHostTakesNoCalls) {
    open();
    host_->begin_drain();
    EXPECT_EQ(ask("/attach", body_).status, 429);
    EXPECT_EQ(ask("/livekit/widget", R"({"room_name":"r","bot_id":"b"})").status, 429);
    auto const dispatch = ask("/livekit/dispatch", dispatch_);
    EXPECT_EQ(dispatch.status, 503);
    EXPECT_NE(dispatch.body.find(R"("error":"Draining")"), std::string::npos);
    EXPECT_EQ(ask("/ready", "").status, 503);
    EXPECT_NE(ask("/health/fleet", "").body.find("\"draining\":true"), std::string::npos);
}

TEST_F(WorkerHost, OtherPathsAre404AndOtherMethods405WithAllow) {
    open();
    EXPECT_EQ(ask("/nothing", "").status, 404);
    EXPECT_EQ(ask("/metrics", "").status, 404);
    auto const get = ask("/attach", "");
    EXPECT_EQ(get.status, 405);
    EXPECT_EQ(get.headers.get("Allow"), "POST");
    auto const post = ask("/health", "{}");
    EXPECT_EQ(post.status, 405);
    EXPECT_EQ(post.headers.get("Allow"), "GET, HEAD");
    EXPECT_EQ(ask("/calls/x/end", "").status, 405);
    EXPECT_EQ(ask("/calls/x/end", "{}").status, 404);
}

TEST_F(WorkerHost, RequestIdIsKeptOrMadeAndUnknownMembersAreNamed) {
    open();
    auto with = request("/attach", R"({"room_name":"r","bot_id":"b","colour":"red","x":1})");
    with.headers.set("X-Request-Id", "mine");
    auto const answer = ask(with);
    EXPECT_EQ(answer.headers.get("X-Request-Id"), "mine");
    EXPECT_EQ(answer.headers.get("X-CXB-Ignored-Fields"), "colour,x");
    EXPECT_FALSE(ask("/health", "").headers.get("X-Request-Id").empty());
    run_call();
    ASSERT_FALSE(peer_.seen.empty());
    auto const told = std::string(peer_.seen[0].message.headers.get("X-CXB-Worker"));
    EXPECT_TRUE(told.ends_with("/1")) << told;
    EXPECT_GT(told.size(), 2U);
}

// The disk took nothing: the result is posted directly, the worker is not ready until a write
// works again.
TEST_F(WorkerHost, ResultGoesDirectlyWhenTheDiskFails) {
    break_disk();
    open();
    break_disk_with_the_config();
    ASSERT_EQ(ask("/attach", body_).status, 200);
    run_call();
    ASSERT_EQ(peer_.seen.size(), 2U);
    EXPECT_EQ(peer_.seen[1].url, "http://a/r");
    EXPECT_EQ(journals(), 0U);
    EXPECT_NE(ask("/ready", "").body.find("outbox_full"), std::string::npos);
    EXPECT_EQ(ask("/attach", body_).status, 503);
    EXPECT_EQ(host_->now().calls, 0U);
    EXPECT_EQ(journals(), 0U);
    *broken_ = false;
    // Whoever keeps calls away from a worker that is not ready must see it become so.
    EXPECT_EQ(ask("/ready", "").status, 200);
    EXPECT_EQ(ask("/attach", body_).status, 200);
}

// Neither disk nor control plane: five tries, then the journal tells the next start.
TEST_F(WorkerHost, UndeliverableResultLeavesItsJournal) {
    break_disk();
    open();
    posted_ = scripted_peer::status(500);
    break_disk_with_the_config();
    ASSERT_EQ(ask("/attach", body_).status, 200);
    run_call();
    EXPECT_EQ(peer_.seen.size(), 6U);
    EXPECT_EQ(journals(), 1U);
    EXPECT_EQ(host_->now().calls, 0U);
    *broken_ = false;
    host_.reset();
    open();
    auto const sent = stored();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(text_at(sent[0].second, "session_id"), "camp-1");
    EXPECT_NE(cxb::wire::to_text(sent[0].second).find("worker_crashed"), std::string::npos);
}

}  // namespace
