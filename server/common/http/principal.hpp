#pragma once
/// @file
/// Who is calling, once the access gate has decided (spec 20 §2).
///
/// | member                | absent means                            | read by               |
/// |-----------------------|-----------------------------------------|-----------------------|
/// | kind                  | `anonymous`                             | handlers, rate limits |
/// | id                    | "": the kind alone names the caller     | audit, logs, limits   |
/// | label                 | "": email of a user, name of a key      | audit rows, not logs  |
/// | role                  | "": not a person                        | rank rules            |
/// | bot_ids               | empty: the key may use every bot        | handlers of keys      |
/// | scopes                | empty: the default scope only           | the access gate       |
/// | rate_limit_per_second | 0: default of the kind (spec 20 §3.1)   | the rate limiter      |
///
/// Thread-safety: a value type.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/version.hpp"

namespace cxb::server {

enum class principal_kind : std::uint8_t {
    anonymous,  ///< public route, or a link that proves itself
    user,       ///< bearer token of a person
    api_key,    ///< `X-API-Key`
    core,       ///< shared secret: one of our runtime processes
};

/// `anonymous`, `user`, `api_key`, `core`: first word of the actor in logs and audit rows.
[[nodiscard]] constexpr std::string_view word_for(principal_kind kind) noexcept {
    switch (kind) {
        case principal_kind::user:
            return "user";
        case principal_kind::api_key:
            return "api_key";
        case principal_kind::core:
            return "core";
        case principal_kind::anonymous:
            break;
    }
    return "anonymous";
}

struct principal {
    principal_kind kind = principal_kind::anonymous;
    std::string id{};
    std::string label{};
    std::string role{};
    std::vector<std::string> bot_ids{};
    std::vector<std::string> scopes{};
    int rate_limit_per_second = 0;
    bool must_change_password = false;  ///< only the own profile and password are open

    /// `user:65f0…`, `core`: what logs and idempotency rows name. Holds no personal data.
    [[nodiscard]] std::string actor() const {
        std::string text(word_for(kind));
        if (!id.empty()) text.append(":").append(id);
        return text;
    }
    /// May this caller touch the bot? True for everyone but a key limited to other bots.
    [[nodiscard]] bool allows_bot(std::string_view bot_id) const noexcept {
        return bot_ids.empty() ||
               std::find(bot_ids.begin(), bot_ids.end(), bot_id) != bot_ids.end();
    }
};

}  // namespace cxb::server
