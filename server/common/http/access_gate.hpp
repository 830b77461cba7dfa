#pragma once
/// @file
/// The one place that decides whether a request may reach a route's handler.
///
/// The router asks the gate for every matched route, by the head alone: the body is not read
/// before the answer. `cxb-api` implements it over users and keys; `secret_gate` (below) serves
/// processes that know only the shared secret.

#include <boost/asio/awaitable.hpp>
#include <memory>

#include "cxb/wire/http_message.hpp"
#include "server/common/http/principal.hpp"
#include "server/common/http/route.hpp"

namespace cxb::server {

class access_gate {
  public:
    access_gate() = default;
    access_gate(access_gate const&) = delete;
    access_gate& operator=(access_gate const&) = delete;
    virtual ~access_gate() = default;
    /// Grants by giving the caller, or refuses: `unauthenticated`, `forbidden`, `unavailable`.
    /// `context` holds the head of the request, its addresses and its time; both references stay
    /// valid until the coroutine ends.
    virtual boost::asio::awaitable<result<principal>> authorise(route const& wanted,
                                                                request_context const& context) = 0;
};

}  // namespace cxb::server
