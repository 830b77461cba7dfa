#include "cxb/net/resolver.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "src/net/loop_watch.hpp"

namespace cxb::inline v1 {
namespace net {

namespace asio = boost::asio;

namespace {

constexpr std::size_t max_names = 256;

using addresses = std::vector<domain::ip_address>;

domain::ip_address address_of(asio::ip::address const& from) {
    domain::ip_address out;
    out.v6 = from.is_v6();
    if (out.v6) {
        out.bytes = from.to_v6().to_bytes();
    } else {
        auto const four = from.to_v4().to_bytes();
        std::copy(four.begin(), four.end(), out.bytes.begin());
    }
    return out;
}

result<addresses> ask_system(std::string const& host) {
    asio::io_context unused;
    asio::ip::tcp::resolver names(unused);
    boost::system::error_code ec;
    auto const found = names.resolve(host, "", ec);
    addresses out;
    for (auto const& entry : found)
        out.push_back(address_of(entry.endpoint().address()));
    if (ec || out.empty()) {
        return error{errc::unavailable, "Host name cannot be resolved"}
            .with_reason("resolve_failed")
            .with_note({host + ": " + ec.message()});
    }
    return out;
}

class thread_resolver final : public resolver {
  public:
    thread_resolver(name_lookup ask, unsigned threads) : ask_(std::move(ask)), threads_(threads) {}
    asio::awaitable<result<addresses>> resolve(std::string host) override {
        auto const executor = co_await asio::this_coro::executor;
        auto const mine = std::make_shared<waiter>(executor);
        watch_loop(asio::query(executor, asio::execution::context), mine);
        if (!enlist(host, mine)) {
            co_return error{errc::unavailable, "Too many names are being looked up"}
                .with_reason("resolve_queue_full")
                .with_retry_after(std::chrono::seconds{1});
        }
        if (!mine->found) co_await mine->timer->async_wait(asio::as_tuple(asio::use_awaitable));
        if (!mine->found) co_return error{errc::cancelled, "Look-up was cancelled"};
        co_return *std::move(mine->found);
    }

  private:
    // The answer is told on the executor of who waits, as long as there is one.
    class waiter final : public loop_watcher, public std::enable_shared_from_this<waiter> {
      public:
        explicit waiter(asio::any_io_executor const& executor) {
            timer.emplace(executor, asio::steady_timer::time_point::max());
        }
        void tell(result<addresses> answer) {
            std::lock_guard const lock(mutex_);
            if (!timer) return;
            asio::post(timer->get_executor(),
                       [self = shared_from_this(), answer = std::move(answer)]() mutable {
                           self->found = std::move(answer);
                           self->timer->cancel();
                       });
        }
        void loop_ended() noexcept override {
            std::lock_guard const lock(mutex_);
            timer.reset();
        }
        std::optional<asio::steady_timer> timer;
        std::optional<result<addresses>> found;

      private:
        std::mutex mutex_;
    };

    bool enlist(std::string const& host, std::shared_ptr<waiter> const& mine) {
        std::lock_guard const lock(mutex_);
        auto const at = asked_.find(host);
        if (at != asked_.end()) {
            at->second.push_back(mine);
            return true;
        }
        if (asked_.size() >= max_names) return false;
        asked_[host].push_back(mine);
        if (!pool_) pool_.emplace(threads_);  // most processes never ask for a name
        asio::post(*pool_, [this, host] { answer(host); });
        return true;
    }

    void answer(std::string const& host) {
        auto const found = ask_(host);
        std::vector<std::shared_ptr<waiter>> waiting;
        {
            std::lock_guard const lock(mutex_);
            auto const at = asked_.find(host);
            waiting = std::move(at->second);
            asked_.erase(at);
        }
        for (auto const& each : waiting)
            each->tell(found);
    }

    name_lookup const ask_;
    unsigned const threads_;
    std::mutex mutex_;
    std::map<std::string, std::vector<std::shared_ptr<waiter>>> asked_;
    std::optional<asio::thread_pool> pool_;  // last: its threads end before what they use
};

}  // namespace

std::shared_ptr<resolver> pooled_resolver(name_lookup ask, unsigned threads) {
    return std::make_shared<thread_resolver>(std::move(ask), threads);
}

std::shared_ptr<resolver> system_resolver() {
    constexpr unsigned threads = 8;
    return pooled_resolver(&ask_system, threads);
}

}  // namespace net
}  // namespace cxb::inline v1
