#pragma once
/// @file
/// Public packages from npm that judge our tokens and signatures. scripts/setup.sh puts
/// them into .deps/node; `CXB_NODE_MODULES` may name another folder of packages.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "cxb/wire/json.hpp"
#include "support/child_process.hpp"
#include "support/required.hpp"

namespace cxb::test {

inline std::filesystem::path node_modules() {
    auto const* const elsewhere = std::getenv("CXB_NODE_MODULES");
    return elsewhere != nullptr ? std::filesystem::path(elsewhere)
                                : std::filesystem::path(CXB_SOURCE_DIR) / ".deps/node/node_modules";
}

/// "" or what is missing, for `CXB_SKIP_IF_MISSING`.
inline std::string missing_package(std::string const& name) {
    if (std::filesystem::exists(node_modules() / name / "package.json")) return missing_here("");
    return missing_here("npm package " + name + " (scripts/setup.sh fetches it into .deps/node)");
}

/// Answers of a program of tests/peers/node to a list of jobs; a failure of the test otherwise.
inline wire::json_array ask_node(std::string const& script, wire::json_array const& jobs) {
    auto const file = std::filesystem::path(CXB_SOURCE_DIR) / "tests/peers/node" / script;
    auto const out =
        run_program({"node", file.string()}, {{"CXB_NODE_MODULES", node_modules().string()}},
                    wire::to_text(jobs));
    EXPECT_EQ(out.exit_code, 0) << out.errors;
    auto const answers = wire::parse_json(out.output);
    EXPECT_TRUE(answers && answers->is_array()) << out.output;
    return answers && answers->is_array() ? answers->get_array() : wire::json_array{};
}

}  // namespace cxb::test
