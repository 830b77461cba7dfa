#pragma once
/// @file
/// `document_store` in one SQLite file: the embedded engine (DESIGN: Storage).
///
/// One thread writes and commits many requests in one transaction; a few threads read snapshots;
/// one moves the log into the file. Several processes may use one file. Completions of writes are
/// given only after the commit that made them durable (WAL, `synchronous=FULL`).
///
/// | operation             | errors besides those of the port                                  |
/// |-----------------------|-------------------------------------------------------------------|
/// | find                  | `invalid` at `/cursor`: `after` is no cursor of this order         |
/// | any                   | `unavailable`: file or disk fails, disk full, queue full, closed   |
/// | any                   | `cancelled`: the awaiting coroutine was cancelled; a write that    |
/// |                       | had begun may still happen                                         |
/// After a full disk or an I/O error the store works again as soon as the disk does.
///
/// Lifetime: close (or destroy) the store before the executors of coroutines that use it are
/// destroyed. Thread-safety: as the port.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "cxb/store/document_store.hpp"

namespace cxb::inline v1 {
namespace store {

/// | field             | unit  | meaning                                                        |
/// |-------------------|-------|----------------------------------------------------------------|
/// | path              |       | database file, made with mode 0600; its folder must exist      |
/// | readers           |       | reading threads, 1..64                                         |
/// | max_queued_writes |       | writes waiting; one more is refused with `unavailable`         |
/// | max_queued_bytes  | bytes | rough size of waiting writes, likewise                         |
/// | max_queued_reads  |       | reads waiting, likewise                                        |
/// | max_group_writes  |       | requests in one transaction                                    |
/// | max_group_bytes   | bytes | rough size of one transaction                                  |
/// | busy_timeout      |       | how long another process may hold the file                     |
/// | commit_delay      |       | waited before each commit; for tests that play a slow disk     |
/// | on_commit         |       | called on the writing thread with the time a commit took       |
struct sqlite_options {
    std::string path;
    unsigned readers = 4;
    std::size_t max_queued_writes = 8192;
    std::size_t max_queued_bytes = std::size_t{128} * 1024 * 1024;
    std::size_t max_queued_reads = 4096;
    std::size_t max_group_writes = 256;
    std::size_t max_group_bytes = std::size_t{16} * 1024 * 1024;
    std::chrono::milliseconds busy_timeout{5000};
    std::chrono::milliseconds commit_delay{0};
    std::function<void(std::chrono::nanoseconds)> on_commit;
};

/// Counters since opening.
struct sqlite_stats {
    std::uint64_t commits = 0;          ///< transactions that changed something; one fsync each
    std::uint64_t failed_groups = 0;    ///< transactions undone as a whole
    std::uint64_t writes = 0;           ///< write requests committed
    std::uint64_t max_group = 0;        ///< most requests in one transaction
    double commit_seconds = 0;          ///< time spent in commits
    std::size_t write_queue_depth = 0;  ///< now
    std::size_t read_queue_depth = 0;   ///< now
};

class sqlite_document_store final : public document_store {
  public:
    /// Opens or creates the file. Blocks. Errors: `unavailable`, `corrupt_data`.
    [[nodiscard]] static result<std::unique_ptr<sqlite_document_store>> open(
        sqlite_options const& options);
    ~sqlite_document_store() override;

    [[nodiscard]] sqlite_stats stats() const;

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
    struct engine;
    explicit sqlite_document_store(std::unique_ptr<engine> parts);
    std::unique_ptr<engine> engine_;
};

}  // namespace store
}  // namespace cxb::inline v1
