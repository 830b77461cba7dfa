#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const exotel, context.ask_object({.target = "/api/v1/integrations/exotel"}));
    auto shown = exotel;
    std::string numbers;
    if (auto const* dids = exotel.if_contains("dids"); dids != nullptr && dids->is_array()) {
        shown.erase("dids");
        numbers = "\n" + format_rows(dids->get_array(), {{"DID", "id"},
                                                         {"NUMBER", "number"},
                                                         {"BOT", "bot_id"},
                                                         {"LABEL", "label"},
                                                         {"WEBSOCKET", "websocket_url"}});
    }
    return context.print(exotel, format_object(shown) + numbers);
}

}  // namespace

command const exotel_show{"exotel",          "show", "Show the Exotel account and its numbers",
                          "cxb exotel show", {},     &run};

}  // namespace cxb::cli
