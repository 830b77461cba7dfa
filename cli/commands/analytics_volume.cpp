#include "cli/app/listing.hpp"
#include "cli/commands/analytics_query.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"--bucket", "15m, hour or day (default)"},
                                    analytics_from,
                                    analytics_to,
                                    analytics_bot,
                                    analytics_campaign,
                                    analytics_zone};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const answer, ask_analytics(context, "volume", {{"--bucket", "bucket"}}));
    auto const* series = answer.is_object() ? answer.get_object().if_contains("series") : nullptr;
    auto const rows = series == nullptr ? wire::json_array{} : analytics_rows(*series);
    auto const text = format_rows(rows, {{"START (UTC)", "start", true},
                                         {"TOTAL", "total"},
                                         {"COMPLETED", "completed"},
                                         {"FAILED", "failed"},
                                         {"VOICEMAIL", "voicemail"},
                                         {"CONNECTED", "connected"},
                                         {"TALK SECONDS", "talk_seconds"}});
    return context.print(answer, text);
}

}  // namespace

command const analytics_volume{"analytics",
                               "volume",
                               "Calls by quarter, hour or local day",
                               "cxb analytics volume --bucket day --tz Asia/Kolkata",
                               parameters,
                               &run};

}  // namespace cxb::cli
