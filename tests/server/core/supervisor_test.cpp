// The supervisor with workers that are small scripts: what it does when they report, die, fall
// silent or grow.

#include "server/core/process/supervisor.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <fstream>

#include "server/core/process/core_metrics.hpp"
#include "support/child_process.hpp"

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// No worker of an earlier supervisor is there.
struct no_sockets final : cxb::client::transport {
    asio::awaitable<cxb::result<cxb::wire::http_response>> send(
        cxb::client::outgoing_request, cxb::client::transport_options) override {
        co_return cxb::error{cxb::errc::unavailable, "refused"};
    }
};

class Supervisor : public ::testing::Test {
  protected:
    // The script's file descriptor 3 is the pipe; each start adds a line to `starts`.
    void start(std::string const& script, std::size_t workers = 1) {
        auto const program = dir_ / "worker.sh";
        std::ofstream(program) << "#!/bin/sh\necho $$ >> " << (dir_ / "starts").string() << '\n'
                               << script;
        ::chmod(program.c_str(), 0755);
        options_.program = program.string();
        for (std::size_t i = 1; i <= workers; ++i) {
            table_.emplace_back();
            table_.back().id = std::to_string(i);
            table_.back().socket = (dir_ / ("w" + std::to_string(i))).string();
        }
        supervisor_.emplace(options_, table_, sockets_, log_, metrics_);
        asio::co_spawn(
            loop_,
            [this]() -> asio::awaitable<void> {
                co_await supervisor_->run();
                over_ = true;
            },
            asio::detached);
    }
    bool run_until(std::function<bool()> const& done) {
        auto const end = std::chrono::steady_clock::now() + 20s;
        while (!done() && std::chrono::steady_clock::now() < end)
            loop_.run_one_for(50ms);
        return done();
    }
    std::size_t starts() {
        auto const text = cxb::test::read_file(dir_ / "starts");
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }
    void leave() {
        supervisor_->drain();
        EXPECT_TRUE(run_until([&] { return over_; }));
    }

    cxb::test::scratch_dir dir_;
    cxb::core::worker_table table_;
    asio::io_context loop_;
    no_sockets sockets_;
    cxb::server::logger log_{{}};
    cxb::server::metrics_registry metrics_{{cxb::core::core_metrics()}};
    cxb::core::supervisor_options options_;
    std::optional<cxb::core::supervisor> supervisor_;
    bool over_ = false;
};

TEST_F(Supervisor, ReportsFillTheTableAndAllUpIsToldOnce) {
    start("echo '1 2 0' >&3; exec sleep 60\n", 2);
    int told = 0;
    supervisor_->on_all_up([&] { ++told; });
    ASSERT_TRUE(run_until([&] { return told > 0; }));
    EXPECT_EQ(told, 1);
    EXPECT_EQ(table_[0].calls, 1);
    EXPECT_EQ(table_[1].max, 2);
    EXPECT_TRUE(table_[0].is_free());
    ++table_[0].reserved;
    EXPECT_FALSE(table_[0].is_free());
    leave();
}

// What a worker wrote before now is known after `catch_up`, without the loop's help.
TEST_F(Supervisor, CatchUpReadsWhatWasReported) {
    auto const fifo = (dir_ / "go").string();
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    auto const done = dir_ / "done";
    start("echo '0 1 0' >&3; read x < " + fifo + "; echo '1 1 0' >&3; : > " + done.string() +
          "; exec sleep 60\n");
    ASSERT_TRUE(run_until([&] { return table_[0].up; }));
    std::ofstream(fifo) << "x\n";
    ASSERT_TRUE(cxb::test::eventually([&] { return std::filesystem::exists(done); }));
    EXPECT_EQ(table_[0].calls, 0);
    table_[0].catch_up();
    EXPECT_EQ(table_[0].calls, 1);
    leave();
}

TEST_F(Supervisor, DeadWorkerIsStartedAgainAndFlappingIsShown) {
    start("echo '0 1 0' >&3; exit 3\n");
    ASSERT_TRUE(run_until([&] { return table_[0].flapping; }));
    EXPECT_EQ(starts(), 5U);
    EXPECT_EQ(metrics_.get_gauge("cxb_core_worker_flapping").value(), 1);
    EXPECT_FALSE(table_[0].up);
    EXPECT_EQ(table_[0].max, 0);
    leave();
}

// 80-5: SIGABRT, then SIGKILL for one that does not hear it.
TEST_F(Supervisor, SilentWorkerIsEndedAndReplaced) {
    options_.silence_limit = 300ms;
    options_.abort_grace = 200ms;
    start("trap '' ABRT TERM; echo '0 1 0' >&3; while :; do sleep 0.1; done\n");
    EXPECT_TRUE(run_until([&] { return starts() >= 2; }));
    supervisor_->drain();
    EXPECT_TRUE(run_until([&] { return over_; })) << "a silent one does not hold up the end";
}

TEST_F(Supervisor, IdleWorkerWithTooMuchMemoryIsReplaced) {
    options_.most_idle_bytes = 1;
    start("while :; do echo '0 1 0' >&3; sleep 0.1; done\n");
    EXPECT_TRUE(run_until([&] { return starts() >= 2; }));
    leave();
}

TEST_F(Supervisor, BusyWorkerIsNotReplacedForItsMemory) {
    options_.most_idle_bytes = 1;
    start("echo '1 1 0' >&3; sleep 2; echo x >> " + (dir_ / "lived").string() +
          "\nexec sleep 60\n");
    EXPECT_TRUE(run_until([&] { return std::filesystem::exists(dir_ / "lived"); }));
    EXPECT_EQ(starts(), 1U);
    supervisor_->drain();
    EXPECT_TRUE(run_until([&] { return over_; }));
}

}  // namespace
