#include "cli/app/table.hpp"
#include "cli/commands/cache_action.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const state, act_on_cache(context, "/post-call-cache/"));
    std::string const text = std::string("Post-call cache ") +
                             (wire::bool_at(state, "enabled") ? "on" : "off") + ", version " +
                             cell(state, "version") +
                             (wire::bool_at(state, "ready") ? ", seen to work" : "") + "\n";
    return context.print(state, text);
}

}  // namespace

command const bots_post_call_cache{
    "bots",
    "post-call-cache",
    "Switch the cache of a bot's analysis prompts on or off, or begin a new version",
    "cxb bots post-call-cache enable 65f000000000000000000001",
    cache_parameters,
    &run};

}  // namespace cxb::cli
