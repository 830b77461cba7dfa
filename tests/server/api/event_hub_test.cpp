// Numbering, keeping, resuming and the bounds of news (spec 21 §10), without HTTP.
#include "server/api/events/event_hub.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "cxb/store/memory/memory_event_bus.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "server/api/events/telling_store.hpp"
#include "server/common/model/collections.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/run_awaitable.hpp"
#include "support/child_process.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
namespace model = server::model;
using namespace std::chrono_literals;
using cxb::test::run;
using listener_ptr = std::shared_ptr<event_listener>;

// A bus that a test can make forgetful.
struct shaky_bus final : store::event_bus {
    result<void> publish(std::string topic, store::json_object body) override {
        return inner.publish(std::move(topic), std::move(body));
    }
    int subscribe(std::string topic, store::bus_listener listener) override {
        missed.push_back(listener.on_missed);
        return inner.subscribe(std::move(topic), std::move(listener));
    }
    void unsubscribe(int id) override { inner.unsubscribe(id); }
    [[nodiscard]] bool connected() const override { return inner.connected(); }
    [[nodiscard]] store::bus_counters counters() const override { return inner.counters(); }
    void close() override { inner.close(); }

    store::memory_event_bus inner;
    std::vector<std::function<void()>> missed;
};

class EventHub : public ::testing::Test {
  protected:
    std::unique_ptr<event_hub> hub_with(event_bounds bounds, std::string instance = "a") {
        return std::make_unique<event_hub>(bus, *rows, time, system_random(), std::move(instance),
                                           bounds);
    }
    result<listener_ptr> listen(event_hub& to, event_wish wish = {}, std::string user = "u") {
        return to.listen(loop.get_executor(), std::move(user), wish);
    }
    // What waits now.
    heard_events take(listener_ptr const& from) {
        heard_events out;
        auto const ask = [](event_listener& one, heard_events& to) -> asio::awaitable<void> {
            to = co_await one.next(0ms);
        };
        loop.restart();
        asio::co_spawn(loop, ask(*from, out), asio::detached);
        loop.run();
        return out;
    }
    // `type:session` of each, and how it goes on.
    std::string heard(listener_ptr const& from) {
        auto const got = take(from);
        std::string out;
        for (auto const& text : got.texts)
            out.append(out.empty() ? "" : " ").append(shown(*text));
        if (got.how == listening::too_slow) out += "<too slow>";
        if (got.how == listening::over) out += "<over>";
        return out;
    }
    static std::string line(std::string const& block, std::string const& name) {
        auto const at = block.find(name + ": ");
        if (at == block.npos) return {};
        auto const from = at + name.size() + 2;
        return block.substr(from, block.find('\n', from) - from);
    }
    static std::string shown(std::string const& block) {
        auto const data = wire::parse_json(line(block, "data")).value().as_object();
        auto const session = wire::text_at(data, "session_id");
        return line(block, "event") + (session.empty() ? "" : ":" + std::string(session));
    }
    static event_news call(std::string const& session) {
        return {"call.updated", {{"session_id", session}}};
    }
    // The id of the place a listener starts at.
    static std::string place(listener_ptr const& of) { return line(of->greeting(), "id"); }
    static std::string after(std::string const& id, int more) {
        auto const dot = id.find('.');
        return id.substr(0, dot + 1) + std::to_string(std::stoi(id.substr(dot + 1)) + more);
    }

    // Of tickets, which are not the matter here.
    static std::unique_ptr<store::document_store> open(std::string const& path) {
        store::sqlite_options options;
        options.path = path;
        return store::sqlite_document_store::open(options).value();
    }

    cxb::test::scratch_dir scratch;
    std::unique_ptr<store::document_store> rows = open(scratch / "rows.db");
    shaky_bus bus;
    testing::fake_clock time;
    asio::io_context loop;
    std::unique_ptr<event_hub> hub = hub_with({});
};

