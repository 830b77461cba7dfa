// The kit judges doubles in this process: the conforming ones pass, and each wrong one is caught by
// the check its row names. The rows are the table of docs/conformance.md.
#include <gtest/gtest.h>

#include <ostream>

#include "cli/conformance/api_checks.hpp"
#include "cli/conformance/core_checks.hpp"
#include "cli/conformance/report.hpp"
#include "server/cli/conformance/double_api.hpp"
#include "server/cli/conformance/double_core.hpp"
#include "support/child_process.hpp"

namespace cxb_test {
namespace {

namespace kit = cxb::cli::conformance;
using cxb::secret;

template <class Kit>
kit::run_report judged(Kit& judge, std::span<kit::check_of<Kit> const> checks,
                       kit::selection const& wanted) {
    kit::kit_port const port{[&](kit::need one) { return judge.missing(one); },
                             [&] { return judge.take_exchanges(); },
                             [&] { return judge.take_notes(); }};
    kit::run_report out;
    auto done =
        kit::run_checks(kit::bind_checks(checks, judge), wanted, port, [](kit::check const&) {});
    if (done) out.results = *std::move(done);
    EXPECT_FALSE(out.results.empty());
    return out;
}

kit::run_report judge_api(api_mutation wrong, kit::selection const& wanted) {
    double_api const api(std::move(wrong));
    auto const net = cxb::net::http_client::create();
    kit::api_options options;
    options.url = api.url();
    options.core_secret = secret(std::string(core_secret_text));
    options.bearer = secret(std::string(admin_token));
    kit::api_kit judge(**net, std::move(options));
    auto const ready = judge.prepare();
    EXPECT_TRUE(ready) << ready.error().detail();
    return judged(judge, kit::api_checks(), wanted);
}

kit::run_report judge_core(core_mutation wrong, kit::selection const& wanted,
                           bool room_media = true) {
    double_core core(std::move(wrong), room_media);
    auto const net = cxb::net::http_client::create();
    kit::core_options options;
    options.url = core.url();
    options.core_secret = secret(std::string(core_secret_text));
    options.previous_secret = secret("the-secret-before");
    options.pause = [](std::chrono::milliseconds) {
        cxb::test::short_pause();
        return true;
    };
    // A call of the double is over in some milliseconds; the slowest check waits for 20 s.
    options.call_patience = std::chrono::seconds{wanted.only.empty() ? 45 : 8};
    kit::core_kit judge(**net, std::move(options));
    EXPECT_TRUE(judge.open());
    core.begin(judge.plane().config_url(), core_secret_text, "the-secret-before");
    auto const ready = judge.prepare();
    EXPECT_TRUE(ready) << ready.error().detail();
    return judged(judge, kit::core_checks(), wanted);
}

std::vector<std::string> skipped_in(kit::run_report const& report) {
    std::vector<std::string> out;
    for (auto const& one : report.results)
        if (one.judged == kit::verdict::skipped) out.emplace_back(one.about.id);
    return out;
}

// 10-39
TEST(ConformanceKit, AConformingControlPlanePasses) {
    kit::selection wanted;
    wanted.skip = {"A23", "A30"};  // the double has neither API keys nor /openapi.json
    auto const report = judge_api({}, wanted);
    EXPECT_EQ(report.count(kit::verdict::failed), 0U) << kit::to_table(report);
    EXPECT_EQ(skipped_in(report),
              (std::vector<std::string>{"A22", "A23", "A24", "A25", "A26", "A30"}))
        << kit::to_table(report);
}

// 10-39
TEST(ConformanceKit, AConformingCorePasses) {
    auto const report = judge_core({}, {});
    EXPECT_EQ(report.count(kit::verdict::failed), 0U) << kit::to_table(report);
    // The kit did not start it, and so cannot stop it.
    EXPECT_EQ(skipped_in(report), (std::vector<std::string>{"C28", "C31"}))
        << kit::to_table(report);
}

// 10-39: a Core without rooms has its calls placed over /ws. What is about the lines themselves is
// judged above.
TEST(ConformanceKit, AConformingCoreWithoutRoomsPasses) {
    std::vector<std::string> left_out{"C18", "C19", "C20", "C21", "C22",
                                      "C23", "C24", "C25", "C32"};
    auto const report = judge_core({}, {{}, left_out}, false);
    EXPECT_EQ(report.count(kit::verdict::failed), 0U) << kit::to_table(report);
    left_out.insert(left_out.end() - 1, "C28");
    left_out.emplace_back("C31");
    EXPECT_EQ(skipped_in(report), left_out) << kit::to_table(report);
}

struct ApiMutant : ::testing::TestWithParam<api_mutation> {};

TEST_P(ApiMutant, IsCaught) {
    auto const report = judge_api(GetParam(), {{std::string(GetParam().caught_by)}, {}});
    EXPECT_EQ(report.count(kit::verdict::failed), 1U) << kit::to_table(report);
}

struct CoreMutant : ::testing::TestWithParam<core_mutation> {};

TEST_P(CoreMutant, IsCaught) {
    auto const report = judge_core(GetParam(), {{std::string(GetParam().caught_by)}, {}});
    EXPECT_EQ(report.count(kit::verdict::failed), 1U) << kit::to_table(report);
}

template <class Mutation>
std::string name_of_row(::testing::TestParamInfo<Mutation> const& info) {
    return std::string(info.param.name);
}

INSTANTIATE_TEST_SUITE_P(All, ApiMutant, ::testing::ValuesIn(api_mutations()),
                         name_of_row<api_mutation>);
INSTANTIATE_TEST_SUITE_P(All, CoreMutant, ::testing::ValuesIn(core_mutations()),
                         name_of_row<core_mutation>);

template <class Mutation>
std::string table_of(std::vector<Mutation> const& rows) {
    std::string out = "| mutant | what it does wrong | caught by |\n|---|---|---|\n";
    for (auto const& row : rows)
        out += "| " + std::string(row.name) + " | " + std::string(row.fault) + " | " +
               std::string(row.caught_by) + " |\n";
    return out;
}

TEST(ConformanceKit, ThePageShowsEveryMutant) {
    auto const page = cxb::test::read_file(std::string(CXB_SOURCE_DIR) + "/docs/conformance.md");
    EXPECT_NE(page.find(table_of(api_mutations())), std::string::npos) << table_of(api_mutations());
    EXPECT_NE(page.find(table_of(core_mutations())), std::string::npos)
        << table_of(core_mutations());
}

}  // namespace

// So that a failing test names the row.
void PrintTo(api_mutation const& row, std::ostream* out) {
    *out << row.name;
}
void PrintTo(core_mutation const& row, std::ostream* out) {
    *out << row.name;
}

}  // namespace cxb_test
