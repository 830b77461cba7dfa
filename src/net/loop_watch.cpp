#include "src/net/loop_watch.hpp"

#include <mutex>
#include <utility>
#include <vector>

namespace cxb::inline v1 {
namespace net {

namespace {

class loop_end final : public boost::asio::execution_context::service {
  public:
    using key_type = loop_end;
    static inline boost::asio::execution_context::id id;

    explicit loop_end(boost::asio::execution_context& loop) : service(loop) {}
    void add(std::weak_ptr<loop_watcher> watcher) {
        std::lock_guard const lock(mutex_);
        std::erase_if(watchers_, [](auto const& each) { return each.expired(); });
        watchers_.push_back(std::move(watcher));
    }

  private:
    void shutdown() override {
        for (auto const& each : std::exchange(watchers_, {}))
            if (auto const watcher = each.lock()) watcher->loop_ended();
    }

    std::mutex mutex_;
    std::vector<std::weak_ptr<loop_watcher>> watchers_;
};

}  // namespace

void watch_loop(boost::asio::execution_context& loop, std::weak_ptr<loop_watcher> watcher) {
    boost::asio::use_service<loop_end>(loop).add(std::move(watcher));
}

}  // namespace net
}  // namespace cxb::inline v1