TEST_F(EventHub, BlocksAreServerSentEventsWithANumberEach) {
    auto const listener = listen(*hub).value();
    std::string const start = place(listener);
    ASSERT_FALSE(start.empty()) << listener->greeting();
    EXPECT_EQ(listener->greeting(), ": hb\nid: " + start + "\n\n");
    hub->tell(call("s-1"));
    auto const got = take(listener);
    ASSERT_EQ(got.texts.size(), 1U);
    EXPECT_EQ(*got.texts[0], "id: " + after(start, 1) +
                                 "\nevent: call.updated\ndata: {\"session_id\":\"s-1\",\"at\":"
                                 "\"2026-01-01T00:00:00.000Z\"}\n\n");
}

TEST_F(EventHub, TopicsLimitWhatIsHeard) {
    auto const jobs = listen(*hub, {.topics = {"jobs", "fleet"}, .last_id = ""}).value();
    auto const all = listen(*hub).value();
    EXPECT_TRUE(hub->has_listener("settings"));
    hub->tell(call("s-1"));
    hub->tell({"job.dead", {}});
    hub->tell_here({"settings.changed", {{"version", 2}}});
    EXPECT_EQ(heard(jobs), "job.dead");
    EXPECT_EQ(heard(all), "call.updated:s-1 job.dead settings.changed");
    EXPECT_EQ(heard(all), "");
}

TEST_F(EventHub, WhoListensToATopicIsKnown) {
    EXPECT_FALSE(hub->has_listener("fleet"));
    {
        auto const calls = listen(*hub, {.topics = {"calls"}, .last_id = ""}).value();
        EXPECT_FALSE(hub->has_listener("fleet"));
        auto const fleet = listen(*hub, {.topics = {"fleet"}, .last_id = ""}).value();
        EXPECT_TRUE(hub->has_listener("fleet"));
    }
    EXPECT_FALSE(hub->has_listener("fleet"));
    EXPECT_EQ(hub->streams(), 0U);
}

TEST_F(EventHub, WhoComesBackMissesNothing) {
    hub->tell(call("before"));
    std::string const start = place(listen(*hub).value());
    for (int i = 1; i <= 300; ++i)  // more than may wait of what is new
        hub->tell(call("s-" + std::to_string(i)));
    auto const again = listen(*hub, {.topics = {}, .last_id = after(start, 297)}).value();
    hub->tell(call("new"));
    EXPECT_EQ(heard(again),
              "call.updated:s-298 call.updated:s-299 call.updated:s-300 "
              "call.updated:new");
    auto const whole = listen(*hub, {.topics = {}, .last_id = start}).value();
    EXPECT_EQ(take(whole).texts.size(), 301U);
    auto const now = listen(*hub, {.topics = {}, .last_id = after(start, 301)}).value();
    EXPECT_EQ(heard(now), "");
    EXPECT_EQ(place(now), after(start, 301));
}

TEST_F(EventHub, OnlyWhatWasAskedForIsRepeated) {
    std::string const start = place(listen(*hub).value());
    hub->tell(call("s-1"));
    hub->tell({"job.dead", {}});
    auto const again = listen(*hub, {.topics = {"jobs"}, .last_id = start}).value();
    EXPECT_EQ(heard(again), "job.dead");
}

TEST_F(EventHub, APlaceThatIsUnknownNeedsASnapshot) {
    std::string const start = place(listen(*hub).value());
    hub->tell(call("s-1"));
    auto const other = hub_with({}, "restarted");
    for (std::string const& id :
         {after(start, 2), std::string("1"), std::string("x.1"),
          start.substr(0, start.find('.')) + ".", start + "x", place(listen(*other).value()),
          std::string("."), start.substr(0, start.find('.')) + ".-1"}) {
        auto const back = listen(*hub, {.topics = {"jobs"}, .last_id = id}).value();
        EXPECT_EQ(heard(back), "snapshot_needed") << id;
        EXPECT_EQ(place(back), "") << "its place comes with what it is told";
        hub->tell({"job.dead", {}});
        EXPECT_EQ(heard(back), "job.dead") << "and then it goes on";
    }
}

