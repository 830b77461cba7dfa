// The golden corpus: documents of wire version 1, kept for ever (spec 10 §1.4).

#include <gtest/gtest.h>

#include <fstream>

#include "case_files.hpp"
#include "corpus_files.hpp"
#include "cxb/base/crypto.hpp"
#include "support/scratch_folder.hpp"

namespace {

using namespace cxb;
using namespace contract_cases;
namespace fs = std::filesystem;

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
    auto const listed = manifest(corpus());
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

// The program `corpus_add`, on a copy.
TEST(Corpus, NewDocumentsGetAValueAndALineAndTheOthersStay) {
    cxb_test::scratch_folder folder;
    auto const copy = folder.path() / "v1";
    fs::copy(corpus(), copy, fs::copy_options::recursive);
    auto const before = manifest(copy);
    auto const added = copy / "call_results" / "999_added.json";
    std::ofstream(added) << R"({"session_id":"s1","call_duration_seconds":2})";
    add_new_documents(copy);
    auto after = manifest(copy);
    for (auto const* name : {"999_added.json", "999_added.expected.json"}) {
        auto const file = copy / "call_results" / name;
        EXPECT_EQ(after.extract("call_results/" + std::string(name)).mapped(),
                  sha256_hex(read_file(file)));
    }
    EXPECT_EQ(after, before);
    for (auto const& [name, hash] : before)
        EXPECT_EQ(sha256_hex(read_file(copy / name)), hash) << name;
    auto const value = wire::parse_json(read_file(copy / "call_results/999_added.expected.json"));
    ASSERT_TRUE(value);
    EXPECT_EQ(wire::text_at(value->as_object(), "session_id"), "s1");
}

}  // namespace
