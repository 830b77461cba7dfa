#pragma once
/// @file
/// Secrets as they lie in a store (spec 20 §3.5): one text in, one sealed text out. Without I/O;
/// who reads and writes documents says which members are secrets.
///
/// ```
/// enc:v1:<first 8 hex of SHA-256(key)>:<base64(nonce | ciphertext | tag)>
/// ```
/// AES-256-GCM with a nonce of 12 random bytes per value and a tag of 16. The associated data is
/// the value's place, `collection/id/field` with `/` between the steps of a nested field: a sealed
/// value that is copied to another place, document or collection does not open there.
///
/// | text                      | `open` gives                                                   |
/// |---------------------------|----------------------------------------------------------------|
/// | ""                        | ""                                                             |
/// | does not begin `enc:v1:`  | itself: it was stored before there was a key                   |
/// | sealed by a key of ours   | the secret                                                     |
/// | sealed by another key     | `corrupt_data`, reason `secret_key_unknown`                    |
/// | damaged, or another place | `corrupt_data`, reason `secret_damaged`                        |
///
/// Errors name the place and never hold key, secret or sealed text.
/// Limits: a key is exactly 32 bytes, in base64. Thread-safety: const use from any thread.

#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/random.hpp"
#include "cxb/base/result.hpp"
#include "cxb/base/secret.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// What every sealed text begins with.
inline constexpr std::string_view sealed_prefix = "enc:v1:";
/// Reasons of `secret_box::open`.
inline constexpr std::string_view secret_key_unknown = "secret_key_unknown";
inline constexpr std::string_view secret_damaged = "secret_damaged";

/// Begins like a sealed text. A plain secret must not be stored when it does.
[[nodiscard]] bool looks_sealed(std::string_view text) noexcept;

class secret_box {
  public:
    /// Knows no key: seals nothing, opens plain texts only.
    secret_box() = default;
    /// `current` seals and opens, `previous` only opens; both base64 of 32 bytes, "" = none.
    /// Errors: `invalid` naming `key` or `key_previous`.
    [[nodiscard]] static result<secret_box> make(secret const& current, secret const& previous);

    /// Is there a key to seal with?
    [[nodiscard]] bool can_seal() const noexcept { return sealing_; }
    /// First 8 hex of SHA-256 of the current key; "" without one. Fit for logs.
    [[nodiscard]] std::string_view key_id() const noexcept;
    /// Sealed by the current key, as far as its text says.
    [[nodiscard]] bool is_current(std::string_view text) const noexcept;

    /// "" stays "". A text that looks sealed is sealed like any other. Needs `can_seal()`, else
    /// `std::logic_error`.
    [[nodiscard]] std::string seal(std::string_view plain, std::string_view place,
                                   random_source& random) const;
    /// See the table above.
    [[nodiscard]] result<std::string> open(std::string_view text, std::string_view place) const;

  private:
    struct key {
        std::string id;
        secret bytes;
    };
    bool sealing_ = false;  // then the first of keys_ is the current one
    std::vector<key> keys_;
};

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
