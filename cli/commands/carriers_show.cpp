#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"CARRIER", "Id of the carrier", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    CXB_TRY(auto const carrier,
            context.ask_object(
                {.target = target_of("/api/v1/carriers/", context.args().text("CARRIER"))}));
    auto shown = carrier;
    std::string numbers;
    if (auto const* dids = carrier.if_contains("dids"); dids != nullptr && dids->is_array()) {
        shown.erase("dids");
        numbers = "\n" + format_rows(dids->get_array(), {{"DID", "id"},
                                                         {"NUMBER", "number"},
                                                         {"DIRECTION", "direction"},
                                                         {"BOT", "bot_id"},
                                                         {"LABEL", "label"}});
    }
    return context.print(carrier, format_object(shown) + numbers);
}

}  // namespace

command const carriers_show{"carriers",
                            "show",
                            "Show a carrier and its numbers",
                            "cxb carriers show 65f000000000000000000004",
                            parameters,
                            &run};

}  // namespace cxb::cli
