#pragma once
/// @file
/// The connections of one process to Redis: some threads, each with a link of its own, behind one
/// bounded queue. What waits is sent together, so a few connections carry many callers.
///
/// A link that fails is made anew after a wait that doubles from `limits::redis_first_wait` to
/// `limits::redis_longest_wait`, each x 0.5..1. While no link is up every command is refused at
/// once, so nobody waits for a Redis that is away.
///
/// | errc              | meaning                                                            |
/// |-------------------|--------------------------------------------------------------------|
/// | unavailable       | no link is up, queue full, closed, or Redis cannot serve now        |
/// | deadline_exceeded | no answer within `limits::redis_command`; may have been carried out |
/// | invalid           | Redis refused the command (wrong kind of value)                     |
///
/// Thread-safety: all members from any thread.

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "cxb/base/limits.hpp"
#include "cxb/base/random.hpp"
#include "cxb/store/document_store.hpp"
#include "cxb/store/redis/redis_link.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

/// `on_change` is told on a thread of the pool when the first link came up or the last went down,
/// with a cause without secrets. `prefix` stands before all keys and channels.
struct redis_options {
    redis_address address;
    std::string prefix = "cxb";
    std::size_t connections = 2;
    milliseconds connect = limits::redis_connect;
    milliseconds silence = limits::redis_command;
    milliseconds first_wait = limits::redis_first_wait;
    milliseconds longest_wait = limits::redis_longest_wait;
    std::function<void(bool up, std::string const& cause)> on_change;
};

class redis_pool {
  public:
    explicit redis_pool(redis_options options);
    ~redis_pool();
    redis_pool(redis_pool const&) = delete;
    redis_pool& operator=(redis_pool const&) = delete;

    [[nodiscard]] redis_options const& options() const noexcept;
    /// A command and its answer, which is no fault.
    [[nodiscard]] async<redis_reply> run(redis_command command);
    /// The same without a wait: `done` is called once, on a thread of the pool, unless this fails.
    [[nodiscard]] result<void> post(redis_command command,
                                    std::function<void(result<redis_reply>)> done);

    [[nodiscard]] bool connected() const noexcept;
    /// Waits on the calling thread until a link is up. False: time ran out.
    [[nodiscard]] bool wait_connected(milliseconds at_most) const;
    /// Why the last link went down or could not be made; "" if none ever did.
    [[nodiscard]] std::string last_fault() const;
    [[nodiscard]] std::uint64_t failures() const noexcept;  ///< commands not carried out
    [[nodiscard]] std::uint64_t connects() const noexcept;
    /// Ends the threads; what waits fails. May be repeated.
    void close();

  private:
    struct state;
    std::unique_ptr<state> state_;
};

/// Waits between attempts to connect: doubling, bounded, with jitter.
class redis_back_off {
  public:
    redis_back_off(milliseconds first, milliseconds longest) : first_(first), longest_(longest) {}
    [[nodiscard]] milliseconds next(random_source& random);
    void reset() noexcept { failures_ = 0; }

  private:
    milliseconds first_;
    milliseconds longest_;
    int failures_ = 0;
};

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
