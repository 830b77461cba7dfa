#include "cli/app/listing.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"BOT", "Id of the bot", parameter_kind::argument, true},
                                    limit_option};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const limit, read_limit(context));
    auto const path = target_of("/api/v1/bots/", context.args().text("BOT"), "/versions");
    CXB_TRY(auto rows, fetch_items(context, path, {}, limit));
    auto const text = format_rows(rows, {{"VERSION", "version"},
                                         {"CHANGED (UTC)", "changed_at", true},
                                         {"BY", "changed_by"},
                                         {"NOTE", "note"},
                                         {"WHAT", "changed_paths"}});
    return context.print(list_document(std::move(rows)), text);
}

}  // namespace

command const bots_versions{"bots",
                            "versions",
                            "What was changed in a bot, when and by whom",
                            "cxb bots versions 65f000000000000000000001 --limit 10",
                            parameters,
                            &run};

}  // namespace cxb::cli
