#pragma once
/// @file
/// Bearer tokens of people (spec 20 §2.2): what is signed, and how a token becomes a principal.
///
/// Claims: `sub` (email), `role`, `name`, `exp`, `iat`, `jti`, `tv` (token version), `uid` (id of
/// the user). Only the configured algorithm is accepted, both secrets verify, the current one
/// signs, no clock leeway. The stored role counts, never the claim; a token without `tv` counts as
/// version 0, one without `uid` is for whoever has the email.
/// Thread-safety: immutable.

#include <chrono>
#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/wire/jws.hpp"

namespace cxb::api {

struct token_settings {
    secret key;
    secret previous;
    wire::jws_algorithm algorithm = wire::jws_algorithm::hs256;
    std::chrono::minutes lifetime{480};
};

struct issued_token {
    std::string text;
    std::chrono::seconds expires_in;
};

/// `user` is a stored user document.
[[nodiscard]] result<issued_token> issue_token(token_settings const& how,
                                               wire::json_object const& user, time_point now,
                                               random_source& random);

struct token_claims {
    std::string email;
    std::string user_id;  ///< empty: the token does not say
    std::int64_t version = 0;
    time_point expires{};
};

/// Errors: `unauthenticated` `Invalid or expired token`.
[[nodiscard]] result<token_claims> read_token(token_settings const& how, std::string_view token,
                                              time_point now);

}  // namespace cxb::api
