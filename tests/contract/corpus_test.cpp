// The golden corpus: documents of wire version 1, kept for ever (spec 10 §1.4).

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>

#include "case_files.hpp"
#include "cxb/base/crypto.hpp"

namespace {

using namespace cxb;
using namespace contract_cases;
namespace fs = std::filesystem;

fs::path corpus() {
    return root() / "corpus" / "v1";
}

std::map<std::string, std::string> manifest() {
    std::map<std::string, std::string> out;
    std::ifstream lines(corpus() / "MANIFEST.sha256");
    std::string hash;
    std::string name;
    while (lines >> hash >> name)
        out[name] = hash;
    return out;
}

// 10-2: what an earlier library wrote and read is still read the same way.
TEST(Corpus, EveryDocumentGivesItsExpectedValue) {
    for (auto const& type : contract::document_types()) {
        for (auto const& file : documents_in(corpus() / type.name)) {
            SCOPED_TRACE(file.string());
            auto expected_file = file;
            expected_file.replace_extension(".expected.json");
            auto const expected = wire::parse_json(read_file(expected_file));
            ASSERT_TRUE(expected) << expected_file;
            EXPECT_EQ(missing_in(*expected, normalised_value(type, read_file(file))), "");
        }
    }
}

// 10-2: a listed file never changes and never goes; a new one is listed with it.
TEST(Corpus, ManifestListsEveryFileUnchanged) {
    auto const listed = manifest();
    EXPECT_FALSE(listed.empty());
    for (auto const& [name, hash] : listed) {
        ASSERT_TRUE(fs::exists(corpus() / name)) << name << " is gone; the corpus only grows";
        EXPECT_EQ(sha256_hex(read_file(corpus() / name)), hash)
            << name << " changed; add a new document instead";
    }
    for (auto const& entry : fs::recursive_directory_iterator(corpus())) {
        if (!entry.is_regular_file() || entry.path().filename() == "MANIFEST.sha256") continue;
        auto const name = fs::relative(entry.path(), corpus()).generic_string();
        EXPECT_TRUE(listed.contains(name)) << name << " is not in MANIFEST.sha256";
    }
}

TEST(Corpus, EveryDocumentHasItsExpectedValueAndANumber) {
    for (auto const& name : folders_in(corpus())) {
        for (auto const& file : documents_in(corpus() / name)) {
            auto expected = file;
            expected.replace_extension(".expected.json");
            EXPECT_TRUE(fs::exists(expected)) << expected;
            auto const number = file.filename().string().substr(0, 4);
            EXPECT_TRUE(number.find_first_not_of("0123456789_") == std::string::npos &&
                        number.back() == '_')
                << file;
        }
    }
}

/// Gives a new document its expected value and a line in the manifest; touches nothing that is
/// there already. `CXB_CORPUS_ADD=1 test_contract --gtest_filter='Corpus.AddsNewDocuments'`, then
/// read what it wrote.
TEST(Corpus, AddsNewDocuments) {
    if (std::getenv("CXB_CORPUS_ADD") == nullptr) GTEST_SKIP() << "only on request";
    for (auto const& type : contract::document_types()) {
        for (auto const& file : documents_in(corpus() / type.name)) {
            auto expected = file;
            expected.replace_extension(".expected.json");
            if (!fs::exists(expected))
                std::ofstream(expected, std::ios::binary)
                    << wire::to_text(normalised_value(type, read_file(file))) << "\n";
        }
    }
    auto listed = manifest();
    for (auto const& entry : fs::recursive_directory_iterator(corpus())) {
        if (entry.path().extension() != ".json") continue;
        auto const name = fs::relative(entry.path(), corpus()).generic_string();
        listed.try_emplace(name, sha256_hex(read_file(entry.path())));
    }
    std::ofstream out(corpus() / "MANIFEST.sha256", std::ios::binary);
    for (auto const& [name, hash] : listed)
        out << hash << "  " << name << "\n";
}

TEST(Corpus, SupersetRule) {
    auto const value = [](char const* text) { return *wire::parse_json(text); };
    EXPECT_EQ(missing_in(value(R"({"a":[{"b":5}]})"), value(R"({"a":[{"b":5.0,"c":1}],"d":2})")),
              "");
    EXPECT_EQ(missing_in(value(R"({"a":[{"b":5}]})"), value(R"({"a":[{}]})")), "/a/0/b is gone");
    EXPECT_EQ(missing_in(value(R"({"a":[1]})"), value(R"({"a":[1,2]})")), "/a has another length");
    EXPECT_EQ(missing_in(value("5"), value("6")), "(document) is 6 instead of 5");
}

}  // namespace
