#include "server/api/calls/call_reading.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "cxb/base/encoding.hpp"
#include "cxb/base/ids.hpp"
#include "cxb/contract/recording_token/recording_token.hpp"
#include "cxb/domain/call_status.hpp"
#include "server/api/calls/call_phone.hpp"
#include "server/api/calls/trace_rows.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_array;
using wire::json_object;
using wire::json_value;

constexpr std::chrono::days default_range{30};
constexpr std::size_t max_trace = 1000;
constexpr double longest_call = 30.0 * 86400;  // a worker's number must not leave the calendar

// Filters that are one text compared with one field.
constexpr std::string_view text_filters[] = {
    "bot_id",    "campaign_id", "status",    "disconnected_by", "call_direction",
    "caller_id", "session_id",  "stream_id", "disposition",     "push_state"};
constexpr std::string_view flag_filters[] = {"is_test", "was_transferred", "has_recording"};

constexpr std::string_view listed[] = {"session_id",
                                       "bot_id",
                                       "bot_name",
                                       "campaign_id",
                                       "status",
                                       "disconnected_by",
                                       "call_direction",
                                       "call_type",
                                       "caller_id",
                                       "from_number",
                                       "call_duration_seconds",
                                       "disposition",
                                       "was_transferred",
                                       "is_test",
                                       "has_recording",
                                       "push_state",
                                       "created_at",
                                       "completed_at"};

error call_not_found() {
    return error{errc::not_found, "Call not found"};
}

bool is_among(server::principal const& caller, json_object const& call) {
    return caller.allows_bot(wire::text_at(call, "bot_id"));
}

json_object timed(std::string_view at, json_object row) {
    row["at"] = json_value(at);
    return row;
}

// Moment of a result event: its own timestamp, else answer (or creation) plus its offset.
std::string moment_of(json_object const& call, json_object const& event) {
    if (auto const at = wire::text_at(event, "timestamp"); !at.empty()) return std::string(at);
    auto base = wire::text_at(call, "call_answer_time");
    if (base.empty()) base = wire::text_at(call, "created_at");
    auto const start = parse_timestamp(base);
    if (!start) return std::string(base);
    double const seconds_in = std::clamp(wire::number_at(event, "at_seconds"), 0.0, longest_call);
    auto const offset = std::chrono::duration<double>(seconds_in);
    return format_timestamp(*start + std::chrono::duration_cast<milliseconds>(offset));
}

json_array list_at(json_object const& document, std::string_view name) {
    auto const* list = document.if_contains(name);
    return list != nullptr && list->is_array() ? list->as_array() : json_array{};
}

// Equal moments keep their order.
void sort_by_time(json_array& rows) {
    auto const key = [&](std::size_t i) {
        auto const& row = rows[i].as_object();
        return std::tuple(wire::text_at(row, "at"), wire::int_at(row, "seq"), i);
    };
    std::vector<std::size_t> order(rows.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
    json_array sorted;
    for (std::size_t const i : order)
        sorted.push_back(rows[i]);
    rows = std::move(sorted);
}

json_array core_rows(json_object const& call) {
    json_array out;
    std::int64_t seq = 0;
    for (auto const& event : list_at(call, "events")) {
        if (!event.is_object()) continue;
        auto const& item = event.as_object();
        json_object row{{"at", moment_of(call, item)},
                        {"seq", seq++},
                        {"source", "core"},
                        {"name", wire::text_at(item, "type")}};
        if (auto const* took = item.if_contains("duration_ms")) row["ms"] = *took;
        out.push_back(std::move(row));
    }
    return out;
}

store::async<json_array> stored_trace(store::document_store& store, std::string_view session) {
    json_array out;
    store::find_options options;
    options.sort = {{"at", false}, {"seq", false}};
    options.limit = max_trace;
    CXB_CO_TRY(auto rows,
               co_await store.find(model::call_trace, model::of_session(session), options));
    for (auto& row : rows.items)
        append_trace_rows(std::move(row), out);
    co_return out;
}

// Each result may have changed the status: the trace has them all, the call only the last one.
void add_status_changes(json_object const& call, json_array const& trace, json_array& to) {
    std::string last;
    auto const add = [&](std::string_view at, std::string_view status) {
        if (status != last)
            to.push_back(timed(at, {{"source", "api"}, {"type", "status"}, {"status", status}}));
        last = status;
    };
    if (!wire::bool_at(call, "orphan_result")) add(wire::text_at(call, "created_at"), "active");
    for (auto const& each : trace) {
        auto const& row = each.get_object();
        if (wire::text_at(row, "name") != "result") continue;
        auto const became = wire::text_at(row, "data.result");
        if (became == "stored" || became == "updated")
            add(wire::text_at(row, "at"),
                word_of(domain::status_of(wire::text_at(row, "data.disconnected_by"))));
    }
    // Without a trace, which is kept for a while only.
    auto const end = wire::text_at(call, "completed_at");
    if (!end.empty()) add(end, wire::text_at(call, "status"));
}

}  // namespace

