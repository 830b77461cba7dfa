#include "cxb/net/event_loops.hpp"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <thread>
#include <vector>

namespace cxb::inline v1 {
namespace net {

namespace asio = boost::asio;

namespace {

// What waits on one loop may hold sockets of another: all loops let go of their work before the
// first of them is destroyed.
struct loop_context : asio::io_context {
    loop_context() : asio::io_context(1) {}  // one thread per context, and Asio is told so
    void let_go() { shutdown(); }
};

struct loop {
    loop_context context;
    asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
    std::thread thread;
};

[[noreturn]] void end_process(std::exception_ptr const& cause) {
    std::rethrow_exception(cause);
}

}  // namespace

struct event_loops::state {
    std::vector<std::unique_ptr<loop>> loops;
    std::function<void(std::exception_ptr)> on_exception;
    std::atomic<std::size_t> turn{0};

    void run(loop& one) noexcept {
        for (;;) {
            try {
                one.context.run();
                return;
            } catch (...) {
                on_exception(std::current_exception());
            }
        }
    }
};

event_loops::event_loops(std::size_t threads, std::function<void(std::exception_ptr)> on_exception)
    : state_(std::make_unique<state>()) {
    auto const count = threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
    for (std::size_t i = 0; i < count; ++i)
        state_->loops.push_back(std::make_unique<loop>());
    state_->on_exception = on_exception ? std::move(on_exception) : end_process;
}

event_loops::~event_loops() {
    let_go();
}

void event_loops::start() {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    for (int const fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGPROF}) {
        sigdelset(&all, fault);
    }
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (auto& one : state_->loops) {
        if (one->thread.joinable()) continue;
        one->thread = std::thread([this, raw = one.get()] { state_->run(*raw); });
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void event_loops::stop() {
    for (auto& one : state_->loops)
        one->context.stop();
    for (auto& one : state_->loops) {
        if (one->thread.joinable()) one->thread.join();
    }
}

void event_loops::let_go() {
    stop();
    for (auto& one : state_->loops)
        one->context.let_go();
}

std::size_t event_loops::size() const noexcept {
    return state_->loops.size();
}

asio::any_io_executor event_loops::executor(std::size_t index) const {
    return state_->loops[index % size()]->context.get_executor();
}

asio::any_io_executor event_loops::next() const {
    return executor(state_->turn.fetch_add(1, std::memory_order_relaxed));
}

void event_loops::spawn(std::size_t index, asio::awaitable<void> work) const {
    asio::co_spawn(executor(index), std::move(work), [](std::exception_ptr const& failure) {
        if (failure) std::rethrow_exception(failure);
    });
}

void event_loops::run_and_wait(asio::awaitable<void> work) const {
    auto done = std::make_shared<std::promise<void>>();
    auto future = done->get_future();
    asio::co_spawn(executor(0), std::move(work), [done](std::exception_ptr const& failure) {
        if (failure) {
            done->set_exception(failure);
        } else {
            done->set_value();
        }
    });
    future.get();
}

}  // namespace net
}  // namespace cxb::inline v1
