#include <boost/json/monotonic_resource.hpp>
#include <set>

#include "cxb/base/ids.hpp"
#include "cxb/domain/active_hours.hpp"
#include "cxb/domain/masking.hpp"
#include "cxb/domain/phone_number.hpp"
#include "cxb/domain/time_zone.hpp"
#include "server/api/calls/call_phone.hpp"
#include "server/api/calls/pending_cdr.hpp"
#include "server/api/config/config_build.hpp"
#include "server/api/webhooks/webhook_facts.hpp"
#include "server/common/async/in_time.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;

constexpr std::string_view test_caller = "browser-test-";
constexpr seconds longest_write{1};
constexpr std::size_t usual_call = 6 * 1024;  // bytes as a document in memory

// Transport first, then what the dialler said, then whether we dialled (spec 20 §8 "Skeleton").
std::string direction_of(rc::config_request const& request, json_object const& event,
                         bool dialled) {
    std::string const transport = request.transport ? request.transport->text() : "";
    if (transport == "livekit_outbound" || transport == "attach") return "outbound";
    if (transport == "livekit_inbound") return "inbound";
    auto const said = wire::text_at(event, "callDirection");
    if (said == "incoming") return "inbound";
    if (said == "outgoing") return "outbound";
    return dialled ? "outbound" : "inbound";
}

std::string first_text(std::optional<json_object> const& row, json_object const& event,
                       std::string_view name) {
    if (row)
        if (auto const text = wire::text_at(*row, name); !text.empty()) return std::string(text);
    return std::string(wire::text_at(event, name));
}

}  // namespace

json_object config_service::skeleton(build const& at) const {
    auto const& request = at.ask.request;
    auto const& flags = request.connected_event.flags;
    auto phone = domain::to_e164(request.caller_id, options_.phone_region);
    if (!phone)
        phone =
            domain::to_e164(first_text(at.dialout, at.event, "to_number"), options_.phone_region);
    bool const browser_test = request.transport && request.transport->text() == "widget" &&
                              request.caller_id.starts_with(test_caller);
    json_object out({{"session_id", at.session_id},
                     {"call_type", "bot"},
                     {"status", "active"},
                     {"bot_id", at.bot->id},
                     {"bot_name", at.bot->bot.name},
                     {"bot_version", at.bot->version},
                     {"config_version", at.bot->config_version},
                     {"caller_id", request.caller_id},
                     {"stream_id", request.stream_id},
                     {"call_direction", direction_of(request, at.event, at.dialout || at.link)},
                     {"connected_event", at.event},
                     {"crm_data", at.names.crm},
                     {"skip_post_push", flags.skip_post_push.value_or(false) || browser_test},
                     {"is_test", flags.cxb_test_call.value_or(false) || browser_test},
                     {"was_transferred", false},
                     {"has_recording", false},
                     {"push_state", "none"},
                     {"timezone", at.bot->bot.timezone},
                     {"max_call_duration_seconds", at.bot->bot.max_call_duration_seconds.count()},
                     {"created_at", format_timestamp(at.now)},
                     {"updated_at", format_timestamp(at.now)},
                     {"config_fetches", 1}},
                    boost::json::make_shared_resource<boost::json::monotonic_resource>(usual_call));
    if (request.fetch_id) out["fetch_id"] = *request.fetch_id;
    if (!at.out.cached_prompts.empty()) out["post_call_cache_version"] = at.out.cached_prompts;
    if (request.transport) out["transport"] = request.transport->text();
    if (phone) set_phone(out, *phone);
    if (auto const from = first_text(at.dialout, at.event, "from_number"); !from.empty())
        out["from_number"] = from;
    if (auto const did = wire::text_at(at.event, "did"); !did.empty())
        out["did"] = wire::json_value(did);
    if (at.link) at.link->describe(out);
    if (!at.kept_headers.empty()) out["sip_headers_raw"] = at.kept_headers;
    if (!at.sip_headers.empty()) out["sip_context"] = json_object{{"headers", at.sip_headers}};
    return out;
}

