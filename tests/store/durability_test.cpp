// A process that is killed at any moment has lost nothing it acknowledged.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <set>
#include <sstream>

#include "cxb/base/random.hpp"
#include "store/conformance.hpp"
#include "support/child_entry.hpp"

namespace cxb::store {
namespace {

namespace asio = boost::asio;

constexpr int answers = 3;

/// One writer of the child: each batch writes a pair; the id is reported once acknowledged.
asio::awaitable<void> write_for_ever(document_store& store, std::string prefix, int lane) {
    for (int i = 0;; ++i) {
        auto const id = prefix + '-' + std::to_string(lane) + '-' + std::to_string(i);
        auto const done =
            co_await store.commit(batch{}
                                      .insert(items, {{"_id", id}, {"n", i}})
                                      .insert(others, {{"_id", id}})
                                      .upsert(others, by_id("counter"), update{}.inc("n", 1)));
        if (!done || !done->applied) ::_exit(3);
        auto const line = id + '\n';
        if (::write(answers, line.data(), line.size()) < 0) ::_exit(4);
    }
}

// Runs in a process of its own.
void write_until_killed(std::vector<std::string> const& folder_and_prefix) {
    auto const store = engines().front().open(folder_and_prefix.at(0));
    asio::io_context loop(1);
    for (int lane = 0; lane < 16; ++lane)
        asio::co_spawn(loop, write_for_ever(*store, folder_and_prefix.at(1), lane),
                       [](std::exception_ptr const&) { ::_exit(5); });
    loop.run();
}
cxb_test::child_entry const writer{"write_until_killed", write_until_killed};

/// Starts the child, kills it after `lines` acknowledgements, gives all it acknowledged.
std::set<std::string> run_and_kill(std::filesystem::path const& folder, std::string const& prefix,
                                   std::size_t lines) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    pid_t const child = ::fork();
    if (child == 0) {
        ::dup2(ends[1], answers);
        ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);
        ::execl("/proc/self/exe", "child", "--child", "write_until_killed", folder.c_str(),
                prefix.c_str(), nullptr);
        ::_exit(9);
    }
    ::close(ends[1]);
    std::string text;
    std::array<char, 4096> piece{};
    bool killed = false;
    for (;;) {
        auto const got = ::read(ends[0], piece.data(), piece.size());
        if (got <= 0) break;
        text.append(piece.data(), static_cast<std::size_t>(got));
        if (killed || std::count(text.begin(), text.end(), '\n') < static_cast<long>(lines))
            continue;
        ::kill(child, SIGKILL);
        killed = true;
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(killed && WIFSIGNALED(status)) << "child ended by itself: " << status;
    std::set<std::string> acknowledged;
    std::istringstream all(text);
    for (std::string line; std::getline(all, line);)
        acknowledged.insert(line);
    return acknowledged;
}

TEST(Durability, KilledProcessHasLostNothingItAcknowledged) {
    test::scratch_dir folder;
    seeded_random random(11);
    std::set<std::string> expected;
    {
        auto const store = engines().front().open(folder.path());
        ASSERT_TRUE(test::run(store->ensure(items)));
        ASSERT_TRUE(test::run(store->ensure(others)));
    }
    for (int round = 0; round < 6; ++round) {
        auto const lines = 1 + random.below(1500);
        expected.merge(run_and_kill(folder.path(), "r" + std::to_string(round), lines));
        auto const store = engines().front().open(folder.path());
        find_options everything;
        everything.limit = 0;
        std::set<std::string> kept;
        std::set<std::string> pairs;
        for (auto const& each : test::run(store->find(items, {}, everything)).value().items)
            kept.emplace(wire::text_at(each, "_id"));
        for (auto const& each : test::run(store->find(others, {}, everything)).value().items)
            pairs.emplace(wire::text_at(each, "_id"));
        EXPECT_TRUE(std::includes(kept.begin(), kept.end(), expected.begin(), expected.end()));
        EXPECT_EQ(pairs.erase("counter"), 1U);
        EXPECT_EQ(kept, pairs);  // batches are whole
        auto const counter = test::run(store->find_one(others, by_id("counter"))).value();
        EXPECT_EQ(wire::int_at(*counter, "n"), static_cast<std::int64_t>(kept.size()));
    }
}

}  // namespace
}  // namespace cxb::store
