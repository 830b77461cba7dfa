#pragma once
/// @file
/// Decides whether the writer waits a little for more writes before it begins a group.
///
/// Clients that wait for their answers come back shortly after a commit, but not all at once: who
/// takes the first alone lets the others wait a whole commit, and with a slow disk half of the
/// throughput is gone. So after a commit the writer may wait for as many writes as had just been
/// answered, at most a part of a commit's time. Each wait is judged: `w` paid when the writes it
/// brought are a larger part of the group than `w` is of a commit. One that did not pay is
/// followed by ever more groups without. Without a commit just before, there is never a wait.
///
/// A state machine without I/O; for one thread.

#include <chrono>
#include <cstddef>
#include <optional>

#include "cxb/version.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

/// | field        | meaning                                                                    |
/// |--------------|----------------------------------------------------------------------------|
/// | longest      | longest wait; 0: never                                                     |
/// | least_commit | with commits faster than this, waiting does not pay                        |
struct linger_limits {
    std::chrono::nanoseconds longest{std::chrono::milliseconds{5}};
    std::chrono::nanoseconds least_commit{std::chrono::microseconds{500}};
};

class linger_rule {
  public:
    using moment = std::chrono::steady_clock::time_point;
    struct wait {
        std::size_t writes;  ///< enough when so many are queued
        moment until;
    };

    explicit linger_rule(linger_limits limits) : limits_(limits) {}

    /// A group was committed; `queued` writes had come meanwhile.
    void committed(std::size_t writes, std::chrono::nanoseconds took, std::size_t queued,
                   moment now);
    /// To be asked once before each group.
    [[nodiscard]] std::optional<wait> ask(std::size_t queued, std::size_t most, moment now);
    /// How a wait ended.
    void waited(std::size_t before, std::size_t after, std::chrono::nanoseconds took);

  private:
    linger_limits const limits_;
    std::chrono::nanoseconds commit_{0};  // smoothed
    moment last_end_;
    std::size_t expected_ = 0;
    unsigned rest_ = 0;       // groups to go without a wait
    unsigned next_rest_ = 1;  // after the next wait that does not pay
};

}  // namespace store::sqlite
}  // namespace cxb::inline v1
