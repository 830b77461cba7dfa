#include "src/store/sqlite/sqlite_document_store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "src/store/sqlite/document_reads.hpp"
#include "src/store/sqlite/document_writes.hpp"
#include "src/store/sqlite/group_writer.hpp"
#include "src/store/sqlite/log_keeper.hpp"
#include "src/store/sqlite/reader_pool.hpp"
#include "src/store/sqlite/table_schema.hpp"

namespace cxb::inline v1 {
namespace store {

using sqlite::typed_operation;
using sqlite::workplace;

namespace {

constexpr unsigned most_readers = 64;

sqlite::connection_settings file_of(sqlite_options const& options) {
    return {options.path, options.busy_timeout, false};
}

/// The file holds secrets, so nobody else may read it; the engine gives its companions the same
/// mode. The folder is synchronised because a new name in it must survive a power loss too.
result<void> make_file(std::string const& path) {
    int const file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return error{errc::unavailable, "Store is not available"}.with_note(
            {std::error_code(errno, std::generic_category()).message()});
    ::close(file);
    auto const folder = std::filesystem::path(path).parent_path();
    int const parent = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC);
    if (parent < 0) return {};
    ::fsync(parent);
    ::close(parent);
    return {};
}

/// Who wants to know about commits to which collection.
class watchers {
  public:
    int add(collection const& what, std::function<void()> wake) {
        std::lock_guard const lock(mutex_);
        entries_.emplace(++last_, entry{std::string(what.name), std::move(wake)});
        return last_;
    }
    void remove(int id) {
        std::lock_guard const lock(mutex_);
        entries_.erase(id);
    }
    void tell(std::vector<collection const*> const& touched) const {
        std::lock_guard const lock(mutex_);
        for (auto const& [id, each] : entries_)
            if (std::any_of(touched.begin(), touched.end(),
                            [&](auto const* changed) { return changed->name == each.name; }))
                each.wake();
    }

  private:
    struct entry {
        std::string name;
        std::function<void()> wake;
    };
    mutable std::mutex mutex_;
    std::map<int, entry> entries_;
    int last_ = 0;
};

}  // namespace

struct sqlite_document_store::engine {
    watchers watching;
    sqlite::log_keeper log;
    sqlite::reader_pool readers;
    sqlite::group_writer writer;

    explicit engine(sqlite_options const& options)
        : log(file_of(options)),
          readers(file_of(options), std::clamp(options.readers, 1U, most_readers),
                  {options.max_queued_reads, 0}),
          writer({file_of(options),
                  {options.max_queued_writes, options.max_queued_bytes},
                  {options.max_group_writes, options.max_group_bytes},
                  options.commit_delay,
                  options.on_commit,
                  [this](auto const& touched) { watching.tell(touched); },
                  [this](int pages) { log.note(pages); }}) {}

    result<void> start() {
        CXB_CHECK(writer.start());
        CXB_CHECK(readers.start());
        return log.start();
    }

    void close() {
        writer.close();
        readers.close();
        log.close();
    }

    template <class T>
    async<T> write(std::size_t bytes, typename typed_operation<T>::body body) {
        return perform<T>(bytes, std::move(body),
                          [this](auto added) { return writer.push(std::move(added)); });
    }
    template <class T>
    async<T> read(typename typed_operation<T>::body body) {
        return perform<T>(0, std::move(body),
                          [this](auto added) { return readers.push(std::move(added)); });
    }

  private:
    template <class T>
    static async<T> perform(
        std::size_t bytes, typename typed_operation<T>::body body,
        std::function<result<void>(std::shared_ptr<sqlite::operation>)> enqueue) {
        auto const work = std::make_shared<typed_operation<T>>(std::move(body));
        work->bytes = bytes;
        bool const finished = co_await sqlite::operation::wait(work, std::move(enqueue));
        if (!finished) co_return error{errc::cancelled};
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
    sqlite_stats made;
    made.commits = counted.commits;
    made.failed_groups = counted.failed_groups;
    made.writes = counted.writes;
    made.max_group = counted.max_group;
    made.commit_seconds = static_cast<double>(counted.commit_nanoseconds) / 1e9;
    made.write_queue_depth = engine_->writer.depth();
    made.read_queue_depth = engine_->readers.depth();
    return made;
}

async<void> sqlite_document_store::ensure(collection const& what) {
    return engine_->write<void>(0,
                                [&what](workplace& at) { return sqlite::ensure_table(at, what); });
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
    auto const bytes = sqlite::size_of(changes);
    return engine_->write<bool>(
        bytes,
        [change = sqlite::prepare_change(in, std::move(where), std::move(changes), {}, upsert)](
            workplace& at) { return sqlite::change_first(at, change); });
}

async<std::optional<json_object>> sqlite_document_store::find_one_and_update(
    collection const& in, filter where, update changes, std::vector<sort_key> sort, bool upsert) {
    using found = std::optional<json_object>;
    auto const bytes = sqlite::size_of(changes);
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
    auto const bytes = sqlite::size_of(changes);
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
