// Random starts, endings, faults, full disks, drains and kills of a host with two slots, watched by
// a checker that knows only what a client sees: every call that was accepted gives exactly one
// result, no refused one gives any, and no slot is lost or given twice.

#include <boost/asio/post.hpp>
#include <set>

#include "tests/unit/worker/host_fixture.hpp"

namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using cxb::wire::text_at;
using cxb_test::gated_handler;
using cxb_test::scripted_peer;

// What clients and the control plane saw; independent of the host's own books.
class checker {
  public:
    void accepted(std::string const& session, bool before_the_kill) {
        (before_the_kill ? certain_ : possible_).insert(session);
    }
    void refused(std::string const& session) { refused_.insert(session); }
    void completed_elsewhere(std::string const& session) { silent_.insert(session); }
    void received(cxb::wire::json_object const& result) {
        results_[std::string(text_at(result, "session_id"))].insert(
            std::string(text_at(result, "result_id")));
    }
    void verdict() const {
        for (auto const& session : certain_) {
            auto const at = results_.find(session);
            auto const many = at == results_.end() ? 0U : at->second.size();
            // A kill before the journal of a completed session went makes a result of it.
            EXPECT_LE(many, 1U) << session;
            if (!silent_.contains(session)) EXPECT_EQ(many, 1U) << session;
        }
        for (auto const& [session, ids] : results_) {
            EXPECT_FALSE(refused_.contains(session)) << session;
            EXPECT_EQ(ids.size(), 1U) << session;
            if (!session.starts_with("s-")) continue;  // of a dispatch: named by the host
            EXPECT_TRUE(certain_.contains(session) || possible_.contains(session)) << session;
        }
    }
    [[nodiscard]] std::size_t calls() const { return certain_.size(); }

  private:
    std::set<std::string> certain_;   ///< the client has its 200
    std::set<std::string> possible_;  ///< killed while the answer was on its way
    std::set<std::string> refused_;
    std::set<std::string> silent_;  ///< the control plane said session_completed
    std::map<std::string, std::set<std::string>> results_;
};

class HostSimulation : public cxb_test::host_test, public ::testing::WithParamInterface<int> {
  protected:
    static constexpr std::size_t slots = 2;

    HostSimulation() {
        options_.max_calls = slots;
        options_.outbox_dir = folder_.path() / "life-0";
        options_.disk.gate = [this](cxb::worker::disk_step) { return disk_step(); };
        options_.on_change = [](cxb::worker::occupancy const& now) { EXPECT_LE(now.calls, slots); };
        peer_.reply = [this](cxb::client::outgoing_request const& request) {
            return answer(request);
        };
    }

    int draw(int below) { return static_cast<int>(random_.uniform(0, static_cast<double>(below))); }

