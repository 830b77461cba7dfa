#pragma once
/// @file
/// Does a provider take the key that is stored? One guarded request to a real endpoint of the
/// provider that costs nothing or next to nothing (spec 20 §4, `POST /settings/api-keys/.../test`).
///
/// Known providers are rows of one table; an entry of `providers` is asked for `{base_url}/models`
/// and counts before a known provider of its name. Google's service accounts are asked for a token.
/// Thread-safety: pure functions; `probe_provider` as its transport.

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "cxb/client/transport.hpp"
#include "server/api/settings/settings_directory.hpp"

namespace cxb::api {

/// Answer of a connection test.
struct probe_outcome {
    bool ok = false;
    milliseconds latency_ms{0};
    /// Absent when ok. `key_missing`, `key_unreadable`, `status_<n>`, `timeout`, `connect`, `tls`,
    /// `too_large`, `outbound_blocked: <word of the guard>`.
    std::optional<std::string> error;
};
CXB_WIRE_DECLARE(probe_outcome);

/// Longest wait for a provider's answer.
inline constexpr milliseconds probe_patience{10'000};

/// The request that proves the key. Errors: `not_found` for a provider that is neither known nor in
/// `providers`; `invalid` with reason `key_missing` or `key_unreadable`.
[[nodiscard]] result<client::outgoing_request> probe_request(system_settings const& settings,
                                                             std::string_view provider,
                                                             time_point now);

/// Sends it. Errors: `not_found` only; whatever else goes wrong is the outcome.
[[nodiscard]] boost::asio::awaitable<result<probe_outcome>> probe_provider(
    client::transport& outbound, clock const& time, std::shared_ptr<system_settings const> settings,
    std::string provider, milliseconds patience);

}  // namespace cxb::api
