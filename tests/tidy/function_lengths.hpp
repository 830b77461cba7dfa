#pragma once
// Finds function bodies in clang-formatted C++ by matching braces. No parser: good enough to
// measure lengths, because bodies of lambdas count as part of the function around them.

#include <string>
#include <vector>

#include "tidy/source_tree.hpp"

namespace cxb::tidy {

struct function_span {
    std::string name;
    std::size_t first_line = 0;  // of its declaration, counted from 1
    std::size_t lines = 0;
};

std::vector<function_span> functions_of(source_file const& file);

// The same text with comments, strings and character literals blanked out; line ends stay.
std::string without_comments_and_literals(std::string const& text);

}  // namespace cxb::tidy
