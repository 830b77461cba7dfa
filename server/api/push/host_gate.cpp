#include "server/api/push/host_gate.hpp"

#include "server/common/model/collections.hpp"

namespace cxb::api {

namespace model = server::model;

namespace {

std::optional<time_point> pause_in(wire::json_object const& row, time_point now) {
    auto const until = parse_timestamp(wire::text_at(row, "paused_until"));
    // One that ends later than any pause was written before the clock went back.
    if (until && *until > now && *until <= now + host_gate::pause) return *until;
    return std::nullopt;
}

}  // namespace

store::async<std::optional<time_point>> host_gate::paused_until(store::document_store& store,
                                                                std::string host, time_point now) {
    CXB_CO_TRY(auto const row, co_await store.find_one(model::push_hosts, store::by_id(host)));
    co_return row ? pause_in(*row, now) : std::nullopt;
}

store::async<std::optional<time_point>> host_gate::enter(std::string host) {
    CXB_CO_TRY(auto const row, co_await store_.find_one(model::push_hosts, store::by_id(host)));
    if (row)
        if (auto const until = pause_in(*row, time_.now())) co_return until;
    std::scoped_lock const lock(mutex_);
    if (row) noted_.insert(host);
    int& count = in_flight_[host];
    if (count >= max_in_flight) co_return std::optional(time_.now() + full_wait);
    ++count;
    co_return std::optional<time_point>{};
}

store::async<void> host_gate::leave(std::string host, bool transport_ok) {
    bool noted = false;
    {
        std::scoped_lock const lock(mutex_);
        if (--in_flight_[host] == 0) in_flight_.erase(host);
        if (transport_ok)
            noted = noted_.erase(host) > 0;
        else
            noted_.insert(host);
    }
    if (transport_ok) {
        if (!noted) co_return result<void>{};
        CXB_CO_CHECK(co_await store_.remove(model::push_hosts, store::by_id(host)));
        co_return result<void>{};
    }
    CXB_CO_TRY(auto const row,
               co_await store_.find_one_and_update(model::push_hosts, store::by_id(host),
                                                   store::update{}.inc("failures", 1), {}, true));
    if (row && wire::int_at(*row, "failures") >= failures_to_pause)
        CXB_CO_CHECK(co_await store_.update_one(
            model::push_hosts, store::by_id(host),
            store::update{}
                .set("failures", 0)
                .set("paused_until", wire::json_value(format_timestamp(time_.now() + pause)))));
    co_return result<void>{};
}

}  // namespace cxb::api
