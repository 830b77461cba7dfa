#include "server/api/why/why_routes.hpp"

#include "server/api/why/why_codes.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"

namespace cxb::api {
namespace {

error unknown_kind() {
    std::string known;
    for (auto const& each : why_kinds())
        known.append(known.empty() ? "" : ", ").append(each.name);
    return error{errc::not_found, "Unknown kind; known: " + known};
}

server::handler_result ask_why(server::request_context& context) {
    auto const* const kind = find_why_kind(context.param("kind"));
    if (kind == nullptr) co_return unknown_kind();
    why_ask const ask{context.service<api_services>(), context.caller, context.param("id")};
    why_report report(*kind, ask.id);
    CXB_CO_CHECK(co_await kind->ask(ask, report));
    co_return server::json_response(200, report.finish(context.now()));
}

constexpr server::route_error errors[] = {
    {404, "not_found", "the kind is unknown, or the call whose push or recording is asked for"}};

constexpr server::route rows[] = {
    {.method = "GET",
     .pattern = "/api/v1/why/{kind}/{id}",
     .who = server::access::admin,
     .handler = &ask_why,
     .summary = "Why something does not move: the rules that hold it up",
     .response_schema = &why_schema,
     .doc =
         {.description =
              "Answers for a bot, call, push, recording, worker host or number which rule holds "
              "it up, since when, and what can be done. The reasons stand in the order in which "
              "the rules are applied; the first one decides the verdict. Asking changes nothing.",
          .response_example =
              R"({"subject":{"kind":"push","id":"0198c7a1-5d2e-7b3c-9f00-1a2b3c4d5e6f"},)"
              R"("verdict":"waiting","reasons":[{"code":"retrying",)"
              R"("text":"The CRM did not take it; it is sent again at next_at.",)"
              R"("next_at":"2026-06-05T10:15:30.000Z",)"
              R"("evidence":{"job_id":"65f000000000000000000001","attempts":2,)"
              R"("max_attempts":10,"status":503,"error":"status_503"},)"
              R"("fix":"Look at status and error of the last attempt."}],)"
              R"("checked_at":"2026-06-05T10:14:00.000Z"})",
          .errors = errors}},
};

}  // namespace

std::span<server::route const> why_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
