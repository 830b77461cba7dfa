#pragma once
/// @file
/// The one place that decides whether a request may reach a route's handler.
///
/// The router asks the gate for every matched route, by the head alone: the body is not read
/// before the answer. `cxb-api` implements it over users and keys; `secret_gate` serves processes
/// that know only the shared secret, and is asked by the others for their secret routes.

#include <boost/asio/awaitable.hpp>

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
    /// `head` has no body yet; `context` holds addresses, query and time, but no request. All
    /// references stay valid until the coroutine ends.
    virtual boost::asio::awaitable<result<principal>> authorise(route const& wanted,
                                                                wire::http_request const& head,
                                                                request_context const& context) = 0;
};

}  // namespace cxb::server
