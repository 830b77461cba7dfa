// A process leaves the column triggers out where they would do nothing, and only there.
#include "store/sqlite/store_fixture.hpp"

namespace cxb::store {
namespace {

struct SqliteTriggerSwitch : SqliteStore {
    std::unique_ptr<sqlite::connection> raw;

    sqlite::connection& other_program() {
        if (!raw) {
            raw = std::make_unique<sqlite::connection>(sqlite::connection_settings{.path = path});
            EXPECT_TRUE(raw->open());
            EXPECT_TRUE(raw->execute("CREATE TABLE seen(id TEXT)"));
        }
        return *raw;
    }
    void note_inserts(std::string const& trigger) {
        EXPECT_TRUE(other_program().execute("CREATE TRIGGER \"" + trigger +
                                            "\" AFTER INSERT ON items BEGIN "
                                            "INSERT INTO seen VALUES(NEW.id); END"));
    }
    std::string seen() {
        auto row = other_program().prepare("SELECT group_concat(id,' ') FROM seen").value();
        EXPECT_TRUE(row.step().value());
        return std::string(row.text(0));
    }
};

// The probe has a name of ours, so it is left out exactly when ours are.
TEST_F(SqliteTriggerSwitch, LeftOutByWhoKnowsAllColumnsRunForOthers) {
    static constexpr collection no_fields{"items", {}, {}};
    auto const store = open();
    ASSERT_TRUE(put(*store, "before"));
    note_inserts("cxb:items:probe");
    ASSERT_TRUE(put(*store, "own"));
    ASSERT_TRUE(other_program().execute("INSERT INTO items(id,doc) VALUES('program','{\"n\":5}')"));
    EXPECT_EQ(test::run(store->count(items, all_of({eq("n", 5)}))).value(), 1);
    auto const older = open();
    ASSERT_TRUE(test::run(older->insert(no_fields, {{"_id", "older"}})));
    ASSERT_TRUE(put(*store, "own too"));
    EXPECT_EQ(seen(), "program older");
    // A column more, and the process that does not know it leaves nothing out.
    ASSERT_TRUE(other_program().execute("ALTER TABLE items ADD COLUMN more TEXT"));
    ASSERT_TRUE(put(*store, "unaware"));
    EXPECT_EQ(seen(), "program older unaware");
    ASSERT_TRUE(other_program().execute("ALTER TABLE items DROP COLUMN more"));
    ASSERT_TRUE(put(*store, "aware again"));
    EXPECT_EQ(seen(), "program older unaware");
}

TEST_F(SqliteTriggerSwitch, TriggersOfOthersRun) {
    auto const store = open();
    ASSERT_TRUE(put(*store, "before"));
    note_inserts("audit");
    ASSERT_TRUE(put(*store, "1"));
    ASSERT_TRUE(other_program().execute("DROP TRIGGER audit"));
    ASSERT_TRUE(put(*store, "2"));
    EXPECT_EQ(seen(), "1");
}

}  // namespace
}  // namespace cxb::store
