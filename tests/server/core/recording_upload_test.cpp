// Uploads within the time after a call, what is owed on disk, and how long files stay.

#include "server/core/call/recording_upload.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <fstream>

#include "server/core/call/simulated_calls.hpp"
#include "server/core/call/upload_orders.hpp"
#include "support/child_process.hpp"

namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
namespace rc = cxb::contract::runtime_config;
using namespace std::chrono_literals;

struct hand_clock final : cxb::clock {
    cxb::time_point wall{cxb::milliseconds{1'767'323'045'000}};
    std::chrono::nanoseconds moment{0};
    [[nodiscard]] cxb::time_point now() const noexcept override { return wall; }
    [[nodiscard]] std::chrono::nanoseconds steady() const noexcept override { return moment; }
};

// Takes a request and never answers it: every try costs all its time.
struct hanging_store final : cxb::client::transport {
    hand_clock& time;
    std::vector<cxb::milliseconds> given;
    explicit hanging_store(hand_clock& on) : time(on) {}
    asio::awaitable<cxb::result<cxb::wire::http_response>> send(
        cxb::client::outgoing_request, cxb::client::transport_options how) override {
        given.push_back(how.total);
        time.moment += how.total;
        co_return cxb::error{cxb::errc::deadline_exceeded, "no answer"};
    }
};

struct taking_store final : cxb::client::transport {
    int refuse = 0;
    int asked = 0;
    asio::awaitable<cxb::result<cxb::wire::http_response>> send(
        cxb::client::outgoing_request, cxb::client::transport_options) override {
        ++asked;
        cxb::wire::http_response out;
        out.status = refuse-- > 0 ? 503 : 200;
        co_return out;
    }
};

rc::recording_storage storage() {
    rc::recording_storage out;
    out.kind = rc::storage_kind::upload_url;
    out.upload_url = cxb::secret("http://127.0.0.1/upload?sig=1");
    out.upload_headers = {{"x-amz-acl", "private"}};
    out.expires_at = cxb::time_point{cxb::milliseconds{1'767'999'999'000}};
    return out;
}

class RecordingUpload : public ::testing::Test {
  protected:
    RecordingUpload() { std::ofstream(dir_ / "a.wav") << "RIFFdata"; }
    bool upload(cxb::client::transport& net, std::chrono::nanoseconds until) {
        bool done = false;
        asio::io_context loop;
        asio::co_spawn(
            loop,
            [&]() -> asio::awaitable<void> {
                done = co_await cxb::core::upload_recording(net, time_, storage(), dir_ / "a.wav",
                                                            until);
            },
            asio::detached);
        loop.run();
        return done;
    }
    cxb::test::scratch_dir dir_;
    hand_clock time_;
};

// 80-32: core.post_call_seconds bounds what comes before the result.
TEST_F(RecordingUpload, HangingStoreTakesNoLongerThanThePostCallTime) {
    hanging_store store(time_);
    EXPECT_FALSE(upload(store, 15s));
    EXPECT_LE(time_.moment, 15s);
    EXPECT_EQ(store.given, (std::vector<cxb::milliseconds>{10s, 5s}));
}

TEST_F(RecordingUpload, ThirtySecondsAreEnoughWhateverTheSettingSays) {
    hanging_store store(time_);
    EXPECT_FALSE(upload(store, 300s));
    EXPECT_LE(time_.moment, 30s);
    EXPECT_EQ(store.given.size(), 3U);
}

TEST_F(RecordingUpload, NoTimeLeftIsNoTry) {
    hanging_store store(time_);
    EXPECT_FALSE(upload(store, 0s));
    EXPECT_TRUE(store.given.empty());
}

TEST_F(RecordingUpload, ThirdTryIsGood) {
    taking_store store;
    store.refuse = 2;
    EXPECT_TRUE(upload(store, 60s));
    EXPECT_EQ(store.asked, 3);
}

TEST_F(RecordingUpload, OrdersSurviveAndHideTheirSecret) {
    cxb::core::upload_orders orders(dir_ / "pending");
    ASSERT_TRUE(orders.prepare());
    cxb::core::upload_order order{"2026/a.wav", storage(), "http://a/hook", std::nullopt};
    ASSERT_TRUE(orders.keep(order));
    order.result.emplace();
    order.result->session_id = "s1";
    order.result->result_seq = 1;
    ASSERT_TRUE(orders.keep(order));
    std::ofstream(dir_ / "pending/half.json.tmp") << "{";
    std::ofstream(dir_ / "pending/bad.json") << "{";
    cxb::core::upload_orders again(dir_ / "pending");
    ASSERT_TRUE(again.prepare());
    auto const found = again.list();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].key, "2026/a.wav");
    EXPECT_EQ(found[0].storage.upload_url->reveal(), "http://127.0.0.1/upload?sig=1");
    EXPECT_EQ(found[0].storage.upload_headers.at("x-amz-acl"), "private");
    EXPECT_EQ(found[0].storage.expires_at, storage().expires_at);
    EXPECT_EQ(found[0].results_to, "http://a/hook");
    EXPECT_EQ(found[0].result->session_id, "s1");
    for (auto const& file : fs::directory_iterator(dir_ / "pending"))
        if (file.path().filename() != "bad.json")
            EXPECT_EQ(file.status().permissions(), fs::perms::owner_read | fs::perms::owner_write);
    again.drop("2026/a.wav");
    EXPECT_TRUE(again.list().empty());
    EXPECT_FALSE(again.find("2026/a.wav"));
}

