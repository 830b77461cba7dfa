// kill -9 of `cxb backup` and `cxb restore` at each of their steps: half a backup is none, half a
// restore is no installation, and who repeats the command gets the whole.
#include <csignal>

#include "e2e/crash/crash_subject.hpp"

namespace cxb::e2e {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr int refused = 1;
constexpr int not_there = 4;
constexpr int damaged = 65;

class CrashBackup : public crash_subject {
  protected:
    [[nodiscard]] fs::path kept() const { return scratch / "kept"; }
    [[nodiscard]] fs::path elsewhere() const { return scratch / "elsewhere"; }

    static test::run_outcome cxb(std::vector<std::string> words, std::string const& points = {}) {
        words.insert(words.begin(), binary("cxb"));
        return test::run_program(words, {{"CXB_FAIL_POINTS", points}});
    }
    test::run_outcome backup(std::string const& points = {}) {
        return cxb({"backup", "--to", kept().string(), "--data-dir", (scratch / "data").string()},
                   points);
    }
    std::vector<std::string> restoring(fs::path const& from) const {
        return {"restore", "--from", from.string(), "--data-dir", elsewhere().string()};
    }
    test::run_outcome restore(std::string const& points = {}) {
        return cxb(restoring(kept()), points);
    }
    // An installation with one recorded call.
    void make_installation() {
        ASSERT_NO_FATAL_FAILURE(start_api(more));
        bot = make_bot();
        session = recorded_call(bot, sound);
    }
    void make_kept() {
        ASSERT_NO_FATAL_FAILURE(make_installation());
        ASSERT_EQ(backup().exit_code, 0);
        kill_api();
    }
    // What was restored is the installation that was saved.
    void expect_whole() {
        // The tokens of people are signed by a secret that is in no backup.
        fs::copy_file(scratch / "data/dev-jwt", elsewhere() / "dev-jwt",
                      fs::copy_options::overwrite_existing);
        more["CXB_DATA_DIR"] = elsewhere().string();
        ASSERT_NO_FATAL_FAILURE(start_api(more));
        EXPECT_EQ(wire::text_at(call_of(session), "status"), "completed");
        EXPECT_EQ(http.call("GET", api_url + "/api/v1/recordings/" + session,
                            {{"Authorization", "Bearer " + bearer()}})
                      .text,
                  sound);
    }
    // A start would make an empty installation where an old one is expected.
    void expect_no_start() {
        auto const ran =
            test::run_program({binary("cxb-api"), "serve"}, {{"CXB_DATA_DIR", elsewhere().string()},
                                                             {"CXB_CORE_SECRET", core_secret},
                                                             {"CXB_HTTP_PORT", "0"}});
        EXPECT_EQ(ran.exit_code, damaged) << ran.errors;
        EXPECT_NE(ran.errors.find("restore was broken off"), std::string::npos) << ran.errors;
        EXPECT_FALSE(fs::exists(elsewhere() / "cxb.db"));
    }

    std::string const sound = "RIFF" + std::string(70000, '\x07');
    std::string bot;
    std::string session;
};

// 20-46
TEST_F(CrashBackup, HalfABackupIsNoneAndTheNextOneIsWhole) {
    ASSERT_NO_FATAL_FAILURE(make_installation());
    auto const part = kept().string() + ".part";
    int n = 0;
    for (auto const* point : {"backup.store_copied", "backup.objects_copied", "backup.summed"}) {
        EXPECT_EQ(backup(std::string(point) + "@1=kill").exit_code, 128 + SIGKILL) << point;
        EXPECT_FALSE(fs::exists(kept())) << point;
        EXPECT_TRUE(fs::exists(part)) << point;
        // Whoever it was copied from goes on.
        auto const meanwhile = "meanwhile-" + std::to_string(++n);
        EXPECT_EQ(post_result(http, full_result(meanwhile, bot)).status, 200);
        if (std::string(point) == "backup.summed") continue;  // all of it is there but the name
        EXPECT_EQ(cxb(restoring(part)).exit_code, not_there) << point;
        EXPECT_FALSE(fs::exists(elsewhere())) << point;
    }
    ASSERT_EQ(backup().exit_code, 0);
    EXPECT_FALSE(fs::exists(part));
    kill_api();
    ASSERT_EQ(restore().exit_code, 0);
    ASSERT_NO_FATAL_FAILURE(expect_whole());
    for (int i = 1; i <= n; ++i)
        EXPECT_EQ(wire::text_at(call_of("meanwhile-" + std::to_string(i)), "status"), "completed");
}

TEST_F(CrashBackup, HalfARestoreIsNoInstallationAndIsRepeated) {
    ASSERT_NO_FATAL_FAILURE(make_kept());
    for (auto const* point : {"restore.copied", "restore.objects_placed", "restore.copied"}) {
        EXPECT_EQ(restore(std::string(point) + "@1=kill").exit_code, 128 + SIGKILL) << point;
        EXPECT_FALSE(fs::exists(elsewhere() / "cxb.db")) << point;
        expect_no_start();
    }
    auto const again = restore();
    ASSERT_EQ(again.exit_code, 0) << again.errors;
    for (auto const& entry : fs::directory_iterator(elsewhere()))
        EXPECT_EQ(entry.path().filename().string().find(".restore"), std::string::npos)
            << entry.path();
    expect_whole();
}

// Only what the restore that died put there goes: recordings of somebody else are never touched.
TEST_F(CrashBackup, ARestoreThatDiedExcusesNoOtherRecordings) {
    ASSERT_NO_FATAL_FAILURE(make_kept());
    EXPECT_EQ(restore("restore.copied@1=kill").exit_code, 128 + SIGKILL);
    fs::create_directories(elsewhere() / "objects");
    fs::copy_file(kept() / "manifest.json", elsewhere() / "objects/somebody.wav");
    auto const mixed = restore();
    EXPECT_EQ(mixed.exit_code, refused);
    EXPECT_NE(mixed.errors.find("objects is not empty"), std::string::npos) << mixed.errors;
    EXPECT_TRUE(fs::exists(elsewhere() / "objects/somebody.wav"));
    fs::remove(elsewhere() / "objects/somebody.wav");
    ASSERT_EQ(restore().exit_code, 0);
    expect_whole();
}

// One that is refused because another is at it takes nothing of that one's away.
TEST_F(CrashBackup, ASecondRestoreLeavesTheFirstAlone) {
    ASSERT_NO_FATAL_FAILURE(make_kept());
    auto first = restoring(kept());
    first.insert(first.begin(), binary("cxb"));
    auto running =
        start_program("restore", first, {{"CXB_FAIL_POINTS", "restore.copied@1=wait:600000"}});
    auto const copied = [&] {
        return fs::exists(elsewhere() / "objects.restore.part") &&
               fs::exists(elsewhere() / "cxb.db.restore.part");
    };
    ASSERT_TRUE(test::eventually(copied));
    auto const second = restore();
    EXPECT_EQ(second.exit_code, refused);
    EXPECT_NE(second.errors.find("A process uses"), std::string::npos) << second.errors;
    EXPECT_TRUE(copied());
    running->signal(SIGKILL);
    EXPECT_EQ(running->wait_exit(), 128 + SIGKILL);
    ASSERT_EQ(restore().exit_code, 0);
    expect_whole();
}

}  // namespace
}  // namespace cxb::e2e
