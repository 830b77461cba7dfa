#include "server/api/calls/result_ingest.hpp"

#include "cxb/base/ids.hpp"
#include "cxb/contract/recording_token/recording_token.hpp"
#include "cxb/domain/phone_number.hpp"
#include "server/api/calls/call_phone.hpp"
#include "server/api/calls/pending_cdr.hpp"
#include "server/api/calls/trace_rows.hpp"
#include "server/api/push/push_job.hpp"
#include "server/common/jobs/job.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;

constexpr int max_decisions = 5;

error try_later(std::string why) {
    return error{errc::unavailable, "The result was not stored, send it again"}
        .with_reason("store_unavailable")
        .with_note({std::move(why)})
        .with_retry_after(seconds{1});
}

bool recorded(json_object const& call) {
    return !wire::text_at(call, "recording_key").empty() ||
           !wire::text_at(call, "recording_url").empty();
}

// Job 1 of a call while it can still take newer content: an ended one renders no more.
std::vector<store::condition> unrendered(std::string const& session) {
    return {store::eq("key", wire::json_value("push:" + session + ":1")),
            store::in("state", {server::job_state::queued, server::job_state::running}),
            store::missing("frozen_request.webhook_id")};
}

}  // namespace

struct result_ingest::decision {
    std::optional<json_object> stored;
    domain::merge_outcome outcome;
    json_object call;  ///< as it will stand
    std::int64_t rev = 0;
    store::batch writes;
    std::optional<server::keyed_turn::hold> cdr_turn;  ///< while the call gets its stream
};

store::async<bool> result_ingest::token_is_taken(std::string token, std::string session_id) {
    if (token.empty()) co_return false;
    CXB_CO_TRY(auto const other,
               co_await store_.find_one(
                   model::calls,
                   store::all_of({store::eq("recording_access_token", wire::json_value(token))})));
    co_return other&& wire::text_at(*other, "session_id") != session_id;
}

// Without a skeleton only the payload can name the bot, and only if there is such a bot.
void result_ingest::fill_orphan(decision& made) const {
    auto& set = made.outcome.set;
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

void result_ingest::add_call_write(decision& made) {
    auto& set = made.outcome.set;
    if (made.outcome.insert) {
        made.writes.insert(model::calls, made.call, "call_moved");
        return;
    }
    store::update changes;
    for (auto const& [name, value] : set)
        changes.set(name, value);
    for (auto const& name : made.outcome.unset)
        changes.unset(name);
    changes.inc("rev", 1);
    made.writes.update_one(
        model::calls,
        store::all_of(
            {store::eq("session_id", wire::json_value(wire::text_at(made.call, "session_id"))),
             store::eq("rev", made.rev - 1)}),
        std::move(changes), "call_moved");
}

store::async<void> result_ingest::add_effects(decision& made, ingest_options const& options) {
    auto const& outcome = made.outcome;
    auto const bot = bots_.find_any(wire::text_at(made.call, "bot_id"));
    push_plan const plan = plan_push(bot.get(), made.call);
    bool const update_wanted =
        outcome.call_updated && plan.wanted && bot->bot.post_call_push->send_updates;
    if (outcome.effect_round == 0 && !update_wanted) co_return result<void>{};
    made.outcome.set["push_state"] = wire::json_value(plan.state);
    made.call["push_state"] = wire::json_value(plan.state);
    if (!plan.wanted) co_return result<void>{};
    std::string const session(wire::text_at(made.call, "session_id"));
    time_point const now = time_.now();
    if (outcome.effect_round == 2) {
        // Rendering happens at the first attempt: while none was made, job 1 sends the new content.
        auto const first = store::all_of(unrendered(session));
        CXB_CO_TRY(auto const job, co_await store_.find_one(server::jobs, first));
        if (job) {
            made.writes.update_one(server::jobs, first,
                                   store::update{}.set("payload.call_rev", made.rev), "push_moved");
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
    add_push_job(made.writes, std::move(order), now, random_);
    trace_rows(session, "api", now).add("push_queued").into(made.writes, random_);
    co_return result<void>{};
}

store::async<result_ingest::decision> result_ingest::decide(domain::result_payload const& payload,
                                                            ingest_options const& options) {
    decision made;
    std::string const session(payload.session_id());
    CXB_CO_TRY(
        made.stored,
        co_await store_.find_one(
            model::calls, store::all_of({store::eq("session_id", wire::json_value(session))})));
    domain::merge_context context;
    context.now = time_.now();
    context.fresh_token = contract::recording_token::generate(random_);
    CXB_CO_TRY(context.token_taken,
               co_await token_is_taken(
                   std::string(wire::text_at(payload.members, "recording_access_token")), session));
    made.outcome = domain::merge_result(made.stored ? &*made.stored : nullptr, payload, context);
    if (!made.outcome.writes()) co_return made;
    made.rev = made.stored ? wire::int_at(*made.stored, "rev") + 1 : 1;
    auto& set = made.outcome.set;
    if (made.outcome.insert)
        fill_orphan(made);
    else if (!bots_.find_any(wire::text_at(set, "bot_id")))
        set.erase("bot_id");  // the bot that was served stays; its push must not get lost
    std::string const stream(wire::text_at(set, "stream_id"));
    if (!stream.empty() && (!made.stored || wire::text_at(*made.stored, "stream_id") != stream)) {
        made.cdr_turn.emplace(co_await turns_.take(cdr_turn_key(stream)));
        CXB_CO_CHECK(co_await add_pending_cdr(store_, set, made.writes, time_.now()));
    }
    made.call = made.stored ? *made.stored : json_object{};
    for (auto const& name : made.outcome.unset)
        made.call.erase(name);
    for (auto const& [name, value] : set)
        made.call[name] = value;
    if (recorded(made.call)) set["has_recording"] = made.call["has_recording"] = true;
    if (wire::text_at(made.call, "phone").empty()) {
        auto const phone =
            domain::to_e164(wire::text_at(made.call, "caller_id"), options.phone_region);
        if (phone) {
            set_phone(set, *phone);
            set_phone(made.call, *phone);
        }
    }
    CXB_CO_CHECK(co_await add_effects(made, options));
    add_call_write(made);
    trace_rows(session, "api", time_.now())
        .add("result", {{"result", word_of(made.outcome.decision)},
                        {"disconnected_by", wire::text_at(made.call, "disconnected_by")}})
        .into(made.writes, random_);
    co_return made;
}

store::async<contract::call_results::call_results_ack> result_ingest::take(std::string body,
                                                                           ingest_options options) {
    CXB_CO_TRY(domain::result_payload const payload, domain::read_result(body));
    std::string const session(payload.session_id());
    auto const turn = co_await turns_.take("call " + session);
    for (int i = 0; i < max_decisions; ++i) {
        auto made = co_await decide(payload, options);
        if (!made) co_return try_later(made.error().to_log_text());
        contract::call_results::call_results_ack ack;
        ack.session_id = session;
        ack.result = made->outcome.decision;
        bool const nothing_new = made->writes.empty();
        if (!nothing_new) {
            auto const done = co_await store_.commit(std::move(made->writes));
            if (!done) co_return try_later("commit failed");
            if (!done->applied) continue;
        }
        auto const& call = nothing_new && made->stored ? *made->stored : made->call;
        metrics_
            .get_counter("cxb_results_total", {std::string(wire::text_at(call, "status")),
                                               nothing_new ? "true" : "false"})
            .add();
        co_return ack;
    }
    co_return try_later("somebody else keeps changing the call");
}

}  // namespace cxb::api
