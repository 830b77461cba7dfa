#include "src/store/sqlite/sqlite_document_store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>

#include "src/store/engine/new_document.hpp"
#include "src/store/engine/watchers.hpp"
#include "src/store/sqlite/document_reads.hpp"
#include "src/store/sqlite/document_writes.hpp"
#include "src/store/sqlite/group_writer.hpp"
#include "src/store/sqlite/lock_file.hpp"
#include "src/store/sqlite/log_keeper.hpp"
#include "src/store/sqlite/reader_pool.hpp"
#include "src/store/sqlite/table_schema.hpp"

namespace cxb::inline v1 {
namespace store {

using engine::size_of;
using engine::wait_end;
using engine::watchers;
using sqlite::typed_operation;
using sqlite::workplace;

namespace {

constexpr unsigned most_readers = 64;

// Files are made with the engine's default.
constexpr std::size_t page_bytes = 4096;

int pages_in(std::size_t bytes) {
    return static_cast<int>(std::max<std::size_t>(bytes / page_bytes, 1));
}

sqlite::connection_settings file_of(sqlite_options const& options, sqlite::disk const& on,
                                    std::atomic<bool>& damage_seen) {
    return {.path = options.path,
            .busy_timeout = options.busy_timeout,
            .on = &on,
            .damage_seen = &damage_seen};
}

sqlite::page_limits pages_of(sqlite_options const& options) {
    sqlite::page_limits made;
    made.kept_pages = static_cast<std::int64_t>(options.kept_free_bytes / page_bytes);
    made.step_pages = pages_in(options.vacuum_step_bytes);
    return made;
}

/// The file holds secrets, so nobody else may read it; the engine gives its companions the same
/// mode. The folder is synchronised because a new name in it must survive a power loss too.
/// A file that is there is not touched: closing it would drop the engine's locks of this process.
result<void> make_file(std::string const& path) {
    int const file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 && errno == EEXIST) return {};
    if (file < 0)
        return error{errc::unavailable, "Store is not available"}
            .with_reason("store_unavailable")
            .with_note({std::error_code(errno, std::generic_category()).message()});
    ::close(file);
    auto const folder = std::filesystem::path(path).parent_path();
    int const parent = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC);
    if (parent < 0) return {};
    ::fsync(parent);
    ::close(parent);
    return {};
}

}  // namespace

struct sqlite_document_store::engine {
    sqlite_options options;
    sqlite::lock_file users;
    sqlite::disk files;
    std::atomic<bool> damage_seen{false};
    watchers watching;
    sqlite::log_keeper log;
    sqlite::reader_pool readers;
    sqlite::group_writer writer;
    sqlite::check_outcome checked = sqlite::check_outcome::not_needed;
    bool entered = false;

    explicit engine(sqlite_options given)
        : options(std::move(given)),
          users(options.path + "-lock"),
          files({options.commit_delay, options.before_disk, options.on_sync}),
          log(file_of(options, files, damage_seen), options.log_quiet),
          readers(file_of(options, files, damage_seen),
                  std::clamp(options.readers, 1U, most_readers), {options.max_queued_reads, 0},
                  options.max_read_time),
          writer(writing()) {}

    result<void> start() {
        CXB_CHECK(users.open());
        sqlite::check_settings check{options.max_check_time, options.on_note};
        CXB_TRY(checked, sqlite::enter_file(users, options.path, check));
        entered = true;
        CXB_CHECK(writer.start());
        CXB_CHECK(readers.start());
        return log.start();
    }

    void close() {
        writer.close();
        readers.close();
        log.close();
        if (!std::exchange(entered, false)) return;
        bool const unsure = checked == sqlite::check_outcome::unfinished;
        sqlite::leave_file(users, !unsure && !damage_seen);
    }

    /// Is no other process, or other store of this one, using the file? On the writing thread.
    bool alone() {
        if (!users.use_alone()) return false;
        return users.use_shared(std::chrono::milliseconds{0}).has_value();
    }

    template <class T>
    async<T> write(std::size_t bytes, typename typed_operation<T>::body body) {
        return perform<T>(bytes, std::move(body), [this](auto added, auto const& executor) {
            return writer.push(std::move(added), executor);
        });
    }
    template <class T>
    async<T> read(typename typed_operation<T>::body body) {
        return perform<T>(0, std::move(body), [this](auto added, auto const&) {
            return readers.push(std::move(added));
        });
    }

