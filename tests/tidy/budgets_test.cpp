// The budgets of CONTRIBUTING.md: line, function and file lengths, header documentation, and what
// must not be left in the code.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "tidy/function_lengths.hpp"
#include "tidy/source_tree.hpp"

namespace cxb::tidy {
namespace {

constexpr std::size_t longest_line = 100;
constexpr std::size_t longest_function = 70;
constexpr std::size_t longest_source = 400;
constexpr std::size_t longest_public_header = 300;
constexpr std::size_t documentation_percent = 25;

// Columns, not bytes: continuation bytes of UTF-8 do not count.
std::size_t columns(std::string const& line) {
    return static_cast<std::size_t>(
        std::ranges::count_if(line, [](unsigned char c) { return (c & 0xC0U) != 0x80U; }));
}

TEST(Budgets, LinesHaveAtMost100Columns) {
    rule check("line_length");
    for (auto const& file : code_files()) {
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            auto const size = columns(file.lines[i]);
            if (size > longest_line && !file.lines[i].starts_with("#include")) {
                check.fault(file.path, std::to_string(size) + " columns", i + 1);
            }
        }
    }
}

TEST(Budgets, FunctionsHaveAtMost70Lines) {
    rule check("function_length");
    for (auto const& file : code_files()) {
        for (auto const& function : functions_of(file)) {
            if (function.lines <= longest_function) continue;
            check.fault(file.path + "#" + function.name, std::to_string(function.lines) +
                                                             " lines, from line " +
                                                             std::to_string(function.first_line));
        }
    }
}

TEST(Budgets, SourcesHaveAtMost400LinesPublicHeaders300) {
    rule check("file_length");
    for (auto const& file : code_files()) {
        auto const budget = is_public_header(file.path) ? longest_public_header : longest_source;
        if (file.lines.size() > budget) {
            check.fault(file.path, std::to_string(file.lines.size()) + " lines, budget " +
                                       std::to_string(budget));
        }
    }
}

TEST(Budgets, NothingIsLeftForLater) {
    rule check("left_for_later");
    // Written in two parts so that this file does not find itself.
    std::regex const marks(
        "\\b(TO"
        "DO|FIX"
        "ME|XX"
        "X|HA"
        "CK)\\b");
    for (auto const& path : all_paths()) {
        if (!std::regex_search(path,
                               std::regex(R"(\.(cpp|hpp|py|js|mjs|sh|cmake|yaml|txt|in)$)"))) {
            continue;
        }
        auto const file = read_file(path);
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            if (std::regex_search(file.lines[i], marks)) check.fault(path, file.lines[i], i + 1);
        }
    }
}

TEST(Budgets, NoCodeIsCommentedOut) {
    rule check("commented_out");
    std::regex const statement(R"(^\s*//\s*[\w:<>.*&,\[\] -]+(\(.*\)|=[^=].*);$)");
    for (auto const& file : code_files()) {
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            auto const& line = file.lines[i];
            bool const candidate = line.find("//") != std::string::npos && line.ends_with(';');
            if (candidate && std::regex_search(line, statement)) {
                check.fault(file.path, file.lines[i], i + 1);
            }
        }
    }
}

TEST(Budgets, NoViewOfATemporaryError) {
    rule check("dangling_error");
    // result<T>::error() returns a value; what its members refer to dies with the expression.
    std::regex const loop(R"(for \(.*:.*\berror\(\)\.)");
    std::regex const view(R"(((auto const&|auto&|string_view( const)?) \w+ = |string_view \w+\{))"
                          R"([^;]*\.error\(\)\.\w+\(\);)");
    for (auto const& file : code_files()) {
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            auto const& line = file.lines[i];
            if (line.find("error().") == std::string::npos) continue;
            if (std::regex_search(line, loop) || std::regex_search(line, view)) {
                check.fault(file.path, "keep the error in a variable: " + file.lines[i], i + 1);
            }
        }
    }
}

TEST(HeaderDocumentation, PublicHeadersStartWithWhatTheyGive) {
    rule check("header_start");
    for (auto const& file : code_files()) {
        if (!is_public_header(file.path)) continue;
        bool const good = file.lines.size() > 2 && file.lines[0] == "#pragma once" &&
                          file.lines[1] == "/// @file" && file.lines[2].starts_with("/// ");
        if (!good) {
            check.fault(file.path, "must start with `#pragma once`, `/// @file` and a sentence");
        }
    }
}

TEST(HeaderDocumentation, PublicHeadersAreManuals) {
    rule check("header_documentation");
    for (auto const& file : code_files()) {
        if (!is_public_header(file.path)) continue;
        std::size_t documented = 0;
        std::size_t written = 0;
        for (auto const& line : file.lines) {
            if (line.find_first_not_of(" \t") == std::string::npos) continue;
            ++written;
            if (line.find("//") != std::string::npos) ++documented;
        }
        if (documented * 100 < written * documentation_percent) {
            check.fault(file.path, std::to_string(documented) + " of " + std::to_string(written) +
                                       " lines say something to a reader; at least " +
                                       std::to_string(documentation_percent) + " % must");
        }
    }
}

}  // namespace
}  // namespace cxb::tidy
