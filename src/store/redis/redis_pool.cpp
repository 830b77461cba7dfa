#include "cxb/store/redis/redis_pool.hpp"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <thread>

namespace cxb::inline v1 {
namespace store {
namespace {

namespace asio = boost::asio;

struct waiting_command {
    redis_command command;
    std::function<void(result<redis_reply>)> done;
};

// How long a link may stand idle before it is asked whether it is still there.
constexpr milliseconds idle_for{500};

error away() {
    return error{errc::unavailable, "Redis is away"}.with_retry_after(seconds{1});
}

// Faults of the value are the caller's, all others (starting, full, read-only) are Redis's.
result<redis_reply> judged(redis_reply reply) {
    if (reply.what != redis_reply::kind::fault) return reply;
    auto const word = reply.text.substr(0, reply.text.find(' '));
    bool const callers = word == "WRONGTYPE" || word == "ERR";
    return error{callers ? errc::invalid : errc::unavailable, "Redis refused the command"}
        .with_note({word});
}

}  // namespace

milliseconds redis_back_off::next(random_source& random) {
    constexpr int most_doublings = 16;
    auto const grown = first_ * (1LL << std::min(failures_++, most_doublings));
    auto const wait = std::min<milliseconds>(grown, longest_);
    return milliseconds(
        static_cast<std::int64_t>(static_cast<double>(wait.count()) * random.uniform(0.5, 1.0)));
}

struct redis_pool::state {
    explicit state(redis_options given) : options(std::move(given)) {}

    redis_options options;
    std::atomic<std::uint64_t> failures{0};
    std::atomic<std::uint64_t> connects{0};
    mutable std::mutex mutex;
    // One for each kind of waiter: a single call must not wake somebody it is not meant for.
    std::condition_variable wake;    // of links: a command waits
    std::condition_variable closed;  // of pauses between links
    std::condition_variable link_made;
    std::deque<waiting_command> queue;  // guarded by mutex, as are all below
    std::size_t up = 0;                 // links
    std::string fault;
    bool closing = false;
    std::vector<std::thread> threads;

