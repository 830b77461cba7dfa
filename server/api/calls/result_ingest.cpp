#include "server/api/calls/result_ingest.hpp"

#include <algorithm>
#include <utility>

#include "cxb/base/ids.hpp"
#include "cxb/contract/call_results/failure_result.hpp"
#include "cxb/contract/recording_token/recording_token.hpp"
#include "cxb/domain/call_rollup.hpp"
#include "cxb/domain/phone_number.hpp"
#include "server/api/analytics/rollup_writes.hpp"
#include "server/api/calls/call_phone.hpp"
#include "server/api/calls/call_redaction.hpp"
#include "server/api/calls/pending_cdr.hpp"
#include "server/api/calls/trace_rows.hpp"
#include "server/api/push/push_job.hpp"
#include "server/api/recordings/recording_removal.hpp"
#include "server/api/retention/retention.hpp"
#include "server/api/webhooks/webhook_facts.hpp"
#include "server/common/jobs/job.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;
using wire::json_value;

constexpr int max_decisions = 5;

error try_later(std::string why) {
    return error{errc::unavailable, "The result was not stored, send it again"}
        .with_reason("store_unavailable")
        .with_note({std::move(why)})
        .with_retry_after(seconds{1});
}

store::async<store::commit_outcome> commit_by(store::document_store& store,
                                              ingest_options const& options, store::batch writes) {
    if (options.commit) co_return co_await options.commit(std::move(writes));
    co_return co_await store.commit(std::move(writes));
}

// Job 1 of a call while it can still take newer content: an ended one renders no more.
std::vector<store::condition> unrendered(std::string const& session) {
    return {store::eq("key", wire::json_value("push:" + session + ":1")),
            store::in("state", {server::job_state::queued, server::job_state::running}),
            store::missing("frozen_request.webhook_id")};
}

}  // namespace

// The call as it will stand is never put together: results are large, and every copy of one shows.
struct result_ingest::decision {
    std::string session_id;
    bool looks = false;  ///< reads what a failed commit has shown to be more than a possibility
    bool by_reaper = false;
    std::optional<json_object> stored;
    domain::merge_decision word{};
    std::optional<domain::merge_outcome> merged;  ///< none for a repetition
    std::int64_t rev = 0;
    std::string status;  ///< of the call as it will stand
    store::batch writes;
    domain::rollup_changes counts;
    std::optional<domain::rollup_key> counted_in;
    std::string new_stream;  ///< which the call gets by this result
    bool nothing_new = false;

    [[nodiscard]] json_object& set() { return merged->set; }
    /// A member of the call as it will stand; null when it has none.
    [[nodiscard]] wire::json_value const* member(std::string_view name) const {
        if (auto const* fresh = merged->set.if_contains(name)) return fresh;
        auto const& gone = merged->unset;
        bool const kept = stored && std::find(gone.begin(), gone.end(), name) == gone.end();
        return kept ? stored->if_contains(name) : nullptr;
    }
    [[nodiscard]] std::string_view text(std::string_view name) const {
        auto const* found = member(name);
        auto const* text = found == nullptr ? nullptr : found->if_string();
        return text == nullptr ? std::string_view{} : std::string_view(*text);
    }
    [[nodiscard]] bool flag(std::string_view name) const {
        auto const* found = member(name);
        return found != nullptr && found->is_bool() && found->get_bool();
    }
    [[nodiscard]] push_plan plan(bot_entry const* bot) const {
        return plan_push(bot, flag("skip_post_push"), text("call_type"));
    }
    void count_call();
    void add_call_write();
};

// What the call contributed before is taken out again; that the stored one is still as it was read
// is what the write of the call is bound to.
void result_ingest::decision::count_call() {
    auto const* kept = stored ? stored->if_contains("rollup") : nullptr;
    std::optional<domain::call_rollup> before;
    if (kept != nullptr && kept->is_object()) before = domain::read_call_rollup(kept->get_object());
    auto const now = domain::rollup_of([this](std::string_view name) { return member(name); });
    if (before) counts.subtract(*before);
    if (now) {
        counts.add(*now);
        counted_in = now->key;
    }
    if (now == before) return;
    if (now)
        set()["rollup"] = domain::to_json(*now);
    else
        merged->unset.emplace_back("rollup");
}

