#include "cli/app/listing.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"--kind", "crm_push, webhook, ..."},
                                    {"--state", "queued, running, done, dead or cancelled"},
                                    {"--key", "The unique key"},
                                    limit_option};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const limit, read_limit(context));
    wire::query_list query;
    for (std::string const name : {"kind", "state", "key"})
        if (context.args().has("--" + name)) query.add(name, context.args().text("--" + name));
    CXB_TRY(auto rows, fetch_items(context, "/api/v1/ops/jobs", query, limit));
    auto const text = format_rows(rows, {{"ID", "id"},
                                         {"KIND", "kind"},
                                         {"STATE", "state"},
                                         {"ATTEMPTS", "attempts"},
                                         {"CREATED (UTC)", "created_at", true},
                                         {"RUN AT (UTC)", "run_at", true},
                                         {"ERROR", "last_error"},
                                         {"KEY", "key"}});
    return context.print(list_document(std::move(rows)), text);
}

}  // namespace

command const ops_jobs{"ops",      "jobs", "List jobs, newest first", "cxb ops jobs --state dead",
                       parameters, &run};

}  // namespace cxb::cli
