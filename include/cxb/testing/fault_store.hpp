#pragma once
/// @file
/// A document store that fails or delays when it is told to and passes everything else on to
/// another one: what does the code do when its second commit fails, or is told too late?
///
/// ```cpp
/// testing::fault_store shaky(*real);
/// shaky.add({.on = testing::store_operation::commit, .step = 2});             // not carried out
/// shaky.add({.on = testing::store_operation::insert, .collection = "calls",
///            .failure = error{errc::deadline_exceeded}, .carried_out = true});  // in doubt
/// shaky.add({.on = testing::store_operation::any_read, .times = 0, .failure = {},
///            .delay = milliseconds{1500}});                                    // slow
/// ```
/// Every fault counts the operations that fit it from 1, whether or not another fault falls on
/// them; the first one that is due counts. `watch`, `unwatch` and `close` always pass.
/// Lifetime: the other store outlives this one. Thread-safety: as any store, any executor; `add`
/// and `clear` from any thread.

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cxb/store/document_store.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace testing {

/// `any_read`: find_one, find, group, count. `any_write`: insert, update_one, find_one_and_update,
/// update_many, remove, bulk_insert, commit. `any`: these, `ensure` and `ping`.
enum class store_operation {
    any,
    any_read,
    any_write,
    ensure,
    insert,
    find_one,
    find,
    update_one,
    find_one_and_update,
    update_many,
    remove,
    group,
    count,
    bulk_insert,
    commit,
    ping,
};

/// | field       | unset means   | meaning                                                      |
/// |-------------|---------------|--------------------------------------------------------------|
/// | on          | any           | operations that fit                                          |
/// | collection  | any           | its name; a commit fits if one of its writes goes there      |
/// | step        | 1             | the first it falls on, among those that fit, from 1          |
/// | times       | 1             | so many in a row; 0 = all from then on                       |
/// | failure     | `unavailable` | what is reported; empty: the real outcome, only delayed      |
/// | carried_out | false         | the operation is done and then reported as failed            |
/// | delay       | none          | real time between the operation and its report               |
struct store_fault {
    store_operation on = store_operation::any;
    std::string collection{};
    std::size_t step = 1;
    std::size_t times = 1;
    std::optional<error> failure = error{errc::unavailable, "The store fails on purpose"};
    bool carried_out = false;
    std::chrono::milliseconds delay{0};
};

class fault_store final : public store::document_store {
  public:
    explicit fault_store(store::document_store& inner) : inner_(inner) {}

    fault_store& add(store_fault one);
    /// No faults from now on.
    void clear();
    /// Operations so far that a fault fell on.
    [[nodiscard]] std::size_t failed() const;

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
    struct planned {
        store_fault fault;
        std::size_t seen = 0;
    };
    std::optional<store_fault> next(store_operation what, std::vector<std::string_view> names);

    store::document_store& inner_;
    mutable std::mutex mutex_;
    std::vector<planned> plan_;
    std::size_t failed_ = 0;
};

}  // namespace testing
}  // namespace cxb::inline v1
CXB_EXPORT_END
