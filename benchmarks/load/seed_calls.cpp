// Fills a store with completed calls, through the store the server uses.
//
//   seed_calls --db FILE --until N [--days D]
//
// FILE is a database that cxb-api made and in which it has stored some calls: those are the models.
// Adds copies of them with their trace, each with ids, phone, token, disposition, campaign and
// times of its own, until N calls are there. Created evenly over the last D days (60), oldest
// first, as a store grows. Nobody else may have the file open.
// Prints {"calls":…,"added":…,"seconds":…,"file_bytes":…}. Exit status: 1 failed, 2 wrong use.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <cstdio>
#include <filesystem>
#include <future>
#include <iostream>
#include <stdexcept>

#include "benchmarks/load/arguments.hpp"
#include "cxb/base/clock.hpp"
#include "cxb/base/ids.hpp"
#include "cxb/base/random.hpp"
#include "cxb/contract/recording_token/recording_token.hpp"
#include "server/api/calls/call_phone.hpp"
#include "server/common/model/collections.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"

namespace cxb::bench {
namespace {

namespace asio = boost::asio;
namespace model = server::model;
using std::chrono::steady_clock;
using wire::json_object;

// Inserts of one request get dearer with their number (SQLite walks the pages of its savepoint
// after each), so many small requests share a commit.
constexpr std::size_t group_calls = 20;
constexpr int fillers = 16;
constexpr std::size_t most_models = 16;
constexpr std::string_view dispositions[] = {"PTP",  "RTP",     "CALLBACK",     "WRONG_NUMBER",
                                             "BUSY", "DISPUTE", "ALREADY_PAID", "LANGUAGE"};
constexpr std::int64_t campaigns = 20;

template <class T>
T need(result<T> got, char const* what) {
    if (!got) throw std::runtime_error(std::string(what) + ": " + got.error().to_log_text());
    if constexpr (!std::is_void_v<T>) return *std::move(got);
}

/// A call as the server stored it, with its trace.
struct call_model {
    json_object call;
    std::vector<json_object> trace;
};

asio::awaitable<std::vector<call_model>> read_models(store::document_store& from) {
    store::find_options few;
    few.limit = most_models;
    auto found = need(
        co_await from.find(model::calls, store::all_of({store::eq("status", "completed")}), few),
        "reading the models");
    std::vector<call_model> out;
    for (auto& call : found.items) {
        store::find_options all;
        all.sort = {{"at", false}, {"seq", false}};
        auto const same =
            store::eq("session_id", wire::json_value(wire::text_at(call, "session_id")));
        auto trace = need(co_await from.find(model::call_trace, store::all_of({same}), all),
                          "reading a trace");
        out.push_back({std::move(call), std::move(trace.items)});
    }
    if (out.empty()) throw std::runtime_error("no completed call in the database to copy");
    co_return out;
}

/// Shifts a time member by as much as the call is moved.
void move_time(json_object& row, std::string_view name, milliseconds by) {
    auto const at = parse_timestamp(wire::text_at(row, name));
    if (at) row[name] = wire::json_value(format_timestamp(*at + by));
}

/// What goes into one request each.
struct seeded {
    boost::json::storage_ptr memory =
        boost::json::make_shared_resource<boost::json::monotonic_resource>();
    std::vector<json_object> calls;
    std::vector<json_object> trace;
};

class call_maker {
  public:
    explicit call_maker(std::vector<call_model> models) : models_(std::move(models)) {}

    /// The `index`-th call, created at `at`; both documents in the memory given.
    void add(std::size_t index, time_point at, seeded& out) {
        auto const& like = models_[index % models_.size()];
        auto const was = parse_timestamp(wire::text_at(like.call, "created_at"));
        auto const by = std::chrono::duration_cast<milliseconds>(at - (was ? *was : at));
        auto const session = wire::json_value(make_uuid7(at, random_));
        for (auto const& step : like.trace) {
            json_object row(step, out.memory);
            row["_id"] = make_hex24(at, random_);
            row["session_id"] = session;
            move_time(row, "at", by);
            out.trace.push_back(std::move(row));
        }
        out.calls.push_back(make_call(json_object(like.call, out.memory), at, by, session));
    }

