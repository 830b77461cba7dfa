#pragma once
/// @file
/// A service account of Google as it is stored for `google_vertex`: the JSON that people download,
/// and the request that turns it into an access token (RFC 7523).
/// Thread-safety: pure functions.

#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/base/secret.hpp"
#include "cxb/client/transport.hpp"

namespace cxb::api {

/// Where a token is asked for when the account's JSON does not say (`token_uri`).
inline constexpr std::string_view google_token_url = "https://oauth2.googleapis.com/token";

struct google_account {
    std::string project_id;
    std::string client_email;
    secret private_key;  ///< PEM
    std::string token_url;
};

/// Errors: `invalid` with reason `key_unreadable`.
[[nodiscard]] result<google_account> read_google_account(std::string_view json);

/// The account signs who it is; the answer is a token for Google Cloud. Errors: `invalid`
/// `key_unreadable` when the account's key does not sign.
[[nodiscard]] result<client::outgoing_request> google_token_request(google_account const& account,
                                                                    time_point now);

/// The token of a 2xx answer to it. Errors: `upstream_failed`.
[[nodiscard]] result<secret> read_google_token(std::string_view body);

}  // namespace cxb::api
