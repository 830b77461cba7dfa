// Parts of calls that stay: recordings and what was said (settings `retention.recordings_days` and
// `transcripts_days`).
#include <algorithm>

#include "server/api/calls/call_redaction.hpp"
#include "server/api/recordings/recording_removal.hpp"
#include "server/api/retention/retention.hpp"
#include "server/common/jobs/job.hpp"
#include "server/common/model/collections.hpp"
#include "src/base/fail_point.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_array;
using wire::json_object;
using wire::json_value;

constexpr char const* state_row = "retention";
constexpr int max_decisions = 5;
constexpr std::string_view moved = "call_moved";
constexpr std::string_view words[] = {"transcript", "result_conflicts"};

// One of the two kinds of parts.
struct part {
    std::string name;  ///< of its member in the state row
    store::condition untreated;
    std::vector<std::string> needed;  ///< members read
    /// The writes for calls as they were read.
    store::async<void> (*treat)(retention_means const& with, std::vector<json_object> const& calls,
                                store::batch& writes);
};

// Up to where one part was looked through, and since when this round goes.
struct place {
    std::string before;
    std::string began;
};

json_value text_of(time_point at) {
    return json_value(format_timestamp(at));
}

store::async<place> read_place(retention_means const& with, std::string const& name) {
    CXB_CO_TRY(auto const row,
               co_await with.store.find_one(model::system_runtime, store::by_id(state_row)));
    place out;
    if (row) {
        out.before = wire::text_at(*row, name + ".before");
        out.began = wire::text_at(*row, name + ".began");
    }
    auto const now = with.time.now();
    auto const began = parse_timestamp(out.began);
    // Also when the clock was ahead as it was written.
    bool const over = !began || now - *began >= retention_round || *began > now;
    if (over || out.before.empty()) out = {format_timestamp(time_point{}), format_timestamp(now)};
    co_return out;
}

void add_place(store::batch& writes, std::string const& name, place const& at) {
    writes.upsert(
        model::system_runtime, store::by_id(state_row),
        store::update{}.set(name, json_object{{"before", at.before}, {"began", at.began}}));
}

// Bound to what was read: whoever writes the call meanwhile makes the portion be decided anew.
void add_change(store::batch& writes, json_object const& call, store::update changes,
                time_point now) {
    auto as_read = store::by_id(wire::text_at(call, "_id"));
    auto const* const rev = call.if_contains("rev");
    as_read.all.push_back(rev != nullptr ? store::eq("rev", *rev) : store::missing("rev"));
    changes.set("updated_at", text_of(now)).inc("rev", 1);
    writes.update_one(model::calls, std::move(as_read), std::move(changes), std::string(moved));
}

store::async<std::size_t> remove_parts(retention_means const& with, server::loop_lease& lease,
                                       time_point before, part what) {
    CXB_CO_TRY(place at, co_await read_place(with, what.name));
    std::string const end = format_timestamp(before);
    store::find_options portion;
    portion.sort = {{"created_at", false}};
    portion.limit = retention_portion;
    portion.only = what.needed;
    std::size_t out = 0;
    int unapplied = 0;
    for (std::size_t i = 0; i < retention_portions && at.before < end; ++i) {
        CXB_CO_TRY(
            auto const page,
            co_await with.store.find(model::calls,
                                     store::all_of({store::gte("created_at", json_value(at.before)),
                                                    store::lt("created_at", json_value(end)),
                                                    store::ne("status", "active"), what.untreated}),
                                     portion));
        bool const last = page.items.size() < portion.limit;
        place const next{last ? end : std::string(wire::text_at(page.items.back(), "created_at")),
                         at.began};
        CXB_CO_TRY(auto const calls, co_await without_people(with.store, page.items));
        store::batch writes;
        CXB_CO_CHECK(co_await what.treat(with, calls, writes));
        add_place(writes, what.name, next);
        auto const done = co_await lease.commit(std::move(writes));
        if (!done && halve_portion(done.error(), portion.limit)) continue;
        CXB_CO_CHECK(done);
        if (!done->applied) {
            if (++unapplied == max_decisions) break;  // the next turn goes on from here
            continue;
        }
        CXB_FAIL_POINT("retention.parts_removed");
        unapplied = 0;
        out += calls.size();
        at = next;
    }
    co_return out;
}

store::async<void> take_recordings(retention_means const& with,
                                   std::vector<json_object> const& calls, store::batch& writes) {
    auto const now = with.time.now();
    removal_order objects{fresh_removal_key(now, with.random), {}, {}, {}};
    for (auto const& call : calls) {
        store::update changes;
        changes.set("has_recording", false).set(recording_removed_at, text_of(now));
        for (auto const name : recording_members)
            changes.unset(name);
        add_change(writes, call, std::move(changes), now);
        std::ranges::move(recording_objects(call), std::back_inserter(objects.objects));
    }
    add_removal(writes, std::move(objects), now, with.random);
    co_return result<void>{};
}

// The bodies of ended jobs hold what was said as well; they can then no longer be sent the same.
store::async<void> add_job_bodies(store::document_store& store,
                                  std::vector<json_object> const& calls, store::batch& writes) {
    json_array sessions;
    for (auto const& call : calls)
        sessions.push_back(json_value(wire::text_at(call, "session_id")));
    store::find_options all;
    all.limit = 0;
    all.only = {"state"};
    // Which have ended is seen here: asked of the store, the states would be what it looks by, and
    // nearly all jobs have one of them.
    auto where = store::all_of(
        {store::in("session_id", std::move(sessions)), store::exists("frozen_request.webhook_id")});
    CXB_CO_TRY(auto const jobs, co_await store.find(server::jobs, std::move(where), all));
    for (auto const& job : jobs.items) {
        auto const state = wire::text_at(job, "state");
        if (state == server::job_state::queued || state == server::job_state::running) continue;
        auto as_read = store::by_id(wire::text_at(job, "_id"));
        as_read.all.push_back(store::eq("state", json_value(state)));
        writes.update_if_any(server::jobs, std::move(as_read),
                             store::update{}.unset("frozen_request"));
    }
    co_return result<void>{};
}

store::async<void> take_words(retention_means const& with, std::vector<json_object> const& calls,
                              store::batch& writes) {
    auto const now = with.time.now();
    for (auto const& call : calls) {
        store::update changes;
        changes.set(transcript_removed_at, text_of(now));
        for (auto const name : words)
            changes.unset(name);
        thin_lists(call, changes);
        add_change(writes, call, std::move(changes), now);
    }
    if (calls.empty()) co_return result<void>{};
    co_return co_await add_job_bodies(with.store, calls, writes);
}

}  // namespace

store::async<std::size_t> remove_old_recordings(retention_means const& with,
                                                server::loop_lease& lease, time_point before) {
    part recordings{"recordings",
                    store::eq("has_recording", true),
                    {"session_id", "created_at", "rev", "recording_key", "recording_url"},
                    &take_recordings};
    co_return co_await remove_parts(with, lease, before, std::move(recordings));
}

store::async<std::size_t> remove_old_transcripts(retention_means const& with,
                                                 server::loop_lease& lease, time_point before) {
    part transcripts{"transcripts",
                     store::missing(transcript_removed_at),
                     {"session_id", "created_at", "rev", "events", "integration_log"},
                     &take_words};
    co_return co_await remove_parts(with, lease, before, std::move(transcripts));
}

}  // namespace cxb::api
