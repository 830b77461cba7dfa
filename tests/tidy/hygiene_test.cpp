// What must not be in the tree at all: big files, paths of somebody's machine, odd file ends.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <regex>

#include "tidy/source_tree.hpp"

namespace cxb::tidy {
namespace {

constexpr std::uintmax_t biggest_file = 1U << 20U;

bool is_binary(source_file const& file) {
    return file.text.find('\0') != std::string::npos;
}

TEST(Hygiene, NoFileIsBiggerThanAMebibyte) {
    rule check("file_size");
    for (auto const& path : all_paths()) {
        auto const size = std::filesystem::file_size(source_root() / path);
        if (size > biggest_file) check.fault(path, std::to_string(size) + " bytes");
    }
}

TEST(Hygiene, NoPathOfAMachine) {
    rule check("machine_path");
    // Homes of people, wherever they are; and the very folder this tree lies in.
    std::regex const homes(
        R"((^|[\s"'`=(:,])/(home|Users)/[A-Za-z0-9_.-]{2,}/|(^|[\s"'`=(:,])/root/)");
    auto const here = source_root().generic_string() + "/";
    bool const telling = std::ranges::count(here, '/') >= 3;
    for (auto const& path : all_paths()) {
        auto const file = read_file(path);
        if (is_binary(file)) continue;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            bool const found = std::regex_search(file.lines[i], homes) ||
                               (telling && file.lines[i].find(here) != std::string::npos);
            if (found) check.fault(path, file.lines[i], i + 1);
        }
    }
}

TEST(Hygiene, TextFilesEndWithALineAndHaveUnixEnds) {
    rule check("line_ends");
    constexpr std::array endings{".cpp", ".hpp", ".py", ".sh", ".cmake", ".md", ".js", ".yaml"};
    for (auto const& path : all_paths()) {
        if (std::ranges::none_of(endings, [&](auto* e) { return path.ends_with(e); })) continue;
        if (path.starts_with("tests/fuzz/corpus/")) continue;
        auto const file = read_file(path);
        if (!file.text.empty() && !file.text.ends_with('\n')) {
            check.fault(path, "the last line does not end");
        }
        if (file.text.find('\r') != std::string::npos) check.fault(path, "holds carriage returns");
    }
}

// A test that does not run says why, and fails where everything has to run: by one macro.
TEST(Hygiene, TestsAreSkippedInOneWay) {
    rule check("skip");
    std::regex const skips(R"(GTEST_SKIP|\bDISABLED_)");
    for (auto const& file : code_files()) {
        bool const macro = file.path == "tests/support/required.hpp";
        if (macro || file.path == "tests/tidy/hygiene_test.cpp") continue;
        for (std::size_t i = 0; i < file.lines.size(); ++i)
            if (std::regex_search(file.lines[i], skips))
                check.fault(file.path, "skips past CXB_SKIP_IF_MISSING", i + 1);
    }
}

TEST(Hygiene, SourcesLieWhereTheBuildLooks) {
    rule check("stray_source");
    std::regex const place(R"(^(include/cxb|src|server|cli|examples|tests|benchmarks)/)");
    for (auto const& path : all_paths()) {
        bool const code = path.ends_with(".cpp") || path.ends_with(".hpp");
        if (code && !std::regex_search(path, place)) check.fault(path, "outside the layout");
    }
}

}  // namespace
}  // namespace cxb::tidy
