// What the field tables say, for the build: the installed JSON Schemas and the tables as data,
// from which scripts/contract_pages.py makes docs/contracts.
//
//   contract_reference schemas DIR    one <type>.json for each document type
//   contract_reference tables         all tables as JSON on standard output
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/contract/registry.hpp"
#include "cxb/wire/json.hpp"

namespace {

using namespace cxb;
namespace fs = std::filesystem;

wire::json_array texts(std::span<std::string_view const> values) {
    wire::json_array out;
    for (auto const& value : values)
        out.emplace_back(value);
    return out;
}

std::string_view presence_word(wire::presence_kind presence) {
    switch (presence) {
        case wire::presence_kind::required:
            return "required";
        case wire::presence_kind::optional:
            return "optional";
        case wire::presence_kind::with_default:
            return "default";
    }
    return "";
}

std::string_view sensitivity_word(wire::sensitivity_kind sensitivity) {
    switch (sensitivity) {
        case wire::sensitivity_kind::plain:
            return "";
        case wire::sensitivity_kind::personal:
            return "personal";
        case wire::sensitivity_kind::secret:
            return "secret";
    }
    return "";
}

std::string_view unknown_word(wire::unknown_rule rule) {
    switch (rule) {
        case wire::unknown_rule::ignore:
            return "ignored";
        case wire::unknown_rule::keep_in_place:
            return "kept";
        case wire::unknown_rule::collect:
            return "collected";
    }
    return "";
}

wire::json_object row_of(wire::field_info const& field) {
    wire::json_object out{{"name", field.name},
                          {"type", field.type},
                          {"record", field.record},
                          {"presence", presence_word(field.presence)},
                          {"default", field.default_json},
                          {"null_kept", field.null == wire::null_rule::keep},
                          {"pattern", field.pattern},
                          {"words", texts(field.words)},
                          {"sensitivity", sensitivity_word(field.sensitivity)},
                          {"aliases", texts(field.aliases)},
                          {"since", field.since},
                          {"deprecated_since", field.deprecated_since},
                          {"writer", field.writer},
                          {"reader", field.reader},
                          {"doc", field.doc}};
    if (field.min) out["min"] = *field.min;
    if (field.max) out["max"] = *field.max;
    out["min_bytes"] = field.min_bytes;
    out["max_bytes"] = field.max_bytes;
    out["min_items"] = field.min_items;
    out["max_items"] = field.max_items;
    return out;
}

/// The nested types of a table, each once, in the order they are met.
void collect(wire::object_table const& table, std::vector<wire::object_table const*>& found) {
    if (std::ranges::find(found, &table) != found.end()) return;
    found.push_back(&table);
    for (auto const& row : table.rows()) {
        auto const* value = row.data().ops->value;
        while (value != nullptr && value->item != nullptr)
            value = value->item;
        if (value != nullptr && value->table != nullptr) collect(value->table(), found);
    }
}

wire::json_object table_of(wire::object_table const& table) {
    wire::json_array rows;
    for (auto const& field : table.fields())
        rows.emplace_back(row_of(field));
    return {{"name", table.name()},
            {"doc", table.spec().doc},
            {"unknown", unknown_word(table.spec().unknown)},
            {"unknown_name", table.spec().unknown_name},
            {"bare", table.spec().bare},
            {"fields", std::move(rows)}};
}

wire::json_object document_of(contract::document_type const& type) {
    std::vector<wire::object_table const*> found;
    collect(type.table(), found);
    wire::json_array tables;
    for (auto const* table : found)
        tables.emplace_back(table_of(*table));
    return {{"name", type.name},
            {"contract", type.contract},
            {"max_bytes", type.max_bytes},
            {"tables", std::move(tables)}};
}

int write_tables() {
    wire::json_array documents;
    for (auto const& type : contract::document_types())
        documents.emplace_back(document_of(type));
    std::cout << wire::to_text(wire::json_value(std::move(documents))) << '\n';
    return std::cout.flush() ? 0 : 1;
}

int write_schemas(fs::path const& folder) {
    fs::remove_all(folder);
    fs::create_directories(folder);
    for (auto const& type : contract::document_types()) {
        std::ofstream out(folder / (std::string(type.name) + ".json"), std::ios::binary);
        out << type.schema() << '\n';
        if (!out.flush()) {
            std::cerr << "cannot write below " << folder << '\n';
            return 1;
        }
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    std::string_view const what = argc > 1 ? argv[1] : "";
    if (what == "tables" && argc == 2) return write_tables();
    if (what == "schemas" && argc == 3) return write_schemas(argv[2]);
    std::cerr << "usage: contract_reference tables | contract_reference schemas DIR\n";
    return 2;
}
