#include "support/child_entry.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <map>

namespace cxb_test {

namespace {

auto& entries() {
    static std::map<std::string, std::function<void(std::vector<std::string> const&)>> known;
    return known;
}

}  // namespace

child_entry::child_entry(std::string name,
                         std::function<void(std::vector<std::string> const&)> body) {
    entries().emplace(std::move(name), std::move(body));
}

int run_tests_or_child(int argc, char** argv) {
    std::vector<std::string> const given(argv + 1, argv + argc);
    if (given.size() < 2 || given[0] != "--child") {
        ::testing::InitGoogleTest(&argc, argv);
        return RUN_ALL_TESTS();
    }
    auto const found = entries().find(given[1]);
    if (found == entries().end()) {
        std::cerr << "no child " << given[1] << '\n';
        return 2;
    }
    found->second({given.begin() + 2, given.end()});
    return 0;
}

}  // namespace cxb_test
