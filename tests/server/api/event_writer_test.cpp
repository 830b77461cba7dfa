// The body of an event stream: a reader that takes nothing, and who may go on listening.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "cxb/store/memory/memory_event_bus.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "server/api/events/event_stream.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "support/child_process.hpp"

namespace cxb::api {
namespace {

using namespace std::chrono_literals;

class EventWriter : public ::testing::Test {
  protected:
    // The connection's side of a stream; nothing runs but in `turn`.
    std::shared_ptr<wire::body_stream> open(listener_check check, milliseconds heartbeat) {
        auto listener = hub.listen(loop.get_executor(), "u", {}).value();
        return server::pump_stream(
            loop.get_executor(), [listener, check, heartbeat](server::stream_writer& out) mutable {
                return write_events(std::move(listener), check, heartbeat, out);
            });
    }
    void turn() {
        loop.restart();
        loop.poll();
    }
    // Takes what is there; false once the stream is over.
    result<bool> take(wire::body_stream& from) {
        turn();
        std::string piece;
        auto const more = from.next(piece);
        taken += piece;
        return more;
    }
    std::size_t beats() const {
        std::size_t count = 0;
        for (auto at = taken.find(": hb\n\n"); at != taken.npos;
             at = taken.find(": hb\n\n", at + 1))
            ++count;
        return count;
    }

    // Of tickets, which are not the matter here.
    static std::unique_ptr<store::document_store> open_rows(std::string const& path) {
        store::sqlite_options options;
        options.path = path;
        return store::sqlite_document_store::open(options).value();
    }

    cxb::test::scratch_dir scratch;
    std::unique_ptr<store::document_store> rows = open_rows(scratch / "rows.db");
    testing::fake_clock time;
    store::memory_event_bus bus;
    boost::asio::io_context loop;
    event_hub hub{bus, *rows, time, system_random(), "a"};
    std::string taken;
};

// Bytes wait for the connection, then news wait for the writer, then it is over.
TEST_F(EventWriter, AReaderThatTakesNothingIsCutOff) {
    auto const stream =
        open([]() -> store::async<server::principal> { co_return server::principal{}; }, 15s);
    ASSERT_TRUE(take(*stream));
    constexpr std::size_t size = 1000;
    for (std::size_t i = 0; i < server::stream_buffer / size + 2 * hub.bounds().behind; ++i) {
        turn();
        hub.tell({"call.updated", {{"session_id", std::string(size, 'x')}}});
    }
    result<bool> more = true;
    for (int i = 0; more && *more && i < 100; ++i)
        more = take(*stream);
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code(), errc::at_capacity);
    EXPECT_LT(taken.size(), server::stream_buffer + 4 * size);
    EXPECT_EQ(hub.streams(), 0U);
}

// The connection lets go of the stream between two beats.
TEST_F(EventWriter, AReaderThatLeftGivesItsPlaceBackAtOnce) {
    auto stream = open([]() -> store::async<server::principal> { co_return server::principal{}; },
                       std::chrono::hours(1));
    ASSERT_TRUE(take(*stream).value());
    turn();
    ASSERT_EQ(hub.streams(), 1U);
    stream.reset();
    turn();
    EXPECT_EQ(hub.streams(), 0U);
}

TEST_F(EventWriter, AStoreThatCannotBeAskedEndsNoStreamARefusalDoes) {
    error cause{errc::unavailable};
    int asked = 0;
    auto const stream = open(
        [&]() -> store::async<server::principal> {
            ++asked;
            co_return cause;
        },
        1ms);
    while (beats() < 3)
        ASSERT_TRUE(take(*stream).value());
    EXPECT_GE(asked, 3);
    cause = error{errc::forbidden};
    result<bool> more = true;
    while (more && *more)
        more = take(*stream);
    EXPECT_TRUE(more) << "an end, not a failure";
    EXPECT_EQ(hub.streams(), 0U);
}

}  // namespace
}  // namespace cxb::api
