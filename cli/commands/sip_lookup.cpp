#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"
#include "cxb/wire/http_message.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"NUMBER", "The number that was called, in any form", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    wire::query_list query;
    query.add("number", context.args().text("NUMBER"));
    remote_call call;
    call.target = "/api/v1/sip/lookup?" + query.to_text();
    call.use_secret = true;
    CXB_TRY(auto const found, context.ask_object(std::move(call)));
    return context.print(found, format_object(found));
}

}  // namespace

command const sip_lookup{"sip",
                         "lookup",
                         "Say which bot answers a number (needs the core secret)",
                         "cxb sip lookup +918012345678",
                         parameters,
                         &run};

}  // namespace cxb::cli
