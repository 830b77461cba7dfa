#include "cli/app/listing.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"BOT", "Id of the bot", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const answer,
            context.get(target_of("/api/v1/bots/", context.args().text("BOT"), "/variables")));
    auto rows = items_of(answer);
    auto const text =
        format_rows(rows, {{"TOKEN", "token"}, {"READ IN", "namespace"}, {"USED IN", "used_in"}});
    return context.print(list_document(std::move(rows)), text);
}

}  // namespace

command const bots_variables{"bots",
                             "variables",
                             "Variables that the texts of a bot name",
                             "cxb bots variables 65f000000000000000000001",
                             parameters,
                             &run};

}  // namespace cxb::cli
