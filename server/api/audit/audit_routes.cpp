#include "server/api/audit/audit_routes.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <charconv>
#include <limits>

#include "server/api/audit/audit_chain.hpp"
#include "server/api/audit/audit_docs.hpp"
#include "server/api/services.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/query_reader.hpp"
#include "server/common/http/request_context.hpp"
#include "server/common/http/stream_pump.hpp"
#include "server/common/log.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;
namespace model = server::model;

// What only a super_admin may see changes of.
constexpr std::string_view hidden_from_admins[] = {"settings", "carrier"};

// Query parameters that are one text compared with one field.
constexpr std::pair<std::string_view, std::string_view> text_filters[] = {
    {"actor", "actor.id"},
    {"action", "action"},
    {"target_type", "target.type"},
    {"target_id", "target.id"}};

struct audit_ask {
    store::filter where;
    server::list_query page;
};

result<audit_ask> read_audit_list(request_context const& context) {
    server::query_reader read(context.query);
    audit_ask out;
    auto& all = out.where.all;
    for (auto const& [name, field] : text_filters)
        if (auto const value = read.text(name))
            all.push_back(store::eq(field, wire::json_value(*value)));
    if (context.query.get("target_id").value_or("") != "" &&
        context.query.get("target_type").value_or("") == "")
        read.add_fault("target_id", "only together with target_type");
    if (auto const from = read.timestamp("from"))
        all.push_back(store::gte("at", wire::json_value(format_timestamp(*from))));
    if (auto const to = read.timestamp("to"))
        all.push_back(store::lt("at", wire::json_value(format_timestamp(*to))));
    out.page = read.list();
    CXB_CHECK(read.finish());
    if (context.caller.role != "super_admin")
        for (auto const type : hidden_from_admins)
            all.push_back(store::ne("target.type", wire::json_value(type)));
    return out;
}

handler_result list_audit(request_context& context) {
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto ask, read_audit_list(context));
    CXB_CO_TRY(auto page,
               co_await server::fetch_list(*api.store, model::audit_log, std::move(ask.where),
                                           std::move(ask.page), {{"at", true}}, &shown_audit_row));
    co_return json_response(200, std::move(page));
}

// One end of a range: a `seq`, or a moment.
struct range_end {
    std::optional<std::int64_t> seq;
    std::optional<time_point> moment;
};

range_end read_end(server::query_reader& read, std::string_view name) {
    range_end out;
    auto const text = read.text(name);
    if (!text) return out;
    std::int64_t seq = 0;
    char const* const end = text->data() + text->size();
    auto const number = std::from_chars(text->data(), end, seq);
    if (number.ec == std::errc{} && number.ptr == end && seq > 0)
        out.seq = seq;
    else if (auto const at = parse_timestamp_or_utc(*text))
        out.moment = *at;
    else
        read.add_fault(name, "must be a seq or an RFC 3339 time");
    return out;
}

struct seq_range {
    std::int64_t first = 1;
    std::int64_t last = std::numeric_limits<std::int64_t>::max() - 1;
};

store::async<seq_range> read_range(store::document_store& store, wire::query_list const& query) {
    server::query_reader read(query);
    auto const from = read_end(read, "from");
    auto const to = read_end(read, "to");
    CXB_CO_CHECK(read.finish());
    seq_range out;
    out.first = from.seq.value_or(out.first);
    out.last = to.seq.value_or(out.last);
    if (from.moment) {
        CXB_CO_TRY(out.first, co_await audit_seq_from(store, *from.moment));
    }
    if (to.moment) {
        CXB_CO_TRY(out.last, co_await audit_seq_before(store, *to.moment));
    }
    co_return out;
}

