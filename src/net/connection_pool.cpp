#include "src/net/connection_pool.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cxb::inline v1 {
namespace net {

namespace asio = boost::asio;

connection_pool::lease::lease(std::shared_ptr<connection_pool> owner, std::string origin)
    : owner_(std::move(owner)), origin_(std::move(origin)) {}

connection_pool::lease::lease(lease&& other) noexcept
    : stream(std::move(other.stream)),
      reused(other.reused),
      owner_(std::move(other.owner_)),
      origin_(std::move(other.origin_)) {}

connection_pool::lease::~lease() {
    stream.reset();
    if (owner_) owner_->release(origin_, nullptr);
}

void connection_pool::lease::give_back() {
    if (auto const owner = std::move(owner_)) owner->release(origin_, std::move(stream));
}

// A place in the queue; leaving it early (deadline, destroyed coroutine) passes on what was
// granted meanwhile.
class connection_pool::waiting_turn {
  public:
    waiting_turn(std::shared_ptr<connection_pool> pool, std::string const& origin,
                 std::shared_ptr<waiter> mine)
        : pool_(std::move(pool)), origin_(origin), mine_(std::move(mine)) {}
    waiting_turn(waiting_turn const&) = delete;
    waiting_turn& operator=(waiting_turn const&) = delete;
    ~waiting_turn() {
        if (!mine_) return;
        if (take()) pool_->release(origin_, std::move(mine_->stream));
    }
    /// Leaves the queue. True: the place was granted.
    bool take() {
        std::lock_guard const lock(pool_->mutex_);
        auto const mine = std::exchange(done_, true) ? nullptr : mine_;
        if (!mine || mine->granted) return mine != nullptr;
        auto& queue = pool_->places_[origin_].waiting;
        queue.erase(std::remove(queue.begin(), queue.end(), mine), queue.end());
        return false;
    }

  private:
    std::shared_ptr<connection_pool> pool_;
    std::string const& origin_;
    std::shared_ptr<waiter> mine_;
    bool done_ = false;
};

std::shared_ptr<connection_pool> connection_pool::create(asio::execution_context& loop,
                                                         pool_limits limits) {
    auto out = std::make_shared<connection_pool>(limits);
    watch_loop(loop, out);
    return out;
}

void connection_pool::loop_ended() noexcept {
    is_over_ = true;
    std::lock_guard const lock(mutex_);
    for (auto entry = places_.begin(); entry != places_.end();) {
        auto& at = entry->second;
        at.open -= at.idle.size();
        at.idle.clear();
        entry = at.open == 0 && at.waiting.empty() ? places_.erase(entry) : std::next(entry);
    }
}

asio::awaitable<result<connection_pool::lease>> connection_pool::acquire(std::string origin,
                                                                         bool fresh,
                                                                         steady_point deadline) {
    auto const executor = co_await asio::this_coro::executor;
    auto const self = shared_from_this();
    std::shared_ptr<waiter> mine;
    {
        std::lock_guard const lock(mutex_);
        auto const now = std::chrono::steady_clock::now();
        sweep(now);
        auto& at = places_[origin];
        auto idle = take_idle(at, fresh, now);
        if (idle || at.open < limits_.max_connections) {
            if (!idle) ++at.open;
            lease out(self, origin);
            out.reused = idle != nullptr;
            out.stream = std::move(idle);
            co_return out;
        }
        if (at.waiting.size() >= limits_.max_waiting) {
            co_return error{errc::unavailable, "Too many requests wait for a connection"}
                .with_reason("pool_full");
        }
        mine = std::make_shared<waiter>(executor);
        at.waiting.push_back(mine);
    }
    waiting_turn turn(self, origin, mine);
    mine->timer.expires_at(deadline);
    auto [ec] = co_await mine->timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!turn.take()) {
        if (ec) co_return error{errc::cancelled, "Request was cancelled"};
        co_return error{errc::deadline_exceeded, "No connection became free in time"};
    }
    lease out(self, origin);
    out.reused = mine->stream != nullptr;
    out.stream = std::move(mine->stream);
    if (fresh) out.stream.reset();
    co_return out;
}

// Most recently used first, so that surplus connections age. With `fresh` one of them gives up
// its place when all are taken: it is as suspect as the one that failed.
std::unique_ptr<byte_stream> connection_pool::take_idle(place& at, bool fresh, steady_point now) {
    if (fresh) {
        if (at.open >= limits_.max_connections && !at.idle.empty()) {
            at.idle.pop_back();
            --at.open;
        }
        return nullptr;
    }
    while (!at.idle.empty()) {
        auto last = std::move(at.idle.back());
        at.idle.pop_back();
        if (now - last.since < limits_.idle_limit && last.stream->is_quiet()) {
            return std::move(last.stream);
        }
        --at.open;
    }
    return nullptr;
}

void connection_pool::release(std::string const& origin, std::unique_ptr<byte_stream> stream) {
    std::lock_guard const lock(mutex_);
    auto const found = places_.find(origin);
    if (found == places_.end()) return;
    auto& at = found->second;
    if (!at.waiting.empty()) {
        auto const next = std::move(at.waiting.front());
        at.waiting.pop_front();
        next->granted = true;
        next->stream = std::move(stream);
        asio::post(next->timer.get_executor(), [next] { next->timer.cancel(); });
    } else if (stream) {
        at.idle.push_back({std::move(stream), std::chrono::steady_clock::now()});
    } else if (--at.open == 0) {
        places_.erase(found);
    }
}

void connection_pool::sweep(steady_point now) {
    if (now - swept_ < limits_.idle_limit) return;
    swept_ = now;
    for (auto entry = places_.begin(); entry != places_.end();) {
        auto& at = entry->second;
        at.open -= std::erase_if(
            at.idle, [&](kept const& one) { return now - one.since >= limits_.idle_limit; });
        entry = at.open == 0 && at.waiting.empty() ? places_.erase(entry) : std::next(entry);
    }
}

}  // namespace net
}  // namespace cxb::inline v1
