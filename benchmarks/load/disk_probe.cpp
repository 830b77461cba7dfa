// What the disk and the embedded store cost by themselves, below any server.
//
//   disk_probe sync   --dir D [--bytes B] [--count N]            append and fdatasync; then fsync
//   disk_probe sqlite --dir D --like DATABASE [--group G] [--seconds T]
//                                 the rows of the newest call in DATABASE again and again, G calls
//                                 a transaction, WAL with synchronous=FULL
//
// Prints one JSON object. Files are made in D and removed. Exit status 1: could not measure.
#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <iostream>
#include <stdexcept>

#include "benchmarks/load/arguments.hpp"
#include "benchmarks/load/copied_rows.hpp"
#include "benchmarks/load/latency_histogram.hpp"
#include "benchmarks/load/processor_time.hpp"

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

void measure_sqlite(std::string const& path, std::string const& model, std::size_t group,
                    double seconds) {
    constexpr std::size_t page = 4096;
    constexpr std::size_t checkpoint_bytes = 2048 * page;  // as the store's log keeper does
    remove_database(path);
    latency_histogram took;
    std::uint64_t calls = 0;
    std::size_t bytes = 0;
    std::size_t rows = 0;
    double wall = 0;
    double cpu = 0;
    {
        database db(path);
        copied_rows writer(db, model);
        bytes = writer.bytes();
        rows = writer.rows();
        std::size_t since_checkpoint = 0;
        cpu = -cpu_seconds();
        auto const start = steady_clock::now();
        while (seconds_since(start) < seconds) {
            auto const before = steady_clock::now();
            writer.write_group(group);
            took.record(steady_clock::now() - before);
            calls += group;
            since_checkpoint += group * (bytes + rows * page);
            if (since_checkpoint < checkpoint_bytes) continue;
            db.checkpoint();
            since_checkpoint = 0;
        }
        wall = seconds_since(start);
        cpu += cpu_seconds();
    }
    remove_database(path);
    std::cout << "\"bytes\":" << bytes << ",\"rows\":" << rows << ",\"group\":" << group
              << ",\"calls_per_second\":" << static_cast<double>(calls) / wall
              << ",\"cpu_us_per_call\":" << cpu * 1e6 / static_cast<double>(calls) << ',';
    write_phase(std::cout, "commit", took, wall);
}

int run(std::string_view what, arguments const& given) {
    auto const path = given.text("dir") + "/disk_probe." + std::to_string(::getpid());
    std::cout << '{';
    if (what == "sync") {
        auto const bytes = static_cast<std::size_t>(given.number("bytes", 4096));
        auto const count = static_cast<std::size_t>(given.number("count", 1000));
        std::cout << "\"bytes\":" << bytes << ',';
        measure_sync(path, "fdatasync", &::fdatasync, bytes, count);
        std::cout << ',';
        measure_sync(path, "fsync", &::fsync, bytes, count);
    } else if (what == "sqlite") {
        auto const group = static_cast<std::size_t>(given.number("group", 1));
        measure_sqlite(path, given.text("like"), group, given.number("seconds", 1));
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
