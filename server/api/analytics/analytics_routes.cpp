#include "server/api/analytics/analytics_routes.hpp"

#include <array>

#include "server/api/analytics/analytics_docs.hpp"
#include "server/api/analytics/analytics_reading.hpp"
#include "server/api/fleet/fleet_service.hpp"
#include "server/api/services.hpp"
#include "server/api/settings/settings_directory.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;
using wire::json_object;

constexpr std::int64_t default_outcomes = 20;
constexpr std::int64_t most_outcomes = 200;

analytics_range asked_range(server::query_reader& read, request_context& context) {
    auto& api = context.service<api_services>();
    return read_range(read, api.system->get()->display_timezone, context.now());
}

json_object shown_range(analytics_range const& range) {
    return {{"from", format_timestamp(range.from)},
            {"to", format_timestamp(range.to)},
            {"tz", range.zone.name()}};
}

handler_result overview(request_context& context) {
    auto& api = context.service<api_services>();
    server::query_reader read(context.query);
    auto const range = asked_range(read, context);
    CXB_CO_CHECK(read.finish());
    json_object out{{"range", shown_range(range)}};
    CXB_CO_TRY(auto counts, co_await count_calls(*api.store, range));
    for (auto& member : counts)
        out[member.key()] = std::move(member.value());
    CXB_CO_TRY(auto const hosts, co_await api.hosts->status());
    auto& fleet = out["fleet"].emplace_object();
    for (char const* name : {"total_capacity", "active_calls", "available"})
        fleet[name] = hosts.at(name);
    CXB_CO_TRY(out["previous"], co_await count_calls(*api.store, range.before()));
    co_return json_response(200, std::move(out));
}

handler_result volume(request_context& context) {
    auto& api = context.service<api_services>();
    server::query_reader read(context.query);
    auto const range = asked_range(read, context);
    auto const bucket = read.word("bucket", {"15m", "hour", "day"}).value_or("day");
    CXB_CO_CHECK(read.finish());
    auto starts = bucket_starts(range, bucket_of(bucket));
    if (!starts) {
        read.add_fault("bucket", "the range has more than " + std::to_string(most_buckets) +
                                     " of them; ask for wider ones or a shorter range");
        CXB_CO_CHECK(read.finish());
    }
    CXB_CO_TRY(auto series, co_await count_by_time(*api.store, range, *std::move(starts)));
    co_return json_response(
        200,
        json_object{{"tz", range.zone.name()}, {"bucket", bucket}, {"series", std::move(series)}});
}

handler_result outcomes(request_context& context) {
    auto& api = context.service<api_services>();
    server::query_reader read(context.query);
    auto const range = asked_range(read, context);
    auto by = read.word("by", {"disposition", "disconnected_by", "bot_id", "campaign_id"});
    auto const limit = read.integer("limit", 1, most_outcomes).value_or(default_outcomes);
    CXB_CO_CHECK(read.finish());
    CXB_CO_TRY(auto rows, co_await count_outcomes(*api.store, range, by.value_or("disposition"),
                                                  static_cast<std::size_t>(limit)));
    co_return json_response(200, std::move(rows));
}

handler_result latency(request_context& context) {
    auto& api = context.service<api_services>();
    server::query_reader read(context.query);
    auto const range = asked_range(read, context);
    CXB_CO_CHECK(read.finish());
    CXB_CO_TRY(auto stages, co_await measure_latency(*api.store, range));
    co_return json_response(200, std::move(stages));
}

handler_result usage(request_context& context) {
    auto& api = context.service<api_services>();
    server::query_reader read(context.query);
    auto const range = asked_range(read, context);
    CXB_CO_CHECK(read.finish());
    CXB_CO_TRY(auto rows, co_await sum_usage(*api.store, range));
    co_return json_response(200, std::move(rows));
}

constexpr std::array range_parameters = {
    server::query_parameter{"from", "Calls created at or after; default 7 days before the end",
                            "string", false, "2026-11-01T00:00:00Z"},
    server::query_parameter{"to", "Calls created before; default now; at most 400 days of calls",
                            "string", false, "2026-11-22T00:00:00Z"},
    server::query_parameter{"bot_id", "Calls of one bot", "string", false,
                            "6b029aee2e5f75ee541227d1"},
    server::query_parameter{"campaign_id", "Calls of one campaign", "string", false,
                            "6b029aee2e5f75ee541227d1"},
    server::query_parameter{"tz", "IANA name of a time zone; default the display time zone",
                            "string", false, "Asia/Kolkata"}};

template <class... More>
constexpr auto range_and(More const&... more) {
    std::array<server::query_parameter, range_parameters.size() + sizeof...(more)> out{};
    std::size_t at = 0;
    for (auto const& each : range_parameters)
        out[at++] = each;
    ((out[at++] = more), ...);
    return out;
}

constexpr auto volume_parameters = range_and(server::query_parameter{
    "bucket", "15m, hour or day (default); at most 2000", "string", false, "day"});
constexpr auto outcome_parameters = range_and(
    server::query_parameter{"by", "disposition (default), disconnected_by, bot_id or campaign_id",
                            "string", false, "disposition"},
    server::query_parameter{"limit", "Rows before the one for all others (default 20)", "integer",
                            false, "20"});

constexpr server::route rows[] = {
    {.method = "GET",
     .pattern = "/api/v1/analytics/overview",
     .who = access::admin,
     .handler = &overview,
     .summary = "Calls, pushes and fleet at a glance, and the counts of the range before",
     .response_schema = &overview_schema,
     .query = range_parameters,
     .doc = overview_doc},
    {.method = "GET",
     .pattern = "/api/v1/analytics/volume",
     .who = access::admin,
     .handler = &volume,
     .summary = "Calls by quarter, hour or local day",
     .response_schema = &volume_schema,
     .query = volume_parameters,
     .doc = volume_doc},
    {.method = "GET",
     .pattern = "/api/v1/analytics/outcomes",
     .who = access::admin,
     .handler = &outcomes,
     .summary = "Finished calls by disposition, end, bot or campaign",
     .response_schema = &server::list_schema<&outcome_schema>,
     .query = outcome_parameters,
     .doc = outcomes_doc},
    {.method = "GET",
     .pattern = "/api/v1/analytics/latency",
     .who = access::admin,
     .handler = &latency,
     .summary = "Answer times per stage over all turns, in ms",
     .response_schema = &latency_schema,
     .query = range_parameters,
     .doc = latency_doc},
    {.method = "GET",
     .pattern = "/api/v1/analytics/usage",
     .who = access::admin,
     .handler = &usage,
     .summary = "What was used of each provider and model; never money",
     .response_schema = &server::list_schema<&usage_schema>,
     .query = range_parameters,
     .doc = usage_doc},
};

}  // namespace

std::span<server::route const> analytics_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
