#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"URL", "Base URL of each host, in order", parameter_kind::argument, true, true}};

result<exit_code> run(command_context& context) {
    auto const urls = context.args().list("URL");
    remote_call call;
    call.method = "PUT";
    call.target = "/api/v1/settings/fleet";
    call.body = wire::to_text(
        wire::json_object{{"cxbcore_fleet", wire::json_array(urls.begin(), urls.end())}});
    CXB_TRY(auto const settings, context.ask_object(std::move(call)));
    auto const* kept = settings.if_contains("cxbcore_fleet");
    return context.print(
        wire::json_object{{"cxbcore_fleet", kept != nullptr ? *kept : wire::json_value()}},
        "The fleet is now " + cell(settings, "cxbcore_fleet") + "\n");
}

}  // namespace

command const fleet_set{"fleet",
                        "set",
                        "Replace the list of hosts",
                        "cxb fleet set http://core-1:8001 http://core-2:8001",
                        parameters,
                        &run};

}  // namespace cxb::cli
