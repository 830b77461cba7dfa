// The loop that looks whether LiveKit still holds what was made there, and the check of `/ready`.
#include <algorithm>
#include <set>

#include "server/api/carriers/carrier_limits.hpp"
#include "server/api/carriers/carrier_sync.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
namespace model = server::model;
using wire::json_object;
using wire::json_value;

// Nothing has this id: the answer is short, and shows that LiveKit has a SIP service.
constexpr char const* nobody = "ST_cxb_ready";
constexpr milliseconds probe_patience{1900};
constexpr std::int64_t server_faults = 500;

// The last attempt met a LiveKit that was away or broken; a refusal is for people to look at.
bool ended_by_outage(json_object const& job) {
    auto const* const history = job.if_contains("history");
    if (history == nullptr || !history->is_array() || history->get_array().empty()) return false;
    auto const* const last = history->get_array().back().if_object();
    if (last == nullptr) return false;
    auto const status = wire::int_at(*last, "status");
    return status >= server_faults || wire::text_at(*last, "error") == client::livekit_away;
}

}  // namespace

asio::awaitable<server::check_outcome> carrier_sync::probe() {
    auto const began = std::chrono::steady_clock::now();
    auto const held = co_await held_by_livekit(livekit_, inbound_trunk, {nobody}, probe_patience);
    note(held.has_value(), held.error());
    server::check_outcome out;
    out.ok = held.has_value();
    out.latency =
        std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began);
    if (!held) out.detail = held.error().detail();
    co_return out;
}

store::async<bool> carrier_sync::job_is_open(std::string carrier_id, std::int64_t version) {
    json_value const key("cs:" + carrier_id + ":" + std::to_string(version));
    CXB_CO_TRY(auto const job,
               co_await store_.find_one(server::jobs, store::all_of({store::eq("key", key)})));
    if (!job) co_return false;
    auto const state = wire::text_at(*job, "state");
    co_return state == server::job_state::queued || state == server::job_state::running;
}

store::async<void> carrier_sync::look_after(server::loop_lease& lease) {
    store::find_options portion;
    portion.sort = {{"created_at", false}};
    portion.limit = trunks_at_once;
    portion.only = {"version", "lk_sync_status"};
    for (auto const* kind : livekit_kinds)
        portion.only.emplace_back(kind->member);
    do {
        CXB_CO_TRY(auto page, co_await store_.find(model::carriers, {}, portion));
        portion.after = page.next;
        CXB_CO_CHECK(co_await look_at(lease, std::move(page.items)));
    } while (!portion.after.empty());
    for (auto const kind : {sync_kind, cleanup_kind})
        CXB_CO_CHECK(co_await revive_jobs(lease, kind));
    co_return result<void>{};
}

// An outage may last longer than all tries of a job: once LiveKit answers they begin anew.
store::async<void> carrier_sync::revive_jobs(server::loop_lease& lease, std::string_view kind) {
    store::find_options newest;
    newest.sort = {{"created_at", true}};
    newest.limit = trunks_at_once;
    newest.only = {"history"};
    auto dead = store::all_of(
        {store::eq("kind", json_value(kind)), store::eq("state", server::job_state::dead)});
    CXB_CO_TRY(auto page, co_await store_.find(server::jobs, std::move(dead), newest));
    std::erase_if(page.items, [](auto const& job) { return !ended_by_outage(job); });
    if (page.items.empty()) co_return result<void>{};
    auto const answers = co_await held_by_livekit(livekit_, inbound_trunk, {nobody});
    note(answers.has_value(), answers.error());
    CXB_CO_CHECK(answers);
    store::batch writes;
    for (auto const& job : page.items)
        server::add_requeue(writes, wire::text_at(job, "_id"), time_.now(), server::job_state::dead,
                            false);
    CXB_CO_CHECK(co_await lease.commit(std::move(writes)));
    co_return result<void>{};
}

store::async<void> carrier_sync::look_at(server::loop_lease& lease,
                                         std::vector<json_object> carriers) {
    std::vector<std::string> held;
    for (auto const* kind : livekit_kinds) {
        std::vector<std::string> ids;
        for (auto const& each : carriers)
            if (auto const id = wire::text_at(each, kind->member); !id.empty())
                ids.emplace_back(id);
        if (ids.empty()) continue;
        auto found = co_await held_by_livekit(livekit_, *kind, std::move(ids));
        note(found.has_value(), found.error());
        if (!found) co_return found.error();
        std::ranges::move(*found, std::back_inserter(held));
    }
    for (auto& each : carriers)
        CXB_CO_CHECK(co_await look_at_one(lease, std::move(each), held));
    co_return result<void>{};
}

store::async<void> carrier_sync::look_at_one(server::loop_lease& lease, json_object carrier,
                                             std::vector<std::string> const& held) {
    livekit_kind const* missing = nullptr;
    for (auto const* kind : livekit_kinds)
        if (auto const id = wire::text_at(carrier, kind->member);
            missing == nullptr && !id.empty() && std::ranges::find(held, id) == held.end())
            missing = kind;
    bool const pending = wire::text_at(carrier, "lk_sync_status") == "pending";
    if (missing == nullptr && !pending) co_return result<void>{};
    std::string const id(wire::text_at(carrier, "_id"));
    auto const version = wire::int_at(carrier, "version");
    CXB_CO_TRY(bool const busy, co_await job_is_open(id, version));
    if (busy) co_return result<void>{};
    // A job of its own needs a version of its own; it may be pending from before LiveKit was there.
    auto as_read = store::by_id(id);
    as_read.all.push_back(store::eq("version", version));
    store::update changes;
    changes.set("version", version + 1).set("lk_sync_status", missing ? "error" : "pending");
    if (missing != nullptr)
        changes.set("lk_sync_error", json_value(std::string_view(missing->when_gone)));
    store::batch writes;
    writes.update_one(model::carriers, std::move(as_read), std::move(changes), "moved");
    writes.insert(server::jobs, make_sync_job(id, version + 1, time_.now(), random_));
    CXB_CO_TRY(auto const outcome, co_await lease.commit(std::move(writes)));
    // Somebody changed it meanwhile, with a job of their own.
    (void)outcome;
    co_return result<void>{};
}

}  // namespace cxb::api
