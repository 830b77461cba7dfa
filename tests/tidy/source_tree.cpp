#include "tidy/source_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

namespace cxb::tidy {
namespace {

namespace fs = std::filesystem;

constexpr std::array skipped_folders{".git",         "build",       ".deps", "data",
                                     "node_modules", "__pycache__", ".cache"};
constexpr std::array code_folders{"include/",  "src/",   "server/",    "cli/",
                                  "examples/", "tests/", "benchmarks/"};

std::vector<std::string> list_tree() {
    std::vector<std::string> out;
    auto const root = source_root();
    for (auto it = fs::recursive_directory_iterator(root); it != fs::end(it); ++it) {
        if (it->is_directory() &&
            std::ranges::find(skipped_folders, it->path().filename()) != skipped_folders.end()) {
            it.disable_recursion_pending();
        } else if (it->is_regular_file()) {
            out.push_back(fs::relative(it->path(), root).generic_string());
        }
    }
    std::ranges::sort(out);
    return out;
}

bool is_code(std::string_view path) {
    return (path.ends_with(".cpp") || path.ends_with(".hpp")) &&
           std::ranges::any_of(code_folders, [&](auto* f) { return path.starts_with(f); });
}

// One exception a line: rule | place | reason. `#` starts a comment.
std::set<std::string> exceptions_for(std::string const& rule) {
    std::set<std::string> out;
    static std::regex const form(R"(^(\w+) \| (\S+) \| (\S.*)$)");
    for (auto const& line : read_file("tests/tidy/exceptions.txt").lines) {
        if (line.empty() || line.starts_with('#')) continue;
        std::smatch parts;
        if (!std::regex_match(line, parts, form)) {
            ADD_FAILURE() << "exceptions.txt: not `rule | place | reason`: " << line;
        } else if (parts[1] == rule) {
            out.insert(parts[2]);
        }
    }
    return out;
}

}  // namespace

fs::path source_root() {
    return CXB_SOURCE_DIR;
}

std::vector<std::string> const& all_paths() {
    static std::vector<std::string> const paths = list_tree();
    return paths;
}

source_file read_file(std::string const& path) {
    std::ifstream in(source_root() / path, std::ios::binary);
    source_file out{path, std::string{std::istreambuf_iterator<char>(in), {}}, {}};
    std::istringstream lines(out.text);
    for (std::string line; std::getline(lines, line);)
        out.lines.push_back(line);
    return out;
}

std::vector<source_file> const& code_files() {
    static std::vector<source_file> const files = [] {
        std::vector<source_file> out;
        for (auto const& path : all_paths()) {
            if (is_code(path)) out.push_back(read_file(path));
        }
        return out;
    }();
    return files;
}

bool is_public_header(std::string_view path) {
    return path.starts_with("include/cxb/");
}

std::vector<include_line> includes_of(source_file const& file) {
    static std::regex const form(R"(^\s*#\s*include\s*(["<])([^">]+)[">])");
    std::vector<include_line> out;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        std::smatch parts;
        if (file.lines[i].find("#include") == std::string::npos) continue;
        if (!std::regex_search(file.lines[i], parts, form)) continue;
        out.push_back({parts[2], parts[1] == "\"", i + 1});
    }
    return out;
}

std::string resolve_include(source_file const& from, std::string const& target) {
    auto const beside = fs::path(from.path).parent_path() / target;
    for (auto const& candidate :
         {fs::path("include") / target, fs::path(target), fs::path("tests") / target, beside}) {
        auto const normal = candidate.lexically_normal().generic_string();
        if (std::ranges::binary_search(all_paths(), normal)) return normal;
    }
    return {};
}

rule::rule(std::string name) : name_(std::move(name)), listed_(exceptions_for(name_)) {}

void rule::fault(std::string const& place, std::string const& message, std::size_t line) {
    if (listed_.contains(place)) {
        used_.insert(place);
        return;
    }
    ADD_FAILURE() << place << (line == 0 ? "" : ":" + std::to_string(line)) << ": " << message;
}

rule::~rule() {
    for (auto const& place : listed_) {
        if (!used_.contains(place)) {
            ADD_FAILURE() << "exceptions.txt: `" << name_ << " | " << place
                          << "` is no longer needed: remove the line";
        }
    }
}

}  // namespace cxb::tidy
