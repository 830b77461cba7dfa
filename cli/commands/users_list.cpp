#include "cli/app/listing.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"--query", "Beginning of the email or the name"},
                                    {"--role", "agent, supervisor, admin or super_admin"},
                                    {"--active", "Only active users", parameter_kind::flag},
                                    {"--inactive", "Only inactive users", parameter_kind::flag},
                                    limit_option};

result<exit_code> run(command_context& context) {
    auto const& args = context.args();
    CXB_TRY(auto const limit, read_limit(context));
    if (args.has("--active") && args.has("--inactive"))
        return usage_error("--active and --inactive exclude each other");
    wire::query_list query;
    if (args.has("--query")) query.add("q", args.text("--query"));
    if (args.has("--role")) query.add("role", args.text("--role"));
    if (args.has("--active")) query.add("is_active", "true");
    if (args.has("--inactive")) query.add("is_active", "false");
    CXB_TRY(auto rows, fetch_items(context, "/api/v1/users", query, limit));
    auto const text = format_rows(rows, {{"ID", "id"},
                                         {"EMAIL", "email"},
                                         {"NAME", "name"},
                                         {"ROLE", "role"},
                                         {"ACTIVE", "is_active"},
                                         {"LAST LOGIN (UTC)", "last_login_at", true}});
    return context.print(list_document(std::move(rows)), text);
}

}  // namespace

command const users_list{"users",    "list", "List users", "cxb users list --role agent --active",
                         parameters, &run};

}  // namespace cxb::cli
