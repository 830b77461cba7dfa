#include "server/core/process/supervisor.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>

namespace cxb::inline v1 {
namespace core {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;

namespace {

constexpr int report_fd = 3;
constexpr std::chrono::milliseconds reap_step{5};
constexpr std::chrono::milliseconds watch_step{500};

asio::awaitable<void> sleep_for(std::chrono::milliseconds length) {
    asio::steady_timer timer(co_await asio::this_coro::executor, length);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

// The child gets default signals, its own group (a terminal's Ctrl-C reaches it through us only)
// and no descriptor but the report pipe.
int start_process(std::vector<std::string> const& arguments, int pipe_end) {
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (auto const& text : arguments)
        argv.push_back(const_cast<char*>(text.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, pipe_end, report_fd);
    posix_spawn_file_actions_addclosefrom_np(&files, report_fd + 1);
    posix_spawnattr_t how;
    posix_spawnattr_init(&how);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&how, &none);
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&how, &defaults);
    posix_spawnattr_setflags(
        &how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    pid_t pid = -1;
    int const failed = ::posix_spawn(&pid, argv[0], &files, &how, argv.data(), environ);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    return failed != 0 ? -1 : pid;
}

}  // namespace

int supervisor::spawn(worker_entry& entry) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return -1;
    std::vector<std::string> arguments{options_.program, "worker",      "--id",
                                       entry.id,         "--report-fd", std::to_string(report_fd)};
    if (!options_.config.empty()) {
        arguments.emplace_back("--config");
        arguments.push_back(options_.config);
    }
    entry.pid = start_process(arguments, ends[1]);
    ::close(ends[1]);
    entry.last_seen = steady::now() + options_.silence_limit;  // a start may wait for its outbox
    if (entry.pid > 0) return ends[0];
    ::close(ends[0]);
    entry.pid = 0;
    return -1;
}

void supervisor::take_report(worker_entry& entry, std::string_view line) {
    int draining = 0;
    if (std::sscanf(std::string(line).c_str(), "%d %d %d", &entry.calls, &entry.max, &draining) !=
        3)
        return;
    entry.draining = stopping_ || draining != 0;
    entry.last_seen = steady::now();
    entry.up = true;
    if (all_up_ && std::ranges::all_of(table_, &worker_entry::up)) {
        auto const hook = std::move(all_up_);
        all_up_ = nullptr;
        hook();
    }
}

asio::awaitable<void> supervisor::read_reports(std::size_t index, int fd) {
    asio::posix::stream_descriptor pipe(co_await asio::this_coro::executor, fd);
    std::string text;
    char piece[256];
    for (;;) {
        auto const [ec, size] =
            co_await pipe.async_read_some(asio::buffer(piece), asio::as_tuple(asio::use_awaitable));
        if (ec) co_return;
        text.append(piece, size);
        for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
            take_report(table_[index], std::string_view(text).substr(0, end));
            text.erase(0, end + 1);
        }
    }
}

asio::awaitable<void> supervisor::reap(int pid) {
    while (::waitpid(pid, nullptr, WNOHANG) == 0)
        co_await sleep_for(reap_step);
}

asio::awaitable<void> supervisor::watch(std::size_t index, std::shared_ptr<bool> gone) {
    int const pid = table_[index].pid;
    while (!*gone) {
        co_await sleep_for(watch_step);
        if (*gone || steady::now() - table_[index].last_seen < options_.silence_limit) continue;
        log_.error("worker is silent, it is ended", {{"worker", server::plain(table_[index].id)}});
        (void)::kill(pid, SIGABRT);
        co_await sleep_for(options_.abort_grace);
        if (!*gone) (void)::kill(pid, SIGKILL);
        co_return;
    }
}

asio::awaitable<void> supervisor::keep(std::size_t index) {
    auto const executor = co_await asio::this_coro::executor;
    restart_delay delays;
    bool first = true;
    while (!stopping_) {
        if (!first) metrics_.get_counter("cxb_core_worker_restarts_total").add();
        first = false;
        auto const born = steady::now();
        int const fd = spawn(table_[index]);
        if (fd >= 0) {
            auto const gone = std::make_shared<bool>(false);
            asio::co_spawn(executor, watch(index, gone), asio::detached);
            co_await read_reports(index, fd);
            table_[index].up = false;
            co_await reap(table_[index].pid);
            *gone = true;
            table_[index].pid = 0;
        }
        table_[index].calls = table_[index].max = 0;
        if (stopping_) break;
        auto const wait = delays.next(born, steady::now());
        metrics_.get_gauge("cxb_core_worker_flapping").set(delays.flapping() ? 1 : 0);
        log_.warn("worker ended, it is started again",
                  {{"worker", server::plain(table_[index].id)}, {"wait_ms", wait}});
        auto const until = steady::now() + wait;
        while (!stopping_ && steady::now() < until)
            co_await sleep_for(std::min<std::chrono::milliseconds>(
                watch_step, std::chrono::ceil<std::chrono::milliseconds>(until - steady::now())));
    }
    --running_;
}

asio::awaitable<void> supervisor::run() {
    auto const executor = co_await asio::this_coro::executor;
    running_ = table_.size();
    for (std::size_t index = 0; index < table_.size(); ++index)
        asio::co_spawn(executor, keep(index), asio::detached);
    while (running_ > 0)
        co_await sleep_for(watch_step / 10);
}

void supervisor::signal_all(int number) const {
    for (auto const& entry : table_)
        if (entry.pid > 0) (void)::kill(entry.pid, number);
}

void supervisor::drain() {
    stopping_ = true;
    for (auto& entry : table_)
        entry.draining = true;
    signal_all(SIGTERM);
}

}  // namespace core
}  // namespace cxb::inline v1
