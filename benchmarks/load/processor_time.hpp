#pragma once
/// @file
/// Processor seconds this process has used so far, in user and kernel mode.

#include <sys/resource.h>

namespace cxb::bench {

inline double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    auto const seconds = [](timeval const& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace cxb::bench
