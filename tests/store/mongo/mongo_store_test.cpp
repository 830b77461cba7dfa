// What others find in the database, what the server's errors become, and how a store ends.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "src/store/mongo/workplace.hpp"
#include "store/mongo/fault_proxy.hpp"
#include "store/mongo/mongo_engines.hpp"

namespace cxb::store {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using mongo::bson_document;
using test::proxy_fault;

struct MongoStore : ::testing::Test {
    test::scratch_dir folder;
    std::unique_ptr<test::fault_proxy> proxy;
    std::unique_ptr<mongo_document_store> store;

    void SetUp() override {
        CXB_SKIP_IF_MISSING(test::missing_for_mongo_server());
        proxy = std::make_unique<test::fault_proxy>(test::mongo_server_port());
        mongo_options options;
        options.url = test::mongo_url(proxy->port());
        options.threads = 1;
        options.socket_timeout = 600ms;
        options.deadline = 3s;
        options.sweep_every = 1h;
        store = open_on_test_server(folder.path(), options);
        for (auto const* each : {&items, &others})
            ASSERT_TRUE(test::run(store->ensure(*each)));
    }

    /// A document as it is stored, as text with the types of its values.
    std::string raw(std::string_view in, bson_document const& where) const {
        auto const driver = mongo::mongo_driver::create({test::mongo_url(test::mongo_server_port()),
                                                         database_of(folder.path())})
                                .value();
        auto client = driver->take();
        std::string text;
        EXPECT_TRUE(client.query(mongo::find_command(in, where), [&](bson_document const& found) {
            auto* const made = bson_as_canonical_extended_json(found.get(), nullptr);
            text = made;
            bson_free(made);
            return true;
        }));
        return text;
    }
};

TEST_F(MongoStore, OtherToolsFindNativeTypes) {
    ASSERT_TRUE(test::run(
        store->insert(items, {{"_id", "0123456789abcdef01234567"},
                              {"name", "x"},
                              {"n", 7},
                              {"r", 1.5},
                              {"flag", true},
                              {"at", "2026-01-02T03:04:05.678Z"},
                              {"owner", json_object{{"id", "o"}}},
                              {"free", json_object{{"at", "2026-01-02T03:04:05.678Z"}}}})));
    EXPECT_EQ(raw("items", {}),
              R"({ "_id" : { "$oid" : "0123456789abcdef01234567" }, "name" : "x", )"
              R"("n" : { "$numberLong" : "7" }, "r" : { "$numberDouble" : "1.5" }, "flag" : true, )"
              R"("at" : { "$date" : { "$numberLong" : "1767323045678" } }, )"
              R"("owner" : { "id" : "o" }, )"
              R"("free" : { "at" : "2026-01-02T03:04:05.678Z" } })");
}

TEST_F(MongoStore, WritesWaitForTheMajorityAndTheJournal) {
    constexpr char const* concern = R"("writeConcern" : { "w" : "majority", "j" : true })";
    ASSERT_TRUE(test::run(store->insert(items, {{"_id", "1"}})));
    ASSERT_TRUE(test::run(store->update_one(items, by_id("1"), update{}.set("n", 1))));
    ASSERT_TRUE(test::run(store->find_one_and_update(items, by_id("1"), update{}.inc("n", 1))));
    ASSERT_TRUE(test::run(store->remove(items, by_id("1"))));
    for (auto const* command : {"insert", "update", "findAndModify", "delete"})
        EXPECT_NE(proxy->last(command).find(concern), std::string::npos) << proxy->last(command);
}

TEST_F(MongoStore, TransactionsAreAsServersWantThem) {
    test::fault_proxy set(test::mongo_server_port(test::server_role::replica_set));
    mongo_options options;
    options.url = test::mongo_url(set.port());
    auto const other = open_on_test_server(folder.path(), options);
    ASSERT_TRUE(test::run(other->ensure(others)));
    ASSERT_TRUE(test::run(other->insert(others, {{"_id", "1"}})));
    // Writes of one document carry a number, so that the driver may send them again.
    EXPECT_NE(set.last("insert").find("txnNumber"), std::string::npos) << set.last("insert");
    EXPECT_NE(set.last("insert").find("majority"), std::string::npos);
    batch both;
    both.update_one(others, by_id("1"), update{}.set("x", 1)).insert(others, {{"_id", "2"}});
    ASSERT_TRUE(test::run(other->commit(both)).value().applied);
    // The first command begins; the last one alone waits for the majority.
    auto const first = set.last("find");
    EXPECT_NE(first.find(R"("startTransaction" : true)"), std::string::npos) << first;
    EXPECT_NE(first.find("snapshot"), std::string::npos) << first;
    for (auto const* command : {"update", "insert"}) {
        auto const sent = set.last(command);
        EXPECT_NE(sent.find(R"("autocommit" : false)"), std::string::npos) << sent;
        EXPECT_EQ(sent.find("writeConcern"), std::string::npos) << sent;
        EXPECT_EQ(sent.find("readConcern"), std::string::npos) << sent;
    }
    EXPECT_NE(set.last("commitTransaction").find("majority"), std::string::npos);
}

TEST_F(MongoStore, CancelledWaitEndsAtOnceAndUnbegunWritesAreSkipped) {
    asio::io_context loop(1);
    asio::cancellation_signal stop;
    std::optional<result<void>> first;
    std::optional<result<void>> second;
    auto const note = [](std::optional<result<void>>& into) {
        return [&into](std::exception_ptr, result<void> done) { into.emplace(std::move(done)); };
    };
    proxy->arm(proxy_fault::silence, 1);
    asio::co_spawn(loop, store->insert(items, {{"_id", "a"}}), note(first));
    loop.poll();
    EXPECT_TRUE(test::eventually([&] { return proxy->struck(); }));
    asio::co_spawn(loop, store->insert(items, {{"_id", "b"}}),
                   asio::bind_cancellation_slot(stop.slot(), note(second)));
    loop.restart();
    loop.poll();
    stop.emit(asio::cancellation_type::terminal);
    loop.restart();
    loop.poll();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->error().code(), errc::cancelled);
    loop.restart();
    loop.run();
    // The only thread waited for an answer that never came.
    EXPECT_EQ(first->error().code(), errc::deadline_exceeded);
    EXPECT_TRUE(test::eventually([&] { return test::run(store->ping()).has_value(); }));
    EXPECT_FALSE(test::run(store->find_one(items, by_id("b"))).value());
}

