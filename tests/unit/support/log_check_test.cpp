// The search that stands behind "no secret, number or transcript in any log": leaks planted one by
// one are all found, and a run without logs or needles is no proof.
#include "support/log_check.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/child_process.hpp"

namespace cxb::test {
namespace {

constexpr char const* harmless =
    R"({"ts":"2026-01-02T03:04:05.678Z","level":"info","msg":"request","ms":12,"to":"…3210"})";

struct LogCheck : ::testing::Test {
    scratch_dir run;
    void log(std::string const& test, std::string const& line) {
        std::filesystem::create_directories(run / test);
        std::ofstream(run.path() / test / "api.log", std::ios::app) << line << '\n';
    }
    void SetUp() override {
        log("first", harmless);
        write_needles(run / "first", {"core-secret-1", "I will pay on Friday"});
    }
};

TEST_F(LogCheck, CleanLogsAreClean) {
    auto const got = search_logs(run.path());
    EXPECT_TRUE(got.clean());
    EXPECT_EQ(got.logs, 1U);
    EXPECT_EQ(got.lines, 1U);
    EXPECT_EQ(got.needles, 2U);
}

TEST_F(LogCheck, APlantedLeakIsFoundAlsoInTheLogOfAnotherTest) {
    log("second", harmless);
    log("second", R"({"msg":"refused","header":"core-secret-1"})");
    auto const got = search_logs(run.path());
    EXPECT_FALSE(got.clean());
    ASSERT_EQ(got.leaks.size(), 1U);
    EXPECT_EQ(got.leaks[0].log, run.path() / "second" / "api.log");
    EXPECT_EQ(got.leaks[0].line, 2U);
    EXPECT_EQ(got.leaks[0].found, "core-secret-1");
}

TEST_F(LogCheck, FormsOfSecretsAreFoundWithoutANeedle) {
    std::pair<char const*, char const*> const planted[] = {
        {"Authorization: Bearer abc", "<bearer token>"},
        {"key vx_0123456789abcdefghijABCDEFGHIJ01", "<API key>"},
        {"whsec_AAECAwQFBgcICQoLDA0ODw==", "<signing secret>"},
        {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln", "<token>"},
        {"PUT /api/v1/recordings/upload/s-1?e=1780000000&t=MTIzNDU2Nzg5MDEyMzQ1Njc4OTA",
         "<upload token>"},
        {"GET /api/v1/public/recordings/AAAAAAAAAAAAAAAAAAAAAAAA", "<recording link>"},
        {"dialling +919876543210", "<phone number>"}};
    for (auto const& [line, form] : planted)
        EXPECT_EQ(leak_in(line, {}), form) << line;
    EXPECT_EQ(leak_in(harmless, {}), "");
    EXPECT_EQ(leak_in(R"({"route":"/api/v1/public/recordings/{token}","took":"+5 ms"})", {}), "");
}

TEST_F(LogCheck, NothingToReadOrToFindIsNoProof) {
    scratch_dir const empty;
    EXPECT_FALSE(search_logs(empty.path()).clean());
    EXPECT_FALSE(search_logs(empty / "missing").clean());
    std::filesystem::remove(run.path() / "first" / needles_file);
    EXPECT_FALSE(search_logs(run.path()).clean()) << "logs, but nothing to look for";
    write_needles(run / "first", {"something"});
    EXPECT_TRUE(search_logs(run.path()).clean());
    std::filesystem::resize_file(run.path() / "first" / "api.log", 0);
    EXPECT_FALSE(search_logs(run.path()).clean()) << "logs without a line";
}

TEST_F(LogCheck, NeedlesAreLinesLongEnough) {
    write_needles(run / "third", {"abc", "two\nlines", "x\nlonger", "1500", "7391846"});
    auto const text = read_file(run.path() / "third" / needles_file);
    EXPECT_EQ(text, "7391846\nlines\nlonger\n");
}

TEST_F(LogCheck, NeedlesOfAnswers) {
    needle_set got;
    collect_needles(
        R"({"access_token":"eyJx","key":"vx_abcdef","session_id":"s-12345","key_prefix":"vx_abcd",
            "transcript":[{"role":"user","content":"haan boliye"}],"caller_id":"+919876543210",
            "crm_data":{"customer":{"NAME":"Ravi"},"sim_script":"polite"},"status":"completed",
            "public_recording_url":"http://h/api/v1/public/recordings/TOKEN",
            "recording":{"storage":{"upload_url":"http://h/u/s?e=17&t=SIGNED"}}})",
        got);
    EXPECT_EQ(got, (needle_set{"eyJx", "vx_abcdef", "haan boliye", "+919876543210", "Ravi", "TOKEN",
                               "SIGNED"}));
    collect_needles(R"({"key":"push:s-1:1"})", got);
    collect_needles("no JSON", got);
    EXPECT_EQ(got.size(), 7U);
}

}  // namespace
}  // namespace cxb::test