TEST_F(EventHub, NewsAreKeptForTenMinutes) {
    EXPECT_EQ(event_bounds{}.kept_for, 10min);
    std::string const start = place(listen(*hub).value());
    hub->tell(call("s-1"));
    time.advance(9min);
    hub->tell(call("s-2"));
    time.advance(1min);
    EXPECT_EQ(heard(listen(*hub, {.topics = {}, .last_id = start}).value()),
              "call.updated:s-1 call.updated:s-2");
    time.advance(1ms);
    EXPECT_EQ(heard(listen(*hub, {.topics = {}, .last_id = start}).value()), "snapshot_needed");
    EXPECT_EQ(heard(listen(*hub, {.topics = {}, .last_id = after(start, 1)}).value()),
              "call.updated:s-2");
    time.advance(1h);
    EXPECT_EQ(heard(listen(*hub, {.topics = {}, .last_id = after(start, 2)}).value()), "")
        << "nothing came since, however long it was";
}

TEST_F(EventHub, TheNumberOfKeptNewsIsBounded) {
    EXPECT_EQ(event_bounds{}.kept_events, 10'000U);
    auto const small = hub_with({.kept_events = 3});
    std::string const start = place(listen(*small).value());
    for (int i = 1; i <= 4; ++i)
        small->tell(call("s-" + std::to_string(i)));
    EXPECT_EQ(heard(listen(*small, {.topics = {}, .last_id = start}).value()), "snapshot_needed");
    EXPECT_EQ(heard(listen(*small, {.topics = {}, .last_id = after(start, 1)}).value()),
              "call.updated:s-2 call.updated:s-3 call.updated:s-4");
}

TEST_F(EventHub, TheBytesOfKeptNewsAreBounded) {
    EXPECT_EQ(event_bounds{}.kept_bytes, 4 * limits::mib);
    auto const small = hub_with({.kept_bytes = 2'000});
    std::string const start = place(listen(*small).value());
    small->tell(call(std::string(900, 'a')));
    small->tell(call(std::string(900, 'b')));
    EXPECT_EQ(heard(listen(*small, {.topics = {}, .last_id = start}).value()), "snapshot_needed");
    auto const last = listen(*small, {.topics = {}, .last_id = after(start, 1)}).value();
    EXPECT_EQ(heard(last), "call.updated:" + std::string(900, 'b'));
}

TEST_F(EventHub, AListenerWithTooMuchWaitingIsEnded) {
    EXPECT_EQ(event_bounds{}.behind, 256U);
    auto const listener = listen(*hub).value();
    for (int i = 0; i < 256; ++i)
        hub->tell(call("s"));
    EXPECT_EQ(take(listener).texts.size(), 256U) << "so many may wait";
    for (int i = 0; i < 257; ++i)
        hub->tell(call("s"));
    EXPECT_EQ(heard(listener), "<too slow>");
    hub->tell(call("later"));
    EXPECT_EQ(heard(listener), "<too slow>") << "and nothing more is kept for it";
}

TEST_F(EventHub, StreamsOfAProcessAndOfAUserAreBounded) {
    EXPECT_EQ(event_bounds{}.streams, 500U);
    EXPECT_EQ(event_bounds{}.user_streams, 10U);
    auto const small = hub_with({.streams = 3, .user_streams = 2});
    auto one = listen(*small, {}, "asha");
    auto const two = listen(*small, {}, "asha");
    auto const third = listen(*small, {}, "asha");
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code(), errc::rate_limited);
    EXPECT_EQ(third.error().reason(), "too_many_streams");
    EXPECT_TRUE(third.error().retry_after());
    auto const ravi = listen(*small, {}, "ravi");
    EXPECT_TRUE(ravi);
    auto const full = listen(*small, {}, "meera");
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code(), errc::unavailable);
    EXPECT_EQ(full.error().reason(), "too_many_streams");
    one = error{errc::internal};
    EXPECT_TRUE(listen(*small, {}, "asha")) << "an end gives its place back";
}

TEST_F(EventHub, OtherProcessesAreHeardAndOneselfOnce) {
    auto const other = hub_with({}, "b");
    auto const here = listen(*hub).value();
    auto const there = listen(*other).value();
    hub->tell(call("from a"));
    other->tell(call("from b"));
    EXPECT_EQ(heard(here), "call.updated:from a call.updated:from b");
    EXPECT_EQ(heard(there), "call.updated:from a call.updated:from b");
    other->tell_here({"fleet.status", {}});
    EXPECT_EQ(heard(here), "") << "what each finds out itself is not sent";
}

TEST_F(EventHub, NewsThatNobodyKnowsAreNotPassedOn) {
    auto const listener = listen(*hub).value();
    using wire::json_object;
    for (json_object const& body :
         {json_object{}, json_object{{"from", "b"}, {"type", "call.updated"}},
          json_object{{"from", "b"}, {"type", "call.updated"}, {"data", "text"}},
          json_object{{"from", "b"}, {"type", "of.tomorrow"}, {"data", json_object{}}},
          json_object{{"from", "b"}, {"type", "snapshot_needed"}, {"data", json_object{}}}})
        EXPECT_TRUE(bus.publish(events_bus_topic, body));
    EXPECT_EQ(heard(listener), "");
}

TEST_F(EventHub, ABusThatMayHaveLostNewsNeedsASnapshotOfEverybody) {
    auto const jobs = listen(*hub, {.topics = {"jobs"}, .last_id = ""}).value();
    std::string const start = place(jobs);
    ASSERT_EQ(bus.missed.size(), 1U);
    bus.missed.front()();
    EXPECT_EQ(heard(jobs), "snapshot_needed");
    EXPECT_EQ(heard(listen(*hub, {.topics = {"jobs"}, .last_id = start}).value()),
              "snapshot_needed")
        << "also who was away then";
}

TEST_F(EventHub, AnEndOfTheProcessEndsEveryStream) {
    auto const listener = listen(*hub).value();
    hub->tell(call("s-1"));
    hub->close();
    EXPECT_EQ(heard(listener), "<over>");
    hub->tell(call("s-2"));
    EXPECT_EQ(heard(listener), "<over>");
    auto const late = listen(*hub);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code(), errc::unavailable);
}

