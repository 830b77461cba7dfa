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
#include <fstream>
#include <utility>

namespace cxb::inline v1 {
namespace core {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;

namespace {

constexpr int report_fd = 3;
constexpr std::chrono::milliseconds reap_step{5};
constexpr std::chrono::milliseconds watch_step{500};
constexpr std::chrono::seconds settled{60};  // a worker that lives so long does not flap

// Resident bytes of a process; 0 when it cannot be told.
std::uint64_t resident_bytes(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
    std::uint64_t all = 0;
    std::uint64_t resident = 0;
    if (!(file >> all >> resident)) return 0;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// The child gets default signals, its own group (a terminal's Ctrl-C reaches it through us only)
// and no descriptor but the report pipe.
int start_process(std::string const& program, std::vector<std::string> const& arguments,
                  int pipe_end) {
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
    int const failed = ::posix_spawn(&pid, program.c_str(), &files, &how, argv.data(), environ);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    return failed != 0 ? -1 : pid;
}

}  // namespace

asio::awaitable<void> sleep_for(std::chrono::milliseconds length) {
    asio::steady_timer timer(co_await asio::this_coro::executor, length);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

int supervisor::spawn(worker_entry& entry) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return -1;
    std::vector<std::string> arguments{"cxb-core", "worker",      "--id",
                                       entry.id,   "--report-fd", std::to_string(report_fd)};
    if (!options_.config.empty()) {
        arguments.emplace_back("--config");
        arguments.push_back(options_.config);
    }
    entry.pid = start_process(options_.program, arguments, ends[1]);
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
    tell_all_up();
}

void supervisor::tell_all_up() {
    if (!all_up_ || !std::ranges::all_of(table_, &worker_entry::up)) return;
    auto const hook = std::exchange(all_up_, nullptr);
    hook();
}

// False once the worker has closed its end.
bool supervisor::take_reports(worker_entry& entry, int fd, std::string& text) {
    char piece[256];
    for (;;) {
        auto const size = ::read(fd, piece, sizeof piece);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
        if (size == 0) return false;
        text.append(piece, static_cast<std::size_t>(size));
        for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
            take_report(entry, std::string_view(text).substr(0, end));
            text.erase(0, end + 1);
        }
    }
}

asio::awaitable<void> supervisor::read_reports(std::size_t index, int fd) {
    asio::posix::stream_descriptor pipe(co_await asio::this_coro::executor, fd);
    pipe.native_non_blocking(true);
    auto& entry = table_[index];
    std::string text;
    bool open = true;
    entry.catch_up = [&] { open = open && take_reports(entry, fd, text); };
    std::shared_ptr<void> const over(nullptr, [&](void*) { entry.catch_up = nullptr; });
    while (open) {
        co_await pipe.async_wait(asio::posix::stream_descriptor::wait_read,
                                 asio::as_tuple(asio::use_awaitable));
        entry.catch_up();
    }
}

asio::awaitable<int> supervisor::reap(int pid) {
    int status = 0;
    while (::waitpid(pid, &status, WNOHANG) == 0)
        co_await sleep_for(reap_step);
    co_return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool supervisor::recycle(worker_entry& entry, int pid) const {
    if (!entry.up || entry.draining || entry.calls + entry.reserved > 0) return false;
    if (resident_bytes(pid) <= options_.most_idle_bytes) return false;
    log_.warn("idle worker holds too much memory, it is replaced",
              {{"worker", server::plain(entry.id)}});
    entry.draining = true;
    (void)::kill(pid, SIGTERM);
    return true;
}

asio::awaitable<void> supervisor::watch(std::size_t index, std::shared_ptr<bool> gone) {
    auto& entry = table_[index];
    int const pid = entry.pid;
    auto const born = steady::now();
    bool leaves = false;
    while (!*gone) {
        co_await sleep_for(watch_step);
        if (*gone) co_return;
        if (entry.flapping && steady::now() - born >= settled) {
            entry.flapping = false;
            tell_flapping();
        }
        // Once: a second signal would end a call that came in between.
        leaves = leaves || recycle(entry, pid);
        if (steady::now() - entry.last_seen < options_.silence_limit) continue;
        log_.error("worker is silent, it is ended", {{"worker", server::plain(entry.id)}});
        (void)::kill(pid, SIGABRT);
        co_await sleep_for(options_.abort_grace);
        if (!*gone) (void)::kill(pid, SIGKILL);
        co_return;
    }
}

void supervisor::tell_flapping() {
    auto const many = std::ranges::count_if(table_, &worker_entry::flapping);
    metrics_.get_gauge("cxb_core_worker_flapping").set(static_cast<double>(many));
}

asio::awaitable<void> supervisor::pause_before_restart(std::chrono::milliseconds length) {
    auto const until = steady::now() + length;
    while (!stopping_ && steady::now() < until)
        co_await sleep_for(std::min<std::chrono::milliseconds>(
            watch_step, std::chrono::ceil<std::chrono::milliseconds>(until - steady::now())));
}

asio::awaitable<void> supervisor::keep(std::size_t index) {
    auto const executor = co_await asio::this_coro::executor;
    auto& entry = table_[index];
    restart_delay delays;
    bool first = true;
    while (!stopping_) {
        bool const adopted = co_await adopt(index);
        if (adopted || stopping_) continue;
        if (!first) metrics_.get_counter("cxb_core_worker_restarts_total").add();
        first = false;
        auto const born = steady::now();
        int const fd = spawn(entry);
        int ended_with = -1;
        if (fd >= 0) {
            auto const gone = std::make_shared<bool>(false);
            asio::co_spawn(executor, watch(index, gone), asio::detached);
            co_await read_reports(index, fd);
            entry.up = false;
            ended_with = co_await reap(entry.pid);
            *gone = true;
            entry.pid = 0;
        }
        entry.calls = entry.max = 0;
        if (stopping_) break;
        auto const wait = delays.next(born, steady::now());
        entry.flapping = delays.flapping();
        tell_flapping();
        log_.warn(
            "worker ended, it is started again",
            {{"worker", server::plain(entry.id)}, {"exit_code", ended_with}, {"wait_ms", wait}});
        co_await pause_before_restart(wait);
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

void supervisor::drain() {
    // Signals of one number melt into one while they wait; to a worker both words say the same.
    int const word = std::exchange(stopping_, true) ? SIGINT : SIGTERM;
    for (auto& entry : table_)
        entry.draining = true;
    signal_all(word);
}

}  // namespace core
}  // namespace cxb::inline v1