call_choice read_call_choice(server::query_reader& read, server::principal const& caller,
                             std::string const& phone_region, time_point now) {
    call_choice out;
    auto& all = out.where.all;
    bool narrow = false;
    for (auto const name : text_filters) {
        auto const value = read.text(name);
        if (!value) continue;
        all.push_back(store::eq(name, json_value(*value)));
        narrow = narrow || name == "session_id" || name == "stream_id" || name == "campaign_id";
    }
    for (auto const name : flag_filters)
        if (auto const value = read.boolean(name)) all.push_back(store::eq(name, *value));
    if (auto const type = read.word("call_type", {"bot", "agent"}))
        all.push_back(store::eq("call_type", json_value(*type)));
    bool by_end = false;
    if (auto const phone = read.text("phone")) {
        if (auto wanted = read_phone_filter(*phone, phone_region)) {
            by_end = wanted->by_end;
            all.push_back(std::move(wanted->condition));
        } else {
            read.add_fault("phone", "must be a phone number or its last 4 to 9 digits");
        }
        narrow = true;
    }
    constexpr std::int64_t longest = 86400;
    if (auto const least = read.integer("min_duration", 0, longest))
        all.push_back(store::gte("call_duration_seconds", *least));
    if (auto const most = read.integer("max_duration", 0, longest))
        all.push_back(store::lte("call_duration_seconds", *most));
    auto const from = read.timestamp("from");
    auto const to = read.timestamp("to");
    if (from) all.push_back(store::gte("created_at", json_value(format_timestamp(*from))));
    if (to) all.push_back(store::lt("created_at", json_value(format_timestamp(*to))));
    if (by_end && !from && !to)
        read.add_fault("phone", "last digits only together with from or to");
    if (!from && !to && !narrow)
        all.push_back(store::gte("created_at", json_value(format_timestamp(now - default_range))));
    if (!caller.bot_ids.empty())
        all.push_back(
            store::in("bot_id", json_array(caller.bot_ids.begin(), caller.bot_ids.end())));
    auto const sort = read.word("sort", {"-created_at", "created_at"});
    out.sort = {{"created_at", !sort || *sort == "-created_at"}};
    return out;
}

result<call_list_ask> read_call_list(wire::query_list const& query, server::principal const& caller,
                                     std::string const& phone_region, time_point now) {
    server::query_reader read(query);
    call_list_ask out;
    out.calls = read_call_choice(read, caller, phone_region, now);
    out.page = read.list();
    CXB_CHECK(read.finish());
    return out;
}

std::vector<std::string> listed_members() {
    return {std::begin(listed), std::end(listed)};
}

json_object listed_call(json_object call) {
    json_object out;
    out.reserve(std::size(listed) + 1);
    out.emplace("id", wire::text_at(call, "_id"));
    for (auto const name : listed)
        if (auto* value = call.if_contains(name)) out.emplace(name, std::move(*value));
    return out;
}

json_object shown_call(json_object call, std::string const& base, bool reachable_recording) {
    std::string const token(wire::text_at(call, "recording_access_token"));
    call["id"] = json_value(std::string(wire::text_at(call, "_id")));
    for (std::string_view const name :
         {std::string_view("_id"), std::string_view("recording_access_token"),
          phone_reversed_field})
        call.erase(name);
    bool const recorded = wire::bool_at(call, "has_recording");
    if (recorded && reachable_recording)
        call["recording_url"] =
            json_value("/api/v1/recordings/" + percent_encode(wire::text_at(call, "session_id")));
    if (!token.empty() && recorded)
        call["public_recording_url"] = contract::recording_token::public_url(base, token);
    return call;
}

store::async<json_object> find_call(store::document_store& store, std::string id,
                                    server::principal const& caller) {
    CXB_CO_TRY(auto call, co_await store.find_one(model::calls, model::of_session(id)));
    if (!call && is_hex24(id)) {
        CXB_CO_TRY(call, co_await store.find_one(model::calls, store::by_id(id)));
    }
    if (!call || !is_among(caller, *call)) co_return call_not_found();
    co_return *std::move(call);
}

store::async<json_array> events_of(store::document_store& store, json_object call) {
    json_array out;
    for (auto const& event : list_at(call, "events"))
        if (event.is_object()) {
            json_object row = timed(moment_of(call, event.as_object()), event.as_object());
            row["source"] = "core";
            out.push_back(std::move(row));
        }
    for (auto const& entry : list_at(call, "integration_log"))
        if (entry.is_object()) {
            json_object row = entry.as_object();
            row["source"] = "crm";
            row["type"] = wire::text_at(entry.as_object(), "kind");
            out.push_back(std::move(row));
        }
    CXB_CO_TRY(auto const trace, co_await stored_trace(store, wire::text_at(call, "session_id")));
    add_status_changes(call, trace, out);
    sort_by_time(out);
    co_return out;
}

store::async<json_array> trace_of(store::document_store& store, std::string id,
                                  server::principal const& caller) {
    std::string session = id;
    auto const call = co_await find_call(store, id, caller);
    if (!call && call.error().code() != errc::not_found) co_return call.error();
    if (call) session = wire::text_at(*call, "session_id");
    auto const by_session = model::of_session(session);
    CXB_CO_TRY(auto out, co_await stored_trace(store, session));
    CXB_CO_TRY(auto const dialout, co_await store.find_one(model::dialouts, by_session));
    store::find_options refusals;
    refusals.limit = max_trace;
    CXB_CO_TRY(auto const refused, co_await store.find(model::call_refusals, by_session, refusals));
    bool const foreign_bot = dialout && !is_among(caller, *dialout);
    bool const traced = !out.empty() || dialout || !refused.items.empty();
    bool const unknown = !call && (!traced || !caller.bot_ids.empty());
    if (unknown || foreign_bot) co_return call_not_found();
    for (auto const& row : refused.items)
        out.push_back(json_object{{"at", wire::text_at(row, "at")},
                                  {"seq", 0},
                                  {"source", "api"},
                                  {"name", "config_refused"},
                                  {"data", {{"reason", wire::text_at(row, "reason")}}}});
    if (call)
        for (auto& row : core_rows(*call))
            out.push_back(std::move(row));
    sort_by_time(out);
    co_return out;
}

}  // namespace cxb::api
