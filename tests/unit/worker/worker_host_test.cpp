#include "cxb/worker/worker_host.hpp"

#include <gtest/gtest.h>

#include <boost/asio/use_future.hpp>
#include <stdexcept>

#include "cxb/wire/json.hpp"
#include "tests/unit/worker/outbox_fixture.hpp"

namespace {

namespace asio = boost::asio;
namespace worker = cxb::worker;
using cxb_test::scripted_peer;

struct failing_handler final : worker::call_handler {
    bool throws = false;
    int runs = 0;
    asio::awaitable<cxb::result<worker::call_end>> run(worker::call_context) override {
        ++runs;
        if (throws) throw std::runtime_error("boom");
        co_return cxb::error{cxb::errc::internal, "no media"};
    }
};

// A host whose config answers and results go through one scripted peer.
class WorkerHost : public testing::Test {
  protected:
    WorkerHost() {
        options_.keys = [] {
            return std::make_shared<cxb::contract::shared_secret::keyring const>(
                cxb::contract::shared_secret::keyring{cxb::secret("s3cret"), {}});
        };
        options_.config_url = "http://a/api/v1/config";
        options_.outbox_dir = folder_.path() / "outbox";
        options_.transport = &peer_;
        options_.room_media = true;
        options_.on_call_end = [this](worker::call_summary const& told) { ended_.push_back(told); };
        peer_.reply = [this](cxb::client::outgoing_request const& request) {
            return request.message.method == "POST" ? scripted_peer::status(200) : config_;
        };
    }
    void open() {
        host_.emplace(options_, handler_);
        ASSERT_TRUE(host_->open());
    }
    cxb::wire::http_response ask(std::string path, std::string body, bool secret = true) {
        cxb::wire::http_request request;
        request.method = body.empty() ? "GET" : "POST";
        request.path = std::move(path);
        request.body = std::move(body);
        if (secret) request.headers.set("X-CXBCore-Secret", "s3cret");
        auto answer = asio::co_spawn(loop_, host_->handle(std::move(request)), asio::use_future);
        loop_.restart();
        while (answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
            loop_.run_one();
        return answer.get();
    }
    // Runs until a call has ended; its result lies in the outbox, nobody sends it.
    void run_call() {
        loop_.restart();
        while (ended_.empty())
            loop_.run_one();
    }
    // Url and body of each stored result.
    std::vector<std::pair<std::string, cxb::wire::json_object>> stored() {
        std::vector<std::pair<std::string, cxb::wire::json_object>> out;
        auto const folder = options_.outbox_dir / "1" / "new";
        for (auto const& file : std::filesystem::directory_iterator(folder)) {
            auto const text = cxb_test::read_file(file.path());
            auto const end = text.find('\n');
            auto const head = cxb::wire::parse_json(text.substr(0, end)).value().as_object();
            out.emplace_back(cxb::wire::text_at(head, "url"),
                             cxb::wire::parse_json(text.substr(end + 1)).value().as_object());
        }
        return out;
    }

    static constexpr char const* body_ =
        R"({"room_name":"r","bot_id":"b","connected_event":{"_campaign_session_id":"camp-1"}})";
    cxb_test::scratch_folder folder_;
    scripted_peer peer_;
    cxb::result<cxb::wire::http_response> config_ = scripted_peer::status(
        200, R"({"session_id":"s1","webhook_url":"http://a/r","system_prompt":"p",)"
             R"("opening_message":""})");
    failing_handler handler_;
    worker::host_options options_;
    std::vector<worker::call_summary> ended_;
    asio::io_context loop_;
    std::optional<worker::worker_host> host_;
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
        EXPECT_EQ(cxb::wire::text_at(sent[0].second, "disconnected_by"), "error");
        EXPECT_EQ(cxb::wire::text_at(sent[0].second, "session_id"), "s1");
        EXPECT_NE(cxb::wire::to_text(sent[0].second).find("handler_failed"), std::string::npos);
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
    EXPECT_EQ(handler_.runs, 0);
    EXPECT_EQ(ended_[0].config_outcome, "session_completed");
}

// 10-26
TEST_F(WorkerHost, OutsideHoursGoesToTheResultsUrlUnderTheCampaignSession) {
    config_ = scripted_peer::status(503, R"({"detail":"outside_active_hours: x"})");
    open();
    ASSERT_EQ(ask("/attach", body_).status, 200);
    run_call();
    auto const sent = stored();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(cxb::wire::text_at(sent[0].second, "disconnected_by"), "outside_hours");
    EXPECT_EQ(cxb::wire::text_at(sent[0].second, "session_id"), "camp-1");
    EXPECT_EQ(sent[0].first, "http://a/api/v1/call-results");
}

// 10-25: nothing happens for a refused start.
TEST_F(WorkerHost, ChecksComeInOrder) {
    options_.room_media = false;
    open();
    EXPECT_EQ(ask("/attach", "{", false).status, 403);
    EXPECT_EQ(ask("/attach", "{").status, 400);
    EXPECT_EQ(ask("/attach", R"({"bot_id":"b"})").status, 422);
    EXPECT_EQ(ask("/attach", body_).status, 503);
    EXPECT_TRUE(peer_.seen.empty());
}

// 10-36: draining.
TEST_F(WorkerHost, DrainingHostTakesNoCalls) {
    open();
    host_->begin_drain();
    EXPECT_EQ(ask("/attach", body_).status, 429);
    EXPECT_EQ(
        ask("/livekit/dispatch", R"({"room_name":"r","caller_number":"1","dialed_number":"2"})")
            .status,
        503);
    EXPECT_EQ(ask("/ready", "").status, 503);
    EXPECT_NE(ask("/health/fleet", "").body.find("\"draining\":true"), std::string::npos);
}

}  // namespace
