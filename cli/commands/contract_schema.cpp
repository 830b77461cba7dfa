#include <iostream>

#include "cli/app/context.hpp"
#include "cli/commands/commands.hpp"
#include "cxb/contract/registry.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"TYPE", "Document type; without one all are listed", parameter_kind::argument}};

result<exit_code> run(command_context& context) {
    auto const name = context.args().text("TYPE");
    if (name.empty()) {
        wire::json_array names;
        std::string text;
        for (auto const& type : contract::document_types()) {
            names.emplace_back(type.name);
            text += std::string(type.name) + "\n";
        }
        return context.print(wire::json_object{{"types", std::move(names)}}, text);
    }
    auto const* type = contract::find_document_type(name);
    if (type == nullptr)
        return error{errc::not_found,
                     "There is no type '" + name + "'. List them: cxb contract schema"};
    context.out() << type->schema() << '\n';
    return exit_code::done;
}

}  // namespace

command const contract_schema{
    "contract", "schema", "JSON Schema of a document type", "cxb contract schema call_results",
    parameters, &run};

}  // namespace cxb::cli
