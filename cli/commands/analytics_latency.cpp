#include "cli/commands/analytics_query.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {analytics_from, analytics_to, analytics_bot,
                                    analytics_campaign};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const answer, ask_analytics(context, "latency"));
    wire::json_array rows;
    if (answer.is_object())
        for (auto const& stage : answer.get_object()) {
            if (!stage.value().is_object()) continue;
            auto row = stage.value().get_object();
            row["stage"] = stage.key();
            rows.push_back(std::move(row));
        }
    auto const text = format_rows(rows, {{"STAGE", "stage"},
                                         {"TURNS", "count"},
                                         {"AVERAGE MS", "avg"},
                                         {"P50", "p50"},
                                         {"P90", "p90"},
                                         {"P95", "p95"},
                                         {"P99", "p99"}});
    return context.print(answer, text);
}

}  // namespace

command const analytics_latency{"analytics",
                                "latency",
                                "Answer times per stage, over all turns",
                                "cxb analytics latency --bot 65f000000000000000000001",
                                parameters,
                                &run};

}  // namespace cxb::cli