// The outcome's members move into the write: nothing of it is read afterwards.
void result_ingest::decision::add_call_write() {
    if (merged->insert) {
        writes.insert(model::calls, std::move(merged->set), "call_moved");
        return;
    }
    store::update changes;
    for (auto& member : merged->set)
        changes.set(member.key(), std::move(member.value()));
    for (auto const& name : merged->unset)
        changes.unset(name);
    changes.inc("rev", 1);
    writes.update_one(model::calls,
                      store::all_of({store::eq("session_id", wire::json_value(session_id)),
                                     store::eq("rev", rev - 1)}),
                      std::move(changes), "call_moved");
}

store::async<bool> result_ingest::token_is_taken(std::string token, std::string session_id) {
    CXB_CO_TRY(auto const other,
               co_await store_.find_one(
                   model::calls,
                   store::all_of({store::eq("recording_access_token", wire::json_value(token))})));
    co_return other&& wire::text_at(*other, "session_id") != session_id;
}

// Without a skeleton only the payload can name the bot, and only if there is such a bot.
void result_ingest::fill_orphan(decision& made) const {
    auto& set = made.set();
    std::string const bot_id(wire::text_at(set, "bot_id"));
    auto const bot = bots_.find_any(bot_id);
    if (bot)
        set["bot_name"] = bot->bot.name;
    else
        set.erase("bot_id");
    set["call_type"] = "bot";
    set["_id"] = make_hex24(time_.now(), random_);
    set["rev"] = 1;
    // What filters ask for must be there, as in a call with a skeleton.
    for (char const* flag : {"is_test", "was_transferred", "has_recording"})
        set.emplace(flag, false);
    set["push_state"] = "none";
}

// What follows from the call as it will stand.
void result_ingest::fill_from_call(decision& made, ingest_options const& options) const {
    bool const recorded =
        !made.text("recording_key").empty() || !made.text("recording_url").empty();
    if (recorded) made.set()["has_recording"] = true;
    // "Has some call read these prompts from the cache" must be a look-up (spec 20 §5.2 `ready`).
    auto const prompts = made.text("post_call_cache_version");
    auto const* const summary = made.member("llm_cache_summary");
    if (!prompts.empty() && summary != nullptr && summary->is_object() &&
        wire::bool_at(summary->get_object(), "worked"))
        made.set()["post_call_cache_worked"] = wire::json_value(std::string(prompts));
    if (!made.text("phone").empty()) return;
    auto const phone = domain::to_e164(made.text("caller_id"), options.phone_region);
    if (phone) set_phone(made.set(), *phone);
}

store::async<void> result_ingest::add_effects(decision& made, ingest_options const& options,
                                              trace_rows& trace) {
    auto const& outcome = *made.merged;
    auto const bot = bots_.find_any(made.text("bot_id"));
    push_plan const plan = made.plan(bot.get());
    bool const update_wanted =
        outcome.call_updated && plan.wanted && bot->bot.post_call_push->send_updates;
    if (outcome.effect_round == 0 && !update_wanted) co_return result<void>{};
    made.set()["push_state"] = wire::json_value(plan.state);
    if (!plan.wanted) co_return result<void>{};
    std::string const& session = made.session_id;
    time_point const now = time_.now();
    if (outcome.effect_round == 2) {
        // Rendering happens at the first attempt: while none was made, job 1 sends the new content.
        auto const first = store::all_of(unrendered(session));
        CXB_CO_TRY(auto const job, co_await store_.find_one(server::jobs, first));
        if (job) {
            made.writes.update_one(server::jobs, first,
                                   store::update{}.set("payload.call_rev", made.rev), "push_moved");
            made.set()["push_job"] = wire::json_value(wire::text_at(*job, "_id"));
            co_return result<void>{};
        }
    }
    push_order order;
    order.session_id = session;
    order.bot_id = bot->id;
    order.suffix = outcome.effect_round > 0 ? std::to_string(outcome.effect_round)
                                            : "u" + std::to_string(made.rev);
    order.base = options.base;
    order.call_rev = made.rev;
    order.max_attempts = bot->bot.post_call_push->max_attempts;
    order.counted_in = made.counted_in;
    made.set()["push_job"] =
        wire::json_value(add_push_job(made.writes, made.counts, std::move(order), now, random_));
    trace.add("push_queued");
    co_return result<void>{};
}

