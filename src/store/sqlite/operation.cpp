#include "src/store/sqlite/operation.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace cxb::inline v1 {
namespace store::sqlite {

namespace asio = boost::asio;

template <class Handler>
void operation::arm(Handler handler) {
    // The executor counts the wait as work, so its loop does not end meanwhile.
    auto executor = asio::prefer(asio::get_associated_executor(handler),
                                 asio::execution::outstanding_work.tracked);
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto waiting = std::make_shared<Handler>(std::move(handler));
    resume_ = [executor, slot, waiting]() {
        asio::post(executor, [slot, waiting]() mutable {
            if (slot.is_connected()) slot.clear();
            auto const ready = std::exchange(waiting, nullptr);
            std::move (*ready)();
        });
    };
    if (slot.is_connected())
        slot.assign([weak = weak_from_this()](asio::cancellation_type) {
            if (auto const self = weak.lock()) self->cancel();
        });
}

std::function<void()> operation::take_resume() {
    std::lock_guard const lock(mutex_);
    return std::exchange(resume_, nullptr);
}

void operation::finish() {
    if (auto const resume = take_resume()) resume();
}

void operation::cancel() {
    std::function<void()> resume;
    {
        std::lock_guard const lock(mutex_);
        resume = std::exchange(resume_, nullptr);
        if (resume) cancelled_ = true;
    }
    if (resume) resume();
}

bool operation::abandoned() {
    std::lock_guard const lock(mutex_);
    return cancelled_;
}

asio::awaitable<bool> operation::wait(
    std::shared_ptr<operation> self,
    std::function<result<void>(std::shared_ptr<operation>)> enqueue) {
    co_await asio::async_initiate<asio::use_awaitable_t<> const, void()>(
        [self, enqueue](auto handler) {
            self->arm(std::move(handler));
            if (auto queued = enqueue(self); !queued) {
                self->fail(std::move(queued).error());
                self->finish();
            }
        },
        asio::use_awaitable);
    co_return !self->abandoned();
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
