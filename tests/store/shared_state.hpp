#pragma once
/// @file
/// The engines of `event_bus` and `ephemeral_store`; every one passes the same tests. Two objects
/// of one engine stand for two processes where the engine has more than one.

#include <gtest/gtest.h>

#include <mutex>

#include "cxb/store/memory/memory_ephemeral_store.hpp"
#include "cxb/store/memory/memory_event_bus.hpp"
#include "cxb/store/redis/redis_ephemeral_store.hpp"
#include "cxb/store/redis/redis_event_bus.hpp"
#include "store/run_awaitable.hpp"
#include "support/redis_server.hpp"
#include "support/required.hpp"

namespace cxb::store {

inline std::shared_ptr<redis_pool> make_pool(std::string const& url, redis_options options = {}) {
    options.address = parse_redis_url(url).value();
    return std::make_shared<redis_pool>(std::move(options));
}

/// What a listener heard; thread-safe.
class heard {
  public:
    bus_listener listener() {
        return {.on_message =
                    [this](bus_message const& message) {
                        std::lock_guard const lock(mutex_);
                        texts_.push_back(message.topic + " " + wire::to_text(message.body));
                    },
                .on_missed =
                    [this] {
                        std::lock_guard const lock(mutex_);
                        ++missed_;
                    }};
    }
    [[nodiscard]] std::vector<std::string> texts() const {
        std::lock_guard const lock(mutex_);
        return texts_;
    }
    [[nodiscard]] int missed() const {
        std::lock_guard const lock(mutex_);
        return missed_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<std::string> texts_;
    int missed_ = 0;
};

}  // namespace cxb::store
