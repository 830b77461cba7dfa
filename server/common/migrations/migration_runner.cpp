#include "server/common/migrations/migration_runner.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <set>
#include <vector>

#include "server/common/model/collections.hpp"
#include "server/common/model/migration_names.hpp"
#include "src/base/fail_point.hpp"

namespace cxb::server {
namespace {

namespace asio = boost::asio;
using wire::json_value;

std::string row_id(migration const& one) {
    return std::string(model::migration_prefix) + std::string(one.name);
}

asio::awaitable<void> pause(milliseconds wait) {
    asio::steady_timer timer(co_await asio::this_coro::executor, wait);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace

store::async<void> migration_work::keep() {
    CXB_CO_CHECK(co_await lease_.keep());
    if (lease_.held()) co_return result<void>{};
    co_return error{errc::precondition_failed, "The lease is lost"}.with_reason("lease_lost");
}

store::async<store::commit_outcome> migration_work::commit(store::batch writes) {
    CXB_CO_CHECK(co_await keep());
    auto const done = co_await lease_.commit(std::move(writes));
    CXB_FAIL_POINT("migrations.committed");
    co_return done;
}

store::async<std::vector<migration>> migration_runner::missing_of(std::span<migration const> all) {
    wire::json_array ids;
    for (auto const& one : all)
        ids.push_back(json_value(row_id(one)));
    store::find_options options;
    options.limit = 0;
    CXB_CO_TRY(auto const rows,
               co_await store_.find(model::system_runtime,
                                    store::all_of({store::in(store::id_field, std::move(ids))}),
                                    std::move(options)));
    std::set<std::string, std::less<>> done;
    for (auto const& row : rows.items)
        done.emplace(wire::text_at(row, store::id_field));
    std::vector<migration> out;
    std::copy_if(all.begin(), all.end(), std::back_inserter(out),
                 [&](migration const& one) { return !done.contains(row_id(one)); });
    co_return out;
}

store::async<void> migration_runner::carry_out(migration const& one, loop_lease& lease) {
    migration_work work(store_, time_, lease);
    CXB_CO_CHECK(co_await one.run(work));
    store::batch row;
    row.insert(
        model::system_runtime,
        {{"_id", row_id(one)}, {"done_at", format_timestamp(time_.now())}, {"by", options_.owner}});
    CXB_CO_CHECK(co_await work.commit(std::move(row)));
    co_return result<void>{};
}

store::async<int> migration_runner::run(std::span<migration const> all) {
    int carried_out = 0;
    auto const until = time_.steady() + options_.patience;
    for (;;) {
        CXB_CO_TRY(auto const missing, co_await missing_of(all));
        if (missing.empty()) co_return carried_out;
        loop_lease lease(store_, time_,
                         {.name = "migrations", .owner = options_.owner, .length = options_.lease});
        CXB_CO_TRY(auto const got, co_await lease.keep());
        if (got == lease_change::taken) {
            // Looked at once more: the one who held it until now may have done it.
            CXB_CO_TRY(auto const still, co_await missing_of(all));
            result<void> done;
            for (auto const& one : still) {
                done = co_await carry_out(one, lease);
                if (!done) break;
                ++carried_out;
            }
            auto const released = co_await lease.release();
            if (!done && done.error().reason() == "lease_lost")
                co_return error{errc::unavailable, "Another process has taken the migration over"};
            CXB_CO_CHECK(std::move(done));
            CXB_CO_CHECK(released);
            continue;
        }
        if (time_.steady() >= until)
            co_return error{errc::unavailable, "Another process migrates the store for too long"};
        co_await pause(options_.look_every);
    }
}

}  // namespace cxb::server
