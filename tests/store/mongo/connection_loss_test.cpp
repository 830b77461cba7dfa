// The connection breaks, or the primary changes, at every command of every kind of operation.
#include <tuple>

#include "store/mongo/fault_proxy.hpp"
#include "store/mongo/mongo_engines.hpp"

namespace cxb::store {
namespace {

using namespace std::chrono_literals;
using test::proxy_fault;

constexpr auto operation_deadline = 4s;

/// The proxy cannot stand between the driver and a set, which names its members; so it plays one.
using loss_case = std::tuple<test::server_role, proxy_fault>;

struct MongoConnectionLoss : ::testing::TestWithParam<loss_case> {
    void SetUp() override {
        CXB_SKIP_IF_MISSING(test::missing_for_mongo_server());
        auto const port = test::mongo_server_port(role());
        proxy = std::make_unique<test::fault_proxy>(port);
        direct = open_on_test_server(folder.path(), options(port));
        store = open_on_test_server(folder.path(), options(proxy->port()));
        ASSERT_TRUE(store);
        for (auto const* each : {&items, &others})
            ASSERT_TRUE(test::run(direct->ensure(*each)));
    }

    static test::server_role role() { return std::get<0>(GetParam()); }
    static proxy_fault fault() { return std::get<1>(GetParam()); }

    static mongo_options options(unsigned short port) {
        mongo_options made;
        made.url = test::mongo_url(port);
        made.threads = 2;
        made.deadline = operation_deadline;
        made.selection_timeout = 2s;
        made.socket_timeout = 400ms;
        made.batch_lease = 100ms;
        // The sweep would take commands that are meant for the operation.
        made.sweep_every = 1h;
        return made;
    }

    /// Harms each command of an operation in turn. `work` gives the error, `state` tells by the
    /// direct connection how often the operation happened.
    template <class Work, class State>
    void at_every_command(Work work, State state) {
        for (int number = 1; number < 60; ++number) {
            auto const had = state();
            proxy->arm(fault(), number);
            auto const start = std::chrono::steady_clock::now();
            auto const failed = work();
            EXPECT_LT(std::chrono::steady_clock::now() - start, operation_deadline + 1s) << number;
            bool const struck = proxy->struck();
            proxy->disarm();
            EXPECT_TRUE(test::eventually([&] { return test::run(store->ping()).has_value(); }));
            auto const happened = state() - had;
            SCOPED_TRACE(std::to_string(number) + (failed ? failed->to_log_text() : " done"));
            if (!failed) {
                EXPECT_EQ(happened, 1);
            } else if (failed->code() == errc::unavailable) {
                EXPECT_EQ(happened, 0);
            } else {
                EXPECT_EQ(failed->code(), errc::deadline_exceeded);
                EXPECT_TRUE(happened == 0 || happened == 1) << happened;
            }
            if (!struck) return;
        }
        FAIL() << "the operation has no end";
    }

    template <class T>
    static std::optional<error> error_of(result<T> const& from) {
        return from ? std::nullopt : std::optional(from.error());
    }

    std::int64_t value_of_counter() {
        auto const found = test::run(direct->find_one(items, by_id("c"))).value();
        return found ? wire::int_at(*found, "n") : 0;
    }