// What the retention took away stays away, and what a late result brings anew is looked at again.
void result_ingest::honour_retention(decision& made) {
    if (!made.stored) return;
    if (made.stored->contains(transcript_removed_at))
        made.merged->unset.emplace_back(transcript_removed_at);
    if (!is_recording_removed(*made.stored)) return;
    auto named = made.set();
    named["session_id"] = json_value(made.session_id);
    add_removal(
        made.writes,
        {fresh_removal_key(time_.now(), random_), made.session_id, recording_objects(named), {}},
        time_.now(), random_);
    for (auto const name : recording_members)
        made.set().erase(name);
    made.set()["has_recording"] = false;
}

// Beside the push: what endpoints are told of a result (spec 21 §1.3) and of a call that has a
// recording now.
void result_ingest::add_webhooks(decision& made) {
    using contract::webhook::event_type;
    auto const& outcome = *made.merged;
    call_member const call = [&made](std::string_view name) { return made.member(name); };
    std::string const update = "u" + std::to_string(made.rev);
    time_point const now = time_.now();
    if (outcome.effect_round > 0)
        add_call_webhooks(made.writes, endpoints_, event_type::call_completed,
                          std::to_string(outcome.effect_round), call, now, random_);
    else if (outcome.call_updated)
        add_call_webhooks(made.writes, endpoints_, event_type::call_updated, update, call, now,
                          random_);
    bool const had = made.stored && wire::bool_at(*made.stored, "has_recording");
    if (!had && made.flag("has_recording"))
        add_call_webhooks(made.writes, endpoints_, event_type::recording_ready, update, call, now,
                          random_);
}

// What a result causes must not depend on how old our picture of the bot is: it is at least that of
// whoever served the config.
store::async<void> result_ingest::know_bot(decision const& made,
                                           domain::posted_result const& posted) {
    if (auto const& named = posted.value.bot_id) CXB_CO_CHECK(co_await bots_.catch_up(*named));
    if (!made.stored) co_return result<void>{};
    std::string id(wire::text_at(*made.stored, "bot_id"));
    co_return co_await bots_.catch_up(std::move(id), wire::int_at(*made.stored, "bot_version", 1));
}

