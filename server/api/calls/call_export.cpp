#include "server/api/calls/call_export.hpp"

#include <algorithm>
#include <utility>

#include "cxb/contract/recording_token/recording_token.hpp"
#include "cxb/domain/csv_cell.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;

constexpr std::size_t longest_columns = 8 * limits::kib;
constexpr std::string_view recording_column = "recording_url";

// `from` is a stored member, or a variable where it has a dot.
struct column {
    std::string_view name;
    std::string_view from;
};
constexpr column columns[] = {{"session_id", "session_id"},
                              {"created_at", "created_at"},
                              {"completed_at", "completed_at"},
                              {"bot_id", "bot_id"},
                              {"bot_name", "bot_name"},
                              {"campaign_id", "campaign_id"},
                              {"call_direction", "call_direction"},
                              {"caller_id", "caller_id"},
                              {"from_number", "from_number"},
                              {"status", "status"},
                              {"disconnected_by", "disconnected_by"},
                              {"call_duration_seconds", "call_duration_seconds"},
                              {"disposition", "disposition"},
                              {"sub_disposition", "analysis.SUB_DISPOSITION"},
                              {"remarks", "analysis.CALLING_REMARKS"},
                              {"was_transferred", "was_transferred"},
                              {recording_column, recording_column},
                              {"is_test", "is_test"}};

// Stored members that the variables of a namespace are made of.
struct source {
    std::string_view scope;
    std::string_view member;
};
constexpr source sources[] = {
    {"analysis.", "post_call_analysis"}, {"qc.", "qc_analysis"},         {"crm.", "crm_data"},
    {"call.", "connected_event"},        {"call.", "stream_id"},         {"call.", "sip_context"},
    {"call.", "sip_headers_raw"},        {"", "recording_access_token"}, {"", "has_recording"}};

bool is_variable(std::string_view name) {
    return std::ranges::any_of(sources, [&](source const& one) {
        return !one.scope.empty() && name.starts_with(one.scope) && name.size() > one.scope.size();
    });
}

void read_columns(server::query_reader& read, call_export& order) {
    auto const given = read.text("columns", longest_columns);
    if (!given) return;
    if (!order.csv) return read.add_fault("columns", "only with format=csv");
    std::string_view rest = *given;
    for (bool more = true; more;) {
        auto const comma = rest.find(',');
        order.extra.emplace_back(rest.substr(0, comma));
        more = comma != std::string_view::npos;
        if (more) rest.remove_prefix(comma + 1);
    }
    if (order.extra.size() > limits::export_columns)
        return read.add_fault("columns",
                              "must be at most " + std::to_string(limits::export_columns));
    if (!std::ranges::all_of(order.extra, is_variable))
        read.add_fault("columns", "must be names analysis.X, qc.X, crm.X or call.X");
}

// What is not read need not fit into memory: transcripts are most of a call.
std::vector<std::string> members_for(call_export const& order) {
    std::vector<std::string> out;
    auto const wanted = [&](std::string_view scope) {
        auto const begins = [&](std::string_view name) { return name.starts_with(scope); };
        return std::ranges::any_of(order.extra, begins) ||
               std::ranges::any_of(columns, begins, &column::from);
    };
    for (auto const& one : columns)
        if (!is_variable(one.from)) out.emplace_back(one.from);
    for (auto const& one : sources)
        if (wanted(one.scope)) out.emplace_back(one.member);
    return out;
}

std::string names_row(call_export const& order) {
    std::vector<std::string> cells;
    for (auto const& one : columns)
        cells.emplace_back(one.name);
    cells.insert(cells.end(), order.extra.begin(), order.extra.end());
    return domain::csv_row(cells);
}

std::string text_of(wire::json_value const* value) {
    return value == nullptr ? std::string() : domain::value_as_text(*value);
}

std::string link_to(json_object const& call, std::string const& base) {
    auto const token = wire::text_at(call, "recording_access_token");
    if (token.empty() || !wire::bool_at(call, "has_recording")) return {};
    return contract::recording_token::public_url(base, token);
}

std::string csv_line(json_object const& call, call_export const& order) {
    auto const variables = domain::build_push_variables(call, order.variables);
    auto const view = variables.view();
    std::vector<std::string> cells;
    cells.reserve(std::size(columns) + order.extra.size());
    for (auto const& one : columns) {
        if (one.name == recording_column)
            cells.push_back(link_to(call, order.base));
        else if (is_variable(one.from))
            cells.push_back(text_of(domain::find_variable(one.from, view)));
        else
            cells.push_back(text_of(call.if_contains(one.from)));
    }
    for (auto const& name : order.extra)
        cells.push_back(text_of(domain::find_variable(name, view)));
    return domain::csv_row(cells);
}

std::string line_of(json_object call, call_export const& order) {
    if (order.csv) return csv_line(call, order);
    return wire::to_text(shown_call(std::move(call), order.base)) + "\n";
}

// One more export runs while it lives.
struct running_export {
    explicit running_export(server::gauge on) : gauge(on) { gauge.add(1); }
    running_export(running_export const&) = delete;
    running_export& operator=(running_export const&) = delete;
    ~running_export() { gauge.add(-1); }
    server::gauge gauge;
};

error too_many() {
    return error{errc::invalid, "narrow the filter"};
}

}  // namespace

result<call_export_ptr> read_call_export(wire::query_list const& query,
                                         server::principal const& caller,
                                         std::string const& phone_region, time_point now,
                                         std::string base) {
    server::query_reader read(query);
    auto order = std::make_shared<call_export>();
    order->calls = read_call_choice(read, caller, phone_region, now);
    auto const format = read.word("format", {"csv", "ndjson"});
    order->csv = !format || *format == "csv";
    order->base = std::move(base);
    order->variables.now = now;
    read_columns(read, *order);
    CXB_CHECK(read.finish());
    if (order->csv) order->only = members_for(*order);
    return call_export_ptr(std::move(order));
}

store::async<void> check_export_size(store::document_store& store, call_export_ptr order,
                                     std::size_t most) {
    auto const cap = static_cast<std::int64_t>(most) + 1;
    CXB_CO_TRY(auto const rows, co_await store.count(model::calls, order->calls.where, cap));
    if (rows >= cap) co_return too_many();
    co_return result<void>{};
}

server::stream_head head_of(call_export const& order) noexcept {
    if (order.csv) return {.content_type = "text/csv; charset=utf-8", .name = "calls.csv"};
    return {.content_type = server::ndjson_type, .name = "calls.ndjson"};
}

server::stream_end write_calls(store::document_store& store, call_export_ptr order,
                               server::metrics_registry& metrics, server::stream_writer& out) {
    running_export const counted(metrics.get_gauge("cxb_exports_running"));
    auto const rows = metrics.get_counter("cxb_export_rows_total");
    if (order->csv) CXB_CO_CHECK(co_await out.write(names_row(*order)));
    store::find_options options;
    options.sort = order->calls.sort;
    options.limit = limits::export_portion;
    options.only = order->only;
    std::size_t sent = 0;
    do {
        CXB_CO_TRY(auto page, co_await store.find(model::calls, order->calls.where, options));
        rows.add(static_cast<double>(page.items.size()));
        sent += page.items.size();
        // In ascending order new calls are met at the end, for as long as they keep coming.
        if (sent > limits::export_rows) co_return too_many();
        for (auto& call : page.items)
            CXB_CO_CHECK(co_await out.write(line_of(std::move(call), *order)));
        options.after = std::move(page.next);
    } while (!options.after.empty());
    co_return result<void>{};
}

}  // namespace cxb::api
