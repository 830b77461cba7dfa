#pragma once
/// @file
/// A SQLite store of its own for each test, and disks that fail when told.

#include <gtest/gtest.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "src/store/sqlite/connection.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/conformance.hpp"
#include "support/child_entry.hpp"

namespace cxb::store {

struct SqliteStore : ::testing::Test {
    test::scratch_dir folder;
    std::string path = (folder / "store.db").string();

    std::unique_ptr<sqlite_document_store> open(sqlite_options options = {}) {
        options.path = path;
        auto opened = sqlite_document_store::open(std::move(options));
        if (!opened) throw std::runtime_error(opened.error().to_log_text());
        EXPECT_TRUE(test::run((*opened)->ensure(items)));
        return *std::move(opened);
    }

    static result<void> put(document_store& into, std::string const& id, std::size_t bytes = 10) {
        return test::run(into.insert(items, {{"_id", id}, {"text", std::string(bytes, 'x')}}));
    }

    static std::vector<boost::asio::awaitable<result<void>>> inserts(document_store& into,
                                                                     int count) {
        std::vector<boost::asio::awaitable<result<void>>> all;
        for (int i = 0; i < count; ++i)
            all.push_back(into.insert(items, {{"_id", std::to_string(i)}, {"n", i}}));
        return all;
    }

    static std::int64_t count(document_store& in) { return test::run(in.count(items, {})).value(); }
};

/// Starts this program again to run one of its children (support/child_entry.hpp).
inline pid_t start_child(std::string const& name, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"child", "--child", name});
    std::vector<char*> given;
    for (auto& each : arguments)
        given.push_back(each.data());
    given.push_back(nullptr);
    pid_t const child = ::fork();
    if (child != 0) return child;
    ::execv("/proc/self/exe", given.data());
    ::_exit(9);
}

/// Answers as told from the moment it is told; each test knows which action it wants to fail.
struct bad_disk {
    std::atomic<sqlite::disk_answer> answer{sqlite::disk_answer::go_on};
    std::atomic<int> passes{0};  ///< matching actions that still go well
    std::atomic<int> refused{0};
    sqlite::disk_action action = sqlite::disk_action::write;
    sqlite::disk_file file = sqlite::disk_file::log;

    auto hook() {
        return [this](sqlite::disk_event const& event) {
            if (event.action != action || event.file != file ||
                answer == sqlite::disk_answer::go_on || passes-- > 0)
                return sqlite::disk_answer::go_on;
            ++refused;
            return answer.load();
        };
    }
    void fail(sqlite::disk_answer how, int after = 0) {
        passes = after;
        answer = how;
    }
    void heal() { answer = sqlite::disk_answer::go_on; }
};

}  // namespace cxb::store
