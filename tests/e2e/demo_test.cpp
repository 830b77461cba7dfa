// scripts/demo.sh as a stranger runs it.
#include <gtest/gtest.h>

#include "e2e/installation.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::e2e {
namespace {

std::string const demo = std::string(CXB_SOURCE_DIR) + "/scripts/demo.sh";

// What the demo made secret, its customer and its words; the logs go to those of the other tests.
test::needle_set needles_of(test::scratch_dir const& run) {
    test::needle_set needles{caller_number + 1, "Ravi", "P-77"};
    for (auto const* name : {"state/admin-password", "state/api-key", "state/push-secret",
                             "state/core-secret", "state/data/dev-jwt"}) {
        auto const text = test::read_file(run / name);
        EXPECT_FALSE(text.empty()) << name;
        needles.insert(text.substr(0, text.find('\n')));
    }
    auto const calls =
        test::run_sqlite((run / "state/data/cxb.db").string(), "select doc from calls");
    EXPECT_EQ(calls.exit_code, 0) << calls.errors;
    auto const known = needles.size();
    test::collect_needles(calls.output, needles);
    EXPECT_GT(needles.size(), known) << "no transcript";
    return needles;
}

TEST(Demo, OnceRunsOneCallAndStops) {
    test::scratch_dir const scratch;
    std::filesystem::remove_all(log_folder());
    auto const ran =
        test::run_program({demo, "--once", "--bin", std::string(CXB_BINARY_DIR) + "/bin", "--logs",
                           scratch.path().string()},
                          {}, {}, std::chrono::seconds{180});
    EXPECT_EQ(ran.exit_code, 0) << ran.output << ran.errors;
    EXPECT_NE(ran.output.find("verified: true"), std::string::npos) << ran.output;
    EXPECT_NE(ran.output.find("push_delivered"), std::string::npos) << ran.output;
    // A process takes its ready file away when it ends in order.
    EXPECT_FALSE(std::filesystem::exists(scratch / "state/api.ready"));
    EXPECT_FALSE(std::filesystem::exists(scratch / "state/core.ready"));
    test::write_needles(log_folder(), needles_of(scratch));
    for (auto const& entry : std::filesystem::directory_iterator(scratch.path()))
        if (entry.path().extension() == ".log")
            std::filesystem::copy(entry.path(), log_folder() / entry.path().filename());
    auto const search = test::search_logs(log_folder());
    for (auto const& leak : search.leaks)
        ADD_FAILURE() << leak.log << ":" << leak.line << " tells " << leak.found;
    EXPECT_TRUE(search.clean());
}

TEST(Demo, NamesTheStepAndTheLogWhenSomethingFails) {
    test::scratch_dir const scratch;
    // A folder with programs that end at once.
    std::filesystem::create_directory(scratch / "bin");
    for (auto const* name : {"cxb-api", "cxb-core", "cxb"})
        std::filesystem::create_symlink("/bin/false", scratch / "bin" / name);
    auto const ran = test::run_program({demo, "--once", "--bin", (scratch / "bin").string(),
                                        "--logs", (scratch / "run").string()});
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_NE(ran.errors.find("FAILED: starting cxb-api"), std::string::npos) << ran.errors;
    EXPECT_NE(ran.errors.find("cxb-api.log"), std::string::npos) << ran.errors;
}

TEST(Demo, RefusesWrongUsage) {
    EXPECT_EQ(test::run_program({demo, "--what"}).exit_code, 2);
    EXPECT_EQ(test::run_program({demo, "--port", "70000"}).exit_code, 2);
    EXPECT_EQ(test::run_program({demo, "--bin", "/nowhere", "--once"}).exit_code, 1);
}

}  // namespace
}  // namespace cxb::e2e
