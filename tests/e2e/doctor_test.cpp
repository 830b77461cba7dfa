// `cxb doctor` on the system that scripts/demo.sh leaves running, and on one that is not well.
#include <csignal>
#include <regex>

#include "e2e/installation.hpp"

namespace cxb::e2e {
namespace {

test::run_outcome doctor(environment const& access) {
    return test::run_program({binary("cxb"), "--json", "doctor"}, access);
}

// State of each check.
std::map<std::string, std::string> states(test::run_outcome const& ran) {
    std::map<std::string, std::string> out;
    auto const told = parsed_object(ran.output);
    if (auto const* checks = told.if_contains("checks"); checks != nullptr)
        for (auto const& one : checks->as_array())
            out.emplace(wire::text_at(one.as_object(), "check"),
                        wire::text_at(one.as_object(), "state"));
    return out;
}

TEST(DoctorOnTheDemo, FindsNothing) {
    test::scratch_dir const scratch;
    test::child_process demo(
        {.name = "demo",
         .arguments = {std::string(CXB_SOURCE_DIR) + "/scripts/demo.sh", "--bin",
                       std::string(CXB_BINARY_DIR) + "/bin", "--logs", (scratch / "run").string()},
         .environment = {},
         .directory = scratch.path()});
    ASSERT_TRUE(
        test::eventually([&] { return demo.log_text().find("cxb doctor") != std::string::npos; },
                         std::chrono::seconds{120}))
        << demo.log_text();
    std::smatch told;
    std::string const printed = demo.log_text();
    ASSERT_TRUE(
        std::regex_search(printed, told, std::regex("CXB_URL=(\\S+) XDG_CONFIG_HOME=(\\S+)")));
    auto const ran = doctor({{"CXB_URL", told[1].str()}, {"XDG_CONFIG_HOME", told[2].str()}});
    EXPECT_EQ(ran.exit_code, 0) << ran.output << ran.errors;
    auto const found = states(ran);
    for (auto const& [check, state] : found)
        EXPECT_EQ(state, "ok") << check << '\n' << ran.output;
    for (auto const* check : {"reachable", "version", "clock", "ready", "login", "fleet", "bots",
                              "public_url", "loops", "jobs"})
        EXPECT_TRUE(found.contains(check)) << check << '\n' << ran.output;
    demo.signal(SIGTERM);
    EXPECT_TRUE(demo.wait_exit());
}

class Doctor : public installation {};

TEST_F(Doctor, NamesWhatIsWrong) {
    ASSERT_NO_FATAL_FAILURE(start_api());
    auto const core = start_core("core", 1);
    set_fleet({&core});
    make_bot();
    environment const access{{"CXB_URL", api_url}, {"CXB_TOKEN", bearer()}};
    EXPECT_EQ(states(doctor(access))["fleet"], "ok");
    core.process->signal(SIGKILL);
    EXPECT_TRUE(core.process->wait_exit());
    // A look at the fleet is reused for a second.
    test::run_outcome ran;
    EXPECT_TRUE(asking_eventually([&] {
        ran = doctor(access);
        return ran.exit_code == 1;
    })) << ran.output;
    EXPECT_EQ(states(ran)["fleet"], "fail") << ran.output;
    EXPECT_EQ(states(ran)["host " + core.url], "warn") << ran.output;
}

}  // namespace
}  // namespace cxb::e2e
