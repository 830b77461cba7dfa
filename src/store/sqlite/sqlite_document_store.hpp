#pragma once
/// @file
/// `document_store` in one SQLite file: the embedded engine (DESIGN: Storage).
///
/// One thread writes and commits many requests in one transaction; a few threads read snapshots;
/// one moves the log into the file. Several processes may use one file; they write in turn. Beside
/// it lie `-wal` and `-shm` (the engine's) and `-lock` (turns, and whether all was closed in
/// order). Completions of writes are given only after the commit that made them durable (WAL,
/// `synchronous=FULL`). A copy of a file in use: `backup.hpp`.
///
/// | operation             | errors besides those of the port                                  |
/// |-----------------------|-------------------------------------------------------------------|
/// | find                  | `invalid` at `/cursor`: `after` is no cursor of this order         |
/// | any                   | `unavailable`: file or disk fails, disk full, queue full, closed   |
/// | any read              | `deadline_exceeded`: took longer than `max_read_time`              |
/// | any                   | `cancelled`: the awaiting coroutine was cancelled; a write that    |
/// |                       | had begun may still happen                                         |
/// `unavailable` has the reason `store_unavailable`. While a disk is full, reads go on; after that
/// or an I/O error the store works again as soon as the disk does. A write refused because a sync
/// failed is seen by nobody; but a process that is killed before its next commit may find it done.
///
/// Lifetime: close (or destroy) the store before the executors of coroutines that use it are
/// destroyed. Thread-safety: as the port.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "cxb/store/document_store.hpp"
#include "cxb/store/store_measure.hpp"
#include "src/store/sqlite/disk.hpp"
#include "src/store/sqlite/start_check.hpp"

CXB_EXPORT_BEGIN
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
/// | max_linger        |       | longest wait for more writes before a group, never more than   |
/// |                   |       | half a commit, and only where it pays (`linger_rule`); 0: none |
/// | max_read_time     |       | a read that takes longer fails: it keeps the log from          |
/// |                   |       | beginning anew                                                 |
/// | busy_timeout      |       | how long a write waits for its turn among processes, and again |
/// |                   |       | for the file                                                   |
/// | max_log_bytes     | bytes | a longer log is made to begin anew between two commits         |
/// | restart_wait      |       | how long that may wait for readers of old states               |
/// | log_quiet         |       | after so long without a write all of the log is moved          |
/// | kept_free_bytes   | bytes | free space that stays in the file; more is returned, in small  |
/// |                   |       | steps (files made before this was so keep what they have)      |
/// | vacuum_step_bytes | bytes | returned in one transaction                                    |
/// | max_check_time    |       | of the check at start, which follows a stop out of order       |
/// | commit_delay      |       | added to each sync of the log; for tests that play a slow disk |
/// | before_disk       |       | asked before each disk action; for tests that play a bad one   |
/// | on_commit         |       | called on the writing thread with the time a commit took       |
/// | on_group          |       | likewise, with the number of requests it held                  |
/// | on_sync           |       | called after each sync (`fdatasync`) with the file and the time|
/// | on_note           |       | told what an operator's log should hold                        |
struct sqlite_options {
    std::string path;
    unsigned readers = 4;
    std::size_t max_queued_writes = 8192;
    std::size_t max_queued_bytes = std::size_t{128} * 1024 * 1024;
    std::size_t max_queued_reads = 4096;
    std::size_t max_group_writes = 256;
    std::size_t max_group_bytes = std::size_t{16} * 1024 * 1024;
    std::chrono::microseconds max_linger{5000};
    std::chrono::milliseconds max_read_time{30000};
    std::chrono::milliseconds busy_timeout{5000};
    std::size_t max_log_bytes = std::size_t{64} * 1024 * 1024;
    std::chrono::milliseconds restart_wait{10};
    std::chrono::milliseconds log_quiet{1000};
    std::size_t kept_free_bytes = std::size_t{4} * 1024 * 1024;
    std::size_t vacuum_step_bytes = std::size_t{256} * 1024;
    std::chrono::milliseconds max_check_time{std::chrono::minutes{10}};
    std::chrono::milliseconds commit_delay{0};
    std::function<sqlite::disk_answer(sqlite::disk_event const&)> before_disk;
    std::function<void(std::chrono::nanoseconds)> on_commit;
    std::function<void(std::size_t)> on_group;
    std::function<void(sqlite::disk_file, std::chrono::nanoseconds)> on_sync;
    std::function<void(std::string const&)> on_note;
};

/// Counters since opening, and how things stand now.
struct sqlite_stats {
    std::uint64_t commits = 0;        ///< transactions of requests that changed something
    std::uint64_t failed_groups = 0;  ///< transactions undone as a whole
    std::uint64_t writes = 0;         ///< write requests committed
    std::uint64_t max_group = 0;      ///< most requests in one transaction
    double commit_seconds = 0;        ///< time spent in commits
    std::uint64_t log_syncs = 0;  ///< `fdatasync` of the log: one a commit, two when it begins anew
    std::uint64_t data_syncs = 0;     ///< `fdatasync` of the database file
    double sync_seconds = 0;          ///< time spent in both
    std::uint64_t written_bytes = 0;  ///< to log and database file
    std::uint64_t lingers = 0;        ///< waits for more writes
    double linger_seconds = 0;
    std::uint64_t log_restarts = 0;       ///< by force, because the log was too long
    std::uint64_t held_log_restarts = 0;  ///< put off because a reader needed the log
    std::uint64_t log_bytes = 0;          ///< in use, now
    std::uint64_t free_bytes = 0;         ///< inside the database file, when last looked at
    std::size_t write_queue_depth = 0;    ///< now
    std::size_t read_queue_depth = 0;     ///< now
    sqlite::check_outcome start_check = sqlite::check_outcome::not_needed;
};

class sqlite_document_store final : public document_store {
  public:
    /// Opens or creates the file. Blocks, and after a stop out of order for as long as it takes to
    /// read the file through. Errors: `unavailable`, `corrupt_data` (damaged; says what to do).
    [[nodiscard]] static result<std::unique_ptr<sqlite_document_store>> open(
        sqlite_options const& options);
    ~sqlite_document_store() override;

    [[nodiscard]] sqlite_stats stats() const;
    /// The same as figures of `/metrics`.
    [[nodiscard]] std::vector<store_measure> measures() const;

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
CXB_EXPORT_END
