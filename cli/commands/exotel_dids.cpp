#include "cli/app/listing.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const options, context.ask_object({.target = "/api/v1/integrations/exotel/"
                                                              "test-call-options"}));
    wire::json_array rows;
    if (auto const* dids = options.if_contains("dids"); dids != nullptr && dids->is_array())
        rows = dids->get_array();
    auto const text = (wire::bool_at(options, "configured") ? "" : "Exotel is not configured\n") +
                      format_rows(rows, {{"DID", "id"},
                                         {"NUMBER", "number"},
                                         {"BOT", "bot_id"},
                                         {"READY", "ready"},
                                         {"LABEL", "label"}});
    return context.print(options, text);
}

}  // namespace

command const exotel_dids{
    "exotel",          "dids", "List Exotel's numbers and whether they are ready for a test call",
    "cxb exotel dids", {},     &run};

}  // namespace cxb::cli
