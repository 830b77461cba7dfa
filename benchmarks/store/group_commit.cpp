// The store's group commit beside SQLite alone, on this disk and on slower ones.
//
//   group_commit --dir D [--seconds T] [--bytes B] [--linger-us L] [--delay MS]... [--clients N]...
//
// For each delay added to a sync and each number of clients (each sends its next insert when the
// last is durable): writes a second, writes to a commit, syncs, latency, and the rate of SQLite
// alone when it inserts the same rows in groups of the same size with the same delay. Prints a
// table. Files are made in D and removed.
#include <sqlite3.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <thread>

#include "benchmarks/load/arguments.hpp"
#include "benchmarks/load/latency_histogram.hpp"
#include "benchmarks/load/raw_sqlite.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"

namespace cxb::bench {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

constexpr store::field_decl fields[] = {{"created_at", store::field_type::text},
                                        {"phone", store::field_type::text}};
constexpr std::string_view by_time[] = {"created_at"};
constexpr std::string_view by_phone[] = {"phone"};
constexpr store::index_decl indexes[] = {{by_time}, {by_phone}};
constexpr store::collection rows{"calls", fields, indexes};

struct plan {
    std::string path;
    double seconds;
    std::size_t bytes;
    std::chrono::milliseconds delay;
    std::size_t clients;
    std::chrono::microseconds linger;
};

struct outcome {
    double per_second = 0;
    double group = 0;
    double syncs = 0;
    double lingered = 0;  ///< share of the time
    latency_histogram took;
};

struct run_state {
    store::document_store& store;
    plan const& what;
    steady_clock::time_point end;
    id_source ids{1767323045000, 1};
    latency_histogram took;
    std::string text;
};

asio::awaitable<void> client(run_state& at) {
    while (steady_clock::now() < at.end) {
        std::string const id(at.ids.next());
        wire::json_object row{
            {"_id", id}, {"created_at", id}, {"phone", id.substr(24)}, {"text", at.text}};
        auto const start = steady_clock::now();
        auto const done = co_await at.store.insert(rows, std::move(row));
        if (!done) throw std::runtime_error(done.error().to_log_text());
        at.took.record(steady_clock::now() - start);
    }
}

outcome measure_store(plan const& what) {
    remove_database(what.path);
    store::sqlite_options options;
    options.path = what.path;
    options.commit_delay = what.delay;
    options.max_linger = what.linger;
    auto opened = store::sqlite_document_store::open(options);
    if (!opened) throw std::runtime_error(opened.error().to_log_text());
    auto& store = **opened;
    asio::io_context loop(1);
    asio::co_spawn(
        loop, [&]() -> asio::awaitable<void> { (void)co_await store.ensure(rows); },
        [](std::exception_ptr) {});
    loop.run();
    loop.restart();
    auto const before = store.stats();
    auto const start = steady_clock::now();
    run_state state{store, what,
                    start + std::chrono::duration_cast<std::chrono::nanoseconds>(
                                std::chrono::duration<double>(what.seconds))};
    state.text = std::string(what.bytes, 'x');
    for (std::size_t i = 0; i < what.clients; ++i)
        asio::co_spawn(loop, client(state), [](std::exception_ptr failed) {
            if (failed) std::rethrow_exception(failed);
        });
    loop.run();
    std::chrono::duration<double> const wall = steady_clock::now() - start;
    auto const after = store.stats();
    outcome out;
    out.per_second = static_cast<double>(after.writes - before.writes) / wall.count();
    out.group = static_cast<double>(after.writes - before.writes) /
                static_cast<double>(after.commits - before.commits);
    out.syncs = static_cast<double>(after.log_syncs - before.log_syncs) / wall.count();
    out.lingered = (after.linger_seconds - before.linger_seconds) / wall.count();
    out.took = state.took;
    opened->reset();
    remove_database(what.path);
    return out;
}

double measure_alone(plan const& what, std::size_t group) {
    constexpr std::size_t checkpoint_bytes = 2048 * std::size_t{4096};
    remove_database(what.path);
    double wrote = 0;
    double wall = 0;
    {
        database db(what.path);
        row_writer writer(db, what.bytes);
        std::size_t since = 0;
        auto const start = steady_clock::now();
        while (wall < what.seconds) {
            writer.write_group(group);
            std::this_thread::sleep_for(what.delay);
            wrote += static_cast<double>(group);
            since += group * (what.bytes + 4096);
            if (since >= checkpoint_bytes) {
                db.checkpoint();
                since = 0;
            }
            wall = std::chrono::duration<double>(steady_clock::now() - start).count();
        }
    }
    remove_database(what.path);
    return wrote / wall;
}

std::vector<std::size_t> list_of(arguments const& given, char const* name,
                                 std::vector<std::size_t> fallback) {
    auto const texts = given.all(name);
    if (texts.empty()) return fallback;
    std::vector<std::size_t> out;
    for (auto const& each : texts)
        out.push_back(std::strtoul(each.c_str(), nullptr, 10));
    return out;
}

int run(arguments const& given) {
    auto const path = given.text("dir") + "/group_commit." + std::to_string(::getpid());
    auto const bytes = static_cast<std::size_t>(given.number("bytes", 1000));
    std::chrono::microseconds const linger{
        static_cast<std::int64_t>(given.number("linger-us", 5000))};
    std::cout << "| delay ms | clients | writes/s | writes/commit | syncs/s | p50 ms | p99 ms | "
                 "lingered % | alone/s | ratio |\n|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
                 "---:|\n";
    for (auto const delay : list_of(given, "delay", {0, 2, 10}))
        for (auto const clients : list_of(given, "clients", {1, 4, 16, 64, 256})) {
            plan const what{path,    given.number("seconds", 2),
                            bytes,   std::chrono::milliseconds(delay),
                            clients, linger};
            auto const made = measure_store(what);
            auto const group = static_cast<std::size_t>(std::max(1.0, std::round(made.group)));
            auto const alone = measure_alone(what, group);
            std::printf("| %zu | %zu | %.0f | %.1f | %.0f | %.2f | %.2f | %.0f | %.0f | %.2f |\n",
                        delay, clients, made.per_second, made.group, made.syncs,
                        made.took.percentile_us(0.5) / 1e3, made.took.percentile_us(0.99) / 1e3,
                        made.lingered * 100, alone, made.per_second / alone);
            std::fflush(stdout);
        }
    return 0;
}

}  // namespace
}  // namespace cxb::bench

int main(int argc, char** argv) {
    return cxb::bench::run_main(argc, argv, &cxb::bench::run);
}
