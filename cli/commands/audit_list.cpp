#include "cli/app/listing.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"--actor", "Id of the user or key that acted"},
                                    {"--action", "As bot.update"},
                                    {"--target-type", "As bot"},
                                    {"--target-id", "Of one target; needs --target-type"},
                                    {"--from", "At or after, RFC 3339"},
                                    {"--to", "Before, RFC 3339"},
                                    limit_option};

constexpr std::pair<char const*, char const*> filters[] = {
    {"--actor", "actor"},         {"--action", "action"}, {"--target-type", "target_type"},
    {"--target-id", "target_id"}, {"--from", "from"},     {"--to", "to"}};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const limit, read_limit(context));
    wire::query_list query;
    for (auto const& [option, name] : filters)
        if (context.args().has(option)) query.add(name, context.args().text(option));
    CXB_TRY(auto rows, fetch_items(context, "/api/v1/audit", query, limit));
    auto const text = format_rows(rows, {{"SEQ", "seq"},
                                         {"AT (UTC)", "at", true},
                                         {"ACTOR", "actor.label"},
                                         {"ACTION", "action"},
                                         {"TARGET", "target.type"},
                                         {"LABEL", "target.label"},
                                         {"IP", "ip"}});
    return context.print(list_document(std::move(rows)), text);
}

}  // namespace

command const audit_list{"audit",
                         "list",
                         "List changes, newest first",
                         "cxb audit list --action bot.update --limit 20",
                         parameters,
                         &run};

}  // namespace cxb::cli
