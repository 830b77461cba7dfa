// What the disk and the embedded store cost by themselves, below any server.
//
//   disk_probe sync   --dir D [--bytes B] [--count N]            append and fdatasync; then fsync
//   disk_probe sqlite --dir D [--bytes B] [--group G] [--seconds T]
//                                 rows of B bytes, G a transaction, WAL with synchronous=FULL
//
// Prints one JSON object. Files are made in D and removed. Exit status 1: could not measure.
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstring>
#include <iostream>
#include <stdexcept>

#include "benchmarks/load/arguments.hpp"
#include "benchmarks/load/latency_histogram.hpp"
#include "benchmarks/load/processor_time.hpp"
#include "benchmarks/load/request_template.hpp"

namespace cxb::bench {
namespace {

using std::chrono::steady_clock;

double seconds_since(steady_clock::time_point start) {
    return std::chrono::duration<double>(steady_clock::now() - start).count();
}

void write_phase(std::ostream& out, char const* name, latency_histogram const& took, double wall) {
    out << '"' << name << "\":{\"per_second\":" << static_cast<double>(took.count()) / wall << ',';
    took.write_members(out);
    out << '}';
}

void measure_sync(std::string const& path, char const* name, int (*sync)(int), std::size_t bytes,
                  std::size_t count) {
    int const file =
        ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) throw std::runtime_error("cannot write " + path + ": " + std::strerror(errno));
    constexpr double longest = 4;  // seconds; a slow disk answers with fewer samples
    std::string const block(bytes, 'x');
    latency_histogram took;
    bool failed = false;
    auto const start = steady_clock::now();
    for (std::size_t i = 0; i < count && !failed && seconds_since(start) < longest; ++i) {
        auto const before = steady_clock::now();
        failed =
            ::write(file, block.data(), bytes) != static_cast<ssize_t>(bytes) || sync(file) != 0;
        took.record(steady_clock::now() - before);
    }
    auto const wall = seconds_since(start);
    ::close(file);
    ::unlink(path.c_str());
    if (failed) throw std::runtime_error("cannot write or sync " + path);
    write_phase(std::cout, name, took, wall);
}

class database {
  public:
    explicit database(std::string path) : path_(std::move(path)) {
        if (sqlite3_open(path_.c_str(), &handle_) != SQLITE_OK) fail();
        run("PRAGMA journal_mode=WAL");
        run("PRAGMA synchronous=FULL");
        run("PRAGMA wal_autocheckpoint=0");
    }
    database(database const&) = delete;
    database& operator=(database const&) = delete;
    ~database() { sqlite3_close(handle_); }

    void run(char const* sql) {
        if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
    }
    [[nodiscard]] sqlite3_stmt* prepare(char const* sql) {
        sqlite3_stmt* made = nullptr;
        if (sqlite3_prepare_v2(handle_, sql, -1, &made, nullptr) != SQLITE_OK) fail();
        return made;
    }
    [[noreturn]] void fail() const {
        throw std::runtime_error(std::string("sqlite: ") + sqlite3_errmsg(handle_));
    }
    void checkpoint() {
        int const code = sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                                   nullptr, nullptr);
        if (code != SQLITE_OK) fail();
    }

  private:
    std::string path_;
    sqlite3* handle_ = nullptr;
};

/// Like the store's `calls`: a rowid table, a unique id and two more indexed columns.
class row_writer {
  public:
    row_writer(database& db, std::size_t bytes) : db_(db), doc_(bytes, 'x') {
        db_.run(
            "CREATE TABLE calls(id TEXT NOT NULL UNIQUE, created_at TEXT, phone TEXT, "
            "doc TEXT NOT NULL)");
        db_.run("CREATE INDEX by_time ON calls(created_at)");
        db_.run("CREATE INDEX by_phone ON calls(phone)");
        insert_ = db_.prepare("INSERT INTO calls VALUES(?1, ?1, ?2, ?3)");
    }
    row_writer(row_writer const&) = delete;
    row_writer& operator=(row_writer const&) = delete;
    ~row_writer() { sqlite3_finalize(insert_); }

    void write_group(std::size_t rows) {
        db_.run("BEGIN IMMEDIATE");
        for (std::size_t i = 0; i < rows; ++i) {
            auto const id = ids_.next();
            text(1, id);
            text(2, std::string_view(id).substr(24));
            text(3, doc_);
            if (sqlite3_step(insert_) != SQLITE_DONE) db_.fail();
            sqlite3_reset(insert_);
        }
        db_.run("COMMIT");
    }

  private:
    void text(int at, std::string_view value) {
        sqlite3_bind_text(insert_, at, value.data(), static_cast<int>(value.size()),
                          SQLITE_TRANSIENT);
    }

    database& db_;
    std::string doc_;
    id_source ids_{1767323045000, 1};
    sqlite3_stmt* insert_ = nullptr;
};

void remove_database(std::string const& path) {
    for (char const* suffix : {"", "-wal", "-shm"})
        ::unlink((path + suffix).c_str());
}

void measure_sqlite(std::string const& path, std::size_t bytes, std::size_t group, double seconds) {
    constexpr std::size_t page = 4096;
    constexpr std::size_t checkpoint_bytes = 2048 * page;  // as the store's log keeper does
    remove_database(path);
    latency_histogram took;
    std::uint64_t rows = 0;
    double wall = 0;
    double cpu = 0;
    {
        database db(path);
        row_writer writer(db, bytes);
        std::size_t since_checkpoint = 0;
        cpu = -cpu_seconds();
        auto const start = steady_clock::now();
        while (seconds_since(start) < seconds) {
            auto const before = steady_clock::now();
            writer.write_group(group);
            took.record(steady_clock::now() - before);
            rows += group;
            since_checkpoint += group * (bytes + page);
            if (since_checkpoint < checkpoint_bytes) continue;
            db.checkpoint();
            since_checkpoint = 0;
        }
        wall = seconds_since(start);
        cpu += cpu_seconds();
    }
    remove_database(path);
    std::cout << "\"bytes\":" << bytes << ",\"group\":" << group
              << ",\"rows_per_second\":" << static_cast<double>(rows) / wall
              << ",\"cpu_us_per_row\":" << cpu * 1e6 / static_cast<double>(rows) << ',';
    write_phase(std::cout, "commit", took, wall);
}

int run(std::string_view what, arguments const& given) {
    auto const path = given.text("dir") + "/disk_probe." + std::to_string(::getpid());
    auto const bytes = static_cast<std::size_t>(given.number("bytes", 4096));
    std::cout << '{';
    if (what == "sync") {
        auto const count = static_cast<std::size_t>(given.number("count", 1000));
        std::cout << "\"bytes\":" << bytes << ',';
        measure_sync(path, "fdatasync", &::fdatasync, bytes, count);
        std::cout << ',';
        measure_sync(path, "fsync", &::fsync, bytes, count);
    } else if (what == "sqlite") {
        auto const group = static_cast<std::size_t>(given.number("group", 1));
        measure_sqlite(path, bytes, group, given.number("seconds", 1));
    } else {
        arguments::fail("wants sync or sqlite first");
    }
    std::cout << "}" << std::endl;
    return 0;
}

}  // namespace
}  // namespace cxb::bench

int main(int argc, char** argv) {
    try {
        if (argc < 2) cxb::bench::arguments::fail("wants sync or sqlite first");
        return cxb::bench::run(argv[1], {argc - 1, argv + 1});
    } catch (std::exception const& fault) {
        std::cerr << "error: " << fault.what() << '\n';
        return 1;
    }
}
