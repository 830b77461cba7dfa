#include "server/api/config/config_service.hpp"

#include <algorithm>

#include "cxb/base/ids.hpp"
#include "cxb/domain/call_variables.hpp"
#include "cxb/domain/result_merge.hpp"
#include "cxb/domain/system_variables.hpp"
#include "cxb/domain/time_zone.hpp"
#include "server/api/bots/bot_hours.hpp"
#include "server/api/calls/pending_cdr.hpp"
#include "server/api/config/config_build.hpp"
#include "server/common/async/in_time.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;

constexpr std::chrono::minutes fetch_id_lifetime{10};
constexpr milliseconds least_store_time{200};  // kept back for the write at the end
constexpr int max_writes = 5;

bool is_session_id(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    });
}

std::string given_session(rc::config_request const& request) {
    auto const& given = request.connected_event.flags.campaign_session_id;
    return given && is_session_id(*given) ? *given : std::string();
}

error store_down() {
    return error{errc::unavailable, "store_unavailable"}
        .with_reason("store_unavailable")
        .with_retry_after(seconds{1});
}

error out_of_time() {
    return error{errc::unavailable, "config_deadline"}.with_reason("config_deadline");
}

// Statuses share a word: a label must not take as many values as a peer can send.
std::string outcome_word(prefetch_outcome const& outcome) {
    if (outcome.stale) return "stale";
    if (outcome.reason.empty()) return outcome.from_cache ? "cached" : "ok";
    return outcome.reason.starts_with("status_") ? "status" : outcome.reason;
}

}  // namespace

// One row per refusal, so that "why does this bot not answer" has an answer (spec 20 §8 step 5).
store::async<void> config_service::refuse(build const& at, error const& why) {
    std::string const& detail = why.detail();
    json_object row{{"_id", make_hex24(at.now, random_)},
                    {"bot_id", at.ask.bot_id},
                    {"caller_id", at.ask.request.caller_id},
                    {"reason", detail.substr(0, detail.find(':'))},
                    {"at", format_timestamp(at.now)}};
    if (auto const& session = at.ask.request.connected_event.flags.campaign_session_id)
        row["session_id"] = *session;
    // The refusal itself goes out whether or not its row could be written.
    (void)co_await store_.insert(model::call_refusals, std::move(row));
    co_return result<void>{};
}

void config_service::assume_new_call(build& at) {
    at.session_id = given_session(at.ask.request);
    if (at.session_id.empty()) at.session_id = make_uuid7(at.now, random_);
}

store::async<void> config_service::find_session(build& at) {
    at.session_id = given_session(at.ask.request);
    at.looked = true;
    if (at.session_id.empty() && at.ask.request.fetch_id) {
        auto const known = co_await store_.find_one(
            model::calls,
            store::all_of({store::eq("fetch_id", wire::json_value(*at.ask.request.fetch_id))}));
        if (!known) co_return store_down();
        if (*known) {
            auto const made = parse_timestamp(wire::text_at(**known, "created_at"));
            if (made && at.now - *made < fetch_id_lifetime)
                at.session_id = wire::text_at(**known, "session_id");
            else
                at.ask.request.fetch_id.reset();
        }
    }
    if (at.session_id.empty()) {
        at.session_id = make_uuid7(at.now, random_);
        co_return result<void>{};
    }
    auto stored = co_await store_.find_one(model::calls, model::of_session(at.session_id));
    if (!stored) co_return store_down();
    if (*stored && domain::has_result(**stored))
        co_return error{errc::conflict, "session_completed"}.with_reason("session_completed");
    at.stored = *std::move(stored);
    co_return result<void>{};
}

