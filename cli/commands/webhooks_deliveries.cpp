#include "cli/app/listing.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"ENDPOINT", "Id of the endpoint", parameter_kind::argument, true},
    {"--state", "queued, running, done, dead or cancelled"},
    limit_option};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const limit, read_limit(context));
    wire::query_list query;
    if (context.args().has("--state")) query.add("state", context.args().text("--state"));
    auto const path =
        target_of("/api/v1/webhook-endpoints/", context.args().text("ENDPOINT"), "/deliveries");
    CXB_TRY(auto rows, fetch_items(context, path, query, limit));
    auto const text = format_rows(rows, {{"ID", "id"},
                                         {"TYPE", "payload.type"},
                                         {"SESSION", "session_id"},
                                         {"STATE", "state"},
                                         {"ATTEMPTS", "attempts"},
                                         {"CREATED (UTC)", "created_at", true},
                                         {"ERROR", "last_error"}});
    return context.print(list_document(std::move(rows)), text);
}

}  // namespace

command const webhooks_deliveries{"webhooks",
                                  "deliveries",
                                  "List what a webhook endpoint was told, newest first",
                                  "cxb webhooks deliveries 65f000000000000000000003",
                                  parameters,
                                  &run};

}  // namespace cxb::cli
