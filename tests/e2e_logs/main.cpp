// Before and after the end-to-end tests: `clean FOLDER` forgets the logs of an earlier run, `check
// FOLDER` searches those of this one and fails when they tell a secret, a number or a transcript,
// or when there is nothing to search.
#include <cstdio>
#include <cstring>

#include "support/log_check.hpp"

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    if (std::strcmp(argv[1], "clean") == 0) {
        std::filesystem::remove_all(argv[2]);
        return 0;
    }
    if (std::strcmp(argv[1], "check") != 0) return 2;
    auto const got = cxb::test::search_logs(argv[2]);
    for (auto const& leak : got.leaks)
        std::printf("%s:%zu tells %s\n", leak.log.c_str(), leak.line, leak.found.c_str());
    std::printf("%zu lines of %zu logs, %zu needles, %zu leaks\n", got.lines, got.logs, got.needles,
                got.leaks.size());
    return got.clean() ? 0 : 1;
}
