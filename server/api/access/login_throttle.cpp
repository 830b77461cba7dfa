#include "server/api/access/login_throttle.hpp"

#include <algorithm>

#include "cxb/domain/login_throttle.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;

std::vector<time_point> failures_of(wire::json_object const& row) {
    std::vector<time_point> out;
    auto const* list = row.if_contains("failures");
    if (list == nullptr || !list->is_array()) return out;
    for (auto const& item : list->as_array()) {
        if (!item.is_string()) continue;
        if (auto const at = parse_timestamp(std::string_view(item.as_string()))) out.push_back(*at);
    }
    return out;
}

store::filter by_key(std::string const& key) {
    return store::all_of({store::eq("key", wire::json_value(key))});
}

}  // namespace

store::async<void> login_throttle::check(std::string email, std::string address) {
    std::optional<seconds> wait;
    for (auto const& counter : domain::login_counters(email, address)) {
        CXB_CO_TRY(auto const row,
                   co_await store_.find_one(model::login_throttle, by_key(counter.key)));
        if (!row) continue;
        auto const refused = domain::refused_for(failures_of(*row), counter.limit, time_.now());
        if (refused) wait = std::max(wait.value_or(seconds{0}), *refused);
    }
    if (wait)
        co_return error{errc::rate_limited, "Too many login attempts"}.with_retry_after(*wait);
    co_return result<void>{};
}

store::async<void> login_throttle::failed(std::string email, std::string address) {
    time_point const now = time_.now();
    for (auto const& counter : domain::login_counters(email, address)) {
        // The list is bounded by the counter's limit; times outside the window no longer count.
        store::update changes;
        changes
            .push("failures", wire::json_value(format_timestamp(now)),
                  static_cast<std::size_t>(counter.limit))
            .set("expires_at", wire::json_value(format_timestamp(now + domain::login_window)));
        CXB_CO_CHECK(co_await store_.update_one(model::login_throttle, by_key(counter.key),
                                                std::move(changes), true));
    }
    co_return result<void>{};
}

store::async<void> login_throttle::succeeded(std::string email, std::string address) {
    auto const counters = domain::login_counters(email, address);
    CXB_CO_CHECK(co_await store_.remove(model::login_throttle, by_key(counters[0].key)));
    co_return result<void>{};
}

}  // namespace cxb::api
