#pragma once
// Functions that a test runs in a process of its own, to be killed: the test executes
// /proc/self/exe with `--child NAME ARGUMENTS...`. A program that has some begins with
// `run_tests_or_child`.

#include <functional>
#include <string>
#include <vector>

namespace cxb_test {

/// Makes a function known under a name; a namespace-scope constant beside the test.
struct child_entry {
    child_entry(std::string name, std::function<void(std::vector<std::string> const&)> body);
};

/// The body of `main`.
int run_tests_or_child(int argc, char** argv);

}  // namespace cxb_test
