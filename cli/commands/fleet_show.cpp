#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

result<exit_code> run(command_context& context) {
    remote_call call;
    call.target = "/api/v1/fleet/status";
    CXB_TRY(auto const status, context.ask_object(std::move(call)));
    auto const* hosts = status.if_contains("workers");
    wire::json_array const rows =
        hosts != nullptr && hosts->is_array() ? hosts->get_array() : wire::json_array{};
    std::string text = "Capacity " + cell(status, "total_capacity") + ", running " +
                       cell(status, "active_calls") + ", free " + cell(status, "available") + "\n";
    if (rows.empty())
        text += "No hosts. Add some: cxb fleet set http://core-1:8001\n";
    else
        text += format_rows(rows, {{"HOST", "url"},
                                   {"STATUS", "status"},
                                   {"CALLS", "worker_calls"},
                                   {"MAX", "total_capacity"},
                                   {"FREE", "total_available"},
                                   {"MS", "latency_ms"},
                                   {"REASON", "reason"}});
    return context.print(status, text);
}

}  // namespace

command const fleet_show{"fleet",          "show", "Hosts, their capacity and running calls",
                         "cxb fleet show", {},     &run};

}  // namespace cxb::cli
