#pragma once
/// @file
/// `document_store` in a MongoDB database: the engine for more than one machine (DESIGN: Storage).
///
/// Documents are stored so that other tools can read them: same collections, same field names,
/// ObjectIds and dates (document_mapping.hpp). Reads go to the primary; writes wait for the
/// majority and the journal and are repeated once by the driver where the server allows it.
/// Batches are transactions of a replica set or sharded cluster; a server without transactions gets
/// the protocol of commit_protocol.hpp. Which of both is decided when the store opens.
///
/// | operation   | errors besides those of the port                                           |
/// |-------------|------------------------------------------------------------------------------|
/// | find        | `invalid` at `/cursor`: `after` is no cursor of this order                   |
/// | writes      | `too_large`: document over 16 MiB, or nested over 90 levels; a batch on a    |
/// |             | server without transactions whose changed documents are over 15 MiB          |
/// | writes      | `invalid`: a text that is no UTF-8                                           |
/// | any         | `unavailable`: no primary found, queue full, closed; nothing was written     |
/// | any         | `deadline_exceeded`: connection lost after a write was sent, or the          |
/// |             | operation's time is over; it may have happened                               |
/// | any         | `cancelled`: the awaiting coroutine was cancelled                            |
/// `update_many` and `remove` change one document after the other, each atomically. An upsert is
/// exact under concurrency when its filter fixes `_id` or a unique key.
///
/// Lifetime: close (or destroy) the store before the executors of coroutines that use it are
/// destroyed. Thread-safety: as the port.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cxb/store/document_store.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

/// | field             | unit  | meaning                                                          |
/// |-------------------|-------|------------------------------------------------------------------|
/// | url               |       | secret: `mongodb://...`; options name user, TLS, replica set     |
/// | database          |       | "": the one in the URL, else `cxb`                               |
/// | threads           |       | operations at a time, each on a connection, 1..128               |
/// | max_queued        |       | operations waiting; one more is refused with `unavailable`       |
/// | max_queued_bytes  | bytes | rough size of waiting writes, likewise                           |
/// | deadline          |       | one operation, waiting included                                  |
/// | schema_deadline   |       | one `ensure`, which may build indexes over many documents        |
/// | selection_timeout |       | until a primary is found                                         |
/// | connect_timeout   |       | one connection attempt                                           |
/// | socket_timeout    |       | one answer                                                       |
/// | batch_lease       |       | protocol: how long a batch that does not go on is waited for     |
/// | sweep_every       |       | protocol: pause between looks for batches left behind            |
/// | on_commit         |       | called by a thread of the store with the time a write took       |
/// | on_step           |       | protocol: called before each step; for tests                     |
struct mongo_options {
    std::string url;
    std::string database;
    unsigned threads = 16;
    std::size_t max_queued = 4096;
    std::size_t max_queued_bytes = 128 * 1024 * 1024;
    std::chrono::milliseconds deadline{10'000};
    std::chrono::milliseconds schema_deadline{600'000};
    std::chrono::milliseconds selection_timeout{3000};
    std::chrono::milliseconds connect_timeout{2000};
    std::chrono::milliseconds socket_timeout{5000};
    std::chrono::milliseconds batch_lease{3000};
    std::chrono::milliseconds sweep_every{30'000};
    std::function<void(std::chrono::nanoseconds)> on_commit;
    std::function<void(std::string_view)> on_step;
};

class mongo_document_store final : public document_store {
  public:
    /// Finds the server. Blocks. Errors: `invalid` (the URL), `unavailable`.
    [[nodiscard]] static result<std::unique_ptr<mongo_document_store>> open(mongo_options options);
    ~mongo_document_store() override;

    /// Does the server have transactions?
    [[nodiscard]] bool transactions() const;
    [[nodiscard]] std::size_t queue_depth() const;

    async<void> ensure(collection const& what) override;
    async<void> insert(collection const& into, json_object document) override;
    async<std::optional<json_object>> find_one(collection const& from, filter where,
                                               std::vector<sort_key> sort = {}) override;
    async<page> find(collection const& from, filter where, find_options options = {}) override;
    async<bool> update_one(collection const& in, filter where, update changes,
                           bool upsert = false) override;
    async<std::optional<json_object>> find_one_and_update(collection const& in, filter where,
                                                          update changes,
                                                          std::vector<sort_key> sort = {},
                                                          bool upsert = false) override;
    async<std::int64_t> update_many(collection const& in, filter where, update changes) override;
    async<std::int64_t> remove(collection const& from, filter where,
                               std::size_t limit = 0) override;
    async<std::int64_t> count(collection const& in, filter where, std::int64_t cap = 0) override;
    async<std::vector<group_row>> group(collection const& in, filter where,
                                        std::vector<std::string> by,
                                        std::vector<std::string> sum_fields = {}) override;
    async<void> bulk_insert(collection const& into, std::vector<json_object> documents) override;
    async<commit_outcome> commit(batch writes) override;
    async<void> ping() override;
    int watch(collection const& what, std::function<void()> wake) override;
    void unwatch(int id) override;
    void close() override;

  private:
    struct parts;
    explicit mongo_document_store(std::unique_ptr<parts> made);
    std::unique_ptr<parts> parts_;
};

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
