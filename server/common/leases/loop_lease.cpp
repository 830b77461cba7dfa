#include "server/common/leases/loop_lease.hpp"

#include "server/common/model/collections.hpp"

namespace cxb::server {
namespace {

using wire::json_value;

constexpr std::string_view fence_label = "lease";
constexpr seconds longest_lease{600};  // that the settings allow

error lease_lost() {
    return error{errc::precondition_failed, "The lease is lost"}.with_reason("lease_lost");
}

// Without it a store may walk through all documents in the order of their ids: where none is old
// that is every document, at every look.
std::vector<store::sort_key> oldest_first(store::filter const& where) {
    for (auto const& one : where.all)
        if (one.op == store::compare::lt || one.op == store::compare::lte)
            return {{one.field, false}};
    return {};
}

json_value text_of(time_point at) {
    return json_value(format_timestamp(at));
}

}  // namespace

bool loop_lease::held() const {
    return fence_ != 0 && time_.steady() < valid_until_.load();
}

void loop_lease::hold(std::chrono::nanoseconds asked) {
    valid_until_ = asked + options_.length - options_.length / 10;
}

store::filter loop_lease::carries(std::int64_t fence) const {
    return store::all_of(
        {store::eq(store::id_field, json_value(options_.name)), store::eq("fence", fence)});
}

store::filter loop_lease::ours() const {
    return carries(fence_);
}

store::async<lease_change> loop_lease::keep() {
    if (over_) co_return lease_change::none;
    if (held()) co_return co_await renew();
    bool const was_ours = fence_ != 0;
    CXB_CO_TRY(auto const got, co_await take());
    co_return got == lease_change::none&& was_ours ? lease_change::lost : got;
}

store::async<lease_change> loop_lease::take() {
    fence_ = 0;
    auto const asked = time_.steady();
    auto const now = time_.now();
    until_ = now + options_.length;
    auto changes = store::update{};
    changes.set("owner", json_value(options_.owner))
        .set("lease_until", text_of(until_))
        .inc("fence", 1);
    auto const row = co_await store_.find_one_and_update(
        model::system_runtime,
        store::all_of({store::eq(store::id_field, json_value(options_.name)),
                       store::lt("lease_until", text_of(now))}),
        changes, {}, true);
    // The row is there and has not ended: the upsert met its id.
    if (!row && row.error().code() == errc::conflict) {
        CXB_CO_CHECK(co_await bring_back(now));
        co_return lease_change::none;
    }
    if (!row) co_return row.error();
    if (!*row) co_return lease_change::none;
    auto const fence = wire::int_at(**row, "fence");
    if (over_) {
        CXB_CO_CHECK(co_await give_back(fence));
        co_return lease_change::none;
    }
    fence_ = fence;
    hold(asked);
    co_return lease_change::taken;
}

// An end further ahead than any lease was written before the clock went back. Its holder, if it
// lives, renews it in time; else it is free after a lease and not only once the clock is there.
store::async<void> loop_lease::bring_back(time_point now) {
    auto changes = store::update{};
    changes.set("lease_until", text_of(now + options_.length));
    CXB_CO_CHECK(co_await store_.update_one(
        model::system_runtime,
        store::all_of({store::eq(store::id_field, json_value(options_.name)),
                       store::gt("lease_until", text_of(now + longest_lease))}),
        std::move(changes)));
    co_return result<void>{};
}

store::async<lease_change> loop_lease::renew() {
    auto const asked = time_.steady();
    auto const end = time_.now() + options_.length;
    std::int64_t const fence = fence_;
    CXB_CO_TRY(bool const still_ours,
               co_await store_.update_one(model::system_runtime, ours(),
                                          store::update{}.set("lease_until", text_of(end))));
    if (!still_ours) {
        fence_ = 0;
        co_return lease_change::lost;
    }
    if (over_) {
        CXB_CO_CHECK(co_await give_back(fence));
        co_return lease_change::none;
    }
    until_ = end;
    hold(asked);
    co_return lease_change::kept;
}

store::async<store::commit_outcome> loop_lease::commit(store::batch writes) {
    if (!held()) co_return lease_lost();
    store::batch fenced;
    fenced.update_one(model::system_runtime, ours(),
                      store::update{}.set("written_at", text_of(time_.now())),
                      std::string(fence_label));
    for (auto& each : writes.writes())
        fenced.writes().push_back(std::move(each));
    CXB_CO_TRY(auto outcome, co_await store_.commit(std::move(fenced)));
    if (outcome.applied) co_return outcome;
    if (outcome.failed == 0) {
        fence_ = 0;
        co_return lease_lost();
    }
    --outcome.failed;
    co_return outcome;
}

store::async<std::size_t> loop_lease::remove(store::collection const& from, store::filter where) {
    store::find_options options;
    options.limit = leased_removals;
    options.only = {std::string(store::id_field)};
    options.sort = oldest_first(where);
    CXB_CO_TRY(auto const old, co_await store_.find(from, where, options));
    if (old.items.empty()) co_return std::size_t{0};
    store::batch removals;
    for (auto const& document : old.items) {
        store::write one;
        one.kind = store::write_kind::remove;
        one.into = &from;
        // Its condition once more: it may have been used again since.
        one.where = where;
        one.where.all.push_back(
            store::eq(store::id_field, json_value(wire::text_at(document, store::id_field))));
        one.must_match = false;
        removals.writes().push_back(std::move(one));
    }
    CXB_CO_CHECK(co_await commit(std::move(removals)));
    co_return old.items.size();
}

store::async<void> loop_lease::give_back(std::int64_t fence) {
    CXB_CO_CHECK(co_await store_.update_one(model::system_runtime, carries(fence),
                                            store::update{}.set("lease_until", text_of({}))));
    co_return result<void>{};
}

store::async<void> loop_lease::release() {
    over_ = true;
    auto const fence = fence_.exchange(0);
    if (fence == 0) co_return result<void>{};
    co_return co_await give_back(fence);
}

}  // namespace cxb::server