void config_service::name_variables(build& at) const {
    auto const& event = at.ask.request.connected_event;
    at.event = event.variables.to_object();
    json_object candidates;
    if (event.flags.sip_candidate_headers)
        candidates = event.flags.sip_candidate_headers->to_object();
    at.kept_headers = domain::kept_sip_headers(candidates);
    auto const* rules = at.bot->stored.if_contains("sip_header_config");
    auto const selected = domain::select_sip_headers(
        at.kept_headers, rules != nullptr ? domain::sip_header_rules(*rules)
                                          : std::vector<domain::sip_header_rule>{});
    at.sip_headers = selected.headers;
    at.names.call =
        domain::call_namespace(at.event, selected.variables,
                               {at.ask.request.caller_id, at.ask.request.stream_id, at.session_id});
    json_object mock;
    if (event.flags.mock_crm) mock = event.flags.mock_crm->to_object();
    bool const fetched = at.prefetch && at.prefetch->members;
    at.names.crm =
        domain::effective_crm(at.event, &mock, fetched ? &*at.prefetch->members : nullptr);
    at.names.system =
        domain::system_variables(at.now, domain::time_zone_or_utc(at.bot->bot.timezone));
}

bool config_service::asks_crm(build const& at) {
    auto const& block = at.bot->bot.pre_call_fetch;
    bool const skipped = at.ask.request.connected_event.flags.skip_prefetch.value_or(false);
    return block && block->enabled && !skipped;
}

store::async<void> config_service::fetch_customer(build& at) {
    if (!asks_crm(at)) co_return result<void>{};
    auto const& block = at.bot->bot.pre_call_fetch;
    milliseconds const left = options_.deadline - at.spent(time_) - least_store_time;
    at.prefetch = co_await prefetch_.run(
        *block, at.names, {at.ask.request.caller_id, at.bot->id, at.session_id}, left);
    metrics_.get_counter("cxb_prefetch_total", {outcome_word(*at.prefetch)}).add();
    if (at.prefetch->members) domain::overlay(at.names.crm, *at.prefetch->members);
    bool const failed = !at.prefetch->reason.empty();
    if (failed) at.notes.push_back("prefetch_failed:" + at.prefetch->reason);
    at.step_done(time_, "prefetch");
    if (failed && block->on_failure == "reject" && !at.prefetch->stale)
        co_return error{errc::unavailable, "crm_prefetch_failed: " + at.prefetch->reason}
            .with_reason(std::string(prefetch_refusal));
    co_return result<void>{};
}

result<void> config_service::render(build& at) {
    CXB_TRY(auto const plan, plans_.get(at.bot, system_.get()));
    at.out = plan->render({.names = at.names,
                           .sip_headers = at.sip_headers,
                           .session_id = at.session_id,
                           .base = at.ask.base,
                           .now = at.now,
                           .call_began = at.call_began(),
                           .upload_key = options_.upload_key,
                           .callback = at.link ? &at.link->callback : nullptr,
                           .presigned = options_.presigned});
    at.add_render_notes();
    at.step_done(time_, "render");
    return {};
}

result<std::string> config_service::post_call_cache_version(bot_ptr const& bot) {
    CXB_TRY(auto const plan, plans_.get(bot, system_.get()));
    return plan->post_call_cache_version();
}

// Not of the prepared plans: those are of the bots that are served.
result<std::vector<std::string>> config_service::notes_of(bot_ptr bot) const {
    CXB_TRY(auto const plan, config_plan::make(std::move(bot), system_.get(), options_.production));
    return plan->notes();
}

store::async<void> config_service::find_dialout(build& at) {
    if (!at.ask.request.connected_event.flags.cxb_dial_id) co_return result<void>{};
    auto row = co_await store_.find_one(model::dialouts, model::of_session(at.session_id));
    if (!row) co_return store_down();
    at.dialout = *std::move(row);
    co_return result<void>{};
}

// A contact that is not there, or another campaign's, does not keep the call from going on.
store::async<void> config_service::link_campaign(build& at) {
    auto const& flags = at.ask.request.connected_event.flags;
    if (!names_contact(flags)) co_return result<void>{};
    auto link = co_await find_campaign_link(store_, flags);
    if (!link) co_return store_down();
    at.link = *std::move(link);
    if (!at.link) at.notes.emplace_back(linkage_rejected_note);
    co_return result<void>{};
}