    void work();
    bool serve(redis_link& link);
    std::deque<waiting_command> take();
    void came_up();
    void went_down(error const& cause);
    void note_fault(error const& cause);
    bool wait_for(milliseconds time);
    bool is_closing() const;
    void fail(std::deque<waiting_command> dropped, error const& cause);
};

void redis_pool::state::fail(std::deque<waiting_command> dropped, error const& cause) {
    for (auto& each : dropped) {
        ++failures;
        each.done(cause);
    }
}

// False: the pool closes.
bool redis_pool::state::wait_for(milliseconds time) {
    std::unique_lock lock(mutex);
    return !closed.wait_for(lock, time, [this] { return closing; });
}

void redis_pool::state::came_up() {
    ++connects;
    bool first = false;
    {
        std::lock_guard const lock(mutex);
        first = up++ == 0;
    }
    link_made.notify_all();
    if (first && options.on_change) options.on_change(true, {});
}

void redis_pool::state::note_fault(error const& cause) {
    std::lock_guard const lock(mutex);
    fault = cause.note().empty() ? cause.detail() : cause.note();
}

void redis_pool::state::went_down(error const& cause) {
    note_fault(cause);
    std::deque<waiting_command> dropped;
    {
        std::lock_guard const lock(mutex);
        if (--up == 0)
            dropped.swap(queue);
        else
            return;
    }
    fail(std::move(dropped), away());
    if (options.on_change) options.on_change(false, cause.note());
}

// Empty: nothing came for a while, or the pool closes.
std::deque<waiting_command> redis_pool::state::take() {
    std::unique_lock lock(mutex);
    wake.wait_for(lock, idle_for, [this] { return closing || !queue.empty(); });
    std::deque<waiting_command> out;
    if (closing) return out;
    while (!queue.empty() && out.size() < limits::redis_pipeline) {
        out.push_back(std::move(queue.front()));
        queue.pop_front();
    }
    return out;
}

// Until the link fails (true) or the pool closes.
bool redis_pool::state::serve(redis_link& link) {
    redis_command const ping{"PING"};
    while (!is_closing()) {
        auto taken = take();
        std::vector<redis_command const*> commands;
        for (auto const& each : taken)
            commands.push_back(&each.command);
        if (commands.empty()) commands.push_back(&ping);
        auto answers = link.run(commands);
        if (!answers) {
            // Before anybody goes on: a caller that asks again must not wait on a dead link.
            went_down(answers.error());
            fail(std::move(taken), answers.error());
            return true;
        }
        for (std::size_t i = 0; i < taken.size(); ++i)
            taken[i].done(judged(std::move((*answers)[i])));
    }
    return false;
}

bool redis_pool::state::is_closing() const {
    std::lock_guard const lock(mutex);
    return closing;
}

void redis_pool::state::work() {
    redis_back_off back_off(options.first_wait, options.longest_wait);
    for (;;) {
        auto link = redis_link::connect(options.address, options.connect, options.silence);
        if (link) {
            back_off.reset();
            came_up();
            if (!serve(*link)) return;
        } else {
            note_fault(link.error());
        }
        if (!wait_for(back_off.next(system_random()))) return;
    }
}

redis_pool::redis_pool(redis_options options)
    : state_(std::make_unique<state>(std::move(options))) {
    // Signals belong to the main thread; hiredis would otherwise be ended by SIGPIPE.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (std::size_t i = 0; i < std::max<std::size_t>(state_->options.connections, 1); ++i)
        state_->threads.emplace_back([at = state_.get()] { at->work(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

redis_pool::~redis_pool() {
    close();
}

redis_options const& redis_pool::options() const noexcept {
    return state_->options;
}

result<void> redis_pool::post(redis_command command,
                              std::function<void(result<redis_reply>)> done) {
    {
        std::lock_guard const lock(state_->mutex);
        if (state_->closing || state_->up == 0 || state_->queue.size() >= limits::redis_queue) {
            ++state_->failures;
            return away();
        }
        state_->queue.push_back({std::move(command), std::move(done)});
    }
    state_->wake.notify_one();
    return {};
}

async<redis_reply> redis_pool::run(redis_command command) {
    auto start = [this](auto handler, redis_command what) {
        auto const executor =
            asio::prefer(asio::any_io_executor(asio::get_associated_executor(handler)),
                         asio::execution::outstanding_work.tracked);
        auto const waiting = std::make_shared<decltype(handler)>(std::move(handler));
        auto const deliver = [executor, waiting](result<redis_reply> outcome) {
            asio::post(executor, [waiting, outcome = std::move(outcome)]() mutable {
                std::move (*waiting)(std::move(outcome));
            });
        };
        if (auto queued = post(std::move(what), deliver); !queued)
            deliver(std::move(queued).error());
    };
    co_return co_await asio::async_initiate<asio::use_awaitable_t<> const,
                                            void(result<redis_reply>)>(start, asio::use_awaitable,
                                                                       std::move(command));
}

bool redis_pool::connected() const noexcept {
    std::lock_guard const lock(state_->mutex);
    return state_->up > 0;
}

bool redis_pool::wait_connected(milliseconds at_most) const {
    std::unique_lock lock(state_->mutex);
    return state_->link_made.wait_for(lock, at_most, [this] { return state_->up > 0; });
}

std::string redis_pool::last_fault() const {
    std::lock_guard const lock(state_->mutex);
    return state_->fault;
}

std::uint64_t redis_pool::failures() const noexcept {
    return state_->failures;
}

std::uint64_t redis_pool::connects() const noexcept {
    return state_->connects;
}

void redis_pool::close() {
    std::deque<waiting_command> dropped;
    {
        std::lock_guard const lock(state_->mutex);
        state_->closing = true;
        dropped.swap(state_->queue);
    }
    state_->wake.notify_all();
    state_->closed.notify_all();
    state_->fail(std::move(dropped), away());
    for (auto& thread : state_->threads)
        if (thread.joinable()) thread.join();
}

}  // namespace store
}  // namespace cxb::inline v1
