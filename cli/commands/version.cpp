#include "cxb/version.hpp"

#include "cli/app/context.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

result<exit_code> run(command_context& context) {
    std::string const number(version_string);
    return context.print(wire::json_object{{"name", "cxb"}, {"version", number}},
                         "cxb " + number + "\n");
}

}  // namespace

command const version{"version", "", "Version of this program", "cxb version", {}, &run};

}  // namespace cxb::cli