  private:
    json_object make_call(json_object call, time_point at, milliseconds by,
                          wire::json_value const& session) {
        call["_id"] = make_hex24(at, random_);
        call["session_id"] = session;
        call["fetch_id"] = make_uuid7(at, random_);
        call["stream_id"] = "st-" + std::string(session.as_string());
        call["recording_access_token"] = contract::recording_token::generate(random_);
        for (char const* name : {"created_at", "updated_at", "completed_at", "call_start_time",
                                 "call_answer_time", "call_end_time"})
            move_time(call, name, by);
        std::string phone = "+919";
        for (int i = 0; i < 9; ++i)
            phone += static_cast<char>('0' + random_.below(10));
        api::set_phone(call, phone);
        call["caller_id"] = phone;
        call["disposition"] = dispositions[random_.below(std::size(dispositions))];
        char campaign[25];
        std::snprintf(campaign, sizeof campaign, "65f0000000000000000001%02d",
                      static_cast<int>(random_.below(campaigns)));
        call["campaign_id"] = campaign;
        call["call_duration_seconds"] = 20 + static_cast<std::int64_t>(random_.below(600));
        return call;
    }

    std::vector<call_model> models_;
    // Not the system's generator: six ids a call cost a system call each.
    seeded_random random_{system_random().below(std::uint64_t{1} << 62U)};
};

struct seed_plan {
    std::size_t until = 0;
    std::chrono::days days{60};
};

/// What the fillers share; all on one loop.
struct seeding {
    store::document_store& into;
    seed_plan plan;
    call_maker maker;
    std::size_t made;
    time_point begin;

    [[nodiscard]] seeded next_group() {
        seeded out;
        auto const whole = std::chrono::duration_cast<milliseconds>(plan.days);
        for (; out.calls.size() < group_calls && made < plan.until; ++made)
            maker.add(made,
                      begin + whole * static_cast<std::int64_t>(made) /
                                  static_cast<std::int64_t>(plan.until),
                      out);
        return out;
    }
};

/// Many of them: they share commits, and while some wait others make their calls.
asio::awaitable<void> fill(seeding& at) {
    while (at.made < at.plan.until) {
        auto group = at.next_group();
        need(co_await at.into.bulk_insert(model::calls, std::move(group.calls)), "adding calls");
        need(co_await at.into.bulk_insert(model::call_trace, std::move(group.trace)),
             "adding traces");
    }
}

/// What is there already: models and how many calls.
asio::awaitable<std::pair<std::vector<call_model>, std::size_t>> look(store::document_store& into) {
    for (auto const* each : {&model::calls, &model::call_trace})
        need(co_await into.ensure(*each), "making the tables");
    auto const there = need(co_await into.count(model::calls, {}), "counting what is there");
    co_return std::pair(co_await read_models(into), static_cast<std::size_t>(there));
}

std::size_t seed(store::document_store& into, seed_plan plan) {
    asio::io_context loop(1);
    auto looked = asio::co_spawn(loop, look(into), asio::use_future);
    loop.run();
    auto [models, there] = looked.get();
    seeding at{into, plan, call_maker(std::move(models)), there, real_clock().now() - plan.days};
    std::vector<std::future<void>> all;
    for (int i = 0; i < fillers; ++i)
        all.push_back(asio::co_spawn(loop, fill(at), asio::use_future));
    loop.restart();
    loop.run();
    for (auto& each : all)
        each.get();
    return at.made - there;
}

int run(arguments const& given) {
    store::sqlite_options options;
    options.path = given.text("db");
    seed_plan plan;
    plan.until = static_cast<std::size_t>(given.number("until", 0));
    plan.days = std::chrono::days(static_cast<int>(given.number("days", 60)));
    auto const start = steady_clock::now();
    auto opened = need(store::sqlite_document_store::open(options), "opening the store");
    auto const added = seed(*opened, plan);
    opened.reset();
    std::chrono::duration<double> const took = steady_clock::now() - start;
    std::cout << "{\"calls\":" << plan.until << ",\"added\":" << added
              << ",\"seconds\":" << took.count()
              << ",\"file_bytes\":" << std::filesystem::file_size(options.path) << '}' << std::endl;
    return 0;
}

}  // namespace
}  // namespace cxb::bench

int main(int argc, char** argv) {
    return cxb::bench::run_main(argc, argv, &cxb::bench::run);
}