store::async<config_service::served> config_service::serve_bot(build& at) {
    auto const& flags = at.ask.request.connected_event.flags;
    CXB_CO_CHECK(check_bot_active(at.bot->bot));
    bool const ignore_hours =
        flags.cxb_test_call.value_or(false) && flags.cxb_ignore_active_hours.value_or(false);
    if (!ignore_hours) CXB_CO_CHECK(check_bot_takes_calls(*at.bot, at.now));
    if (at.ask.event_malformed) at.notes.emplace_back("connected_event_malformed");
    CXB_CO_CHECK(co_await link_campaign(at));
    // Of several first requests with one fetch_id the others find the first one's call.
    std::optional<server::keyed_turn::hold> fetch_turn;
    if (at.ask.request.fetch_id)
        fetch_turn.emplace(co_await turns_.take("fetch " + *at.ask.request.fetch_id));
    // Nearly every config is the first of its call. Unless the CRM must be told the right session,
    // nobody looks before the write: its unique keys tell whether the call is there.
    if (!asks_crm(at)) assume_new_call(at);
    if (at.session_id.empty()) CXB_CO_CHECK(co_await find_session(at));
    auto const turn = co_await turns_.take("call " + at.session_id);
    CXB_CO_CHECK(co_await find_dialout(at));
    name_variables(at);
    at.step_done(time_, "variables");
    CXB_CO_CHECK(co_await fetch_customer(at));
    for (int i = 0; i < max_writes; ++i) {
        auto const rendered = render(at);
        if (!rendered && at.looked) co_return rendered.error();
        if (at.spent(time_) >= options_.deadline) co_return out_of_time();
        if (rendered) {
            CXB_CO_TRY(bool const written, co_await write_skeleton(at));
            if (written) co_return served{std::move(at.out.body), at.session_id};
        }
        CXB_CO_CHECK(co_await look_again(at));
    }
    co_return store_down();
}

// The call, or another one with this fetch_id, is there already.
store::async<void> config_service::look_again(build& at) {
    std::string const before = at.session_id;
    CXB_CO_CHECK(co_await find_session(at));
    // The session is given and still new: it is the fetch_id that another call has.
    bool const given = !given_session(at.ask.request).empty();
    if (given && !at.stored && at.unmet == call_moved) at.ask.request.fetch_id.reset();
    if (at.session_id == before) co_return result<void>{};
    CXB_CO_CHECK(co_await find_dialout(at));
    name_variables(at);
    co_return result<void>{};
}

void config_service::count(result<served> const& outcome) {
    if (outcome) {
        served_.add();
        return;
    }
    bool const no_bot = outcome.error().code() == errc::not_found;
    std::string word(no_bot ? "bot_not_found" : outcome.error().reason());
    metrics_.get_counter("cxb_config_total", {word.empty() ? "error" : std::move(word)}).add();
}

// A build that is late goes on by itself: the call it writes is found by the worker's next try.
store::async<config_service::served> config_service::serve(config_ask ask) {
    auto const began = time_.steady();  // before the wait, so that who is too late knows it
    auto built = co_await server::in_time(serve_in_time(std::move(ask), began), options_.deadline);
    result<served> outcome = built ? *std::move(built) : result<served>(out_of_time());
    count(outcome);
    co_return outcome;
}

store::async<config_service::served> config_service::serve_in_time(config_ask ask,
                                                                   std::chrono::nanoseconds began) {
    build at;
    at.ask = std::move(ask);
    at.now = time_.now();
    at.began = at.step_began = began;
    CXB_CO_CHECK(co_await bots_.catch_up(at.ask.bot_id));
    at.bot = bots_.find(at.ask.bot_id);
    if (!at.bot) co_return error{errc::not_found, "Bot not found"};
    auto outcome = co_await serve_bot(at);
    for (auto const& step : at.steps)
        if (auto const known = phases_.find(step.name); known != phases_.end())
            known->second.observe(std::chrono::duration<double>(step.took).count());
    constexpr std::string_view refusals[] = {"bot_inactive", "outside_active_hours",
                                             "bot_incomplete", prefetch_refusal};
    bool const refused = !outcome && std::find(std::begin(refusals), std::end(refusals),
                                               outcome.error().reason()) != std::end(refusals);
    if (refused) CXB_CO_CHECK(co_await refuse(at, outcome.error()));
    co_return outcome;
}

}  // namespace cxb::api