// 21-43, its first half: not by a wall clock but by order. What a commit tells waits at the
// listener before whoever committed knows that it is done.
TEST_F(EventHub, ACommitIsToldBeforeItIsAnswered) {
    cxb::test::scratch_dir folder;
    store::sqlite_options options;
    options.path = folder / "s.db";
    telling_store store(
        store::sqlite_document_store::open(options).value(),
        server::document_sealer(domain::secret_box::make({}, {}).value(), {}, system_random()));
    store.tell_to([this](event_news news) { hub->tell(std::move(news)); });
    ASSERT_TRUE(run(store.ensure(model::calls)));
    auto const listener = listen(*hub).value();
    auto const insert = [] {
        store::batch writes;
        writes.insert(model::calls, {{"_id", "c"}, {"session_id", "s-1"}, {"status", "active"}});
        return writes;
    };
    ASSERT_TRUE(run(store.commit(insert()))->applied);
    EXPECT_EQ(heard(listener), "call.created:s-1");
    EXPECT_FALSE(run(store.commit(insert()))->applied);
    EXPECT_EQ(heard(listener), "") << "what was not applied is no news";
    store.close();
    EXPECT_FALSE(run(store.commit(insert())));
    EXPECT_EQ(heard(listener), "");
}

}  // namespace
}  // namespace cxb::api
