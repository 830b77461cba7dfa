#include "cli/app/listing.hpp"
#include "cli/commands/analytics_query.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {analytics_from, analytics_to, analytics_bot,
                                    analytics_campaign};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const answer, ask_analytics(context, "usage"));
    auto rows = analytics_rows(answer);
    auto const text = format_rows(rows, {{"BOT", "bot_id"},
                                         {"KIND", "kind"},
                                         {"PROVIDER", "provider"},
                                         {"MODEL", "model"},
                                         {"REQUESTS", "requests"},
                                         {"PROMPT", "prompt_tokens"},
                                         {"COMPLETION", "completion_tokens"},
                                         {"CACHE READ", "cache_read_input_tokens"},
                                         {"AUDIO SECONDS", "audio_seconds"},
                                         {"CHARACTERS", "characters"}});
    return context.print(list_document(std::move(rows)), text);
}

}  // namespace

command const analytics_usage{"analytics",
                              "usage",
                              "What was used of each provider and model",
                              "cxb analytics usage --from 2026-01-01T00:00:00Z",
                              parameters,
                              &run};

}  // namespace cxb::cli
