#include "src/store/engine/pending_operation.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace cxb::inline v1 {
namespace store::engine {

namespace asio = boost::asio;

template <class Handler>
void pending_operation::arm(Handler handler) {
    // The executor counts the wait as work, so its loop does not end meanwhile.
    auto executor = asio::prefer(asio::get_associated_executor(handler),
                                 asio::execution::outstanding_work.tracked);
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto waiting = std::make_shared<Handler>(std::move(handler));
    auto const timer =
        deadline_ ? std::make_shared<asio::steady_timer>(executor, *deadline_) : nullptr;
    {
        // Where several threads run the executor, one may see the deadline pass at once: the timer
        // starts last.
        std::lock_guard const lock(mutex_);
        resume_ = [executor, slot, waiting, timer]() {
            asio::post(executor, [slot, waiting, timer]() mutable {
                if (slot.is_connected()) slot.clear();
                if (timer) timer->cancel();
                auto const ready = std::exchange(waiting, nullptr);
                std::move (*ready)();
            });
        };
    }
    if (slot.is_connected())
        slot.assign([weak = weak_from_this()](asio::cancellation_type) {
            if (auto const self = weak.lock()) self->give_up(wait_end::cancelled);
        });
    if (timer)
        timer->async_wait([weak = weak_from_this()](boost::system::error_code stopped) {
            auto const self = weak.lock();
            if (!stopped && self) self->give_up(wait_end::expired);
        });
}

std::function<void()> pending_operation::take_resume() {
    std::lock_guard const lock(mutex_);
    return std::exchange(resume_, nullptr);
}

void pending_operation::finish() {
    if (auto const resume = take_resume()) resume();
}

void pending_operation::give_up(wait_end why) {
    std::function<void()> resume;
    {
        std::lock_guard const lock(mutex_);
        resume = std::exchange(resume_, nullptr);
        if (resume) ended_ = why;
    }
    if (resume) resume();
}

wait_end pending_operation::ended() {
    std::lock_guard const lock(mutex_);
    return ended_;
}

bool pending_operation::abandoned() {
    std::lock_guard const lock(mutex_);
    return ended_ != wait_end::finished;
}

bool pending_operation::begin() {
    std::lock_guard const lock(mutex_);
    begun_ = ended_ == wait_end::finished;
    return begun_;
}

bool pending_operation::begun() {
    std::lock_guard const lock(mutex_);
    return begun_;
}

asio::awaitable<wait_end> pending_operation::wait(std::shared_ptr<pending_operation> self,
                                                  enqueue_fn enqueue) {
    co_await asio::async_initiate<asio::use_awaitable_t<> const, void()>(
        [self, enqueue](auto handler) mutable {
            // Once armed, another thread of the executor may end the coroutine, and this with it.
            auto const own = std::move(self);
            auto const hand_over = std::move(enqueue);
            asio::any_io_executor const executor = asio::get_associated_executor(handler);
            own->arm(std::move(handler));
            if (auto queued = hand_over(own, executor); !queued) {
                own->fail(std::move(queued).error());
                own->finish();
            }
        },
        asio::use_awaitable);
    co_return self->ended();
}

}  // namespace store::engine
}  // namespace cxb::inline v1
