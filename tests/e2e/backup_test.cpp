// `cxb backup` and `cxb restore` beside real processes.
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <regex>
#include <thread>

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"
#include "e2e/installation.hpp"
#include "support/required.hpp"

namespace cxb::e2e {
namespace {

namespace fs = std::filesystem;

constexpr int conflict_or_damage = 1;
constexpr int wrong_usage = 2;
constexpr int not_there = 4;

class Backups : public installation {
  protected:
    [[nodiscard]] fs::path data() const { return scratch / "data"; }
    [[nodiscard]] fs::path kept() const { return scratch / "kept"; }
    [[nodiscard]] fs::path elsewhere() const { return scratch / "elsewhere"; }

    static test::run_outcome cxb(std::vector<std::string> words, environment const& extra = {}) {
        words.insert(words.begin(), binary("cxb"));
        return test::run_program(words, extra);
    }
    [[nodiscard]] test::run_outcome backup(fs::path const& to, environment const& extra = {}) {
        return cxb({"--json", "backup", "--to", to.string(), "--data-dir", data().string()}, extra);
    }
    static test::run_outcome restore(fs::path const& from, fs::path const& to,
                                     environment const& extra = {}) {
        return cxb({"--json", "restore", "--from", from.string(), "--data-dir", to.string()},
                   extra);
    }

    std::string played(std::string const& session) {
        auto const got = http.call("GET", api_url + "/api/v1/recordings/" + session,
                                   {{"Authorization", "Bearer " + bearer()}});
        EXPECT_EQ(got.status, 200) << got.text;
        return got.text;
    }

    // An installation with one recorded call that is stopped, and its backup.
    void make_kept(environment const& extra = {}) {
        ASSERT_NO_FATAL_FAILURE(start_api(extra));
        session = recorded_call(make_bot(), sound);
        auto const ran = backup(kept(), extra);
        ASSERT_EQ(ran.exit_code, 0) << ran.errors;
        manifest = parsed_object(test::read_file(kept() / "manifest.json"));
        kill_api();
    }
    [[nodiscard]] fs::path a_recording() const {
        for (auto const& entry : fs::recursive_directory_iterator(kept() / "objects"))
            if (entry.is_regular_file()) return entry.path();
        return {};
    }
    // Writes the manifest as another version would, with the sum that fits.
    void change_manifest() {
        auto const text = wire::to_text(manifest) + "\n";
        std::ofstream(kept() / "manifest.json") << text;
        auto const sums = std::regex_replace(test::read_file(kept() / "SHA256SUMS"),
                                             std::regex("[0-9a-f]{64}  manifest.json"),
                                             sha256_hex(text) + "  manifest.json");
        std::ofstream(kept() / "SHA256SUMS") << sums;
    }
    void expect_refused(fs::path const& from, std::string const& named) const {
        auto const ran = restore(from, elsewhere());
        EXPECT_EQ(ran.exit_code, conflict_or_damage) << ran.errors;
        EXPECT_NE(ran.errors.find(named), std::string::npos) << ran.errors;
        auto const looked = cxb({"restore", "--from", from.string(), "--check"});
        EXPECT_EQ(looked.exit_code, conflict_or_damage) << looked.errors;
        EXPECT_NE(looked.errors.find(named), std::string::npos) << looked.errors;
        EXPECT_FALSE(fs::exists(elsewhere() / "cxb.db"));
        EXPECT_FALSE(fs::exists(elsewhere() / "objects"));
    }

