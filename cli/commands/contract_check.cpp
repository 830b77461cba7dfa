#include <iostream>

#include "cli/app/context.hpp"
#include "cli/commands/commands.hpp"
#include "cxb/contract/registry.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"--type", "Document type; cxb contract schema lists them", parameter_kind::value, true},
    {"FILE", "JSON documents, - for standard input", parameter_kind::argument, true, true}};

wire::json_object judged(command_context const& context, contract::document_type const& type,
                         std::string const& file, std::string const& text) {
    wire::parse_options how;
    how.max_bytes = type.max_bytes;
    std::vector<std::string> ignored;
    std::vector<fault> warnings;
    how.ignored = &ignored;
    how.warnings = &warnings;
    how.now = context.now();
    auto const checked = type.normalise(text, how);
    wire::json_array faults;
    if (!checked) {
        error const refusal = checked.error();
        for (auto const& one : refusal.faults())
            faults.push_back(wire::json_object{{"pointer", one.pointer}, {"reason", one.reason}});
        if (faults.empty())
            faults.push_back(wire::json_object{{"pointer", ""}, {"reason", refusal.detail()}});
    }
    wire::json_array noted;
    for (auto const& one : warnings)
        noted.push_back(wire::json_object{{"pointer", one.pointer}, {"reason", one.reason}});
    return {{"file", file},
            {"ok", checked.has_value()},
            {"errors", std::move(faults)},
            {"warnings", std::move(noted)},
            {"ignored", wire::json_array(ignored.begin(), ignored.end())}};
}

std::string text_of(wire::json_object const& row) {
    std::string const file(wire::text_at(row, "file"));
    std::string out = file + ": " + (wire::bool_at(row, "ok") ? "ok" : "refused") + "\n";
    for (char const* list : {"errors", "warnings"})
        for (auto const& item : row.at(list).as_array()) {
            std::string const at(wire::text_at(item.as_object(), "pointer"));
            out += "  " + std::string(list == std::string_view("errors") ? "" : "warning ") +
                   (at.empty() ? "/" : at) + ": " +
                   std::string(wire::text_at(item.as_object(), "reason")) + "\n";
        }
    for (auto const& name : row.at("ignored").as_array())
        out += "  ignored " + std::string(name.as_string()) + "\n";
    return out;
}

result<exit_code> run(command_context& context) {
    auto const name = context.args().text("--type");
    auto const* type = contract::find_document_type(name);
    if (type == nullptr)
        return usage_error("There is no type '" + name + "'. List them: cxb contract schema");
    wire::json_array rows;
    std::string text;
    bool all_good = true;
    for (auto const& file : context.args().list("FILE")) {
        CXB_TRY(auto const document, context.read_input(file));
        auto row = judged(context, *type, file, document);
        all_good = all_good && wire::bool_at(row, "ok");
        text += text_of(row);
        rows.push_back(std::move(row));
    }
    context.print(wire::json_object{{"ok", all_good}, {"documents", std::move(rows)}}, text);
    return all_good ? exit_code::done : exit_code::failed;
}

}  // namespace

command const contract_check{"contract",
                             "check",
                             "Check documents against a contract, without a server",
                             "cxb contract check --type call_results result.json",
                             parameters,
                             &run};

}  // namespace cxb::cli
