#pragma once
/// @file
/// Exotel rings somebody for a test (spec 21 §8): the form that is posted to it, and what its
/// answer means.
///
/// | Exotel                                  | errc, reason                      | provider_status|
/// |-----------------------------------------|-----------------------------------|----------------|
/// | is not reached, nothing was sent        | upstream_failed                   | absent         |
/// | the outbound guard refuses its address  | upstream_failed outbound_blocked  | absent         |
/// | answers 3xx, 4xx, 503                   | upstream_failed                   | its status     |
/// | answers another 5xx                     | upstream_failed outcome_unknown   | its status     |
/// | is silent for 15 s, or breaks off       | deadline_exceeded outcome_unknown | absent         |
/// Thread-safety: pure functions; the transport outlives the coroutine.

#include <string>
#include <string_view>

#include "cxb/client/transport.hpp"
#include "cxb/store/document_store.hpp"
#include "server/api/exotel/exotel_bodies.hpp"

namespace cxb::api {

inline constexpr seconds exotel_patience{15};

/// `document`: the stored integration; `customer`: E.164.
[[nodiscard]] client::outgoing_request exotel_call_request(wire::json_object const& document,
                                                           exotel_number const& from,
                                                           std::string_view customer);

/// Text of the first element or JSON member of that name, at most 128 bytes; "" if there is none.
/// Exotel answers in XML, and in JSON where an address asks for it.
[[nodiscard]] std::string exotel_text(std::string_view body, std::string_view name);

store::async<exotel_call_placed> place_exotel_call(client::transport& outbound,
                                                   client::outgoing_request request);

}  // namespace cxb::api