    cxb::result<cxb::wire::http_response> answer(cxb::client::outgoing_request const& request) {
        // Nobody hears a killed process; the word makes it let go of its entries.
        if (killed_) return scripted_peer::status(422);
        if (request.message.method == "POST") {
            seen_.received(cxb::wire::parse_json(request.message.body).value().as_object());
            return scripted_peer::status(200);
        }
        auto const at = request.url.find("/sip/lookup") != std::string::npos;
        if (at) return scripted_peer::status(draw(3) == 0 ? 404 : 200, R"({"bot_id":"b1"})");
        auto const from = request.url.find("%22s-");
        auto const session =
            from == std::string::npos
                ? std::string()
                : request.url.substr(from + 3, request.url.find('%', from + 3) - from - 3);
        switch (draw(8)) {
            case 0:
                return scripted_peer::status(404);
            case 1:
                seen_.completed_elsewhere(session);
                return scripted_peer::status(409, R"({"code":"session_completed"})");
            case 2:
                return scripted_peer::status(200, "{}");
            default:
                return scripted_peer::status(
                    200, R"({"session_id":")" + session +
                             R"(","webhook_url":"http://a/r","system_prompt":"p",)"
                             R"("opening_message":""})");
        }
    }

    // On the disk thread, before each step of a durable write: the moment of a kill -9.
    cxb::result<void> disk_step() {
        if (kill_in_ > 0 && --kill_in_ == 0) {
            killed_ = true;
            copy_disk(options_.outbox_dir / "1", next_life() / "1");
        }
        if (broken_) return cxb::error{cxb::errc::unavailable, "disk full"};
        return {};
    }
    // Delivered entries may go meanwhile, as they may when a process is killed.
    static void copy_disk(fs::path const& from, fs::path const& to) {
        for (auto const* part : {"new", "dead", "calls", "tmp"}) {
            fs::create_directories(to / part);
            for (auto const& name : cxb_test::files_in(from / part)) {
                std::error_code gone;
                fs::copy_file(from / part / name, to / part / name, gone);
            }
        }
    }
    [[nodiscard]] fs::path next_life() const {
        return folder_.path() / ("life-" + std::to_string(lives_ + 1));
    }

    void begin_life() {
        handler_.emplace();
        host_.emplace(options_, *handler_);
        ASSERT_TRUE(host_->open());
        asio::co_spawn(loop_, host_->run(), asio::detached);
    }

    // The old process is put aside (nobody hears of it again), the new one finds its disk.
    void end_life() {
        for (auto const& id : handler_->waiting())
            handler_->end(id);
        broken_ = false;
        leave();
        if (killed_) options_.outbox_dir = folder_.path() / ("life-" + std::to_string(++lives_));
        killed_ = was_broken_ = false;
        begin_life();
    }
    void leave() {
        asio::co_spawn(loop_, host_->drain(std::chrono::milliseconds{0}), asio::detached);
        loop_.restart();
        loop_.run_for(std::chrono::seconds(60));
        EXPECT_TRUE(loop_.stopped());
        EXPECT_EQ(host_->now().calls, 0U);
        host_.reset();
    }

    void start_a_call() {
        auto const session = "s-" + std::to_string(++sessions_);
        std::string const event =
            R"("connected_event":{"_campaign_session_id":")" + session + "\"}";
        auto const what =
            draw(3) == 0
                ? request("/livekit/dialout", R"({"bot_id":"b","to_number":"+911234567","dial_id":)"
                                              R"("00000000-0000-7000-8000-00000000000)" +
                                                  std::to_string(draw(3)) + "\"," + event + "}")
                : request("/attach", R"({"room_name":"r","bot_id":"b",)" + event + "}");
        auto const given = ask(what);
        if (given.status == 200) {
            seen_.accepted(session, !killed_);
        } else if (!killed_) {
            seen_.refused(session);
        }
    }

    void act() {
        switch (draw(12)) {
            case 0:
            case 1:
            case 2:
            case 3:
                return start_a_call();
            case 4:
                (void)ask(request("/livekit/dispatch", dispatch_));
                return;
            case 5:
            case 6:
            case 7: {
                auto const running = handler_->waiting();
                if (running.empty()) return;
                handler_->end(
                    running[static_cast<std::size_t>(draw(static_cast<int>(running.size())))],
                    static_cast<gated_handler::ending>(draw(3)));
                return;
            }
            case 8:
                (void)ask(request(draw(4) == 0 ? "/drain" : "/undrain", "{}"));
                return;
            case 9:
                // A direct post and a kill together may give two results: not in one life.
                broken_ = kill_in_ == 0 && draw(6) == 0;
                was_broken_ = was_broken_ || broken_;
                return;
            case 10:
                if (kill_in_ == 0 && !was_broken_) kill_in_ = 1 + draw(20);
                return;
            default:
                host_->stop_calls("operator");
        }
    }

    void let_pass() {
        loop_.restart();
        for (int i = draw(20); i > 0; --i)
            loop_.run_one_for(std::chrono::milliseconds(1));
        // What clients see of the slots never exceeds what there is.
        auto const now = host_->now();
        EXPECT_LE(now.calls, slots);
        EXPECT_LE(handler_->waiting().size(), slots);
        EXPECT_GE(now.calls, handler_->waiting().size());
    }

    cxb::seeded_random random_{static_cast<std::uint64_t>(GetParam())};
    checker seen_;
    std::optional<gated_handler> handler_;
    std::atomic<bool> broken_{false};
    bool was_broken_ = false;  ///< in this life
    std::atomic<bool> killed_{false};
    std::atomic<int> kill_in_{0};
    int lives_ = 0;
    int sessions_ = 0;
};

// 80-2, 10-34
TEST_P(HostSimulation, EveryAcceptedCallGivesOneResultAndItsSlotBack) {
    begin_life();
    for (int step = 0; step < 120; ++step) {
        act();
        let_pass();
        // A quiet end of a process with calls is part of life as well.
        if (killed_ || (was_broken_ && draw(40) == 0)) end_life();
    }
    kill_in_ = 0;
    end_life();
    leave();
    // What is left is delivered by a last life with a healthy control plane.
    peer_.reply = [this](auto const& request) {
        seen_.received(cxb::wire::parse_json(request.message.body).value().as_object());
        return scripted_peer::status(200);
    };
    begin_life();
    leave();
    EXPECT_TRUE(stored().empty());
    EXPECT_EQ(journals(), 0U);
    EXPECT_GT(seen_.calls(), 5U);
    seen_.verdict();
}

INSTANTIATE_TEST_SUITE_P(Seeds, HostSimulation, ::testing::Range(1, 7));

}  // namespace