  private:
    sqlite::writer_settings writing() {
        sqlite::writer_settings made;
        made.file = file_of(options, files, damage_seen);
        made.turns = &users;
        made.queue = {options.max_queued_writes, options.max_queued_bytes};
        made.group = {options.max_group_writes, options.max_group_bytes};
        made.linger.longest = options.max_linger;
        made.pages = pages_of(options);
        made.most_log_pages = pages_in(options.max_log_bytes);
        made.reader_wait = options.restart_wait;
        made.on_commit = [this](std::chrono::nanoseconds took, std::size_t writes) {
            if (options.on_commit) options.on_commit(took);
            if (options.on_group) options.on_group(writes);
        };
        made.on_change = [this](auto const& touched) { watching.tell(touched); };
        made.on_log = [this](int pages) { log.note(pages); };
        return made;
    }

    template <class T, class Enqueue>
    static async<T> perform(std::size_t bytes, typename typed_operation<T>::body body,
                            Enqueue enqueue) {
        auto const work = std::make_shared<typed_operation<T>>(std::move(body));
        work->bytes = bytes;
        auto const end = co_await sqlite::operation::wait(
            work,
            [work, enqueue](auto const&, auto const& executor) { return enqueue(work, executor); });
        if (end != wait_end::finished) co_return error{errc::cancelled};
        co_return work->take();
    }
};

sqlite_document_store::sqlite_document_store(std::unique_ptr<engine> parts)
    : engine_(std::move(parts)) {}

sqlite_document_store::~sqlite_document_store() {
    engine_->close();
}

result<std::unique_ptr<sqlite_document_store>> sqlite_document_store::open(
    sqlite_options const& options) {
    CXB_CHECK(make_file(options.path));
    auto parts = std::make_unique<engine>(options);
    if (auto started = parts->start(); !started) {
        parts->close();
        return started.error();
    }
    return std::unique_ptr<sqlite_document_store>(new sqlite_document_store(std::move(parts)));
}

sqlite_stats sqlite_document_store::stats() const {
    auto const& counted = engine_->writer.counters();
    auto const& disk = engine_->files.counters();
    sqlite_stats made;
    made.commits = counted.commits;
    made.failed_groups = counted.failed_groups;
    made.writes = counted.writes;
    made.max_group = counted.max_group;
    made.commit_seconds = static_cast<double>(counted.commit_nanoseconds) / 1e9;
    made.log_syncs = disk.log_syncs;
    made.data_syncs = disk.data_syncs;
    made.sync_seconds = static_cast<double>(disk.sync_nanoseconds) / 1e9;
    made.written_bytes = disk.log_bytes_written + disk.data_bytes_written;
    made.lingers = counted.lingers;
    made.linger_seconds = static_cast<double>(counted.linger_nanoseconds) / 1e9;
    made.log_restarts = counted.log_restarts;
    made.held_log_restarts = counted.held_restarts;
    made.log_bytes = static_cast<std::uint64_t>(counted.log_pages) * page_bytes;
    made.free_bytes = static_cast<std::uint64_t>(counted.free_pages) * page_bytes;
    made.write_queue_depth = engine_->writer.depth();
    made.read_queue_depth = engine_->readers.depth();
    made.start_check = engine_->checked;
    return made;
}

std::vector<store_measure> sqlite_document_store::measures() const {
    auto const now = stats();
    auto const counted = [](std::string_view name, auto value) {
        return store_measure{name, true, static_cast<double>(value)};
    };
    auto const level = [](std::string_view name, auto value) {
        return store_measure{name, false, static_cast<double>(value)};
    };
    return {counted("writes_total", now.writes),
            counted("failed_groups_total", now.failed_groups),
            counted("log_syncs_total", now.log_syncs),
            counted("data_syncs_total", now.data_syncs),
            counted("written_bytes_total", now.written_bytes),
            counted("linger_seconds_total", now.linger_seconds),
            counted("log_restarts_total", now.log_restarts),
            counted("held_log_restarts_total", now.held_log_restarts),
            level("queue_depth", now.write_queue_depth),
            level("read_queue_depth", now.read_queue_depth),
            level("log_bytes", now.log_bytes),
            level("free_bytes", now.free_bytes)};
}

async<void> sqlite_document_store::ensure(collection const& what) {
    return engine_->write<void>(0, [&what, parts = engine_.get()](workplace& at) {
        return sqlite::ensure_table(at, what, parts->alone());
    });
}

async<void> sqlite_document_store::insert(collection const& into, json_object document) {
    auto row = sqlite::prepare_row(into, std::move(document));
    auto const bytes = row.bytes();
    return engine_->write<void>(
        bytes, [row = std::move(row)](workplace& at) { return sqlite::insert_row(at, row); });
}

async<std::optional<json_object>> sqlite_document_store::find_one(collection const& from,
                                                                  filter where,
                                                                  std::vector<sort_key> sort) {
    return engine_->read<std::optional<json_object>>(
        [select = sqlite::prepare_find_one(from, where, sort)](workplace& at) {
            return sqlite::run_find_one(at, select);
        });
}

