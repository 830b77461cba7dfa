// scripts/demo.sh as a stranger runs it.
#include <gtest/gtest.h>

#include "e2e/installation.hpp"

namespace cxb::e2e {
namespace {

std::string const demo = std::string(CXB_SOURCE_DIR) + "/scripts/demo.sh";

TEST(Demo, OnceRunsOneCallAndStops) {
    test::scratch_dir const scratch;
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
    for (auto const& entry : std::filesystem::directory_iterator(scratch.path())) {
        if (entry.path().extension() != ".log") continue;
        auto const log = test::read_file(entry.path());
        for (auto const& path :
             {"state/admin-password", "state/api-key", "state/push-secret", "state/core-secret"}) {
            auto text = test::read_file(scratch / path);
            while (text.ends_with('\n'))
                text.pop_back();
            ASSERT_FALSE(text.empty()) << path;
            EXPECT_EQ(log.find(text), std::string::npos) << entry.path() << " holds " << path;
        }
        EXPECT_EQ(log.find(caller_number + 1), std::string::npos) << entry.path();
    }
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
