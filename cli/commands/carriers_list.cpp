#include "cli/app/listing.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {limit_option};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const limit, read_limit(context));
    CXB_TRY(auto rows, fetch_items(context, "/api/v1/carriers", {}, limit));
    auto const text = format_rows(rows, {{"ID", "id"},
                                         {"NAME", "name"},
                                         {"ADDRESS", "sip_address"},
                                         {"ENABLED", "enabled"},
                                         {"LIVEKIT", "lk_sync_status"},
                                         {"SYNCED (UTC)", "lk_last_synced_at", true},
                                         {"ERROR", "lk_sync_error"}});
    return context.print(list_document(std::move(rows)), text);
}

}  // namespace

command const carriers_list{"carriers",          "list",     "List carriers",
                            "cxb carriers list", parameters, &run};

}  // namespace cxb::cli
