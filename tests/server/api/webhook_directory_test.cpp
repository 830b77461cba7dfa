// The snapshot of webhook endpoints while the store is slow or fails, and switching one off.
#include "server/api/webhooks/webhook_directory.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "cxb/net/event_loops.hpp"
#include "cxb/testing/fault_store.hpp"
#include "server/common/model/collections.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "support/child_process.hpp"

namespace cxb::api::test {
namespace {

namespace asio = boost::asio;
namespace model = server::model;
using contract::webhook::event_type;
using cxb::test::eventually;

struct WebhookDirectory : ::testing::Test {
    cxb::test::scratch_dir scratch;
    net::event_loops loops{1};
    std::unique_ptr<store::sqlite_document_store> inner;
    std::unique_ptr<testing::fault_store> shaky;
    std::unique_ptr<audit_trail> audit;
    std::unique_ptr<webhook_directory> endpoints;

    void SetUp() override {
        store::sqlite_options options;
        options.path = scratch / "x.db";
        inner = store::sqlite_document_store::open(std::move(options)).value();
        shaky = std::make_unique<testing::fault_store>(*inner);
        audit = std::make_unique<audit_trail>(*shaky, real_clock(), system_random());
        endpoints =
            std::make_unique<webhook_directory>(*shaky, *audit, real_clock(), system_random(),
                                                domain::make_guard_policy(false, {}).value());
        loops.start();
        loops.run_and_wait([](store::document_store& store) -> asio::awaitable<void> {
            for (auto const* collection : model::all_collections())
                EXPECT_TRUE(co_await store.ensure(*collection));
        }(*shaky));
    }
    void TearDown() override {
        loops.stop();
        inner->close();
    }
    // Id of a new endpoint that wants everything.
    std::string make() {
        std::string id;
        loops.run_and_wait([](webhook_directory& all, std::string& out) -> asio::awaitable<void> {
            webhook_body body;
            body.url = "https://crm.example/hook";
            auto const made =
                co_await all.create(std::move(body), "test", audit_actor::system("test"));
            if (!made) {
                ADD_FAILURE() << made.error().to_log_text();
                co_return;
            }
            EXPECT_FALSE(made->signing.reveal().empty());
            out = wire::text_at(made->document, "_id");
        }(*endpoints, id));
        return id;
    }
    void refresh() {
        loops.run_and_wait([](webhook_directory& all) -> asio::awaitable<void> {
            EXPECT_TRUE(co_await all.refresh());
        }(*endpoints));
    }
    void deactivate(std::string id, std::string failing_since = {}) {
        loops.run_and_wait([](webhook_directory& all, std::string which,
                              std::string since) -> asio::awaitable<void> {
            EXPECT_TRUE(
                co_await all.deactivate(std::move(which), "for a reason", std::move(since)));
        }(*endpoints, std::move(id), std::move(failing_since)));
    }
    std::size_t told() const { return endpoints->subscribers(event_type::call_completed).size(); }
};

TEST_F(WebhookDirectory, AReadingThatEndsLateBringsNothingBack) {
    shaky->add({.on = testing::store_operation::find,
                .collection = "webhook_endpoints",
                .failure = {},
                .delay = milliseconds{1500}});
    std::atomic<bool> ended{false};
    asio::co_spawn(loops.executor(0), endpoints->refresh(),
                   [&ended](std::exception_ptr const&, result<void> const& done) {
                       EXPECT_TRUE(done);
                       ended = true;
                   });
    ASSERT_TRUE(eventually([&] { return shaky->failed() == 1; }));
    make();
    EXPECT_FALSE(ended) << "the reading that saw nothing is still under way";
    EXPECT_EQ(told(), 1U);
    ASSERT_TRUE(eventually([&] { return ended.load(); }));
    EXPECT_EQ(told(), 1U);
}

// The secret exists only in this answer: it must not get lost over what happens afterwards.
TEST_F(WebhookDirectory, OneThatWasMadeIsGivenThoughItCannotBeReadBack) {
    shaky->add({.on = testing::store_operation::find, .collection = "webhook_endpoints"});
    EXPECT_FALSE(make().empty());
    EXPECT_EQ(told(), 0U);
    refresh();
    EXPECT_EQ(told(), 1U);
}

TEST_F(WebhookDirectory, OneThatSucceededMeanwhileIsNotSwitchedOff) {
    auto const id = make();
    deactivate(id, "2026-01-01T00:00:00.000Z");
    EXPECT_EQ(told(), 1U);
    deactivate(id);
    EXPECT_EQ(told(), 0U);
    deactivate(id);  // off already: no second row
    loops.run_and_wait([](store::document_store& store) -> asio::awaitable<void> {
        auto const rows = co_await store.count(
            model::audit_log, store::all_of({store::eq("action", "webhook_endpoint.deactivate")}));
        EXPECT_EQ(*rows, 1);
    }(*shaky));
}

}  // namespace
}  // namespace cxb::api::test
