#include "cxb/domain/phone_number.hpp"
#include "server/api/carriers/carrier_routes.hpp"
#include "server/api/carriers/number_lookup.hpp"
#include "server/api/services.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/query_reader.hpp"
#include "server/common/http/request_context.hpp"
#include "server/common/settings/process_settings.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;
namespace lookup = contract::lookup;

handler_result find_bot(request_context& context) {
    server::query_reader read(context.query);
    auto const number = read.text("number");
    if (!number || domain::bare_number(*number).empty())
        read.add_fault("number", "must not be empty");
    CXB_CO_CHECK(read.finish());
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto const found,
               co_await bot_of_number(*api.store, *number, api.settings->phone_region));
    co_return json_response(200, lookup::serialize(found));
}

handler_result find_trunk(request_context& context) {
    server::query_reader read(context.query);
    auto const number = read.text("from_number");
    if (number && domain::bare_number(*number).empty())
        read.add_fault("from_number", "must not be empty");
    CXB_CO_CHECK(read.finish());
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto const found, co_await trunk_for_number(*api.store, number.value_or(""),
                                                           api.settings->phone_region));
    co_return json_response(200, lookup::serialize(found));
}

constexpr server::query_parameter lookup_parameters[] = {
    {"number", "Dialled number in any form, also a SIP or tel address", "string", true}};
constexpr server::query_parameter trunk_parameters[] = {
    {"from_number", "Number to show; left out: the first outbound one of the oldest carrier"}};

constexpr server::route_error no_bot[] = {
    {404, "not_found", "no enabled carrier has this number for incoming calls with a bot"}};
constexpr server::route_error no_trunk[] = {
    {404, "not_found", "no enabled carrier with an outbound trunk has this number"}};

constexpr server::route rows[] = {
    {.method = "GET",
     .pattern = "/api/v1/sip/lookup",
     .who = access::core_secret,
     .handler = &find_bot,
     .summary = "Which bot answers a dialled number",
     .response_schema = &lookup::did_binding_schema,
     .query = lookup_parameters,
     .doc = {.description = "Finds a number by its E.164 form, else by its digits without the "
                            "international prefix, else by its last ten digits if exactly one "
                            "number ends so. Numbers of disabled carriers are passed over.",
             .response_example = R"({"bot_id":"65f0a1b2c3d4e5f601020304",)"
                                 R"("carrier_id":"65f0a1b2c3d4e5f601020305",)"
                                 R"("did_id":"65f0a1b2c3d4e5f601020306"})",
             .errors = no_bot}},
    {.method = "GET",
     .pattern = "/api/v1/sip/outbound-trunk",
     .who = access::core_secret,
     .handler = &find_trunk,
     .summary = "The trunk by which an outbound call leaves",
     .response_schema = &lookup::outbound_trunk_schema,
     .query = trunk_parameters,
     .doc = {.description = "With a number: the trunk of the carrier that owns it. Without: that "
                            "of the oldest enabled carrier which has one, and its first outbound "
                            "number. The limits are those of the carrier.",
             .response_example = R"({"trunk_id":"ST_xk2vRn8aLm4P","number":"+911140000001",)"
                                 R"("carrier_id":"65f0a1b2c3d4e5f601020305","outbound_cps":1,)"
                                 R"("outbound_burst":1,"outbound_channels":10})",
             .errors = no_trunk}},
};

}  // namespace

std::span<server::route const> number_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
