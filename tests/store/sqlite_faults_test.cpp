#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include "src/store/sqlite/connection.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/conformance.hpp"

namespace cxb::store {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct SqliteFaults : ::testing::Test {
    test::scratch_dir folder;
    std::string path = (folder / "store.db").string();

    std::unique_ptr<sqlite_document_store> open(sqlite_options options = {}) {
        options.path = path;
        auto opened = sqlite_document_store::open(std::move(options)).value();
        EXPECT_TRUE(test::run(opened->ensure(items)));
        return opened;
    }
};

/// Plays a full disk: files of this process cannot grow beyond a size.
class file_size_limit {
  public:
    explicit file_size_limit(rlim_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit const lower{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &lower);
    }
    ~file_size_limit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    file_size_limit(file_size_limit const&) = delete;
    file_size_limit& operator=(file_size_limit const&) = delete;

  private:
    rlimit before_{};
};

TEST_F(SqliteFaults, FullDiskIsUnavailableUntilThereIsSpace) {
    auto const store = open();
    ASSERT_TRUE(test::run(store->insert(items, {{"_id", "before"}})));
    int written = 0;
    {
        file_size_limit const full(256 * 1024);
        std::optional<error> refused;
        for (int i = 0; i < 100 && !refused; ++i) {
            json_object made{{"_id", std::to_string(i)}, {"text", std::string(20000, 'x')}};
            auto const done = test::run(store->insert(items, made));
            if (done)
                ++written;
            else
                refused = done.error();
        }
        ASSERT_TRUE(refused);
        EXPECT_EQ(refused->code(), errc::unavailable);
        EXPECT_FALSE(test::run(
            store->insert(items, {{"_id", "large"}, {"text", std::string(500000, 'x')}})));
        EXPECT_TRUE(test::run(store->find_one(items, by_id("before"))).value());
    }
    EXPECT_TRUE(test::run(store->insert(items, {{"_id", "after"}})));
    EXPECT_EQ(test::run(store->count(items, {})).value(), written + 2);
    EXPECT_FALSE(test::run(store->find_one(items, by_id("large"))).value());
    EXPECT_TRUE(test::run(store->ping()));
    EXPECT_GT(store->stats().failed_groups + static_cast<std::uint64_t>(written), 0U);
}

TEST_F(SqliteFaults, AWriteThatDoesNotFitFailsAlone) {
    auto const store = open({.commit_delay = 20ms});
    std::vector<asio::awaitable<result<void>>> all;
    for (int i = 0; i < 21; ++i) {
        json_object made{{"_id", std::to_string(i)}};
        if (i == 10) made["text"] = std::string(4'000'000, 'x');
        all.push_back(store->insert(items, std::move(made)));
    }
    std::vector<result<void>> done;
    {
        file_size_limit const full(1'500'000);
        done = test::run_all(std::move(all));
    }
    for (std::size_t i = 0; i < done.size(); ++i)
        EXPECT_EQ(done[i].has_value(), i != 10) << i;
    EXPECT_EQ(done[10].error().code(), errc::unavailable);
    EXPECT_EQ(test::run(store->count(items, {})).value(), 20);
    EXPECT_GE(store->stats().failed_groups, 2U);
    EXPECT_TRUE(test::run(store->insert(items, {{"_id", "after"}})));
}

TEST_F(SqliteFaults, WithoutAWriteAheadLogNothingIsOpened) {
    sqlite::connection memory({":memory:"});
    EXPECT_EQ(memory.open().error().code(), errc::unavailable);
    EXPECT_FALSE(memory.is_open());
}

TEST_F(SqliteFaults, OpeningTellsWhatIsWrong) {
    sqlite_options options;
    options.path = (folder / "none/store.db").string();
    EXPECT_EQ(sqlite_document_store::open(options).error().code(), errc::unavailable);
    options.path = path;
    std::ofstream(path) << std::string(10000, 'x');
    EXPECT_EQ(sqlite_document_store::open(options).error().code(), errc::corrupt_data);
}

TEST_F(SqliteFaults, DamagedDocumentIsReported) {
    auto const store = open();
    ASSERT_TRUE(test::run(store->insert(items, {{"_id", "1"}, {"n", 1}})));
    sqlite::connection other({path});
    ASSERT_TRUE(other.open());
    ASSERT_TRUE(other.execute("UPDATE items SET doc='{\"_id\":'"));
    EXPECT_EQ(test::run(store->find_one(items, by_id("1"))).error().code(), errc::corrupt_data);
    EXPECT_EQ(test::run(store->update_one(items, by_id("1"), update{}.set("n", 2))).error().code(),
              errc::corrupt_data);
    EXPECT_EQ(test::run(store->count(items, {})).value(), 1);
}

TEST_F(SqliteFaults, NobodyElseMayReadTheFile) {
    auto const store = open();
    struct stat facts{};
    for (auto const* suffix : {"", "-wal", "-shm"}) {
        ASSERT_EQ(::stat((path + suffix).c_str(), &facts), 0) << suffix;
        EXPECT_EQ(facts.st_mode & 0777U, 0600U) << suffix;
    }
}

TEST_F(SqliteFaults, FileHeldByAnotherProcessIsUnavailableUntilFree) {
    auto const store = open({.busy_timeout = 50ms});
    sqlite::connection other({path});
    ASSERT_TRUE(other.open());
    ASSERT_TRUE(other.execute("BEGIN IMMEDIATE"));
    EXPECT_EQ(test::run(store->insert(items, {{"_id", "1"}})).error().code(), errc::unavailable);
    EXPECT_TRUE(test::run(store->find_one(items, {})));
    ASSERT_TRUE(other.execute("COMMIT"));
    EXPECT_TRUE(test::run(store->insert(items, {{"_id", "1"}})));
    EXPECT_EQ(store->stats().failed_groups, 1U);
}

TEST_F(SqliteFaults, TwoStoresOnOneFileLoseNothing) {
    auto const first = open();
    auto const second = open();
    auto const count = [](document_store& store) {
        std::vector<asio::awaitable<result<bool>>> all;
        for (int i = 0; i < 200; ++i)
            all.push_back(store.update_one(items, by_id("c"), update{}.inc("n", 1), true));
        for (auto const& each : test::run_all(std::move(all)))
            EXPECT_TRUE(each);
    };
    std::thread other([&] { count(*second); });
    count(*first);
    other.join();
    auto const found = test::run(first->find_one(items, by_id("c"))).value();
    EXPECT_EQ(wire::int_at(*found, "n"), 400);
}

TEST_F(SqliteFaults, LogStaysShortWhileWritesNeverPause) {
    auto const store = open();
    json_object large{{"_id", "1"}, {"text", std::string(1024 * 1024, 'x')}};
    ASSERT_TRUE(test::run(store->insert(items, large)));
    for (int i = 0; i < 200; ++i)
        ASSERT_TRUE(test::run(store->update_one(items, by_id("1"), update{}.set("n", i))));
    EXPECT_LT(std::filesystem::file_size(path + "-wal"), 128U * 1024 * 1024);
}

std::string plan_of(sqlite::connection& db, std::string const& query) {
    std::string plan;
    auto row = db.prepare("EXPLAIN QUERY PLAN " + query).value();
    while (row.step().value())
        plan += std::string(row.text(3)) + '\n';
    return plan;
}

TEST_F(SqliteFaults, PartialIndexesServeTheirQueries) {
    auto const store = open();
    sqlite::connection db({path});
    ASSERT_TRUE(db.open());
    auto const where = sqlite::quoted("owner.id") + "='a' AND kind='agent'";
    auto const plan = plan_of(db, "SELECT doc FROM items WHERE " + where);
    EXPECT_NE(plan.find("USING INDEX cxb:items:unique:owner.id,kind,:kind=agent"),
              std::string::npos)
        << plan;
}

TEST_F(SqliteFaults, SparseIndexesServeFiltersThatNameAValue) {
    static constexpr field_decl fields[] = {{"word", field_type::text}, {"n", field_type::integer}};
    static constexpr std::string_view by_word[] = {"word", "n"};
    static constexpr index_decl indexes[] = {{.fields = by_word, .sparse = true}};
    static constexpr collection words_of{"words_of", fields, indexes};
    auto const store = open();
    ASSERT_TRUE(test::run(store->ensure(words_of)));
    ASSERT_TRUE(
        test::run(store->bulk_insert(words_of, {{{"_id", "1"}, {"word", "a"}}, {{"n", 1}}})));
    EXPECT_EQ(test::run(store->count(words_of, all_of({eq("word", "a")}))).value(), 1);
    EXPECT_EQ(test::run(store->count(words_of, all_of({missing("word")}))).value(), 1);
    sqlite::connection db({path});
    ASSERT_TRUE(db.open());
    for (auto const* where : {"word=?", "word IN (?,?)", "(word>=? AND word<?)"}) {
        auto const plan = plan_of(db, std::string("SELECT doc FROM words_of WHERE ") + where);
        EXPECT_NE(plan.find("USING INDEX cxb:words_of:word,n,:sparse"), std::string::npos) << plan;
    }
}

}  // namespace
}  // namespace cxb::store
