#pragma once
// Runs `cxb` inside the test against a scripted API.

#include <stdlib.h>

#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>
#include "cli/app/run.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "cxb/testing/scripted_transport.hpp"

namespace cxb_test {

struct CliFixture : ::testing::Test {
    cxb::testing::fake_clock clock;
    cxb::testing::scripted_transport net;
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    std::map<std::string, std::string> environment;
    std::string password = "correct horse";
    int pauses_left = 1000;
    std::filesystem::path home;

    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "cxb-cli-XXXXXX").string();
        home = ::mkdtemp(pattern.data());
        environment["XDG_CONFIG_HOME"] = home.string();
    }
    void TearDown() override { std::filesystem::remove_all(home); }

    int run(std::vector<std::string> arguments) {
        out.str({});
        err.str({});
        cxb::cli::surroundings around;
        around.in = &in;
        around.out = &out;
        around.err = &err;
        around.environment = [this](std::string const& name) {
            auto const found = environment.find(name);
            return found == environment.end() ? std::string() : found->second;
        };
        around.transport = &net;
        around.time = &clock;
        around.pause = [this](std::chrono::milliseconds wait) {
            clock.advance(wait);
            return pauses_left-- > 0;
        };
        around.read_password = [this](std::string const&) { return password; };
        return cxb::cli::run(std::move(arguments), around);
    }

    /// Standard output as the one JSON document it must be.
    cxb::wire::json_value document() const {
        auto parsed = cxb::wire::parse_json(out.str());
        EXPECT_TRUE(parsed.has_value()) << out.str();
        return parsed ? *parsed : cxb::wire::json_value();
    }

    cxb::client::outgoing_request last() const { return net.calls().back().request; }
};

}  // namespace cxb_test
