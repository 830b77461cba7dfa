// An export that is too long, or whose store fails midway (spec 21 §2).
#include <gtest/gtest.h>

#include <boost/asio/this_coro.hpp>

#include "cxb/net/event_loops.hpp"
#include "cxb/net/http_client.hpp"
#include "cxb/net/http_server.hpp"
#include "cxb/testing/fault_store.hpp"
#include "server/api/calls/call_export.hpp"
#include "server/common/model/collections.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "support/child_process.hpp"

namespace cxb::api::test {
namespace {

namespace asio = boost::asio;
namespace model = server::model;

std::unique_ptr<store::sqlite_document_store> open_in(cxb::test::scratch_dir const& folder) {
    store::sqlite_options options;
    options.path = folder / "x.db";
    return store::sqlite_document_store::open(std::move(options)).value();
}

call_export_ptr order_of(std::string_view query) {
    auto const read = read_call_export(wire::query_list::parse(query).value(), {}, "IN",
                                       real_clock().now(), "http://api.example");
    EXPECT_TRUE(read);
    return read ? *read : nullptr;
}

struct ExportFaults : ::testing::Test, worker::http_handler {
    static constexpr std::size_t rows = limits::export_portion + 3;
    cxb::test::scratch_dir scratch;
    net::event_loops loops{1};
    std::unique_ptr<store::sqlite_document_store> inner = open_in(scratch);
    testing::fault_store shaky{*inner};
    server::metrics_registry metrics;
    std::unique_ptr<net::http_client> client = net::http_client::create().value();
    net::http_server server{loops, *this, {}};

    void SetUp() override {
        ASSERT_TRUE(server.start());
        loops.start();
        loops.run_and_wait([](store::document_store& into) -> asio::awaitable<void> {
            EXPECT_TRUE(co_await into.ensure(model::calls));
            for (std::size_t i = 0; i < rows; ++i)
                EXPECT_TRUE(co_await into.insert(
                    model::calls, {{"session_id", "s-" + std::to_string(i)},
                                   {"created_at", format_timestamp(real_clock().now())}}));
        }(*inner));
    }
    void TearDown() override {
        loops.run_and_wait([](net::http_server& one) -> asio::awaitable<void> {
            EXPECT_TRUE(co_await one.drain(seconds{5}));
        }(server));
        loops.stop();
        inner->close();
    }
    asio::awaitable<worker::head_verdict> accept_head(wire::http_request const&) override {
        co_return worker::head_verdict{};
    }
    asio::awaitable<wire::http_response> handle(wire::http_request) override {
        auto const order = order_of("format=csv");
        co_return server::streamed_response(co_await asio::this_coro::executor, head_of(*order),
                                            [this, order](server::stream_writer& out) {
                                                return write_calls(shaky, order, metrics, out);
                                            });
    }
    wire::http_response refusal(int) override { return {}; }

    result<wire::http_response> ask() {
        result<wire::http_response> out = error{errc::internal};
        client::outgoing_request request{server.url() + "/", {}};
        request.message.method = "GET";
        loops.run_and_wait([](net::http_client& with, client::outgoing_request what,
                              result<wire::http_response>& to) -> asio::awaitable<void> {
            to = co_await with.send(std::move(what), {});
        }(*client, std::move(request), out));
        return out;
    }
    result<void> size_within(std::size_t most) {
        result<void> out = error{errc::internal};
        loops.run_and_wait([](store::document_store& from, std::size_t limit,
                              result<void>& to) -> asio::awaitable<void> {
            to = co_await check_export_size(from, order_of(""), limit);
        }(shaky, most, out));
        return out;
    }
};

TEST_F(ExportFaults, AFailureMidwayEndsTheConnectionWithoutTheClosingChunk) {
    ASSERT_TRUE(ask());
    shaky.add({.on = testing::store_operation::find, .step = 2});
    auto const cut = ask();
    ASSERT_FALSE(cut) << "a cut file must not look whole";
    EXPECT_EQ(shaky.failed(), 1U);
    EXPECT_EQ(metrics.get_gauge("cxb_exports_running").value(), 0);
    EXPECT_EQ(metrics.get_counter("cxb_export_rows_total").value(), rows + limits::export_portion);
}

TEST_F(ExportFaults, MoreCallsThanTheLimitAreRefused) {
    EXPECT_TRUE(size_within(rows));
    auto const refused = size_within(rows - 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::invalid);
    EXPECT_EQ(refused.error().detail(), "narrow the filter");
    EXPECT_EQ(limits::export_rows, 1'000'000U);
}

TEST_F(ExportFaults, AStoreThatIsAwayIsToldBeforeTheFileBegins) {
    shaky.add({.on = testing::store_operation::count});
    auto const refused = size_within(rows);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::unavailable);
}

}  // namespace
}  // namespace cxb::api::test
