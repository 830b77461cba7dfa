#include "cli/app/listing.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"--query", "Part of the name"},
                                    {"--active", "Only active bots", parameter_kind::flag},
                                    limit_option};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const limit, read_limit(context));
    wire::query_list query;
    if (auto const text = context.args().text("--query"); !text.empty()) query.add("q", text);
    if (context.args().has("--active")) query.add("is_active", "true");
    CXB_TRY(auto rows, fetch_items(context, "/api/v1/bots", query, limit));
    auto const text = format_rows(rows, {{"ID", "id"},
                                         {"NAME", "name"},
                                         {"ACTIVE", "is_active"},
                                         {"STT", "stt_provider"},
                                         {"LLM", "llm_provider"},
                                         {"TTS", "tts_provider"},
                                         {"UPDATED (UTC)", "updated_at", true}});
    return context.print(list_document(std::move(rows)), text);
}

}  // namespace

command const bots_list{"bots",     "list", "List bots", "cxb bots list --active --limit 20",
                        parameters, &run};

}  // namespace cxb::cli
