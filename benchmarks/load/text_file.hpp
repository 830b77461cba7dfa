#pragma once
/// @file
/// Whole files as text. One that cannot be read or is empty is wrong use: status 2.

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "benchmarks/load/arguments.hpp"

namespace cxb::bench {

inline std::string read_file(std::string const& path) {
    std::ifstream in(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in || text.empty()) arguments::fail("cannot read " + path);
    return text;
}

inline std::vector<std::string> read_lines(std::string const& path) {
    std::ifstream in(path);
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);)
        out.push_back(std::move(line));
    if (out.empty()) arguments::fail("cannot read " + path);
    return out;
}

}  // namespace cxb::bench
