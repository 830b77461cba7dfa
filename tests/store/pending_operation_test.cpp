// Waiting for an engine thread, on an executor that several threads run.
#include "src/store/engine/pending_operation.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <thread>
#include <vector>

namespace cxb::store {
namespace {

using namespace std::chrono_literals;
using engine::pending_operation;
using engine::wait_end;

struct plain_operation final : pending_operation {
    void fail(error) override {}
};

std::shared_ptr<plain_operation> ending_at(pending_operation::steady_time moment) {
    auto made = std::make_shared<plain_operation>();
    made->set_deadline(moment);
    return made;
}

// The deadline may pass on one thread before another one has armed the operation.
TEST(PendingOperation, DeadlinesThatHavePassedEndEveryWait) {
    boost::asio::thread_pool threads(4);
    std::vector<std::shared_ptr<plain_operation>> operations;
    std::vector<std::future<wait_end>> waits;
    for (int i = 0; i < 2000; ++i) {
        operations.push_back(ending_at(std::chrono::steady_clock::now()));
        waits.push_back(boost::asio::co_spawn(
            threads,
            pending_operation::wait(operations.back(),
                                    [](auto const&...) { return result<void>(); }),
            boost::asio::use_future));
    }
    int ended = 0;
    for (auto& each : waits)
        ended += each.wait_for(10s) == std::future_status::ready ? 1 : 0;
    EXPECT_EQ(ended, 2000);
    for (auto const& each : operations) {
        EXPECT_TRUE(each->abandoned());
        EXPECT_FALSE(each->begin());
        each->finish();
    }
    threads.join();
}

TEST(PendingOperation, WhoeverIsFirstDecidesHowAWaitEnds) {
    boost::asio::thread_pool threads(2);
    for (int i = 0; i < 500; ++i) {
        auto const one = ending_at(std::chrono::steady_clock::now() + std::chrono::microseconds(i));
        std::promise<void> queued;
        std::thread worker([&] {
            queued.get_future().wait();
            (void)one->begin();
            one->finish();
        });
        auto wait = boost::asio::co_spawn(threads,
                                          pending_operation::wait(one,
                                                                  [&](auto const&...) {
                                                                      queued.set_value();
                                                                      return result<void>();
                                                                  }),
                                          boost::asio::use_future);
        auto const end = wait.get();
        worker.join();
        EXPECT_EQ(end != wait_end::finished, one->abandoned());
    }
    threads.join();
}

}  // namespace
}  // namespace cxb::store
