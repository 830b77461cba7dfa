#include "server/api/calls/stale_calls.hpp"

#include "server/api/calls/result_ingest.hpp"
#include "server/common/model/collections.hpp"
#include "server/common/settings/process_settings.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;
using wire::json_value;

constexpr std::size_t looked_at = 200;
// Bounds of max_call_duration_seconds (spec 10 §3.2); a call that does not tell it may be long.
constexpr seconds shortest_limit{10};
constexpr seconds longest_limit{14400};

bool is_over(json_object const& call, time_point now) {
    auto const end = stale_after(call);
    return end && now > *end;
}

store::async<bool> is_with_people(store::document_store& store, std::string session) {
    CXB_CO_TRY(auto const row, co_await store.find_one(
                                   model::agent_desk_handoffs,
                                   store::all_of({store::eq("parent_call_id", json_value(session)),
                                                  store::eq("status", "open")})));
    co_return row.has_value();
}

ingest_options options_for(api_services const& api, server::loop_lease& lease) {
    auto const& http = api.settings->http;
    ingest_options out;
    out.phone_region = api.settings->phone_region;
    out.base = !http.public_url.empty() ? http.public_url
                                        : "http://" + http.bind + ":" + std::to_string(http.port);
    out.commit = [&lease](store::batch writes) { return lease.commit(std::move(writes)); };
    return out;
}

}  // namespace

std::optional<time_point> stale_after(json_object const& call) {
    auto const began = parse_timestamp(wire::text_at(call, "created_at"));
    if (!began) return std::nullopt;
    seconds const limit{wire::int_at(call, "max_call_duration_seconds", longest_limit.count())};
    return *began + limit + stale_grace;
}

store::async<std::size_t> end_stale_calls(api_services const& api, server::loop_lease& lease) {
    auto const now = api.time->now();
    auto const newest = json_value(format_timestamp(now - stale_grace - shortest_limit));
    auto const active = store::all_of({store::eq("status", "active"), store::eq("call_type", "bot"),
                                       store::lt("created_at", newest)});
    auto const options = options_for(api, lease);
    store::find_options portion;
    portion.sort = {{"created_at", false}};
    portion.limit = looked_at;
    portion.only = {"session_id", "created_at", "max_call_duration_seconds"};
    std::size_t ended = 0;
    do {
        CXB_CO_TRY(auto const page, co_await api.store->find(model::calls, active, portion));
        for (auto const& call : page.items) {
            if (!is_over(call, now)) continue;
            std::string const session(wire::text_at(call, "session_id"));
            CXB_CO_TRY(bool const with_people, co_await is_with_people(*api.store, session));
            if (with_people) continue;
            CXB_CO_TRY(bool const written, co_await api.results->take_missing(session, options));
            if (written) ++ended;
        }
        portion.after = page.next;
    } while (!portion.after.empty());
    co_return ended;
}

}  // namespace cxb::api
