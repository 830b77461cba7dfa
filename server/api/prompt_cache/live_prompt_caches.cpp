#include "server/api/prompt_cache/live_prompt_caches.hpp"

#include <algorithm>

#include "cxb/base/ids.hpp"
#include "server/api/prompt_cache/cache_flight.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
namespace model = server::model;
using server::job_verdict;
using wire::json_object;

constexpr std::string_view state_member = "live_prompt_cache_state";
constexpr char const* bot_moved = "bot_moved";
constexpr std::size_t follow_page = 200;
constexpr seconds commit_overlap{30};
constexpr seconds prewarm_pause{30};

server::job_spec refresh_job(bot_entry const& bot, std::string const& cause) {
    server::job_spec spec;
    spec.kind = cache_refresh_kind;
    spec.key = spec.kind + ":" + bot.id + ":" + cause;
    spec.max_attempts = cache_refresh_attempts;
    spec.bot_id = bot.id;
    return spec;
}

bool is_ready(cache_state const& state) noexcept {
    return state.status == cache_status::ready;
}

}  // namespace

live_prompt_caches::live_prompt_caches(cache_means means)
    : means_(std::move(means)),
      provider_(means_.outbound, means_.time),
      flights_(no_flights()),
      last_look_(to_epoch_ms(means_.time.now())) {}

server::lease_options live_prompt_caches::lease_for(std::string const& bot_id) const {
    return {.name = "live_prompt_cache:" + bot_id,
            .owner = means_.instance,
            .length = cache_lease_length};
}

void live_prompt_caches::count(char const* outcome) {
    means_.metrics.get_counter("cxb_prompt_cache_total", {outcome}).add();
}

void live_prompt_caches::note_save(bot_entry const& next, json_object& document,
                                   store::batch& together) {
    auto const system = means_.system.get();
    auto const need = cache_need_of(next, *system);
    auto const state = cache_state_of(next.stored);
    if (need == cache_need::no_use) document.erase(state_member);
    if (need != cache_need::wanted) return;
    auto const version = wanted_version(next, *system);
    auto const now = means_.time.now();
    if (is_ready(state) && serves(state, version, now)) return;
    if (!state.cache_name.empty() && state.static_version != version)
        document[state_member].as_object()["status"] = cache_status::stale;
    together.insert(server::jobs, make_job(refresh_job(next, "v" + std::to_string(next.version)),
                                           now, means_.random));
}

// Of two processes that leave one for the same run, the first one's is enough.
store::async<void> live_prompt_caches::leave_job(bot_entry const& bot, std::string cause,
                                                 seconds wait) {
    auto spec = refresh_job(bot, std::move(cause));
    auto const now = means_.time.now();
    spec.run_at = now + wait;
    auto const left =
        co_await means_.store.insert(server::jobs, make_job(std::move(spec), now, means_.random));
    if (!left && left.error().reason() != "duplicate_key") co_return left.error();
    co_return result<void>{};
}

// Null: the bot is not the one that was read any more.
store::async<bot_ptr> live_prompt_caches::swap(server::loop_lease& lease, bot_ptr bot,
                                               std::optional<cache_state> state,
                                               json_object event) {
    auto const now = means_.time.now();
    event["_id"] = make_hex24(now, means_.random);
    event["bot_id"] = bot->id;
    event["at"] = format_timestamp(now);
    event["state_rev"] = bot->state_rev + 1;
    store::update changes;
    if (state)
        changes.set(state_member, wire::to_object(*state));
    else
        changes.unset(state_member);
    changes.inc("state_rev", 1);
    store::batch writes;
    writes.update_one(model::bots,
                      store::all_of({store::eq(store::id_field, wire::json_value(bot->id)),
                                     store::eq("version", bot->version)}),
                      std::move(changes), bot_moved);
    writes.insert(model::live_prompt_cache_events, std::move(event));
    CXB_CO_TRY(auto const outcome, co_await lease.commit(std::move(writes)));
    if (!outcome.applied && outcome.label == bot_moved) co_return bot_ptr{};
    if (!outcome.applied) co_return error{errc::unavailable, "The state was not written"};
    co_return co_await means_.bots.state_changed(bot->id);
}

store::async<cache_state> live_prompt_caches::refresh(std::string bot_id, audit_actor actor) {
    CXB_CO_TRY(auto const bot, co_await means_.bots.read(bot_id));
    CXB_CO_CHECK(check_no_policy(*bot));
    if (bot->bot.static_system_prompt.empty())
        co_return error{errc::conflict, "Static system prompt is required"};
    auto const system = means_.system.get();
    auto const need = cache_need_of(*bot, *system);
    if (need == cache_need::off || !bot->bot.is_direct())
        co_return error{errc::conflict, "Live prompt cache is not enabled"};
    if (need == cache_need::no_use) co_return cache_state{};
    std::string by = actor.label;
    audited_write asked;
    asked.entry = {"bot.live_prompt_cache_refresh", "bot", bot->id, bot->bot.name, {}};
    CXB_CO_CHECK(co_await means_.audit.commit(std::move(actor), std::move(asked)));
    auto const since = means_.time.now();
    auto const fresh = [since](cache_state const& state) {
        return is_ready(state) && state.created_at >= since;
    };
    co_return (co_await make(std::move(bot_id), {std::move(by), fresh})).state;
}

