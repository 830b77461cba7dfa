#pragma once
/// @file
/// What tests of the job engine share: a store in a folder of its own, a clock moved by hand, and
/// coroutines that meet at a gate.

#include <gtest/gtest.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>

#include "cxb/testing/fake_clock.hpp"
#include "server/common/jobs/job_runner.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/run_awaitable.hpp"
#include "support/child_process.hpp"

namespace cxb::server {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Coroutines of one loop wait here until it opens.
class gate {
  public:
    asio::awaitable<void> wait() {
        auto const timer = std::make_shared<asio::steady_timer>(
            co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        while (!open_) {
            waiting_.push_back(timer);
            boost::system::error_code ignored;
            co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
    }
    void open() {
        open_ = true;
        for (auto const& each : waiting_)
            each->cancel();
        waiting_.clear();
    }

  private:
    bool open_ = false;
    std::vector<std::shared_ptr<asio::steady_timer>> waiting_;
};

inline constexpr store::field_decl fact_fields[] = {{"rev", store::field_type::integer}};
inline constexpr store::collection facts{"facts", fact_fields, {}};

class JobTest : public ::testing::Test {
  protected:
    JobTest() : store(open()) {
        EXPECT_TRUE(test::run(store->ensure(jobs)));
        EXPECT_TRUE(test::run(store->ensure(facts)));
    }

    /// Another process's view of the same file.
    std::unique_ptr<store::sqlite_document_store> open() {
        store::sqlite_options options;
        options.path = (folder / "store.db").string();
        return store::sqlite_document_store::open(options).value();
    }

    job_options options(std::string owner = "a") {
        job_options made;
        made.owner = std::move(owner);
        made.on_settled = [this](store::json_object const& row) {
            std::lock_guard const lock(mutex);
            settled.push_back(std::string(wire::text_at(row, "key")) + ':' +
                              std::string(wire::text_at(row, "state")));
        };
        made.on_fault = [this](std::string const& text) {
            std::lock_guard const lock(mutex);
            faults.push_back(text);
        };
        return made;
    }

    std::unique_ptr<job_runner> runner(job_handler handler, std::string owner = "a") {
        auto made = std::make_unique<job_runner>(*store, time, random, options(std::move(owner)));
        made->register_handler("push", std::move(handler));
        return made;
    }

    /// A handler that gives the same verdict each time.
    static job_handler giving(job_verdict verdict) {
        return [verdict](job_context) -> asio::awaitable<job_verdict> { co_return verdict; };
    }

    std::string add(job_spec spec) {
        auto row = make_job(std::move(spec), time.now(), random);
        auto id = std::string(wire::text_at(row, "_id"));
        EXPECT_TRUE(test::run(store->insert(jobs, std::move(row))));
        return id;
    }
    std::string add(std::string key, int max_attempts = 10) {
        return add({.kind = "push", .key = std::move(key), .max_attempts = max_attempts});
    }

    store::json_object row(std::string_view id) {
        return test::run(store->find_one(jobs, store::by_id(id))).value().value();
    }
    std::string text(std::string_view id, std::string_view path) {
        return std::string(wire::text_at(row(id), path));
    }
    std::int64_t number(std::string_view id, std::string_view path) {
        return wire::int_at(row(id), path, -1);
    }
    std::size_t history(std::string_view id) { return row(id).at("history").get_array().size(); }

    std::size_t step(job_runner& of) { return test::run(of.run_once(time.now())).value(); }

    std::string in(milliseconds later) { return format_timestamp(time.now() + later); }

    test::scratch_dir folder;
    testing::fake_clock time;
    seeded_random random{5};
    std::unique_ptr<store::sqlite_document_store> store;
    std::mutex mutex;
    std::vector<std::string> settled;
    std::vector<std::string> faults;
};

}  // namespace cxb::server