// Half of the time a request has is for the rows, the rest for the answer.
handler_result verify_audit(request_context& context) {
    auto& api = context.service<api_services>();
    CXB_CO_TRY(seq_range const range, co_await read_range(*api.store, context.query));
    auto const enough = context.remaining() / 2;
    CXB_CO_TRY(chain_report const found,
               co_await verify_chain(*api.store, range.first, range.last,
                                     [&] { return context.remaining() <= enough; }));
    wire::json_object body{
        {"ok", !found.first_bad_seq}, {"checked", found.checked}, {"first_bad_seq", nullptr}};
    if (found.first_bad_seq) body["first_bad_seq"] = *found.first_bad_seq;
    if (found.next) body["next"] = *found.next;
    co_return json_response(200, body);
}

server::stream_end write_rows(store::document_store& store, seq_range range,
                              server::stream_writer& out) {
    store::find_options options;
    options.sort = {{"seq", false}};
    options.limit = audit_portion;
    while (range.first <= range.last) {
        CXB_CO_TRY(auto page, co_await store.find(model::audit_log,
                                                  store::all_of({store::gte("seq", range.first),
                                                                 store::lte("seq", range.last)}),
                                                  options));
        if (page.items.empty()) break;
        range.first = wire::int_at(page.items.back(), "seq") + 1;
        for (auto& row : page.items)
            CXB_CO_CHECK(co_await out.write(wire::to_text(shown_audit_row(std::move(row))) + "\n"));
    }
    co_return result<void>{};
}

handler_result export_audit(request_context& context) {
    auto& api = context.service<api_services>();
    CXB_CO_TRY(seq_range const range, co_await read_range(*api.store, context.query));
    // Rows without hashes get them, and a store that cannot be read is told while it can be.
    CXB_CO_TRY(audit_head const head, co_await sealed_head(*api.store));
    seq_range const whole{range.first, std::min(range.last, head.seq)};
    auto const executor = co_await boost::asio::this_coro::executor;
    co_return server::streamed_response(
        executor, {.content_type = server::ndjson_type, .name = "audit.ndjson"},
        [store = api.store, whole](server::stream_writer& out) {
            return write_rows(*store, whole, out);
        },
        {.on_failure = [log = api.log](error const& cause) {
            log->warn("audit export broke off", {{"cause", cause}});
        }});
}

constexpr server::query_parameter list_parameters[] = {
    {"actor", "Id of the user or key that acted", "string", false, "6b029aee2b501ba007b80e92"},
    {"action", "For example bot.update", "string", false, "bot.update"},
    {"target_type", "For example bot", "string", false, "bot"},
    {"target_id", "Of one target; needs target_type", "string", false, "6b029aee2e5f75ee541227d1"},
    {"from", "At or after", "string", false, "2026-11-01T00:00:00Z"},
    {"to", "Before", "string", false, "2026-11-22T00:00:00Z"},
    server::page_parameters[0],
    server::page_parameters[1],
    server::page_parameters[2]};

constexpr server::query_parameter range_parameters[] = {
    {"from", "First row: its seq, or a moment at or before it", "string", false, "1"},
    {"to", "Last row: its seq, or a moment after it", "string", false, "2026-11-22T00:00:00Z"}};

constexpr server::route rows[] = {
    {.method = "GET",
     .pattern = "/api/v1/audit",
     .who = access::admin,
     .handler = &list_audit,
     .summary = "Who changed what, newest first",
     .response_schema = &server::page_schema<&audit_row_schema>,
     .query = list_parameters,
     .doc = list_audit_doc},
    {.method = "GET",
     .pattern = "/api/v1/audit/verify",
     .who = access::super_admin,
     .handler = &verify_audit,
     .summary = "Is the audit trail whole and unchanged?",
     .response_schema = &chain_schema,
     .query = range_parameters,
     .doc = verify_audit_doc},
    {.method = "GET",
     .pattern = "/api/v1/audit/export",
     .who = access::super_admin,
     .handler = &export_audit,
     .summary = "Audit rows in their order, one JSON object a line",
     .response_type = server::ndjson_type,
     .query = range_parameters,
     .deadline = server::no_deadline,
     .doc = export_audit_doc},
};

}  // namespace

std::span<server::route const> audit_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