store::async<contract::lookup::cache_recreated> live_prompt_caches::recreate(
    std::string bot_id, contract::lookup::cache_recreate_request asked) {
    std::string const gone = asked.cached_content_name.value_or("");
    auto const another = [this, gone](cache_state const& state) {
        bool const young = state.created_at && means_.time.now() - *state.created_at < cache_young;
        return state.cache_name != gone || young;
    };
    auto const got = co_await make(std::move(bot_id), {"worker", another, gone});
    if (!got.state) co_return got.state.error();
    co_return contract::lookup::cache_recreated{got.state->cache_name, got.state->static_version,
                                                got.state->expires_at};
}

store::async<void> live_prompt_caches::prewarm(std::string bot_id, time_point due) {
    auto const of_this_run = [due](cache_state const& state) {
        return is_ready(state) && state.created_at >= due;
    };
    auto const got = co_await make(bot_id, {"prewarm", of_this_run});
    // Edited or switched off since the list was made: a save sees to it.
    bool const wanted_no_more = !got.state && (got.state.error().code() == errc::conflict ||
                                               got.state.error().code() == errc::not_found);
    if (got.state || wanted_no_more) co_return result<void>{};
    auto const bot = means_.bots.find(bot_id);
    if (bot && !got.hopeless)
        CXB_CO_CHECK(co_await leave_job(*bot, "prewarm" + format_timestamp(due),
                                        got.wait.value_or(prewarm_pause)));
    co_return got.state.error();
}

asio::awaitable<job_verdict> live_prompt_caches::run(server::job_context job) {
    std::string bot_id(wire::text_at(job.row(), "bot_id"));
    auto const got = co_await make(std::move(bot_id), {"save", &is_ready});
    if (got.state) co_return job_verdict::done();
    auto const& cause = got.state.error();
    // Nobody wants it any more.
    if (cause.code() == errc::not_found || cause.code() == errc::conflict)
        co_return job_verdict::done();
    if (got.hopeless) co_return job_verdict::dead(0, cause.detail());
    co_return job_verdict::retry(got.wait, 0, cause.detail());
}

store::async<void> live_prompt_caches::clear(std::string bot_id) {
    server::loop_lease lease(means_.store, means_.time, lease_for(bot_id));
    CXB_CO_TRY(auto const got, co_await lease.keep());
    if (got != server::lease_change::taken) co_return result<void>{};
    auto done = co_await means_.bots.reload(bot_id);
    auto const bot = means_.bots.find_any(bot_id);
    bool const due = done && bot && has_state(*bot) &&
                     cache_need_of(*bot, *means_.system.get()) != cache_need::wanted;
    if (due) done = co_await clear_leased(lease, bot);
    // A lease that could not be given back ends by itself.
    (void)co_await lease.release();
    co_return done;
}

store::async<void> live_prompt_caches::clear_leased(server::loop_lease& lease, bot_ptr bot) {
    auto state = cache_state_of(bot->stored);
    std::string const name = state.cache_name;
    if (!name.empty() && state.expires_at && *state.expires_at > means_.time.now()) {
        // Not served any more before it goes: who switches the bot on meanwhile gets another.
        state.status = cache_status::stale;
        CXB_CO_TRY(bot,
                   co_await swap(lease, bot, state, {{"event", "deleting"}, {"cache_name", name}}));
        if (!bot) co_return result<void>{};
        auto const gone = co_await provider_.remove(
            cache_access_of(*bot, *means_.system.get(), state.provider), name);
        if (!gone) {
            count("delete_failed");
            state.last_error = gone.error().detail();
            CXB_CO_CHECK(co_await swap(lease, bot, state,
                                       {{"event", "delete_failed"},
                                        {"cache_name", name},
                                        {"error", gone.error().detail()}}));
            co_return gone.error();
        }
        count("deleted");
    }
    CXB_CO_CHECK(
        co_await swap(lease, bot, std::nullopt, {{"event", "deleted"}, {"cache_name", name}}));
    co_return result<void>{};
}

store::async<void> live_prompt_caches::follow() {
    auto const began = to_epoch_ms(means_.time.now());
    // Another writer may commit a moment that lies before the newest one seen here.
    time_point const from(milliseconds(std::min(began, last_look_.load())) - commit_overlap);
    store::find_options options;
    options.sort = {{"at", false}};
    options.limit = follow_page;
    options.only = {"bot_id", "state_rev"};
    do {
        CXB_CO_TRY(store::page page,
                   co_await means_.store.find(
                       model::live_prompt_cache_events,
                       store::all_of({store::gte("at", wire::json_value(format_timestamp(from)))}),
                       options));
        for (auto const& event : page.items) {
            auto const known = means_.bots.find_any(wire::text_at(event, "bot_id"));
            if (known && known->state_rev < wire::int_at(event, "state_rev"))
                CXB_CO_CHECK(co_await means_.bots.reload(known->id));
        }
        options.after = page.next;
    } while (!options.after.empty());
    last_look_ = began;
    co_return result<void>{};
}

}  // namespace cxb::api