store::async<void> result_ingest::decide(decision& made, domain::posted_result const& posted,
                                         ingest_options const& options) {
    std::string const& session = made.session_id;
    CXB_CO_TRY(made.stored, co_await store_.find_one(model::calls, model::of_session(session)));
    if (made.by_reaper && (!made.stored || domain::has_result(*made.stored))) {
        made.word = domain::merge_decision::stale;
        co_return result<void>{};
    }
    // Nobody's words come back into a call that they were taken out of.
    if (made.stored && is_redacted(*made.stored)) {
        made.word = domain::merge_decision::stale;
        made.status = wire::text_at(*made.stored, "status");
        co_return result<void>{};
    }
    auto const known = made.stored ? domain::known_already(*made.stored, posted) : std::nullopt;
    if (known) {
        made.word = *known;
        made.status = wire::text_at(*made.stored, "status");
        // Whoever stored it may have died before its look for a CDR.
        made.new_stream = wire::text_at(*made.stored, "stream_id");
        co_return result<void>{};
    }
    CXB_CO_CHECK(co_await know_bot(made, posted));
    domain::merge_context context;
    context.now = time_.now();
    context.by_reaper = made.by_reaper;
    context.fresh_token = contract::recording_token::generate(random_);
    auto const& token = posted.value.recording_access_token;
    if (made.looks && token) {
        CXB_CO_TRY(context.token_taken, co_await token_is_taken(token->reveal(), session));
    }
    made.merged.emplace(domain::merge_result(made.stored ? &*made.stored : nullptr,
                                             domain::make_payload(posted), context));
    made.word = made.merged->decision;
    made.status = made.text("status");
    if (!made.merged->writes()) co_return result<void>{};
    made.rev = made.stored ? wire::int_at(*made.stored, "rev") + 1 : 1;
    auto& set = made.set();
    if (made.merged->insert)
        fill_orphan(made);
    else if (!bots_.find_any(wire::text_at(set, "bot_id")))
        set.erase("bot_id");  // the bot that was served stays; its push must not get lost
    std::string const stream(wire::text_at(set, "stream_id"));
    if (!stream.empty() && (!made.stored || wire::text_at(*made.stored, "stream_id") != stream)) {
        made.new_stream = stream;
        CXB_CO_CHECK(co_await add_pending_cdr(store_, set, made.writes, time_.now()));
    }
    fill_from_call(made, options);
    honour_retention(made);
    trace_rows trace(session, "api", time_.now());
    trace.add("result",
              {{"result", word_of(made.word)}, {"disconnected_by", made.text("disconnected_by")}});
    made.count_call();
    CXB_CO_CHECK(co_await add_effects(made, options, trace));
    add_webhooks(made);
    made.add_call_write();
    add_rollups(made.writes, made.counts);
    trace.into(made.writes, random_);
    co_return result<void>{};
}

store::async<result_ingest::decision> result_ingest::settle(domain::posted_result const& posted,
                                                            ingest_options const& options,
                                                            bool by_reaper) {
    std::string const& session = posted.value.session_id;
    auto const turn = co_await turns_.take("call " + session);
    for (int i = 0; i < max_decisions; ++i) {
        decision made;
        made.session_id = session;
        made.looks = i > 0;
        made.by_reaper = by_reaper;
        auto const decided = co_await decide(made, posted, options);
        if (!decided) co_return try_later(decided.error().to_log_text());
        made.nothing_new = made.writes.empty();
        if (!made.nothing_new) {
            auto const done = co_await commit_by(store_, options, std::exchange(made.writes, {}));
            if (!done) co_return try_later("commit failed");
            if (!done->applied) continue;
        }
        auto const united = co_await unite_cdr(store_, made.new_stream, time_.now(), random_);
        if (!united) co_return try_later("CDR not looked for");
        co_return made;
    }
    co_return try_later("somebody else keeps changing the call");
}

store::async<contract::call_results::call_results_ack> result_ingest::take(std::string body,
                                                                           ingest_options options) {
    CXB_CO_TRY(domain::posted_result const posted, domain::read_posted(body));
    CXB_CO_TRY(decision const made, co_await settle(posted, options, false));
    metrics_.get_counter("cxb_results_total", {made.status, made.nothing_new ? "true" : "false"})
        .add();
    contract::call_results::call_results_ack ack;
    ack.session_id = posted.value.session_id;
    ack.result = made.word;
    co_return ack;
}

store::async<bool> result_ingest::take_missing(std::string session_id, ingest_options options) {
    contract::call_results::result_ids ids;
    ids.session_id = std::move(session_id);
    auto missing = contract::call_results::make_failure_result(ids, "error", "result_missing");
    for (auto& event : *missing.events)
        event.timestamp = time_.now();
    CXB_CO_TRY(domain::posted_result const posted,
               domain::read_posted(contract::call_results::serialize(missing)));
    CXB_CO_TRY(decision const made, co_await settle(posted, options, true));
    if (!made.nothing_new) metrics_.get_counter("cxb_stale_calls_total").add();
    co_return !made.nothing_new;
}

}  // namespace cxb::api
