#include "cxb/worker/call_slots.hpp"

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <set>
#include <utility>

namespace cxb::inline v1 {
namespace worker {

namespace asio = boost::asio;

struct call_slots::state {
    std::size_t limit = 1;
    std::function<void(occupancy)> on_change;
    mutable std::mutex mutex;
    std::set<std::string> ids;
    bool draining = false;
    std::vector<std::shared_ptr<asio::steady_timer>> waiters;

    [[nodiscard]] occupancy view() const {
        return {ids.size(), draining ? ids.size() : limit, draining};
    }

    void changed(occupancy const& seen) const {
        if (on_change) on_change(seen);
    }

    void release(std::string const& id) {
        occupancy seen;
        std::vector<std::shared_ptr<asio::steady_timer>> woken;
        {
            std::lock_guard const guard(mutex);
            ids.erase(id);
            seen = view();
            if (ids.empty()) woken.swap(waiters);
        }
        // A timer belongs to the thread of its executor, so it is cancelled there.
        for (auto& timer : woken)
            asio::post(timer->get_executor(), [timer] { timer->cancel(); });
        changed(seen);
    }

    void set_draining(bool value) {
        occupancy seen;
        {
            std::lock_guard const guard(mutex);
            if (draining == value) return;
            draining = value;
            seen = view();
        }
        changed(seen);
    }
};

call_slots::slot::slot(std::shared_ptr<state> owner, std::string call_id)
    : state_(std::move(owner)), call_id_(std::move(call_id)) {}

call_slots::slot::slot(slot&& other) noexcept
    : state_(std::move(other.state_)), call_id_(std::move(other.call_id_)) {}

call_slots::slot& call_slots::slot::operator=(slot&& other) noexcept {
    if (this != &other) {
        release();
        state_ = std::move(other.state_);
        call_id_ = std::move(other.call_id_);
    }
    return *this;
}

call_slots::slot::~slot() {
    release();
}

void call_slots::slot::release() noexcept {
    if (auto const owner = std::exchange(state_, nullptr)) owner->release(call_id_);
}

call_slots::call_slots(std::size_t max, std::function<void(occupancy)> on_change)
    : state_(std::make_shared<state>()) {
    state_->limit = std::max<std::size_t>(max, 1);
    state_->on_change = std::move(on_change);
}

result<call_slots::slot> call_slots::acquire(std::string call_id) {
    occupancy seen;
    {
        std::lock_guard const guard(state_->mutex);
        if (state_->draining) return error{errc::unavailable, "Draining"}.with_reason("draining");
        if (state_->ids.contains(call_id))
            return error{errc::conflict, "Call already runs here"}.with_reason("already_exists");
        if (state_->ids.size() >= state_->limit) return error{errc::at_capacity, "At capacity"};
        state_->ids.insert(call_id);
        seen = state_->view();
    }
    slot taken(state_, std::move(call_id));
    state_->changed(seen);
    return taken;
}

occupancy call_slots::now() const {
    std::lock_guard const guard(state_->mutex);
    return state_->view();
}

std::size_t call_slots::calls() const {
    return now().calls;
}
std::size_t call_slots::max() const {
    return now().max;
}
bool call_slots::draining() const {
    return now().draining;
}

std::vector<std::string> call_slots::call_ids() const {
    std::lock_guard const guard(state_->mutex);
    return {state_->ids.begin(), state_->ids.end()};
}

void call_slots::drain() {
    state_->set_draining(true);
}
void call_slots::undrain() {
    state_->set_draining(false);
}

asio::awaitable<bool> call_slots::wait_idle(std::chrono::steady_clock::time_point deadline) {
    auto const executor = co_await asio::this_coro::executor;
    auto const shared = state_;
    auto const timer = std::make_shared<asio::steady_timer>(executor, deadline);
    std::shared_ptr<void> const leaves(nullptr, [&](void*) {
        std::lock_guard const guard(shared->mutex);
        std::erase(shared->waiters, timer);
    });
    for (;;) {
        {
            std::lock_guard const guard(shared->mutex);
            std::erase(shared->waiters, timer);
            if (shared->ids.empty()) co_return true;
            // A call that came between the wake-up and now is waited for as well.
            if (std::chrono::steady_clock::now() >= deadline) co_return false;
            shared->waiters.push_back(timer);
        }
        co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

}  // namespace worker
}  // namespace cxb::inline v1
