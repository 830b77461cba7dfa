#pragma once
/// @file
/// One queued operation and the coroutine that waits for it.
///
/// The coroutine arms the operation, an engine thread runs it and calls `finish` exactly once; the
/// coroutine goes on, on its own executor. Cancelling the coroutine lets it go on at once with
/// `cancelled`: an operation that has not begun is skipped, one that runs is completed unseen.

#include <boost/asio/awaitable.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "cxb/store/collection.hpp"
#include "src/store/sqlite/connection.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

/// What an operation sees while it runs.
struct workplace {
    connection& db;
    std::vector<collection const*> touched;  ///< collections whose rows it changed
    bool undo = false;                       ///< take the changes back although it succeeded

    void touch(collection const& changed) { touched.push_back(&changed); }
};

class operation : public std::enable_shared_from_this<operation> {
  public:
    operation() = default;
    operation(operation const&) = delete;
    operation& operator=(operation const&) = delete;
    virtual ~operation() = default;

    /// Engine thread. False: the changes are to be taken back. May be run again when a transaction
    /// was undone; the last outcome counts.
    [[nodiscard]] virtual bool run(workplace& at) = 0;
    /// Engine thread: replaces whatever outcome there is.
    virtual void fail(error cause) = 0;

    /// Engine thread, once: lets the coroutine go on.
    void finish();
    /// Is nobody waiting any more?
    [[nodiscard]] bool abandoned();
    /// Suspends until `finish`; `enqueue` is called once the operation is armed and tells why the
    /// operation cannot be queued. False when cancelled.
    [[nodiscard]] static boost::asio::awaitable<bool> wait(
        std::shared_ptr<operation> self,
        std::function<result<void>(std::shared_ptr<operation>)> enqueue);

    std::size_t bytes = 0;  ///< rough size, for the bounds of queues and groups

  private:
    template <class Handler>
    void arm(Handler handler);
    void cancel();
    [[nodiscard]] std::function<void()> take_resume();

    std::mutex mutex_;
    std::function<void()> resume_;  // guarded by mutex_; empty once used
    bool cancelled_ = false;        // guarded by mutex_
};

/// An operation that gives a `T`.
template <class T>
class typed_operation final : public operation {
  public:
    using body = std::function<result<T>(workplace&)>;

    explicit typed_operation(body work) : work_(std::move(work)) {}

    bool run(workplace& at) override {
        thrown_ = nullptr;
        try {
            outcome_.emplace(work_(at));
        } catch (...) {
            thrown_ = std::current_exception();
            return false;
        }
        return outcome_->has_value() && !at.undo;
    }

    void fail(error cause) override { outcome_.emplace(std::move(cause)); }

    /// The outcome, once finished. Throws what the body threw.
    [[nodiscard]] result<T> take() {
        if (thrown_) std::rethrow_exception(thrown_);
        return *std::move(outcome_);
    }

  private:
    body work_;
    std::optional<result<T>> outcome_;
    std::exception_ptr thrown_;
};

}  // namespace store::sqlite
}  // namespace cxb::inline v1
