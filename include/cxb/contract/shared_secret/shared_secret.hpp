#pragma once
/// @file
/// The secret our own processes share, and the same rule for edge nodes (spec 10 §2.1).
///
/// | surface | headers (all spellings mean the same)                       | refusal             |
/// |---------|-------------------------------------------------------------|---------------------|
/// | core    | `X-CXBCore-Secret`, `X-CXB-Core-Secret`, `X-VoxCore-Secret` | Invalid core secret |
/// | edge    | `X-CXB-Edge-Secret`                                         | Invalid edge secret |
///
/// A request passes when any of its first 8 such header lines, each ≤ 512 bytes, equals any secret
/// of the keyring. Every pair is compared in constant time, so time tells neither content nor
/// length nor which one fitted. An empty secret never fits.
///
/// Rotation without loss: (1) everywhere current=old, previous=new; (2) everywhere current=new,
/// previous=old; (3) drop previous. Clients send only `current`.
/// Thread-safety: value types and pure functions.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/result.hpp"
#include "cxb/base/secret.hpp"
#include "cxb/wire/http_message.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::shared_secret {

/// The secrets that are good now.
struct keyring {
    secret current;   ///< sent and accepted; empty = unset
    secret previous;  ///< also accepted; empty = none
};

/// One family of headers with its refusal text.
struct surface {
    std::span<std::string_view const> headers;
    std::string_view refusal;
};

[[nodiscard]] surface const& core_surface() noexcept;
[[nodiscard]] surface const& edge_surface() noexcept;

/// What all our processes use when nothing is set outside production.
inline constexpr std::string_view development_secret = "dev-secret";

/// Errors: `forbidden` with the surface's text for an absent, wrong or unset secret.
[[nodiscard]] result<void> verify(wire::header_list const& headers, keyring const& keys,
                                  surface const& where = core_surface());

/// What our clients send: `X-CXBCore-Secret` and `X-CXB-Core-Secret` with `current` (for the edge
/// its one header). Nothing is added for an unset secret.
void add_headers(wire::header_list& headers, keyring const& keys,
                 surface const& where = core_surface());

/// Why a secret is too weak for production.
enum class weakness {
    missing_secret,
    short_secret,    ///< under 32 bytes
    default_secret,  ///< a word everybody knows, or one repeated character
};

/// `missing_secret`, `short_secret`, `default_secret`.
[[nodiscard]] std::string_view word_of(weakness fault) noexcept;

/// All reasons against a secret; empty: strong enough.
[[nodiscard]] std::vector<weakness> weaknesses_of(secret const& value);

}  // namespace contract::shared_secret
}  // namespace cxb::inline v1
CXB_EXPORT_END
