#include "cli/app/listing.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {limit_option};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const limit, read_limit(context));
    CXB_TRY(auto rows, fetch_items(context, "/api/v1/webhook-endpoints", {}, limit));
    auto const text = format_rows(rows, {{"ID", "id"},
                                         {"URL", "url"},
                                         {"TYPES", "types"},
                                         {"ACTIVE", "is_active"},
                                         {"FAILING SINCE (UTC)", "failing_since", true},
                                         {"DESCRIPTION", "description"}});
    return context.print(list_document(std::move(rows)), text);
}

}  // namespace

command const webhooks_list{"webhooks",          "list",     "List webhook endpoints",
                            "cxb webhooks list", parameters, &run};

}  // namespace cxb::cli
