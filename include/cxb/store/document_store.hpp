#pragma once
/// @file
/// The port every durable fact goes through; adapters in `src/store/<engine>`.
///
/// Guarantees of every engine (conformance suite `tests/store`):
/// - a write that returned success survives `kill -9` and power loss;
/// - `update_one`, `find_one_and_update` and one `commit` are atomic; readers see all or nothing;
/// - a read sees at least all writes that this store object had acknowledged before it began;
/// - a unique key is never held by two documents.
///
/// Failures, for all operations:
/// | errc              | meaning                                      | what to do               |
/// |-------------------|----------------------------------------------|--------------------------|
/// | conflict          | unique key taken: reason `duplicate_key`,    | decide                   |
/// |                   | pointer = its fields, `a,b` for several      |                          |
/// | unavailable       | engine, disk or queue full; nothing written  | answer 503, repeat later |
/// | deadline_exceeded | engine too slow; a write may have happened   | repeat only idempotently |
/// | corrupt_data      | stored bytes unreadable                      | operator                 |
///
/// Filters or sorts on undeclared fields are programming errors and throw `std::logic_error`.
///
/// Ownership: arguments are taken by value and kept until the operation ends. Thread-safety: one
/// store may be used from any executor; completions arrive on the awaiting coroutine's executor.

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cxb/store/collection.hpp"
#include "cxb/store/query.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

template <class T>
using async = boost::asio::awaitable<result<T>>;

struct page {
    std::vector<json_object> items;
    std::string next;  ///< cursor of the following page; "" at the end
};

enum class write_kind { insert, update, upsert, remove };

/// One write of a batch. `update` and `remove` act on the first match. `must_match`: when nothing
/// matches, the whole batch is undone (an `insert` always fails the batch on a taken unique key).
struct write {
    write_kind kind = write_kind::insert;
    collection const* into = nullptr;
    json_object document;  ///< insert
    filter where;          ///< update, upsert, remove
    update changes;        ///< update, upsert
    bool must_match = true;
    std::string label;  ///< named in the outcome when this write's condition is unmet
};

/// Several writes over several collections: all or nothing.
class batch {
  public:
    batch& insert(collection const& into, json_object document, std::string label = {});
    batch& update_one(collection const& into, filter where, update changes, std::string label = {});
    batch& upsert(collection const& into, filter where, update changes, std::string label = {});
    batch& remove_one(collection const& into, filter where, std::string label = {});
    /// As update_one, but no match is no failure.
    batch& update_if_any(collection const& into, filter where, update changes);
    [[nodiscard]] std::vector<write> const& writes() const noexcept { return writes_; }
    [[nodiscard]] std::vector<write>& writes() noexcept { return writes_; }
    [[nodiscard]] bool empty() const noexcept { return writes_.empty(); }

  private:
    std::vector<write> writes_;
};

/// `applied` false: nothing was written; `failed` is the index of the unmet write, `label` its name
/// and `duplicate_key` tells a taken key from an unmet condition.
struct commit_outcome {
    bool applied = false;
    std::size_t failed = 0;
    std::string label;
    bool duplicate_key = false;
};

/// One row of `group`: the values of the grouping fields, and the aggregates asked for.
struct group_row {
    std::vector<json_value> keys;
    std::int64_t count = 0;
    std::vector<double> sums;  ///< one per `sum_fields` entry
};

class document_store {
  public:
    document_store() = default;
    document_store(document_store const&) = delete;
    document_store& operator=(document_store const&) = delete;
    virtual ~document_store() = default;

    /// Creates tables and declared indexes; repeating it is harmless.
    virtual async<void> ensure(collection const& what) = 0;

    /// A document without `_id` gets a 24-hex one.
    virtual async<void> insert(collection const& into, json_object document) = 0;
    virtual async<std::optional<json_object>> find_one(collection const& from, filter where,
                                                       std::vector<sort_key> sort = {}) = 0;
    virtual async<page> find(collection const& from, filter where, find_options options = {}) = 0;
    /// Gives back whether a document matched (or was inserted by an upsert).
    virtual async<bool> update_one(collection const& in, filter where, update changes,
                                   bool upsert = false) = 0;
    /// First match in sort order, changed, as it is after the change; the one atomic primitive.
    virtual async<std::optional<json_object>> find_one_and_update(collection const& in,
                                                                  filter where, update changes,
                                                                  std::vector<sort_key> sort = {},
                                                                  bool upsert = false) = 0;
    /// Number of documents that differ afterwards.
    virtual async<std::int64_t> update_many(collection const& in, filter where, update changes) = 0;
    /// Number of documents removed; `limit` 0 = all.
    virtual async<std::int64_t> remove(collection const& from, filter where,
                                       std::size_t limit = 0) = 0;
    /// One row per combination of values, in their order; `by` empty: one row, none without
    /// documents. Documents without a number in a sum field add 0 to it.
    virtual async<std::vector<group_row>> group(collection const& in, filter where,
                                                std::vector<std::string> by,
                                                std::vector<std::string> sum_fields = {}) = 0;
    /// Counts up to `cap` (0 = exact).
    virtual async<std::int64_t> count(collection const& in, filter where, std::int64_t cap = 0) = 0;
    /// All or nothing.
    virtual async<void> bulk_insert(collection const& into, std::vector<json_object> documents) = 0;
    virtual async<commit_outcome> commit(batch writes) = 0;

    /// Cheap proof that reads and writes work; for `/ready`.
    virtual async<void> ping() = 0;
    /// Called on an unspecified thread after each acknowledged write to `what`; must return at
    /// once. For waking job workers of this process. Returns an id for `unwatch`.
    virtual int watch(collection const& what, std::function<void()> wake) = 0;
    /// Once it returned, `wake` is not called any more. Never to be called from within a `wake`.
    virtual void unwatch(int id) = 0;
    /// Finishes queued writes and closes; later calls give `unavailable`.
    virtual void close() = 0;
};

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