class OwedUploads : public RecordingUpload {
  protected:
    cxb::core::simulated_calls_options options(cxb::client::transport& net) {
        cxb::core::simulated_calls_options out;
        out.time = &time_;
        out.api = &net;
        out.recordings_dir = dir_.path();
        out.first_upload_wait = 1ms;
        return out;
    }
    void owe() {
        cxb::core::upload_orders orders(dir_ / ".pending/1");
        ASSERT_TRUE(orders.prepare());
        cxb::core::upload_order order{"a.wav", storage(), "http://a/hook", std::nullopt};
        order.result.emplace();
        order.result->session_id = "s1";
        order.result->result_id = "019436f4-0000-7000-8000-000000000001";
        ASSERT_TRUE(orders.keep(order));
    }
    using correction = std::optional<cxb::contract::call_results::call_results>;
    static correction finish(cxb::worker::unfinished_call& one) {
        correction out;
        asio::io_context loop;
        asio::co_spawn(
            loop, [&]() -> asio::awaitable<void> { out = co_await one.end.afterwards(); },
            asio::detached);
        loop.run();
        if (one.end.settled) one.end.settled();
        return out;
    }
};

// 80-29
TEST_F(OwedUploads, RefusedThenAcceptedGivesTheNextNumber) {
    taking_store store;
    store.refuse = 3;
    owe();
    cxb::core::simulated_calls calls(options(store));
    ASSERT_TRUE(calls.prepare());
    auto owed = calls.unfinished();
    ASSERT_EQ(owed.size(), 1U);
    EXPECT_TRUE(calls.unfinished().empty()) << "each is given once";
    EXPECT_EQ(owed[0].url, "http://a/hook");
    auto const told = finish(owed[0]);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->result_seq, 2);
    EXPECT_EQ(told->recording_status->text(), "uploaded");
    EXPECT_EQ(store.asked, 4);
    EXPECT_TRUE(calls.unfinished().empty());
    EXPECT_TRUE(fs::is_empty(dir_ / ".pending/1"));
}

TEST_F(OwedUploads, ExpiredUrlEndsAsFailed) {
    taking_store store;
    owe();
    time_.wall = *storage().expires_at;
    cxb::core::simulated_calls calls(options(store));
    ASSERT_TRUE(calls.prepare());
    auto owed = calls.unfinished();
    ASSERT_EQ(owed.size(), 1U);
    auto const told = finish(owed[0]);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->recording_status->text(), "failed");
    EXPECT_EQ(store.asked, 0);
}

TEST_F(OwedUploads, DraftOfACallWithoutResultIsForgotten) {
    taking_store store;
    cxb::core::upload_orders orders(dir_ / ".pending/1");
    ASSERT_TRUE(orders.prepare());
    ASSERT_TRUE(orders.keep({"x.wav", storage(), "", std::nullopt}));
    cxb::core::simulated_calls calls(options(store));
    ASSERT_TRUE(calls.prepare());
    EXPECT_TRUE(calls.unfinished().empty());
    EXPECT_TRUE(orders.list().empty());
}

// The recording of another worker's dead call is found, repaired and owed by the one that adopts.
TEST_F(OwedUploads, RecordingOfADeadSiblingIsTakenOver) {
    taking_store store;
    fs::create_directories(dir_ / ".live/7");
    {
        auto file = cxb::core::call_recording::start(dir_ / ".live/7", "b.wav", {});
        ASSERT_TRUE(file);
        ASSERT_TRUE(file->write_until(2s, 0s, {}));
    }
    cxb::core::upload_orders dead(dir_ / ".pending/7");
    ASSERT_TRUE(dead.prepare());
    ASSERT_TRUE(dead.keep({"b.wav", storage(), "", std::nullopt}));
    cxb::core::simulated_calls calls(options(store));
    ASSERT_TRUE(calls.prepare());
    EXPECT_TRUE(calls.unfinished().empty());
    cxb::worker::call_journal journal;
    journal.call_id = "c1";
    journal.webhook_url = "http://a/hook";
    journal.more = {{"recording_key", "b.wav"}, {"recording_worker", "7"}};
    cxb::contract::call_results::call_results result;
    result.session_id = "s7";
    result.result_id = "019436f4-0000-7000-8000-000000000007";
    calls.after_crash(journal, result);
    EXPECT_EQ(result.recording_key, "b.wav");
    EXPECT_EQ(result.recording_status->text(), "pending");
    EXPECT_TRUE(dead.list().empty());
    auto owed = calls.unfinished();
    ASSERT_EQ(owed.size(), 1U);
    EXPECT_EQ(owed[0].url, "http://a/hook");
    EXPECT_EQ(finish(owed[0])->recording_status->text(), "uploaded");
}

TEST_F(OwedUploads, OnlyUploadedFilesAreSweptAfterTheirTime) {
    taking_store store;
    owe();
    std::ofstream(dir_ / "local.wav") << "RIFF";
    cxb::core::simulated_calls calls(options(store));
    ASSERT_TRUE(calls.prepare());
    auto owed = calls.unfinished();
    ASSERT_EQ(owed.size(), 1U);
    (void)finish(owed[0]);
    calls.sweep();
    EXPECT_TRUE(fs::exists(dir_ / "a.wav")) << "48 hours are not over";
    auto const old = fs::file_time_type::clock::now() - 49h;
    fs::last_write_time(dir_ / "a.wav", old);
    fs::last_write_time(dir_ / "local.wav", old);
    calls.sweep();
    EXPECT_TRUE(fs::exists(dir_ / "a.wav")) << "it looks once in ten minutes";
    time_.moment += 10min;
    calls.sweep();
    EXPECT_FALSE(fs::exists(dir_ / "a.wav"));
    EXPECT_TRUE(fs::exists(dir_ / "local.wav"));
}

}  // namespace
