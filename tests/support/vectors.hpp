#pragma once
/// @file
/// Test data that nobody here wrote (tests/vectors/README.md). `CXB_VECTORS_DIR` names another
/// copy of it.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace cxb_test {

inline std::filesystem::path vectors() {
    char const* const given = std::getenv("CXB_VECTORS_DIR");
    return given != nullptr ? std::filesystem::path(given)
                            : std::filesystem::path(CXB_SOURCE_DIR) / "tests" / "vectors";
}

/// Bytes of one of its files; "" when it is not there.
inline std::string vector_text(std::filesystem::path const& name) {
    std::ifstream file(vectors() / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace cxb_test
