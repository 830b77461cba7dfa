#include "cli/commands/cache_action.hpp"

namespace cxb::cli {

result<wire::json_object> act_on_cache(command_context& context, std::string_view path) {
    auto const action = context.args().text("ACTION");
    if (action != "enable" && action != "disable" && action != "refresh")
        return usage_error("ACTION must be enable, disable or refresh");
    remote_call call;
    call.method = "POST";
    call.target = target_of("/api/v1/bots/", context.args().text("BOT"), path) + action;
    return context.ask_object(std::move(call));
}

}  // namespace cxb::cli