    test::scratch_dir folder;
    std::unique_ptr<mongo_document_store> direct;
    std::unique_ptr<test::fault_proxy> proxy;
    std::unique_ptr<mongo_document_store> store;
};

std::string case_name(::testing::TestParamInfo<loss_case> const& row) {
    constexpr char const* names[] = {"CutBefore",   "CutAfter",    "CutInside",  "Silence",
                                     "SteppedDown", "Interrupted", "Unconfirmed"};
    return std::string(std::get<0>(row.param) == test::server_role::alone ? "Alone" : "Set") +
           names[static_cast<int>(std::get<1>(row.param))];
}

INSTANTIATE_TEST_SUITE_P(
    Faults, MongoConnectionLoss,
    ::testing::Combine(::testing::Values(test::server_role::alone, test::server_role::replica_set),
                       ::testing::Values(proxy_fault::cut_before, proxy_fault::cut_after,
                                         proxy_fault::cut_inside, proxy_fault::silence,
                                         proxy_fault::stepped_down, proxy_fault::interrupted,
                                         proxy_fault::unconfirmed)),
    case_name);

TEST_P(MongoConnectionLoss, Insert) {
    at_every_command(
        [&] {
            auto failed = error_of(test::run(store->insert(others, {{"x", 1}})));
            // A set numbers its writes, so that the driver can send one again.
            if (role() == test::server_role::replica_set && fault() != proxy_fault::unconfirmed)
                EXPECT_FALSE(failed) << failed->to_log_text();
            return failed;
        },
        [&] { return test::run(direct->count(others, {})).value(); });
}

TEST_P(MongoConnectionLoss, UpsertThatCounts) {
    at_every_command(
        [&] {
            return error_of(
                test::run(store->update_one(items, by_id("c"), update{}.inc("n", 1), true)));
        },
        [&] { return value_of_counter(); });
}

TEST_P(MongoConnectionLoss, Batch) {
    ASSERT_TRUE(test::run(direct->insert(items, {{"_id", "c"}, {"n", 0}})));
    at_every_command(
        [&] {
            auto const done =
                test::run(store->commit(batch{}
                                            .update_one(items, by_id("c"), update{}.inc("n", 1))
                                            .insert(others, {{"x", 1}})));
            return error_of(done);
        },
        [&] {
            // Settles what the operation left behind, as the sweep would.
            EXPECT_TRUE(
                test::run(direct->update_one(items, by_id("c"), update{}.set("flag", true))));
            EXPECT_TRUE(test::run(direct->ensure(others)));
            auto const rows = test::run(direct->count(others, {})).value();
            EXPECT_EQ(rows, value_of_counter());
            return rows;
        });
}

TEST_P(MongoConnectionLoss, ReadsNeverHangAndRecover) {
    ASSERT_TRUE(test::run(direct->insert(items, {{"_id", "c"}, {"n", 1}})));
    for (int round = 0; round < 3; ++round) {
        proxy->arm(fault(), 1);
        auto const got = test::run(store->find_one(items, by_id("c")));
        if (!got) EXPECT_EQ(got.error().code(), errc::unavailable);
        EXPECT_TRUE(test::eventually(
            [&] { return test::run(store->find_one(items, by_id("c"))).has_value(); }));
    }
}

struct MongoOpening : ::testing::Test {};

TEST_F(MongoOpening, TellsWhatIsWrongWithoutTheUrl) {
    mongo_options options;
    options.selection_timeout = 200ms;
    options.url = "mongodb://someone:pass-word@127.0.0.1:1/db";
    auto const nobody = mongo_document_store::open(options);
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().code(), errc::unavailable);
    EXPECT_EQ(nobody.error().to_log_text().find("pass-word"), std::string::npos);
    options.url = "mongodb://someone:pass-word@@@:what/";
    auto const unreadable = mongo_document_store::open(options);
    ASSERT_FALSE(unreadable);
    EXPECT_EQ(unreadable.error().code(), errc::invalid);
    EXPECT_EQ(unreadable.error().to_log_text().find("pass-word"), std::string::npos);
}

TEST_F(MongoOpening, RefusedCredentialsAreNamedAtOnce) {
    CXB_SKIP_IF_MISSING(test::missing_for_mongo_server());
    mongo_options options;
    options.url =
        "mongodb://someone:pass-word@127.0.0.1:" + std::to_string(test::mongo_server_port()) +
        "/?authSource=admin";
    auto const refused = mongo_document_store::open(options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::unavailable);
    EXPECT_EQ(refused.error().detail(), "Store refuses the credentials");
    EXPECT_EQ(refused.error().to_log_text().find("pass-word"), std::string::npos);
}

TEST_F(MongoOpening, FullQueueAndDeadlineRefuse) {
    CXB_SKIP_IF_MISSING(test::missing_for_mongo_server());
    test::scratch_dir folder;
    test::fault_proxy proxy(test::mongo_server_port());
    mongo_options options;
    options.url = test::mongo_url(proxy.port());
    options.threads = 1;
    options.max_queued = 2;
    options.deadline = 600ms;
    options.sweep_every = 1h;
    auto const store = open_on_test_server(folder.path(), options);
    ASSERT_TRUE(test::run(store->ensure(others)));
    proxy.arm(proxy_fault::silence, 1);
    std::vector<boost::asio::awaitable<result<void>>> all;
    for (int i = 0; i < 6; ++i)
        all.push_back(store->insert(others, {{"n", i}}));
    auto const start = std::chrono::steady_clock::now();
    int refused = 0;
    for (auto const& each : test::run_all(std::move(all))) {
        if (each) continue;
        ++refused;
        if (each.error().code() == errc::unavailable && each.error().retry_after())
            EXPECT_EQ(each.error().retry_after(), 1s);
    }
    EXPECT_GE(refused, 3);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
}

TEST_F(MongoOpening, TheUrlCannotWeakenReadsAndWrites) {
    CXB_SKIP_IF_MISSING(test::missing_for_mongo_server());
    test::scratch_dir folder;
    mongo_options options;
    options.url = test::mongo_url(test::mongo_server_port(test::server_role::replica_set)) +
                  "&readPreference=secondary&w=0&retryWrites=false";
    auto const store = open_on_test_server(folder.path(), options);
    ASSERT_TRUE(test::run(store->ensure(items)));
    ASSERT_TRUE(test::run(store->insert(items, {{"_id", "1"}})));
    // With `w=0` nothing would tell.
    auto const taken = test::run(store->insert(items, {{"_id", "1"}}));
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code(), errc::conflict);
}

TEST_F(MongoOpening, LongListsStayWithTheRouterThatBeganThem) {
    CXB_SKIP_IF_MISSING(test::missing_for_mongo_server());
    test::scratch_dir folder;
    auto const port = test::mongo_server_port(test::server_role::router);
    test::fault_proxy first(port);
    test::fault_proxy second(port);
    mongo_options options;
    options.url = "mongodb://127.0.0.1:" + std::to_string(first.port()) +
                  ",127.0.0.1:" + std::to_string(second.port()) + "/?localThresholdMS=10000";
    options.threads = 1;
    options.sweep_every = 1h;
    auto const store = open_on_test_server(folder.path(), options);
    EXPECT_TRUE(store->transactions());
    ASSERT_TRUE(test::run(store->ensure(others)));
    std::vector<json_object> many(600);
    ASSERT_TRUE(test::run(store->bulk_insert(others, many)));
    find_options everything;
    everything.limit = 0;
    // Of finds without a rest; every list has one, on the same router.
    auto const short_finds = [](test::fault_proxy const& router) {
        return router.count("find") - router.count("getMore");
    };
    auto const before = std::pair(short_finds(first), short_finds(second));
    // The driver takes one of those it knows by now, at random.
    EXPECT_TRUE(test::eventually([&] {
        EXPECT_EQ(test::run(store->find(others, {}, everything)).value().items.size(), 600U);
        EXPECT_EQ(std::pair(short_finds(first), short_finds(second)), before);
        return HasFailure() || (first.count("getMore") > 3 && second.count("getMore") > 3);
    }));
}

}  // namespace
}  // namespace cxb::store
