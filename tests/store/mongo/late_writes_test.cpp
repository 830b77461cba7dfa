// What comes late or in between: commands of an owner who slept, readers between two steps, other
// processes that start, and a driver that sends a write twice.
#include <atomic>

#include "src/store/mongo/workplace.hpp"
#include "store/mongo/fault_proxy.hpp"
#include "store/mongo/protocol_kit.hpp"

namespace cxb::store {
namespace {

using namespace std::chrono_literals;
using mongo::bson_document;
using test::proxy_fault;

/// The sweep would take commands that are meant for the operation.
mongo_options quiet() {
    mongo_options made;
    made.sweep_every = 1h;
    return made;
}

struct MongoLate : MongoProtocol {
    std::unique_ptr<test::fault_proxy> proxy;
    std::unique_ptr<mongo_document_store> direct;

    void SetUp() override {
        MongoProtocol::SetUp();
        if (IsSkipped()) return;
        proxy = std::make_unique<test::fault_proxy>(test::mongo_server_port());
        direct = open(quiet());
    }
    void TearDown() override {
        if (proxy) proxy->before_each(nullptr);
    }

    std::unique_ptr<mongo_document_store> open_by_proxy() {
        auto options = quiet();
        options.url = test::mongo_url(proxy->port());
        options.threads = 1;
        return open(options);
    }
    /// Does something before the command of this number, counted from now on.
    void at_command(int number, std::function<void()> what) {
        auto const left = std::make_shared<std::atomic<int>>(number);
        proxy->before_each([left, what = std::move(what)](std::string const&) {
            if (--*left == 0) what();
        });
    }
    bool sees(collection const& in, std::string_view id) const {
        return test::run(direct->find_one(in, by_id(id))).value().has_value();
    }
};

/// Writes past the stores.
class raw_access {
  public:
    explicit raw_access(std::filesystem::path const& folder)
        : driver_(mongo::mongo_driver::create(
                      {test::mongo_url(test::mongo_server_port()), database_of(folder)})
                      .value()) {}

    std::vector<bson_document> held(std::string_view in) {
        std::vector<bson_document> all;
        auto const where = bson_document().add("_cxb.c.id", bson_document().add("$exists", true));
        auto client = driver_->take();
        EXPECT_TRUE(client.query(mongo::find_command(in, where), [&](bson_document found) {
            all.push_back(std::move(found));
            return true;
        }));
        return all;
    }

    /// The step `place` once more, as it was sent.
    void place_again(bson_document const& held) {
        auto client = driver_->take();
        if (held.has("_cxb.c.new")) {
            (void)client.run(mongo::command_kind::write, mongo::insert_command("items", {held}));
            return;
        }
        bson_document set;
        if (auto const name = held.find("name")) set.add("name", name->at);
        set.add("_cxb.c.was", held.at("_cxb.c.was"));
        bson_document own;
        own.add("_id", held.find("_id")->at).add("_cxb.c.id", held.text_at("_cxb.c.id"));
        EXPECT_TRUE(
            client.run(mongo::command_kind::write,
                       mongo::update_command("items", own, bson_document().add("$set", set))));
    }

