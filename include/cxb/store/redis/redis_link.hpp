#pragma once
/// @file
/// One connection to Redis, blocking, for one thread: the only user of hiredis.
///
/// A failure of the connection (refused, reset, nothing heard in time, unreadable) ends it: every
/// later call fails, a new link must be made. An error reply of Redis does not.
///
/// hiredis writes without MSG_NOSIGNAL: the threads that use links block SIGPIPE.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/store/redis/redis_address.hpp"

struct redisContext;

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

/// Name and arguments; each may hold any bytes.
using redis_command = std::vector<std::string>;

struct redis_reply {
    enum class kind { nil, text, integer, list, fault };
    kind what = kind::nil;
    std::string text;  ///< text, or what Redis complains about
    std::int64_t number = 0;
    std::vector<redis_reply> items;
};

class redis_link {
  public:
    /// Connects, signs in and chooses the database. Errors: `unavailable`, `unauthenticated`,
    /// `invalid` (no such database), without secrets.
    [[nodiscard]] static result<redis_link> connect(redis_address const& to, milliseconds connect,
                                                    milliseconds silence);
    redis_link(redis_link&&) noexcept;
    redis_link& operator=(redis_link&&) noexcept;
    ~redis_link();

    /// Sends all and waits for all answers, in order. Errors: `unavailable` when nothing can have
    /// been sent, `deadline_exceeded` when some may have been carried out.
    [[nodiscard]] result<std::vector<redis_reply>> run(
        std::vector<redis_command const*> const& commands);

    /// Sends without waiting for the answer.
    [[nodiscard]] result<void> send(redis_command const& command);
    /// An answer or a pushed message, once one is there. Empty: `at_most` has passed, or the file
    /// descriptor `wake` is readable.
    [[nodiscard]] result<std::optional<redis_reply>> receive(milliseconds at_most, int wake);

  private:
    struct freer {
        void operator()(redisContext* context) const noexcept;
    };
    explicit redis_link(std::unique_ptr<redisContext, freer> context);
    [[nodiscard]] result<void> sign_in(redis_address const& to);
    [[nodiscard]] result<void> expect_ok(redis_command const& command, errc otherwise);
    [[nodiscard]] error broken(errc code) const;

    std::unique_ptr<redisContext, freer> context_;
};

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
