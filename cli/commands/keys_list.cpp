#include "cli/app/listing.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {limit_option};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const limit, read_limit(context));
    CXB_TRY(auto rows, fetch_items(context, "/api/v1/api-keys", {}, limit));
    auto const text = format_rows(rows, {{"ID", "id"},
                                         {"NAME", "name"},
                                         {"PREFIX", "key_prefix"},
                                         {"ACTIVE", "is_active"},
                                         {"SCOPES", "scopes"},
                                         {"EXPIRES (UTC)", "expires_at", true},
                                         {"LAST USED (UTC)", "last_used_at", true}});
    return context.print(list_document(std::move(rows)), text);
}

}  // namespace

command const keys_list{"keys", "list", "List API keys", "cxb keys list", parameters, &run};

}  // namespace cxb::cli
