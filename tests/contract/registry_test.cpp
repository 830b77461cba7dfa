#include "cxb/contract/registry.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>

#include "case_files.hpp"

namespace {

using namespace cxb;

TEST(Registry, SortedAndFound) {
    auto const types = contract::document_types();
    EXPECT_TRUE(std::ranges::is_sorted(types, {}, [](contract::document_type const& type) {
        return std::pair(type.contract, type.name);
    }));
    for (auto const& type : types) {
        EXPECT_EQ(contract::find_document_type(type.name), &type);
        EXPECT_EQ(type.table().name(), type.name);
    }
    EXPECT_EQ(contract::find_document_type("no_such_type"), nullptr);
}

/// The document types that a header declares, by the names they have here.
std::vector<std::string> declared_in(std::filesystem::path const& header) {
    std::vector<std::string> out;
    static std::regex const declaration(R"(^CXB_WIRE_DECLARE\((\w+)\);)");
    std::ifstream lines(header);
    for (std::string line; std::getline(lines, line);) {
        std::smatch found;
        if (!std::regex_search(line, found, declaration)) continue;
        std::string name = found[1];
        // Both protocols have messages of the same names, in namespaces of their own.
        if (header.parent_path().filename() == "media_ws")
            name = header.stem().string() + "_" +
                   std::regex_replace(name, std::regex("_message$"), "");
        out.push_back(std::move(name));
    }
    return out;
}

TEST(Registry, HoldsEveryDeclaredDocument) {
    std::size_t declared = 0;
    auto const headers = std::filesystem::path(CXB_SOURCE_DIR) / "include/cxb/contract";
    for (auto const& entry : std::filesystem::recursive_directory_iterator(headers)) {
        if (entry.path().extension() != ".hpp") continue;
        for (auto const& name : declared_in(entry.path())) {
            auto const* type = contract::find_document_type(name);
            ASSERT_NE(type, nullptr) << name << " of " << entry.path() << " is not in the registry";
            EXPECT_EQ(type->contract, entry.path().parent_path().filename().string()) << name;
            ++declared;
        }
    }
    constexpr std::size_t read_in_their_own_way = 2;  // fleet_health, worker_health
    EXPECT_EQ(declared + read_in_their_own_way, contract::document_types().size());
}

TEST(Registry, EveryTypeHasASchemaAndASentenceForEachField) {
    for (auto const& type : contract::document_types()) {
        auto const schema = wire::parse_json(type.schema());
        ASSERT_TRUE(schema) << type.name;
        EXPECT_EQ(wire::text_at(schema->as_object(), "$schema"),
                  "https://json-schema.org/draft/2020-12/schema");
        EXPECT_FALSE(type.table().fields().empty()) << type.name;
        for (auto const& field : type.table().fields())
            EXPECT_FALSE(field.doc.empty()) << type.name << "." << field.name;
    }
}

TEST(Registry, BodyLimitOfTheType) {  // 10-4
    auto const* type = contract::find_document_type("call_results");
    ASSERT_NE(type, nullptr);
    EXPECT_EQ(type->max_bytes, limits::results_body);
    std::string const text =
        R"({"session_id":"s","ext_text":")" + std::string(9 * limits::mib, 'x') + "\"}";
    auto const out = contract_cases::normalise(*type, text);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code(), errc::too_large);
}

TEST(Registry, DepthLimit) {  // 10-4
    auto const* type = contract::find_document_type("cdr");
    std::string const open(33, '[');
    auto const out =
        contract_cases::normalise(*type, "{\"a\":" + open + std::string(33, ']') + "}");
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code(), errc::malformed);
}

}  // namespace