store::async<bool> config_service::write_skeleton(build& at) {
    store::batch writes;
    std::optional<integration_entry> entry;
    if (at.prefetch) entry = at.prefetch->entry;
    if (at.stored) {
        store::update changes;
        changes.inc("config_fetches", 1).inc("rev", 1);
        changes.set("crm_data", wire::json_value(at.names.crm))
            .set("updated_at", wire::json_value(format_timestamp(at.now)));
        if (entry) log_into(changes, *entry);
        writes.update_one(model::calls,
                          store::all_of({store::eq("session_id", wire::json_value(at.session_id)),
                                         store::eq("rev", wire::int_at(*at.stored, "rev"))}),
                          std::move(changes), std::string(call_moved));
    } else {
        json_object call = skeleton(at);
        call["_id"] = make_hex24(at.now, random_);
        call["rev"] = 1;
        if (entry) call["integration_log"] = wire::json_array{to_json(*entry)};
        store::batch told;
        add_call_webhooks(told, endpoints_, contract::webhook::event_type::call_started, "1",
                          members_of(call), at.now, random_);
        writes.insert(model::calls, std::move(call), std::string(call_moved));
        for (auto& each : told.writes())
            writes.writes().push_back(std::move(each));
    }
    trace_rows trace(at.session_id, "api", at.now);
    trace.add("config_request",
              {{"bot_id", at.bot->id},
               {"transport",
                at.ask.request.transport ? at.ask.request.transport->text() : std::string()}});
    for (auto const& note : at.notes)
        trace.add("config_note", {{"note", note}});
    trace.add("config_built", {{"steps", at.steps_json()}}, at.spent(time_));
    trace.into(writes, random_);
    if (entry)
        trace_rows(at.session_id, "crm", at.now)
            .add("prefetch", {{"status", entry->status}}, entry->took, entry->error)
            .into(writes, random_);
    // A later write is not lost: the worker's next try finds the call it made.
    auto const written = co_await server::in_time(store_.commit(std::move(writes)), longest_write);
    at.step_done(time_, "store");
    if (!written || !*written)
        co_return error{errc::unavailable, "store_unavailable"}
            .with_reason("store_unavailable")
            .with_note({written ? written->error().to_log_text() : "the store took over 1 s"})
            .with_retry_after(seconds{1});
    auto const& done = *written;
    at.unmet = done->label;
    if (!done->applied) co_return false;
    auto const united = co_await unite_cdr(store_, at.ask.request.stream_id, at.now, random_);
    if (!united) co_return united.error();
    co_return true;
}

store::async<json_object> config_service::preview(preview_ask ask) {
    build at;
    CXB_CO_TRY(at.bot, co_await bots_.read(ask.bot_id));
    at.now = ask.at.value_or(time_.now());
    at.began = at.step_began = time_.steady();
    at.ask.bot_id = ask.bot_id;
    at.ask.base = ask.base;
    at.ask.request = std::move(ask.request);
    at.session_id = "preview";
    name_variables(at);
    at.step_done(time_, "variables");
    auto const fetched = co_await fetch_customer(at);
    CXB_CO_CHECK(render(at));
    CXB_CO_TRY(auto config, wire::parse_json(at.out.body));
    auto const zone = domain::time_zone_or_utc(at.bot->bot.timezone);
    auto const& hours = at.bot->hours;
    json_object active{{"open", !hours.enabled || domain::is_open(hours, zone, at.now)}};
    if (auto const next = domain::next_open_at(hours, zone, at.now))
        active["next_open_at"] = format_timestamp(*next);
    std::set<std::string> const unresolved(at.out.unresolved.begin(), at.out.unresolved.end());
    json_object out{{"config", domain::mask_document(config, domain::bot_secrets)},
                    {"variables",
                     {{"call", at.names.call}, {"crm", at.names.crm}, {"system", at.names.system}}},
                    {"unresolved", wire::json_array(unresolved.begin(), unresolved.end())},
                    {"active", std::move(active)},
                    {"steps", at.steps_json()}};
    if (auto* storage = out["config"].as_object().if_contains("recording");
        storage != nullptr && storage->as_object().contains("storage"))
        storage->as_object()["storage"].as_object()["upload_url"] = "••••••••";
    if (at.prefetch && at.prefetch->entry) out["prefetch"] = to_json(*at.prefetch->entry);
    if (!fetched) out["would_refuse"] = fetched.error().detail();
    co_return out;
}

}  // namespace cxb::api
