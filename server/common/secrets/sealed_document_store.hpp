#pragma once
/// @file
/// A document store that keeps the secrets of declared collections sealed (spec 20 §3.5) and passes
/// everything else on. Whoever reads through it sees plain secrets, whoever writes through it gives
/// plain ones; only the engine below sees sealed texts.
///
/// Failures beside those of the port: a read gives `corrupt_data` with the place of a secret that
/// does not open; a write gives `invalid` for a plain secret that looks sealed while there is no
/// key. Programming errors (`std::logic_error`) in collections with secrets: an insert without
/// `_id`; a secret in an update whose filter does not name one `_id`, or in a `push`.
/// Filters cannot compare secrets.
/// Thread-safety: as any store.

#include <memory>

#include "cxb/store/document_store.hpp"
#include "server/common/secrets/document_sealer.hpp"

namespace cxb::server {

class sealed_document_store : public store::document_store {
  public:
    sealed_document_store(std::unique_ptr<store::document_store> inner, document_sealer sealer)
        : inner_(std::move(inner)), sealer_(std::move(sealer)) {}

    /// The store below, where secrets are as they lie.
    [[nodiscard]] store::document_store& inner() const noexcept { return *inner_; }
    [[nodiscard]] document_sealer const& sealer() const noexcept { return sealer_; }

    // The port; see document_store.hpp.
    store::async<void> ensure(store::collection const& what) override;
    store::async<void> insert(store::collection const& into, wire::json_object document) override;
    store::async<std::optional<wire::json_object>> find_one(
        store::collection const& from, store::filter where,
        std::vector<store::sort_key> sort = {}) override;
    store::async<store::page> find(store::collection const& from, store::filter where,
                                   store::find_options options = {}) override;
    store::async<bool> update_one(store::collection const& in, store::filter where,
                                  store::update changes, bool upsert = false) override;
    store::async<std::optional<wire::json_object>> find_one_and_update(
        store::collection const& in, store::filter where, store::update changes,
        std::vector<store::sort_key> sort = {}, bool upsert = false) override;
    store::async<std::int64_t> update_many(store::collection const& in, store::filter where,
                                           store::update changes) override;
    store::async<std::int64_t> remove(store::collection const& from, store::filter where,
                                      std::size_t limit = 0) override;
    store::async<std::vector<store::group_row>> group(
        store::collection const& in, store::filter where, std::vector<std::string> by,
        std::vector<std::string> sum_fields = {}) override;
    store::async<std::int64_t> count(store::collection const& in, store::filter where,
                                     std::int64_t cap = 0) override;
    store::async<void> bulk_insert(store::collection const& into,
                                   std::vector<wire::json_object> documents) override;
    store::async<store::commit_outcome> commit(store::batch writes) override;
    store::async<void> ping() override;
    int watch(store::collection const& what, std::function<void()> wake) override;
    void unwatch(int id) override;
    void close() override;

  private:
    std::unique_ptr<store::document_store> inner_;
    document_sealer sealer_;
};

}  // namespace cxb::server
