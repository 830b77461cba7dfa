#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

// One line for each member of each block: what `settings set` would change.
wire::json_object flat(wire::json_object const& settings) {
    wire::json_object out;
    for (auto const& [name, value] : settings) {
        auto const* block = value.if_object();
        if (block == nullptr) {
            out[name] = value;
            continue;
        }
        for (auto const& member : *block)
            out[std::string(name) + "." + std::string(member.key())] = member.value();
    }
    return out;
}

result<exit_code> run(command_context& context) {
    remote_call call;
    call.target = "/api/v1/settings";
    CXB_TRY(auto const settings, context.ask_object(std::move(call)));
    return context.print(settings, format_object(flat(settings)));
}

}  // namespace

command const settings_show{"settings",
                            "show",
                            "All system settings, secrets masked (super_admin)",
                            "cxb --json settings show",
                            {},
                            &run};

}  // namespace cxb::cli
