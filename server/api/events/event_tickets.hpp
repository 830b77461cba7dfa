#pragma once
/// @file
/// Tickets for `GET /events/stream?ticket=` (spec 21 §10): browsers cannot send a bearer token with
/// an event stream, and a token in a URL would stand in histories and proxies for hours.
///
/// A ticket is 32 random bytes, good once and for 30 s. It stands for the session of whoever asked
/// for it, so a stream that it opened ends when that token would. Only its hash is kept, as a row
/// of `event_tickets`: every instance on the store takes it, and of several who bring it the one
/// that removes the row gets in. Rows that nobody came for go with the loop `clean_up`.
/// Thread-safety: usable from all event loops.

#include "cxb/base/random.hpp"
#include "cxb/store/document_store.hpp"
#include "server/api/access/user_directory.hpp"

namespace cxb::api {

class event_tickets {
  public:
    static constexpr seconds life{30};

    /// All must outlive this.
    event_tickets(store::document_store& rows, clock const& time, random_source& random)
        : rows_(rows), time_(time), random_(random) {}

    /// A new ticket. Errors: those of the store.
    store::async<std::string> issue(user_session session);
    /// What it stands for; it is used up. Errors: `unauthenticated` `Invalid or expired ticket`;
    /// those of the store.
    store::async<user_session> take(std::string ticket);

  private:
    store::document_store& rows_;
    clock const& time_;
    random_source& random_;
};

}  // namespace cxb::api
