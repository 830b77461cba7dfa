#pragma once
/// @file
/// Password hashes: Argon2id, 19 MiB, t=2, p=1, 16-byte salt, as a PHC string (spec 20 §2.3).
/// One hash takes about 30 ms of a core: call these on the hashing pool, never on an event loop.
/// Thread-safety: pure functions apart from the randomness passed in.

#include <string>
#include <string_view>

#include "cxb/base/random.hpp"
#include "cxb/base/secret.hpp"

namespace cxb::api {

/// `$argon2id$v=19$m=19456,t=2,p=1$…`.
[[nodiscard]] std::string hash_password(secret const& password, random_source& random);

/// Does the password fit the PHC string? False for an unreadable string too.
[[nodiscard]] bool verify_password(std::string const& phc, secret const& password);

/// Made with other parameters than `hash_password` uses now; re-hash at the next login.
[[nodiscard]] bool needs_rehash(std::string_view phc) noexcept;

/// A valid hash of a password nobody has: verified for unknown emails, so that the time a login
/// takes does not tell whether the email exists.
[[nodiscard]] std::string const& dummy_hash();

}  // namespace cxb::api
