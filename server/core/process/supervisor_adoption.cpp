#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/this_coro.hpp>
#include <csignal>
#include <memory>

#include "server/core/process/supervisor.hpp"

namespace cxb::inline v1 {
namespace core {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds ask_time{1000};
constexpr std::chrono::milliseconds ask_step{500};
// A worker notices the death of its supervisor with its next heartbeat.
constexpr int most_looks = 6;

// The C library's header of these is not made for C++.
int open_process(pid_t pid) {
    return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

void send_signal(int process, int number) {
    (void)::syscall(SYS_pidfd_send_signal, process, number, nullptr, 0);
}

bool has_ended(int process) {
    pollfd look{process, POLLIN, 0};
    return ::poll(&look, 1, 0) == 1;
}

}  // namespace

asio::awaitable<std::optional<contract::fleet::fleet_worker>> supervisor::ask(std::string socket) {
    client::outgoing_request request;
    request.url = "unix:" + socket + ":/health/fleet";
    client::transport_options how;
    how.connect = how.total = ask_time;
    how.max_response_bytes = limits::health_body;
    auto const given = co_await sockets_.send(std::move(request), how);
    if (!given) co_return std::nullopt;
    auto const answer = contract::fleet::parse_fleet_health(given->status, given->bytes());
    auto const* const health = std::get_if<contract::fleet::fleet_health>(&answer);
    if (health == nullptr || health->workers.size() != 1) co_return std::nullopt;
    auto const& worker = health->workers.front();
    if (!worker.reachable || worker.pid <= 1) co_return std::nullopt;
    co_return worker;
}

// True when a worker without a supervisor was found and has left since.
asio::awaitable<bool> supervisor::adopt(std::size_t index) {
    std::string const socket = table_[index].socket;
    auto found = co_await ask(socket);
    for (int look = 1; found && !found->draining && look < most_looks && !stopping_; ++look) {
        co_await sleep_for(ask_step);
        found = co_await ask(socket);
    }
    if (!found || stopping_) co_return false;
    if (!found->draining) {
        log_.error("socket is served by a worker of another supervisor",
                   {{"worker", server::plain(table_[index].id)}});
        co_return false;
    }
    int const process = open_process(static_cast<pid_t>(found->pid));
    if (process < 0) co_return false;
    std::shared_ptr<void> const closes(nullptr, [process](void*) { ::close(process); });
    // The handle is that of the worker if it answers under the same number once more.
    auto const again = co_await ask(socket);
    if (!again || again->pid != found->pid) co_return false;
    co_await attend(index, process);
    co_return true;
}

asio::awaitable<void> supervisor::attend(std::size_t index, int process) {
    auto& entry = table_[index];
    log_.warn("worker of a former supervisor is adopted", {{"worker", server::plain(entry.id)}});
    auto const handles = adopted_;
    (*handles)[index] = process;
    std::shared_ptr<void> const over(nullptr, [handles, index](void*) { (*handles)[index] = -1; });
    if (stopping_) send_signal(process, SIGTERM);
    auto heard = steady::now();
    bool aborted = false;
    while (!has_ended(process)) {
        if (auto const now = co_await ask(entry.socket)) {
            heard = steady::now();
            entry.pid = static_cast<int>(now->pid);
            entry.calls = static_cast<int>(now->calls);
            entry.max = static_cast<int>(now->max);
            entry.draining = entry.up = true;
            tell_all_up();
        } else if (steady::now() - heard >= options_.silence_limit) {
            log_.error("adopted worker is silent, it is ended",
                       {{"worker", server::plain(entry.id)}});
            send_signal(process, aborted ? SIGKILL : SIGABRT);
            aborted = true;
            heard = steady::now() - options_.silence_limit + options_.abort_grace;
        }
        co_await sleep_for(ask_step);
    }
    entry.up = false;
    entry.draining = stopping_;
    entry.pid = entry.calls = entry.max = 0;
}

void supervisor::signal_all(int number) const {
    for (std::size_t index = 0; index < table_.size(); ++index) {
        if (int const process = (*adopted_)[index]; process >= 0)
            send_signal(process, number);
        else if (table_[index].pid > 0)
            (void)::kill(table_[index].pid, number);
    }
}

}  // namespace core
}  // namespace cxb::inline v1
