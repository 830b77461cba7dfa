#pragma once
// Runtime configs for tests: the required members, and what a test adds to them.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cxb/contract/runtime_config/runtime_config.hpp"

namespace cxb_test {

// A member that is given again replaces the required one: of repeated members the last counts.
inline std::string config_text(std::string const& members) {
    std::string out =
        R"({"session_id":"s","webhook_url":"https://a/r","system_prompt":"","opening_message":"")";
    if (!members.empty()) out += ',' + members;
    return out + '}';
}

inline cxb::result<cxb::contract::runtime_config::runtime_config> read_config(
    std::string const& members, cxb::wire::parse_options how = {}) {
    return cxb::contract::runtime_config::parse_runtime_config(config_text(members), how);
}

// Pointer of the only fault, "" when the config is good.
inline std::string refused_at(std::string const& members) {
    auto const read = read_config(members);
    if (read) return {};
    auto const failure = read.error();
    EXPECT_EQ(failure.faults().size(), 1U) << failure.to_log_text();
    return failure.faults().empty() ? failure.detail() : failure.faults().front().pointer;
}

}  // namespace cxb_test
