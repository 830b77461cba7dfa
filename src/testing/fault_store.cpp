#include "cxb/testing/fault_store.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "src/testing/fault_count.hpp"

namespace cxb::inline v1 {
namespace testing {

namespace asio = boost::asio;
using op = store_operation;
using wire::json_object;

namespace {

bool reads(op what) {
    return what == op::find_one || what == op::find || what == op::group || what == op::count;
}

bool fits(op wanted, op what) {
    if (wanted == op::any || wanted == what) return true;
    if (wanted == op::any_read) return reads(what);
    bool const writes = !reads(what) && what != op::ensure && what != op::ping;
    return wanted == op::any_write && writes;
}

asio::awaitable<void> pause(std::chrono::milliseconds time) {
    if (time.count() <= 0) co_return;
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

// `work` begins the operation: one that must not be carried out is never begun.
template <class T, class Work>
store::async<T> run(std::optional<store_fault> fault, Work work) {
    if (fault && fault->failure && !fault->carried_out) {
        co_await pause(fault->delay);
        co_return *std::move(fault->failure);
    }
    auto done = co_await work();
    if (!fault) co_return done;
    co_await pause(fault->delay);
    if (fault->failure) co_return *std::move(fault->failure);
    co_return done;
}

}  // namespace

fault_store& fault_store::add(store_fault one) {
    std::lock_guard const lock(mutex_);
    plan_.push_back({std::move(one)});
    return *this;
}

void fault_store::clear() {
    std::lock_guard const lock(mutex_);
    plan_.clear();
}

std::size_t fault_store::failed() const {
    std::lock_guard const lock(mutex_);
    return failed_;
}

std::optional<store_fault> fault_store::next(store_operation what,
                                             std::vector<std::string_view> names) {
    std::lock_guard const lock(mutex_);
    std::optional<store_fault> out;
    for (auto& one : plan_) {
        bool const there = one.fault.collection.empty() ||
                           std::ranges::find(names, one.fault.collection) != names.end();
        if (!there || !fits(one.fault.on, what)) continue;
        if (is_due(++one.seen, one.fault.step, one.fault.times) && !out) out = one.fault;
    }
    if (out) ++failed_;
    return out;
}

store::async<void> fault_store::ensure(store::collection const& what) {
    return run<void>(next(op::ensure, {what.name}), [this, &what] { return inner_.ensure(what); });
}

store::async<void> fault_store::insert(store::collection const& into, json_object document) {
    return run<void>(next(op::insert, {into.name}),
                     [this, &into, document = std::move(document)]() mutable {
                         return inner_.insert(into, std::move(document));
                     });
}

store::async<std::optional<json_object>> fault_store::find_one(store::collection const& from,
                                                               store::filter where,
                                                               std::vector<store::sort_key> sort) {
    return run<std::optional<json_object>>(
        next(op::find_one, {from.name}),
        [this, &from, where = std::move(where), sort = std::move(sort)]() mutable {
            return inner_.find_one(from, std::move(where), std::move(sort));
        });
}

store::async<store::page> fault_store::find(store::collection const& from, store::filter where,
                                            store::find_options options) {
    return run<store::page>(next(op::find, {from.name}), [this, &from, where = std::move(where),
                                                          options = std::move(options)]() mutable {
        return inner_.find(from, std::move(where), std::move(options));
    });
}

store::async<bool> fault_store::update_one(store::collection const& in, store::filter where,
                                           store::update changes, bool upsert) {
    return run<bool>(
        next(op::update_one, {in.name}),
        [this, &in, where = std::move(where), changes = std::move(changes), upsert]() mutable {
            return inner_.update_one(in, std::move(where), std::move(changes), upsert);
        });
}

store::async<std::optional<json_object>> fault_store::find_one_and_update(
    store::collection const& in, store::filter where, store::update changes,
    std::vector<store::sort_key> sort, bool upsert) {
    return run<std::optional<json_object>>(
        next(op::find_one_and_update, {in.name}),
        [this, &in, where = std::move(where), changes = std::move(changes), sort = std::move(sort),
         upsert]() mutable {
            return inner_.find_one_and_update(in, std::move(where), std::move(changes),
                                              std::move(sort), upsert);
        });
}

store::async<std::int64_t> fault_store::update_many(store::collection const& in,
                                                    store::filter where, store::update changes) {
    return run<std::int64_t>(
        next(op::update_many, {in.name}),
        [this, &in, where = std::move(where), changes = std::move(changes)]() mutable {
            return inner_.update_many(in, std::move(where), std::move(changes));
        });
}

store::async<std::int64_t> fault_store::remove(store::collection const& from, store::filter where,
                                               std::size_t limit) {
    return run<std::int64_t>(next(op::remove, {from.name}),
                             [this, &from, where = std::move(where), limit]() mutable {
                                 return inner_.remove(from, std::move(where), limit);
                             });
}

store::async<std::vector<store::group_row>> fault_store::group(
    store::collection const& in, store::filter where, std::vector<std::string> by,
    std::vector<std::string> sum_fields) {
    return run<std::vector<store::group_row>>(
        next(op::group, {in.name}), [this, &in, where = std::move(where), by = std::move(by),
                                     sums = std::move(sum_fields)]() mutable {
            return inner_.group(in, std::move(where), std::move(by), std::move(sums));
        });
}

store::async<std::int64_t> fault_store::count(store::collection const& in, store::filter where,
                                              std::int64_t cap) {
    return run<std::int64_t>(next(op::count, {in.name}),
                             [this, &in, where = std::move(where), cap]() mutable {
                                 return inner_.count(in, std::move(where), cap);
                             });
}

store::async<void> fault_store::bulk_insert(store::collection const& into,
                                            std::vector<json_object> documents) {
    return run<void>(next(op::bulk_insert, {into.name}),
                     [this, &into, documents = std::move(documents)]() mutable {
                         return inner_.bulk_insert(into, std::move(documents));
                     });
}

store::async<store::commit_outcome> fault_store::commit(store::batch writes) {
    std::vector<std::string_view> names;
    for (auto const& one : writes.writes())
        names.push_back(one.into->name);
    return run<store::commit_outcome>(
        next(op::commit, std::move(names)),
        [this, writes = std::move(writes)]() mutable { return inner_.commit(std::move(writes)); });
}

store::async<void> fault_store::ping() {
    return run<void>(next(op::ping, {}), [this] { return inner_.ping(); });
}

int fault_store::watch(store::collection const& what, std::function<void()> wake) {
    return inner_.watch(what, std::move(wake));
}

void fault_store::unwatch(int id) {
    inner_.unwatch(id);
}

void fault_store::close() {
    inner_.close();
}

}  // namespace testing
}  // namespace cxb::inline v1
