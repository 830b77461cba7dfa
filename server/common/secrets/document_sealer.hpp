#pragma once
/// @file
/// Seals and opens the secrets of whole documents (spec 20 §3.5). Which members of a collection are
/// secrets is data: one `secret_collection` row each. Without I/O.
///
/// The place of a value is `collection/_id` and its JSON Pointer in the document.
/// Thread-safety: const use from any thread, as far as the random source allows.

#include <span>
#include <string>
#include <vector>

#include "cxb/domain/masking.hpp"
#include "cxb/domain/secret_box.hpp"
#include "cxb/store/collection.hpp"

namespace cxb::server {

/// Texts at paths of which `is_secret` says yes are sealed. Every document has a text `_id` and an
/// integer `version` that each change raises.
struct secret_collection {
    store::collection const* rows = nullptr;
    bool (*is_secret)(domain::member_path) = nullptr;
};

/// What `document_sealer::reseal` found in a document.
struct reseal_count {
    std::size_t sealed = 0;   ///< sealed anew: were plain, or of the previous key
    std::size_t current = 0;  ///< were of the current key already
};

class document_sealer {
  public:
    document_sealer(domain::secret_box box, std::span<secret_collection const> collections,
                    random_source& random)
        : box_(std::move(box)), collections_(collections), random_(random) {}

    [[nodiscard]] domain::secret_box const& box() const noexcept { return box_; }
    [[nodiscard]] std::span<secret_collection const> collections() const noexcept {
        return collections_;
    }
    /// Null for collections without secrets.
    [[nodiscard]] secret_collection const* find(store::collection const& rows) const noexcept;

    /// Seals the secrets in `value`, which stands at `path` of the document `id`. Without a key
    /// they stay as they are. Errors: `invalid` for a plain secret that looks sealed while there is
    /// no key: it could not be told from a sealed one later.
    result<void> seal(secret_collection const& in, std::string_view id,
                      std::span<std::string_view const> path, wire::json_value& value) const;
    /// Opens all secrets of a document. Errors: `corrupt_data`, naming the place; the document then
    /// must not be used.
    result<void> open(secret_collection const& in, wire::json_object& document) const;
    /// Makes every secret of a document one of the current key. Errors: those of `open`.
    result<reseal_count> reseal(secret_collection const& in, wire::json_object& document) const;
    /// Has `value` at `path` any secret in it?
    [[nodiscard]] static bool has_secret(secret_collection const& in,
                                         std::span<std::string_view const> path,
                                         wire::json_value const& value);

  private:
    domain::secret_box box_;
    std::span<secret_collection const> collections_;
    random_source& random_;
};

}  // namespace cxb::server
