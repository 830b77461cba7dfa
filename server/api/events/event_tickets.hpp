#pragma once
/// @file
/// Tickets for `GET /events/stream?ticket=` (spec 21 §10): browsers cannot send a bearer token with
/// an event stream, and a token in a URL would stand in histories and proxies for hours.
///
/// A ticket is 32 random bytes, good once and for 30 s. It stands for the session of whoever asked
/// for it, so a stream that it opened ends when that token would. Only its hash is kept: in the
/// shared store, where every instance finds it; without one, or while it is away, in this process,
/// and then only this process takes it.
/// Thread-safety: usable from all event loops.

#include "cxb/base/random.hpp"
#include "cxb/store/memory/memory_ephemeral_store.hpp"
#include "server/api/access/user_directory.hpp"

namespace cxb::api {

class event_tickets {
  public:
    static constexpr seconds life{30};
    static constexpr std::size_t max_open = 10'000;  ///< of this process; the oldest go

    /// `shared` null: this process is alone. All must outlive this.
    event_tickets(store::ephemeral_store* shared, clock const& time, random_source& random)
        : shared_(shared), own_(time, max_open), random_(random) {}

    /// A new ticket. Errors: those of the store, when neither takes it.
    store::async<std::string> issue(user_session session);
    /// What it stands for; it is used up. Errors: `unauthenticated` `Invalid or expired ticket`;
    /// `unavailable` while the shared store, which may have it, is away.
    store::async<user_session> take(std::string ticket);

  private:
    store::ephemeral_store* shared_;
    store::memory_ephemeral_store own_;
    random_source& random_;
};

}  // namespace cxb::api
