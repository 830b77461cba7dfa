#include "cli/app/listing.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"BOT", "Id of the bot", parameter_kind::argument, true},
    {"FROM", "Version to compare", parameter_kind::argument, true},
    {"TO", "Version to compare it with", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    auto const& args = context.args();
    wire::query_list query;
    query.add("from", args.text("FROM"));
    query.add("to", args.text("TO"));
    CXB_TRY(auto const answer,
            context.get(target_of("/api/v1/bots/", args.text("BOT"), "/diff?") + query.to_text()));
    auto rows = items_of(answer);
    auto const text =
        format_rows(rows, {{"OP", "op"}, {"PATH", "path"}, {"OLD", "old"}, {"NEW", "new"}});
    return context.print(list_document(std::move(rows)), text);
}

}  // namespace

command const bots_diff{"bots",
                        "diff",
                        "What differs between two versions of a bot",
                        "cxb bots diff 65f000000000000000000001 3 4",
                        parameters,
                        &run};

}  // namespace cxb::cli
