#pragma once
// What every example of this folder reads from its environment.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "cxb/base/error.hpp"

namespace example {

inline std::string setting(char const* name, char const* otherwise = "") {
    char const* const value = std::getenv(name);
    return value == nullptr ? otherwise : value;
}

/// Tells what went wrong and gives the exit code: 5 unreachable, 1 refused.
inline int report(cxb::error const& failure) {
    std::fprintf(stderr, "%s\n", failure.detail().c_str());
    for (auto const& fault : failure.faults())
        std::fprintf(stderr, "  %s: %s\n", fault.pointer.c_str(), fault.reason.c_str());
    bool const lost =
        failure.code() == cxb::errc::unavailable || failure.code() == cxb::errc::deadline_exceeded;
    return lost ? 5 : 1;
}

}  // namespace example
