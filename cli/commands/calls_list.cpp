#include "cli/app/listing.hpp"
#include "cli/commands/call_rows.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {bot_filter,  status_filter, phone_filter,
                                    from_filter, to_filter,     limit_option};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const limit, read_limit(context));
    CXB_TRY(auto rows, fetch_items(context, "/api/v1/calls", call_filters(context.args()), limit));
    auto const text = format_rows(rows, call_columns());
    return context.print(list_document(std::move(rows)), text);
}

}  // namespace

command const calls_list{
    "calls",    "list", "List calls, newest first", "cxb calls list --status failed --limit 20",
    parameters, &run};

}  // namespace cxb::cli
