// What docs/operations tells an operator is true: names, settings, commands, files.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <cstring>
#include <fstream>
#include <regex>
#include <set>

#include "e2e/installation.hpp"
#include "server/common/metrics.hpp"
#include "server/common/settings/setting.hpp"
#include "support/required.hpp"

namespace cxb::e2e {
namespace {

namespace fs = std::filesystem;
using names = std::set<std::string>;

fs::path const source = CXB_SOURCE_DIR;
fs::path const folder = source / "docs/operations";
fs::path const rules = folder / "rules.yml";
fs::path const dashboard = folder / "dashboard.json";

std::string pages() {
    std::string all;
    for (auto const& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".md") all += test::read_file(entry.path());
    return all;
}

names matches(std::string const& text, char const* pattern, std::size_t group = 0) {
    names out;
    std::regex const wanted(pattern);
    for (std::sregex_iterator at(text.begin(), text.end(), wanted), end; at != end; ++at)
        out.insert((*at)[group].str());
    return out;
}

// Of a tool that setup.sh fetches, else of the machine; "" without one.
std::string tool(std::string const& name) {
    auto const fetched = source / ".deps/tools" / name;
    if (fs::exists(fetched)) return fetched.string();
    auto const found = test::run_program({"sh", "-c", "command -v \"$1\"", "sh", name},
                                         {{"PATH", "/usr/bin:/bin:/usr/sbin:/sbin"}});
    return found.output.substr(0, found.output.find('\n'));
}

std::string lacking(std::string const& found, char const* what) {
    return test::missing_here(found.empty() ? what : "");
}

// Families with their labels, as the sources declare them.
std::map<std::string, names> declared() {
    std::map<std::string, names> out;
    auto const add = [&out](std::string const& name, std::string const& labels) {
        out[name] = matches(labels, "[a-z_]+");
    };
    for (auto const& row : server::shared_metrics())
        add(std::string(row.name), std::string(row.labels));
    auto const text = test::read_file(source / "server/core/process/core_metrics.cpp");
    std::regex const row("\\{\"(cxb_[a-z_]+)\", metric_kind::[a-z]+, \"([a-z_,]*)\"");
    for (std::sregex_iterator at(text.begin(), text.end(), row), end; at != end; ++at)
        add((*at)[1], (*at)[2]);
    return out;
}

std::string family_of(std::string const& series, std::map<std::string, names> const& known) {
    for (auto const* suffix : {"_bucket", "_sum", "_count"})
        if (series.ends_with(suffix))
            if (auto const name = series.substr(0, series.size() - std::strlen(suffix));
                known.contains(name))
                return name;
    return series;
}

class Operations : public installation {};

TEST_F(Operations, RulesAndDashboardNameWhatIsExported) {
    auto const text = test::read_file(rules) + test::read_file(dashboard) +
                      test::read_file(folder / "monitoring.md");
    auto const known = declared();
    ASSERT_GT(known.size(), 40U);
    names used;
    for (auto const& series : matches(text, "\\bcxb_[a-z_]+[a-z]"))
        used.insert(family_of(series, known));
    ASSERT_GT(used.size(), 15U);
    for (auto const& name : used)
        EXPECT_TRUE(known.contains(name)) << name << " is declared nowhere";

    // What has no labels is there from the first moment on.
    ASSERT_NO_FATAL_FAILURE(start_api());
    auto const core = start_core("core", 1);
    set_fleet({&core});
    ASSERT_EQ(admin("GET", "/api/v1/fleet/status").status, 200);
    ASSERT_EQ(post_result(http, full_result("pushed", make_bot())).status, 200);
    EXPECT_EQ(http.call("POST", api_url + "/api/v1/auth/login", {},
                        R"({"email":"nobody@example.com","password":"no such word"})")
                  .status,
              401);
    names there;
    auto const look = [&] {
        there = matches(http.call("GET", api_url + "/metrics").text +
                            as_core("GET", core.url + "/metrics").text,
                        "# TYPE (cxb_[a-z_]+)", 1);
        // Counted each 10 s, and with the first push.
        return there.contains("cxb_calls_active") && there.contains("cxb_push_seconds");
    };
    EXPECT_TRUE(asking_eventually(look));
    // These come with a Redis, a LiveKit, or with the fault that they count.
    names const rare{"cxb_livekit_up",
                     "cxb_redis_up",
                     "cxb_redis_failures_total",
                     "cxb_redis_connects_total",
                     "cxb_core_worker_restarts_total",
                     "cxb_core_worker_flapping"};
    for (auto const& name : used)
        if (known.contains(name) && known.at(name).empty() && !rare.contains(name))
            EXPECT_TRUE(there.contains(name)) << name << " is not exported";
    for (auto const* name : {"cxb_fleet_slots", "cxb_loop_last_run_seconds", "cxb_core_calls"})
        EXPECT_TRUE(there.contains(name)) << name;
}

TEST(OperationsPages, LabelsAreThoseOfTheirMetrics) {
    auto const known = declared();
    auto text = test::read_file(rules) + test::read_file(dashboard);
    // Quotes of JSON texts.
    text = std::regex_replace(text, std::regex("\\\\\""), "\"");
    std::regex const selector("\\b(cxb_[a-z_]+)\\{([^}]*)\\}");
    int seen = 0;
    for (std::sregex_iterator at(text.begin(), text.end(), selector), end; at != end; ++at) {
        auto const found = known.find(family_of((*at)[1], known));
        ASSERT_NE(found, known.end()) << (*at)[0];
        for (auto const& label : matches((*at)[2], "([a-z_]+)\\s*[=!]", 1))
            EXPECT_TRUE(found->second.contains(label) || label == "instance" || label == "job" ||
                        label == "le")
                << (*at)[0];
        ++seen;
    }
    EXPECT_GT(seen, 5);
}

TEST(OperationsPages, SettingsAndVariablesExist) {
    names sections;
    for (auto const& row : server::all_settings())
        sections.insert(std::string(row.path.substr(0, row.path.find('.'))));
    auto const text = pages();
    int checked = 0;
    for (auto const& path : matches(text, "`([a-z_]+\\.[a-z_]+)`", 1)) {
        if (!sections.contains(path.substr(0, path.find('.')))) continue;
        EXPECT_NE(server::find_setting(path), nullptr) << path;
        ++checked;
    }
    EXPECT_GT(checked, 15);
    auto files = text;
    for (auto const& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) files += test::read_file(entry.path());
    for (auto const* unit : {"server/api/cxb-api.service", "server/core/cxb-core.service"})
        files += test::read_file(source / unit);
    for (auto const& name : matches(files, "\\bCXB_[A-Z_]+[A-Z]"))
        EXPECT_TRUE(server::is_known_variable(name) || name == "CXB_HTTP_CA_FILE") << name;
}

TEST(OperationsPages, CommandsExist) {
    auto const text = pages();
    std::regex const line(
        "(?:^|[|`] *)(?:sudo )?(cxb|cxb-api|cxb-core) ([a-z][a-z-]*(?: [a-z][a-z-]*)?)",
        std::regex::multiline);
    std::set<std::vector<std::string>> seen;
    for (std::sregex_iterator at(text.begin(), text.end(), line), end; at != end; ++at) {
        std::vector<std::string> words{(*at)[1]};
        std::istringstream in((*at)[2]);
        for (std::string word; in >> word;)
            words.push_back(word);
        seen.insert(words);
    }
    EXPECT_GT(seen.size(), 10U);
    for (auto words : seen) {
        std::string const shown =
            words[0] + ' ' + words[1] + (words.size() > 2 ? ' ' + words[2] : "");
        words[0] = binary(words[0]);
        words.emplace_back("--help");
        auto const ran = test::run_program(words);
        EXPECT_EQ(ran.exit_code, 0) << shown << '\n' << ran.errors;
    }
}

TEST(OperationsPages, LinksLeadSomewhere) {
    for (auto const& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() != ".md") continue;
        for (auto const& to : matches(test::read_file(entry.path()), "\\]\\(([^)#:]+)", 1))
            EXPECT_TRUE(fs::exists(folder / to)) << entry.path() << " -> " << to;
    }
    for (auto const& to :
         matches(test::read_file(source / "README.md"), "\\]\\((docs/operations[^)#]*)", 1))
        EXPECT_TRUE(fs::exists(source / to)) << to;
}

TEST(OperationsFiles, RulesAreRules) {
    auto const file = YAML::LoadFile(rules.string());
    std::size_t alerts = 0;
    names seen;
    for (auto const& group : file["groups"]) {
        EXPECT_FALSE(group["name"].as<std::string>().empty());
        for (auto const& rule : group["rules"]) {
            auto const name = rule["alert"].as<std::string>();
            EXPECT_TRUE(seen.insert(name).second) << name;
            EXPECT_FALSE(rule["expr"].as<std::string>().empty()) << name;
            auto const severity = rule["labels"]["severity"].as<std::string>();
            EXPECT_TRUE(severity == "critical" || severity == "warning") << name;
            EXPECT_FALSE(rule["annotations"]["summary"].as<std::string>().empty()) << name;
            // Who is woken is told where to read on.
            auto const page = rule["annotations"]["description"].as<std::string>();
            EXPECT_FALSE(page.empty()) << name;
            ++alerts;
        }
    }
    EXPECT_GT(alerts, 12U);
}

TEST(OperationsFiles, EveryRuleIsShownToFire) {
    names fires;
    for (auto const& one : YAML::LoadFile((folder / "rules_test.yml").string())["tests"])
        for (auto const& look : one["alert_rule_test"])
            if (look["exp_alerts"].size() > 0) fires.insert(look["alertname"].as<std::string>());
    for (auto const& group : YAML::LoadFile(rules.string())["groups"])
        for (auto const& rule : group["rules"])
            EXPECT_TRUE(fires.contains(rule["alert"].as<std::string>())) << rule["alert"];
}

TEST(OperationsFiles, RulesPassPromtool) {
    auto const promtool = tool("promtool");
    CXB_SKIP_IF_MISSING(lacking(promtool, "promtool is not there (scripts/setup.sh)"));
    auto const ran = test::run_program({promtool, "check", "rules", rules.string()});
    EXPECT_EQ(ran.exit_code, 0) << ran.output << ran.errors;
    auto const tests =
        test::run_program({promtool, "test", "rules", (folder / "rules_test.yml").string()});
    EXPECT_EQ(tests.exit_code, 0) << tests.output << tests.errors;
}

TEST(OperationsFiles, TheDashboardIsOne) {
    auto const page = parsed_object(test::read_file(dashboard));
    auto const& panels = page.at("panels").as_array();
    EXPECT_GT(panels.size(), 10U);
    std::set<std::int64_t> ids;
    for (auto const& one : panels) {
        auto const& panel = one.as_object();
        EXPECT_TRUE(ids.insert(wire::int_at(panel, "id")).second);
        EXPECT_FALSE(wire::text_at(panel, "title").empty());
        auto const& place = panel.at("gridPos").as_object();
        EXPECT_LE(wire::int_at(place, "x") + wire::int_at(place, "w"), 24);
        for (auto const& target : panel.at("targets").as_array())
            EXPECT_NE(wire::text_at(target.as_object(), "expr").find("cxb_"), std::string::npos);
    }
}

TEST(OperationsFiles, NginxTakesTheExample) {
    auto const nginx = tool("nginx");
    CXB_SKIP_IF_MISSING(lacking(nginx, "nginx is not there (scripts/setup.sh)"));
    test::scratch_dir const scratch;
    auto const made = test::run_program(
        {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-subj", "/CN=cxb.example.com", "-days", "1", "-keyout",
         (scratch / "key.pem").string(), "-out", (scratch / "chain.pem").string()});
    ASSERT_EQ(made.exit_code, 0) << made.errors;
    auto site = test::read_file(folder / "nginx.conf");
    ASSERT_FALSE(site.empty());
    site = std::regex_replace(site, std::regex("/etc/ssl/cxb/"), scratch.path().string() + "/");
    std::ofstream(scratch / "nginx.conf")
        << "pid " << (scratch / "pid").string() << ";\nerror_log stderr;\nevents {}\nhttp {\n"
        << "access_log off;\n";
    for (auto const* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
        std::ofstream(scratch / "nginx.conf", std::ios::app)
            << kind << "_temp_path " << (scratch / kind).string() << ";\n";
    std::ofstream(scratch / "nginx.conf", std::ios::app) << site << "}\n";
    auto const ran = test::run_program(
        {nginx, "-t", "-p", scratch.path().string(), "-c", (scratch / "nginx.conf").string()});
    EXPECT_EQ(ran.exit_code, 0) << ran.errors;
}

TEST(OperationsFiles, SystemdTakesTheUnits) {
    auto const analyze = tool("systemd-analyze");
    CXB_SKIP_IF_MISSING(lacking(analyze, "systemd-analyze is not there"));
    test::scratch_dir const scratch;
    std::vector<std::string> command{analyze, "verify", "--recursive-errors=no"};
    std::vector<fs::path> units{source / "server/api/cxb-api.service",
                                source / "server/core/cxb-core.service"};
    for (auto const& entry : fs::directory_iterator(folder / "systemd"))
        units.push_back(entry.path());
    for (auto const& unit : units) {
        if (unit.extension() == ".conf") continue;
        // The programs are those of this build.
        auto const text =
            std::regex_replace(test::read_file(unit), std::regex("/usr/bin/(cxb[a-z-]*)"),
                               std::string(CXB_BINARY_DIR) + "/bin/$1");
        std::ofstream(scratch / unit.filename().string()) << text;
        command.push_back((scratch / unit.filename().string()).string());
    }
    ASSERT_GE(command.size(), 7U);
    auto const ran = test::run_program(command);
    EXPECT_EQ(ran.exit_code, 0) << ran.errors;
    for (auto const* fault : {"Unknown key", "Unknown section", "Failed to parse", "ignoring"})
        EXPECT_EQ(ran.errors.find(fault), std::string::npos) << ran.errors;
}

}  // namespace
}  // namespace cxb::e2e
