#pragma once
/// @file
/// Turns by key: coroutines that name the same key run one after the other, in order of arrival;
/// other keys do not wait. It keeps optimistic writes of one document from failing against each
/// other inside a process (spec 21 §1.2: posts of one session_id take turns).
///
/// ```cpp
/// auto const turn = co_await turns.take(session_id);   // held until `turn` goes out of scope
/// ```
/// Lifetime: a hold may outlive the turns, as that of work which a stop has left behind does.
/// Thread-safety: usable from all event loops at once; a waiter resumes on its own executor.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace cxb::server {

class keyed_turn {
    struct state;

  public:
    /// Ownership of a key's turn; move-only, gives it up when destroyed.
    class hold {
      public:
        hold(std::weak_ptr<state> owner, std::string key)
            : owner_(std::move(owner)), key_(std::move(key)) {}
        hold(hold&&) noexcept = default;
        hold& operator=(hold&&) = delete;
        ~hold() {
            if (auto const owner = owner_.lock()) release(*owner, key_);
        }

      private:
        std::weak_ptr<state> owner_;
        std::string key_;
    };

    keyed_turn() = default;
    keyed_turn(keyed_turn const&) = delete;
    keyed_turn& operator=(keyed_turn const&) = delete;

    /// Waits until no one else holds `key`.
    [[nodiscard]] boost::asio::awaitable<hold> take(std::string key);
    /// Keys held now; for metrics and tests.
    [[nodiscard]] std::size_t size() const;

  private:
    struct waiter {
        explicit waiter(boost::asio::any_io_executor const& executor) : timer(executor) {}
        boost::asio::steady_timer timer;
        bool granted = false;  // read and written on the waiter's executor only
    };
    struct state {
        std::mutex mutex;
        std::unordered_map<std::string, std::deque<std::shared_ptr<waiter>>> queues;
    };
    static void release(state& owner, std::string const& key);

    std::shared_ptr<state> state_ = std::make_shared<state>();
};

}  // namespace cxb::server