async<page> sqlite_document_store::find(collection const& from, filter where,
                                        find_options options) {
    auto prepared = sqlite::prepare_find(from, where, std::move(options));
    if (!prepared) co_return prepared.error();
    co_return co_await engine_->read<page>(
        [wanted = *std::move(prepared)](workplace& at) { return sqlite::run_find(at, wanted); });
}

async<bool> sqlite_document_store::update_one(collection const& in, filter where, update changes,
                                              bool upsert) {
    auto const bytes = size_of(changes);
    return engine_->write<bool>(
        bytes,
        [change = sqlite::prepare_change(in, std::move(where), std::move(changes), {}, upsert)](
            workplace& at) { return sqlite::change_first(at, change); });
}

async<std::optional<json_object>> sqlite_document_store::find_one_and_update(
    collection const& in, filter where, update changes, std::vector<sort_key> sort, bool upsert) {
    using found = std::optional<json_object>;
    auto const bytes = size_of(changes);
    return engine_->write<found>(
        bytes,
        [change = sqlite::prepare_change(in, std::move(where), std::move(changes), sort, upsert)](
            workplace& at) -> result<found> {
            json_object after;
            CXB_TRY(bool const any, sqlite::change_first(at, change, &after));
            return any ? found(std::move(after)) : found();
        });
}

async<std::int64_t> sqlite_document_store::update_many(collection const& in, filter where,
                                                       update changes) {
    auto const bytes = size_of(changes);
    return engine_->write<std::int64_t>(
        bytes, [&in, where = sqlite::where_text(in, where), changes = std::move(changes)](
                   workplace& at) { return sqlite::change_all(at, in, where, changes); });
}

async<std::int64_t> sqlite_document_store::remove(collection const& from, filter where,
                                                  std::size_t limit) {
    return engine_->write<std::int64_t>(
        0, [&from, where = sqlite::where_text(from, where), limit](workplace& at) {
            return sqlite::remove_rows(at, from, where, limit);
        });
}

async<std::int64_t> sqlite_document_store::count(collection const& in, filter where,
                                                 std::int64_t cap) {
    return engine_->read<std::int64_t>(
        [select = sqlite::prepare_count(in, where, cap)](workplace& at) {
            return sqlite::run_count(at, select);
        });
}

async<std::vector<group_row>> sqlite_document_store::group(collection const& in, filter where,
                                                           std::vector<std::string> by,
                                                           std::vector<std::string> sum_fields) {
    return engine_->read<std::vector<group_row>>(
        [wanted = sqlite::prepare_group(in, where, by, sum_fields)](workplace& at) {
            return sqlite::run_group(at, wanted);
        });
}

async<void> sqlite_document_store::bulk_insert(collection const& into,
                                               std::vector<json_object> documents) {
    std::vector<sqlite::prepared_row> rows;
    std::size_t bytes = 0;
    for (auto& each : documents) {
        rows.push_back(sqlite::prepare_row(into, std::move(each)));
        bytes += rows.back().bytes();
    }
    return engine_->write<void>(bytes, [rows = std::move(rows)](workplace& at) -> result<void> {
        for (auto const& row : rows)
            CXB_CHECK(sqlite::insert_row(at, row));
        return {};
    });
}

async<commit_outcome> sqlite_document_store::commit(batch writes) {
    auto prepared = sqlite::prepare_batch(std::move(writes));
    auto const bytes = prepared.bytes;
    return engine_->write<commit_outcome>(bytes, [prepared = std::move(prepared)](workplace& at) {
        return sqlite::run_batch(at, prepared);
    });
}

async<void> sqlite_document_store::ping() {
    auto read = co_await engine_->read<void>(
        [](workplace& at) { return at.db.execute("SELECT COUNT(*) FROM sqlite_master"); });
    if (!read) co_return read;
    co_return co_await engine_->write<void>(0, [](workplace& at) -> result<void> {
        at.changes_schema = true;
        CXB_CHECK(at.db.execute(
            "CREATE TABLE IF NOT EXISTS cxb_ping(one INTEGER PRIMARY KEY,count INTEGER NOT NULL)"));
        return at.db.execute(
            "INSERT INTO cxb_ping VALUES(1,1) ON CONFLICT DO UPDATE SET count=count+1");
    });
}

int sqlite_document_store::watch(collection const& what, std::function<void()> wake) {
    return engine_->watching.add(what, std::move(wake));
}

void sqlite_document_store::unwatch(int id) {
    engine_->watching.remove(id);
}

void sqlite_document_store::close() {
    engine_->close();
}

}  // namespace store
}  // namespace cxb::inline v1
