#include "cli/app/table.hpp"
#include "cli/commands/cache_action.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const state, act_on_cache(context, "/live-prompt-cache/"));
    std::string text = std::string("Live prompt cache ") +
                       (wire::bool_at(state, "enabled") ? "on" : "off") + ", " +
                       cell(state, "state.status");
    if (auto const why = wire::text_at(state, "state.last_error"); !why.empty())
        text += ": " + std::string(why);
    return context.print(state, text + "\n");
}

}  // namespace

command const bots_live_cache{"bots",
                              "live-cache",
                              "Switch the live prompt cache of a bot on or off, or make it anew",
                              "cxb bots live-cache refresh 65f000000000000000000001",
                              cache_parameters,
                              &run};

}  // namespace cxb::cli
