#pragma once
// The tree as the house-order tests see it: files with their lines, modules, exceptions.

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cxb::tidy {

struct source_file {
    std::string path;  // relative to the root, with slashes
    std::string text;
    std::vector<std::string> lines;
};

// Root of the tree under test.
std::filesystem::path source_root();

// Every file that belongs to the project, relative; without build, dependencies and git's own.
std::vector<std::string> const& all_paths();

// C++ sources and headers in include, src, server, cli, examples, tests and benchmarks.
std::vector<source_file> const& code_files();

source_file read_file(std::string const& path);

bool is_public_header(std::string_view path);

// A quoted or angled include with the line it stands on.
struct include_line {
    std::string target;
    bool quoted = false;
    std::size_t line = 0;
};
std::vector<include_line> includes_of(source_file const& file);

// Resolves a quoted include to a file of the tree; "" when there is none.
std::string resolve_include(source_file const& from, std::string const& target);

// Reports the faults of one rule. Places listed in exceptions.txt are let through; an exception
// that nothing needs is a fault itself, so the list can only shrink.
class rule {
  public:
    explicit rule(std::string name);
    rule(rule const&) = delete;
    rule& operator=(rule const&) = delete;
    ~rule();
    void fault(std::string const& place, std::string const& message, std::size_t line = 0);

  private:
    std::string name_;
    std::set<std::string> listed_;
    std::set<std::string> used_;
};

}  // namespace cxb::tidy