  private:
    std::unique_ptr<mongo::mongo_driver> driver_;
};

// 20 par. 1: an owner that was stopped, or whose command was still on the wire, while its batch was
// taken back: whenever that command arrives, nothing of the batch is ever seen.
TEST_F(MongoLate, APlaceThatArrivesDuringTheRollBackIsNeverShown) {
    raw_access raw(folder.path());
    for (int number = 1; number < 40; ++number) {
        ASSERT_TRUE(test::run(direct->remove(items, {})));
        insert_all(*direct, {R"({"_id":"2","name":"old"})"});
        EXPECT_THROW((void)test::run(open(dying())->commit(
                         batch{}
                             .update_one(items, by_id("2"), update{}.set("name", "new"))
                             .insert(items, {{"_id", "4"}, {"name", "fresh"}}))),
                     killed);
        auto const held = raw.held("items");
        ASSERT_EQ(held.size(), 2U);
        auto const observer = open_by_proxy();
        bool late = false;
        at_command(number, [&] {
            late = true;
            for (auto const& each : held)
                raw.place_again(each);
        });
        EXPECT_TRUE(test::run(observer->update_one(items, by_id("2"), update{}.set("flag", true))));
        proxy->before_each(nullptr);
        EXPECT_EQ(text_of(*direct, items, "4"), "-") << number;
        EXPECT_TRUE(test::run(direct->update_one(items, by_id("2"), update{}.set("n", 1))));
        EXPECT_EQ(text_of(*direct, items, "2"), R"({"_id":"2","name":"old","flag":true,"n":1})")
            << number;
        EXPECT_TRUE(test::run(direct->insert(items, {{"_id", "4"}, {"name", "fresh"}}))) << number;
        EXPECT_TRUE(test::run(direct->insert(items, {{"_id", "5"}, {"name", "new"}}))) << number;
        if (!late) return;
    }
    FAIL() << "the roll-back has no end";
}

// Who sees one part of a batch sees all of it afterwards, between any two commands of its owner.
TEST_F(MongoLate, ReadersSeeAllOfABatchOrNothing) {
    auto const owner = open_by_proxy();
    for (int number = 1; number < 40; ++number) {
        auto const id = std::to_string(number);
        insert_all(*direct, {R"({"_id":"changed)" + id + R"(","n":0})"});
        bool asked = false;
        at_command(number, [&] {
            asked = true;
            bool const first = sees(items, "a" + id);
            bool const second = sees(others, "b" + id);
            if (first) EXPECT_TRUE(second) << number;
            auto const changed = text_of(*direct, items, "changed" + id);
            if (second) EXPECT_NE(changed.find("\"n\":1"), std::string::npos) << number;
        });
        EXPECT_TRUE(test::run(owner->commit(batch{}
                                                .insert(items, {{"_id", "a" + id}})
                                                .update_one(items, by_id("changed" + id),
                                                            update{}.inc("n", 1))
                                                .insert(others, {{"_id", "b" + id}})))
                        .value()
                        .applied);
        proxy->before_each(nullptr);
        if (!asked) return;
    }
    FAIL() << "the batch has no end";
}

// Two processes start at once after an upgrade that declares one index less.
TEST_F(MongoLate, AnIndexThatAnotherProcessDropsFirstIsNoFault) {
    constexpr static collection less{"items", item_fields, {}};
    auto const slow = open_by_proxy();
    bool met = false;
    proxy->before_each([&](std::string const& command) {
        if (command != "dropIndexes" || met) return;
        met = true;
        EXPECT_TRUE(test::run(direct->ensure(less)));
    });
    auto const done = test::run(slow->ensure(less));
    EXPECT_TRUE(met);
    EXPECT_TRUE(done) << done.error().to_log_text();
}

struct MongoTwice : ::testing::TestWithParam<proxy_fault> {
    void SetUp() override {
        CXB_SKIP_IF_MISSING(test::missing_for_mongo_server());
        proxy = std::make_unique<test::fault_proxy>(
            test::mongo_server_port(test::server_role::replica_set));
        auto options = quiet();
        options.url = test::mongo_url(proxy->port());
        options.threads = 1;
        options.deadline = 4s;
        options.socket_timeout = 400ms;
        store = open_on_test_server(folder.path(), options);
        ASSERT_TRUE(test::run(store->ensure(items)));
        ASSERT_TRUE(test::run(store->insert(items, {{"_id", "c"}, {"n", 0}})));
    }
    std::int64_t counted() const {
        std::optional<json_object> found;
        EXPECT_TRUE(test::eventually([&] {
            auto const got = test::run(store->find_one(items, by_id("c")));
            if (got) found = *got;
            return got.has_value();
        }));
        return wire::int_at(*found, "n");
    }

    test::scratch_dir folder;
    std::unique_ptr<test::fault_proxy> proxy;
    std::unique_ptr<mongo_document_store> store;
};

INSTANTIATE_TEST_SUITE_P(Mongo, MongoTwice,
                         ::testing::Values(proxy_fault::cut_after, proxy_fault::silence,
                                           proxy_fault::interrupted));

// The driver repeats a write whose answer is lost, and tells of the second attempt alone. That it
// did nothing says nothing of the first one.
TEST_P(MongoTwice, ARefusedRepeatDoesNotMakeTheWriteUnwritten) {
    proxy->arm_and_refuse_the_next(GetParam(), 1);
    auto const first = test::run(store->update_one(items, by_id("c"), update{}.inc("n", 1)));
    EXPECT_EQ(counted(), 1);
    if (!first) EXPECT_EQ(first.error().code(), errc::deadline_exceeded);
    proxy->arm_and_refuse_the_next(GetParam(), 1);
    auto const second =
        test::run(store->find_one_and_update(items, by_id("c"), update{}.inc("n", 1)));
    EXPECT_EQ(counted(), 2);
    if (!second) EXPECT_EQ(second.error().code(), errc::deadline_exceeded);
}

// As every write of one document; leases are taken by this one.
TEST_P(MongoTwice, FindAndUpdateIsRepeatedAndDoneOnce) {
    proxy->arm(GetParam(), 1);
    auto const done =
        test::run(store->find_one_and_update(items, by_id("c"), update{}.inc("n", 1)));
    ASSERT_TRUE(done) << done.error().to_log_text();
    EXPECT_EQ(wire::int_at(**done, "n"), 1);
    EXPECT_EQ(counted(), 1);
}

}  // namespace
}  // namespace cxb::store
