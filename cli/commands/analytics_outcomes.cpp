#include "cli/app/listing.hpp"
#include "cli/commands/analytics_query.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"--by", "disposition (default), disconnected_by, bot_id or campaign_id"},
    {"--limit", "Rows before the one for all others (default 20)"},
    analytics_from,
    analytics_to,
    analytics_bot,
    analytics_campaign};

result<exit_code> run(command_context& context) {
    constexpr int most_rows = 200;
    CXB_CHECK(context.args().number("--limit", 20, 1, most_rows));
    CXB_TRY(auto const answer,
            ask_analytics(context, "outcomes", {{"--by", "by"}, {"--limit", "limit"}}));
    auto rows = analytics_rows(answer);
    auto const text =
        format_rows(rows, {{"OUTCOME", "key"}, {"CALLS", "count"}, {"SHARE %", "share"}});
    return context.print(list_document(std::move(rows)), text);
}

}  // namespace

command const analytics_outcomes{"analytics",
                                 "outcomes",
                                 "Finished calls by disposition, end, bot or campaign",
                                 "cxb analytics outcomes --by disconnected_by --limit 5",
                                 parameters,
                                 &run};

}  // namespace cxb::cli