TEST_F(MongoStore, CloseAnswersEverybodyInTimeWhateverTheServerDoes) {
    asio::io_context loop(1);
    int answers = 0;
    proxy->arm(proxy_fault::silence, 1);
    for (int i = 0; i < 10; ++i)
        asio::co_spawn(loop, store->insert(items, {{"n", i}}),
                       [&](std::exception_ptr, result<void>) { ++answers; });
    loop.poll();
    EXPECT_TRUE(test::eventually([&] { return proxy->struck(); }));
    auto const start = std::chrono::steady_clock::now();
    store->close();
    EXPECT_LT(std::chrono::steady_clock::now() - start, 8s);
    loop.restart();
    loop.run();
    EXPECT_EQ(answers, 10);
    EXPECT_EQ(test::run(store->ping()).error().code(), errc::unavailable);
}

TEST_F(MongoStore, OutageIsUnavailableUntilTheServerIsBack) {
    proxy.reset();
    auto const start = std::chrono::steady_clock::now();
    auto const failed = test::run(store->find_one(items, {}));
    ASSERT_FALSE(failed);
    EXPECT_TRUE(failed.error().code() == errc::unavailable ||
                failed.error().code() == errc::deadline_exceeded);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
    EXPECT_FALSE(test::run(store->ping()));
}

struct fault_row {
    mongoc_error_domain_t domain;
    std::uint32_t code;
    errc read;
    errc write;
};

TEST(MongoFaults, SayWhetherAWriteMayHaveHappened) {
    constexpr fault_row rows[] = {
        {MONGOC_ERROR_SERVER, 10107, errc::unavailable, errc::unavailable},
        {MONGOC_ERROR_SERVER, 112, errc::unavailable, errc::unavailable},
        {MONGOC_ERROR_SERVER, 11602, errc::unavailable, errc::deadline_exceeded},
        {MONGOC_ERROR_SERVER, 91, errc::unavailable, errc::deadline_exceeded},
        {MONGOC_ERROR_SERVER, 6, errc::unavailable, errc::deadline_exceeded},
        {MONGOC_ERROR_SERVER, 50, errc::deadline_exceeded, errc::deadline_exceeded},
        {MONGOC_ERROR_SERVER, 11000, errc::conflict, errc::conflict},
        {MONGOC_ERROR_SERVER, 17419, errc::too_large, errc::too_large},
        {MONGOC_ERROR_SERVER, 257, errc::too_large, errc::too_large},
        {MONGOC_ERROR_SERVER, 18, errc::unavailable, errc::unavailable},
        {MONGOC_ERROR_SERVER, 59, errc::internal, errc::internal},
        {MONGOC_ERROR_WRITE_CONCERN, 64, errc::deadline_exceeded, errc::deadline_exceeded},
        {MONGOC_ERROR_WRITE_CONCERN, 91, errc::deadline_exceeded, errc::deadline_exceeded},
        {MONGOC_ERROR_WRITE_CONCERN, 100, errc::deadline_exceeded, errc::deadline_exceeded},
        {MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_SOCKET, errc::unavailable,
         errc::deadline_exceeded},
        {MONGOC_ERROR_SERVER_SELECTION, MONGOC_ERROR_SERVER_SELECTION_FAILURE, errc::unavailable,
         errc::unavailable},
        {MONGOC_ERROR_BSON, MONGOC_ERROR_BSON_INVALID, errc::too_large, errc::too_large}};
    for (auto const& row : rows) {
        bson_error_t failed{};
        bson_set_error(&failed, row.domain, row.code, "%s", "told by the server: {secret: 1}");
        auto const read = mongo::fault_of(mongo::command_kind::read, nullptr, failed).cause;
        auto const write = mongo::fault_of(mongo::command_kind::write, nullptr, failed).cause;
        EXPECT_EQ(read.code(), row.read) << row.domain << ' ' << row.code;
        EXPECT_EQ(write.code(), row.write) << row.domain << ' ' << row.code;
        if (row.domain == MONGOC_ERROR_SERVER)
            EXPECT_EQ(write.to_log_text().find("secret"), std::string::npos);
        EXPECT_EQ(write.detail().find("told"), std::string::npos);
    }
}

}  // namespace
}  // namespace cxb::store
