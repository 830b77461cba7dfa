#include "server/api/push/host_gate.hpp"

#include <algorithm>

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

host_gate::place_count& host_gate::known(std::string const& host) {
    if (hosts_.size() >= max_known && !hosts_.contains(host)) {
        auto const now = time_.steady();
        std::erase_if(hosts_, [&](auto const& each) {
            return each.second.taken == 0 && each.second.next_turn <= now;
        });
    }
    return hosts_[host];
}

std::size_t host_gate::known_hosts() const {
    std::scoped_lock const lock(mutex_);
    return hosts_.size();
}

time_point host_gate::turn_at(place_count& host, std::optional<time_point> paused) const {
    auto const now = time_.steady();
    time_point const wall = time_.now();
    nanoseconds const wait = paused ? nanoseconds(*paused - wall) : nanoseconds(full_wait);
    // Those under way began before the last place was taken: they take so long at least.
    bool const full = host.taken >= max_in_flight;
    nanoseconds step =
        std::max(host.pace, full ? now - host.filled_at : nanoseconds{0}) / max_in_flight;
    // After a pause nobody knows yet how the host does.
    if (paused) step = std::max<nanoseconds>(step, crowd_spacing);
    auto const turn = std::max(host.next_turn, now + wait);
    if (turn - now > wait + paced_for) step = std::min<nanoseconds>(step, crowd_spacing);
    host.next_turn = turn + step;
    return wall + std::chrono::ceil<milliseconds>(turn - now);
}

store::async<std::optional<time_point>> host_gate::enter(std::string host) {
    CXB_CO_TRY(auto const row, co_await store_.find_one(model::push_hosts, store::by_id(host)));
    auto const paused = row ? pause_in(*row, time_.now()) : std::nullopt;
    std::scoped_lock const lock(mutex_);
    auto& at = known(host);
    if (row && !paused) noted_.insert(host);
    if (paused || at.taken >= max_in_flight) co_return turn_at(at, paused);
    if (++at.taken == max_in_flight) at.filled_at = time_.steady();
    co_return std::optional<time_point>{};
}

bool host_gate::give_back(std::string const& host, host_word word, milliseconds took) {
    std::scoped_lock const lock(mutex_);
    auto& at = hosts_.at(host);
    --at.taken;
    if (word != host_word::not_asked)
        at.pace = at.pace == nanoseconds{0} ? nanoseconds(took) : (3 * at.pace + took) / 4;
    if (word == host_word::silent) noted_.insert(host);
    return word == host_word::answered && noted_.erase(host) > 0;
}

store::async<void> host_gate::leave(std::string host, host_word word, milliseconds took) {
    if (give_back(host, word, took))
        CXB_CO_CHECK(co_await store_.remove(model::push_hosts, store::by_id(host)));
    if (word != host_word::silent) co_return result<void>{};
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
