// The golden corpus: documents of wire version 1, kept for ever (spec 10 §1.4).

#include <gmock/gmock.h>
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
    EXPECT_THAT(manifest_faults(corpus()), ::testing::IsEmpty());
}

// 10-2: the rule sees a changed, a removed and an added file.
TEST(Corpus, AChangedListedFileFails) {
    cxb_test::scratch_folder folder;
    auto const copy = folder.path() / "v1";
    fs::copy(corpus(), copy, fs::copy_options::recursive);
    ASSERT_THAT(manifest_faults(copy), ::testing::IsEmpty());
    std::ofstream(copy / "cdr" / "999_new.json") << "{}";
    EXPECT_THAT(manifest_faults(copy),
                ::testing::ElementsAre("cdr/999_new.json is not in MANIFEST.sha256"));
    fs::remove(copy / "cdr" / "999_new.json");

    auto const first = manifest(copy).begin()->first;
    std::ofstream(copy / first, std::ios::app) << ' ';
    EXPECT_THAT(manifest_faults(copy),
                ::testing::ElementsAre(first + " changed; add a new document instead"));
    fs::remove(copy / first);
    EXPECT_THAT(manifest_faults(copy),
                ::testing::ElementsAre(first + " is gone; the corpus only grows"));
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