    std::string const sound = "RIFF" + std::string(70000, '\x07');
    std::string session;
    wire::json_object manifest;
};

// 20-46
TEST_F(Backups, HoldAllThatWasAcknowledgedBefore) {
    ASSERT_NO_FATAL_FAILURE(start_api());
    auto const bot = make_bot();
    session = recorded_call(bot, sound);
    std::atomic<bool> stop{false};
    std::atomic<int> acknowledged{0};
    std::thread writing([&] {
        http_caller own;
        for (int i = 0; !stop && i < 2000; ++i)
            if (post_result(own, full_result("kept-" + std::to_string(i), bot)).status == 200)
                ++acknowledged;
    });
    bool const begun = test::eventually([&] { return acknowledged >= 5; });
    int const before = acknowledged;
    auto const ran = backup(kept());
    bool const busy = acknowledged > before;
    stop = true;
    writing.join();
    ASSERT_TRUE(begun);
    EXPECT_TRUE(busy) << "nothing was written meanwhile";
    ASSERT_EQ(ran.exit_code, 0) << ran.errors;
    EXPECT_NE(ran.errors.find("store pages"), std::string::npos) << ran.errors;
    auto const told = parsed_object(ran.output);
    EXPECT_EQ(wire::text_at(told, "folder"), kept().string());
    EXPECT_EQ(wire::int_at(told, "objects.count"), 1);
    EXPECT_EQ(wire::int_at(told, "objects.bytes"), static_cast<std::int64_t>(sound.size()));
    kill_api();

    auto const put = restore(kept(), elsewhere());
    ASSERT_EQ(put.exit_code, 0) << put.errors;
    EXPECT_GE(parsed_object(put.output).at("next").as_array().size(), 3U);
    // The tokens of people are signed by a secret that is in no backup.
    fs::copy_file(data() / "dev-jwt", elsewhere() / "dev-jwt");
    ASSERT_NO_FATAL_FAILURE(start_api({{"CXB_DATA_DIR", elsewhere().string()}}));
    for (int i = 0; i < before; ++i)
        EXPECT_EQ(wire::text_at(call_of("kept-" + std::to_string(i)), "status"), "completed") << i;
    EXPECT_EQ(wire::text_at(call_of(session), "status"), "completed");
    EXPECT_EQ(played(session), sound);
    EXPECT_EQ(http.call("GET", api_url + "/ready").status, 200);
    // What was restored is an installation like any other.
    EXPECT_EQ(post_result(http, full_result("after", bot)).status, 200);
}

TEST_F(Backups, AreForTheirOwnerOnlyAndCanBeCheckedByOthers) {
    ASSERT_NO_FATAL_FAILURE(make_kept());
    struct stat facts{};
    for (auto const& entry : fs::recursive_directory_iterator(kept())) {
        ASSERT_EQ(::stat(entry.path().c_str(), &facts), 0);
        EXPECT_EQ(facts.st_mode & 0777U, entry.is_directory() ? 0700U : 0600U) << entry.path();
    }
    ASSERT_EQ(::stat(kept().c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, 0700U);
    auto const sums = test::run_program(
        {"sh", "-c", "cd \"$1\" && sha256sum --strict -c SHA256SUMS", "sh", kept().string()});
    EXPECT_EQ(sums.exit_code, 0) << sums.output << sums.errors;
    auto const whole = cxb({"--json", "restore", "--from", kept().string(), "--check"});
    EXPECT_EQ(whole.exit_code, 0) << whole.errors;
    EXPECT_EQ(wire::text_at(parsed_object(whole.output), "version"), version_string);
}

TEST_F(Backups, TellWhichKeyTheyNeedAndHoldNone) {
    auto const key = to_base64(std::string(32, 'k'));
    auto const id = sha256_hex(std::string(32, 'k')).substr(0, 8);
    forbid(key);
    ASSERT_NO_FATAL_FAILURE(make_kept({{"CXB_SECRETS_KEY", key}}));
    auto const& keys = manifest.at("store").as_object().at("sealed_with").as_array();
    ASSERT_EQ(keys.size(), 1U);
    EXPECT_EQ(keys[0].as_string(), id);
    auto const text = test::read_file(kept() / "manifest.json");
    EXPECT_EQ(text.find(key), std::string::npos);
    EXPECT_EQ(text.find(core_secret), std::string::npos);

    auto const other = to_base64(std::string(32, 'x'));
    auto const put = restore(kept(), elsewhere(), {{"CXB_SECRETS_KEY", other}});
    ASSERT_EQ(put.exit_code, 0) << put.errors;
    EXPECT_NE(put.output.find(id), std::string::npos) << put.output;
    auto const again = restore(kept(), scratch / "third", {{"CXB_SECRETS_KEY", key}});
    ASSERT_EQ(again.exit_code, 0) << again.errors;
    EXPECT_EQ(again.output.find("Set secrets.key"), std::string::npos) << again.output;
}

TEST_F(Backups, ThatAreDamagedAreRefusedByTheNameOfTheFile) {
    ASSERT_NO_FATAL_FAILURE(make_kept());
    auto const flip = [](fs::path const& file) {
        std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
        out.seekp(static_cast<std::streamoff>(fs::file_size(file) / 2));
        out << "~";
    };
    auto const name = "objects/" + a_recording().lexically_relative(kept() / "objects").string();
    flip(a_recording());
    expect_refused(kept(), name);
    auto const bytes = test::read_file(a_recording());
    fs::remove(a_recording());
    expect_refused(kept(), name + " is missing");
    fs::create_symlink("/dev/null", kept() / name);
    EXPECT_NE(restore(kept(), elsewhere()).exit_code, 0);  // nobody follows it
    fs::remove(kept() / name);
    std::ofstream(kept() / name) << sound;
    flip(kept() / "store.db");
    expect_refused(kept(), "store.db");
}

TEST_F(Backups, WithoutAllTheirSumsAreRefused) {
    ASSERT_NO_FATAL_FAILURE(make_kept());
    auto const whole = test::read_file(kept() / "SHA256SUMS");
    auto const without = [&](std::string const& word) {
        std::istringstream lines(whole);
        std::ofstream out(kept() / "SHA256SUMS");
        for (std::string line; std::getline(lines, line);)
            if (line.find(word) == std::string::npos) out << line << '\n';
    };
    for (auto const* word : {"store.db", "manifest.json", "objects/"}) {
        without(word);
        expect_refused(kept(), "SHA256SUMS is not complete");
    }
    std::ofstream(kept() / "SHA256SUMS")
        << whole << std::string(64, '0') << "  objects/../../outside\n";
    expect_refused(kept(), "names a file that no backup holds");
    std::ofstream(kept() / "SHA256SUMS") << whole << "nonsense\n";
    expect_refused(kept(), "SHA256SUMS is damaged");
    std::ofstream(kept() / "SHA256SUMS") << whole;
    for (auto const* text : {"{}", R"({"format":"one"})", R"({"format":1,"store":7})"}) {
        manifest = parsed_object(text);
        change_manifest();
        expect_refused(kept(), "manifest.json is damaged");
    }
}

TEST_F(Backups, OfANewerVersionAreRefused) {
    ASSERT_NO_FATAL_FAILURE(make_kept());
    auto const right = manifest;
    manifest["store"].as_object()["migrations"].as_array().emplace_back("numbers_in_words");
    change_manifest();
    expect_refused(kept(), "numbers_in_words");
    manifest = right;
    manifest["version"] = "99.0.0";
    change_manifest();
    expect_refused(kept(), "99.0.0");
    manifest = right;
    manifest["format"] = 2;
    change_manifest();
    expect_refused(kept(), "another form");
    manifest = right;
    manifest["version"] = "0.9.9";  // an older one is taken
    change_manifest();
    EXPECT_EQ(restore(kept(), elsewhere()).exit_code, 0);
}

TEST_F(Backups, AreNotPutOverAnInstallation) {
    ASSERT_NO_FATAL_FAILURE(make_kept());
    ASSERT_NO_FATAL_FAILURE(start_api());
    auto const running = restore(kept(), data());
    EXPECT_EQ(running.exit_code, conflict_or_damage);
    EXPECT_NE(running.errors.find("A process uses"), std::string::npos) << running.errors;
    EXPECT_EQ(wire::text_at(call_of(session), "status"), "completed");
    // Not even when somebody took the files from under it.
    auto const away = scratch / "away";
    fs::create_directory(away);
    for (auto const* name : {"cxb.db", "cxb.db-wal", "cxb.db-shm", "objects"})
        fs::rename(data() / name, away / name);
    EXPECT_NE(restore(kept(), data()).errors.find("A process uses"), std::string::npos);
    for (auto const* name : {"cxb.db", "cxb.db-wal", "cxb.db-shm", "objects"})
        fs::rename(away / name, data() / name);
    kill_api();
    auto const stopped = restore(kept(), data());
    EXPECT_EQ(stopped.exit_code, conflict_or_damage);
    EXPECT_NE(stopped.errors.find("cxb.db exists"), std::string::npos) << stopped.errors;
    for (auto const* name : {"cxb.db", "cxb.db-wal", "cxb.db-shm"})
        fs::remove(data() / name);
    auto const mixed = restore(kept(), data());
    EXPECT_EQ(mixed.exit_code, conflict_or_damage);
    EXPECT_NE(mixed.errors.find("objects is not empty"), std::string::npos) << mixed.errors;
    fs::remove_all(data() / "objects");
    ASSERT_EQ(restore(kept(), data()).exit_code, 0);
    ASSERT_NO_FATAL_FAILURE(start_api());
    EXPECT_EQ(played(session), sound);
    // The file came from elsewhere: the start has looked through it.
    EXPECT_NE(api->log_text().find("the store is sound"), std::string::npos);
}

// Root restores, somebody else runs the server.
TEST_F(Backups, BelongToTheOwnerOfThePlaceTheyArePutIn) {
    CXB_SKIP_IF_MISSING(
        test::missing_here(::geteuid() == 0 ? "" : "only root may give files away"));
    ASSERT_NO_FATAL_FAILURE(make_kept());
    constexpr uid_t somebody = 12345;
    fs::create_directory(elsewhere());
    ASSERT_EQ(::chown(elsewhere().c_str(), somebody, somebody), 0);
    ASSERT_EQ(restore(kept(), elsewhere() / "new/data").exit_code, 0);
    ASSERT_EQ(restore(kept(), elsewhere()).exit_code, 0);
    int files = 0;
    for (auto const& entry : fs::recursive_directory_iterator(elsewhere())) {
        struct stat facts{};
        ASSERT_EQ(::stat(entry.path().c_str(), &facts), 0);
        EXPECT_EQ(facts.st_uid, somebody) << entry.path();
        EXPECT_EQ(facts.st_gid, somebody) << entry.path();
        files += entry.is_regular_file() ? 1 : 0;
    }
    EXPECT_EQ(files, 6) << "a store, its lock and a recording, twice";
}

TEST_F(Backups, ThatWereBrokenOffAreNone) {
    ASSERT_NO_FATAL_FAILURE(start_api());
    session = recorded_call(make_bot(), sound);
    // Long enough to be met in the middle.
    auto const large = data() / "objects/large.wav";
    std::ofstream(large).flush();
    fs::resize_file(large, std::uintmax_t{768} << 20U);
    auto const part = scratch / "kept.part";
    auto running = start_program(
        "backup", {binary("cxb"), "backup", "--to", kept().string(), "--data-dir", data().string()},
        {});
    ASSERT_TRUE(test::eventually([&] { return fs::exists(part / "objects/large.wav"); }));
    // Nobody else makes the same meanwhile.
    auto const second = backup(kept());
    EXPECT_EQ(second.exit_code, conflict_or_damage);
    EXPECT_NE(second.errors.find("under way"), std::string::npos) << second.errors;
    running->signal(SIGKILL);
    ASSERT_EQ(running->wait_exit(), 128 + SIGKILL) << "it was faster";
    EXPECT_FALSE(fs::exists(kept()));
    auto const taken = restore(part, elsewhere());
    EXPECT_EQ(taken.exit_code, not_there);
    EXPECT_NE(taken.errors.find("broken off"), std::string::npos) << taken.errors;
    EXPECT_FALSE(fs::exists(elsewhere()));
    // The next one takes the rest away.
    fs::remove(large);
    ASSERT_EQ(backup(kept()).exit_code, 0);
    EXPECT_FALSE(fs::exists(part));
    EXPECT_EQ(restore(kept(), elsewhere()).exit_code, 0);
}

TEST_F(Backups, ReplaceNothingAndLeaveNothing) {
    ASSERT_NO_FATAL_FAILURE(make_kept());
    auto const before = test::read_file(kept() / "SHA256SUMS");
    EXPECT_EQ(backup(kept()).exit_code, conflict_or_damage);
    EXPECT_EQ(test::read_file(kept() / "SHA256SUMS"), before);
    auto const inside = backup(data() / "objects/kept");
    EXPECT_EQ(inside.exit_code, conflict_or_damage);
    EXPECT_NE(inside.errors.find("folder of the recordings"), std::string::npos) << inside.errors;
    auto const none =
        cxb({"backup", "--to", (scratch / "other").string(), "--data-dir", elsewhere().string()});
    EXPECT_EQ(none.exit_code, not_there) << none.errors;
    // What only the log holds goes into the file, where it can be damaged.
    ASSERT_EQ(backup(scratch / "whole").exit_code, 0);
    auto const file = data() / "cxb.db";
    auto const middle = fs::file_size(file) / 2 / 4096 * 4096;
    {
        std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
        out.seekp(static_cast<std::streamoff>(middle));
        out << std::string(8192, '\x5a');
    }
    auto const damaged = backup(scratch / "other");
    EXPECT_EQ(damaged.exit_code, conflict_or_damage) << damaged.errors;
    for (auto const* name : {"other", "other.part"})
        EXPECT_FALSE(fs::exists(scratch / name)) << name;
}

TEST_F(Backups, OfUploadsUnderWayHoldNothing) {
    ASSERT_NO_FATAL_FAILURE(make_kept());
    std::ofstream(data() / "objects/.tmp~/0123") << "half";
    fs::create_symlink("/etc/passwd", data() / "objects/link.wav");
    ASSERT_EQ(backup(scratch / "second").exit_code, 0);
    EXPECT_FALSE(fs::exists(scratch / "second/objects/.tmp~"));
    EXPECT_FALSE(fs::exists(scratch / "second/objects/link.wav"));
}

TEST(BackupCommand, SaysWhatItCannotSave) {
    test::scratch_dir const folder;
    auto const run = [&](std::vector<std::string> words, environment const& settings) {
        words.insert(words.begin(), binary("cxb"));
        return test::run_program(words, settings);
    };
    auto const to = (folder / "kept").string();
    auto const data = (folder / "data").string();
    environment const server{{"CXB_STORE_URL", "mongodb://user:hidden-word@127.0.0.1:1/"}};
    auto const saved = run({"backup", "--to", to, "--data-dir", data}, server);
    EXPECT_EQ(saved.exit_code, conflict_or_damage);
    EXPECT_NE(saved.errors.find("mongodump"), std::string::npos) << saved.errors;
    EXPECT_EQ(saved.errors.find("hidden-word"), std::string::npos);
    auto const put = run({"restore", "--from", to, "--data-dir", data}, server);
    EXPECT_EQ(put.exit_code, conflict_or_damage);
    EXPECT_NE(put.errors.find("mongorestore"), std::string::npos) << put.errors;
    auto const faulty = run({"backup", "--to", to}, {{"CXB_OBJECTS_URL", "ftp://x"}});
    EXPECT_EQ(faulty.exit_code, wrong_usage);
    EXPECT_NE(faulty.errors.find("objects.url"), std::string::npos) << faulty.errors;
    EXPECT_EQ(run({"restore", "--from", to}, {}).exit_code, wrong_usage);
    EXPECT_EQ(run({"restore", "--from", to, "--check", "--data-dir", data}, {}).exit_code,
              wrong_usage);
    EXPECT_EQ(run({"restore", "--from", to, "--data-dir", data}, {}).exit_code, not_there);
    EXPECT_FALSE(std::filesystem::exists(to));
    EXPECT_FALSE(std::filesystem::exists(data));
}

}  // namespace
}  // namespace cxb::e2e
