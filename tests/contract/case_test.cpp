// Runs tests/contract/cases/<type>/{accept,reject}. A reject file is
// {"document": any | "text": "raw bytes", "faults": [{pointer, reason}...], "error": "invalid"}.

#include <gtest/gtest.h>

#include <algorithm>

#include "case_files.hpp"

namespace {

using namespace cxb;
using namespace contract_cases;

std::vector<fault> faults_in(wire::json_object const& expected) {
    std::vector<fault> out;
    auto const* list = expected.if_contains("faults");
    if (list == nullptr) return out;
    for (auto const& item : list->as_array())
        out.push_back({std::string(wire::text_at(item.as_object(), "pointer")),
                       std::string(wire::text_at(item.as_object(), "reason"))});
    return out;
}

/// One fault a line, sorted: the order in which faults are found is free.
std::string shown(std::vector<fault> faults) {
    std::ranges::sort(faults, {}, &fault::pointer);
    std::string out;
    for (auto const& one : faults)
        out += one.pointer + ": " + one.reason + "\n";
    return out;
}

void expect_refused(document_type const& type, std::filesystem::path const& file) {
    auto const parsed = wire::parse_json(read_file(file));
    ASSERT_TRUE(parsed) << file;
    auto const& expected = parsed->as_object();
    auto const* document = expected.if_contains("document");
    auto const text = document != nullptr ? wire::to_text(*document)
                                          : std::string(wire::text_at(expected, "text"));
    auto const out = normalise(type, text);
    ASSERT_FALSE(out) << file << " was accepted: " << *out;
    auto const word = wire::text_at(expected, "error");
    EXPECT_EQ(name_of(out.error().code()), word.empty() ? "invalid" : word) << file;
    EXPECT_EQ(shown(out.error().faults()), shown(faults_in(expected))) << file;
}

class ContractCases : public ::testing::TestWithParam<document_type> {};

TEST_P(ContractCases, AcceptedOnesRoundTrip) {
    for (auto const& file : documents_in(root() / "cases" / GetParam().name / "accept")) {
        SCOPED_TRACE(file.string());
        auto const once = normalise(GetParam(), read_file(file));
        ASSERT_TRUE(once) << once.error().to_log_text();
        auto const twice = normalise(GetParam(), *once);
        ASSERT_TRUE(twice) << twice.error().to_log_text();
        EXPECT_EQ(*once, *twice) << "the written form must read as itself";
    }
}

// 10-1: all faults of a document together, each with its pointer.
TEST_P(ContractCases, RejectedOnesNameEveryFault) {
    for (auto const& file : documents_in(root() / "cases" / GetParam().name / "reject"))
        expect_refused(GetParam(), file);
}

INSTANTIATE_TEST_SUITE_P(All, ContractCases,
                         ::testing::ValuesIn(contract::document_types().begin(),
                                             contract::document_types().end()),
                         [](auto const& param) { return std::string(param.param.name); });

TEST(ContractCaseFiles, EveryFolderIsAType) {
    for (auto const* folder : {"cases", "corpus/v1"})
        for (auto const& name : folders_in(root() / folder))
            EXPECT_NE(contract::find_document_type(name), nullptr) << folder << "/" << name;
}

TEST(ContractCaseFiles, EveryTypeHasAnAcceptedAndARefusedDocument) {
    for (auto const& type : contract::document_types()) {
        EXPECT_FALSE(accepted_documents(type).empty()) << type.name;
        EXPECT_FALSE(documents_in(root() / "cases" / type.name / "reject").empty()) << type.name;
    }
}

}  // namespace
