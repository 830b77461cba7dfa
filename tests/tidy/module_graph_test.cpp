// The arrows between modules, read from the includes, against the table of ARCHITECTURE.md, "Map".
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tidy/source_tree.hpp"

namespace cxb::tidy {
namespace {

// What each module may include besides itself. The one place where the levels stand as data.
struct module_row {
    std::string_view name;
    std::string_view may_include;
};

constexpr module_row modules[] = {
    // level 0
    {"base", ""},
    // level 1
    {"wire", "base"},
    // level 2
    {"contract", "wire base"},
    // level 3
    {"domain", "contract wire base"},
    {"dialler", "contract wire base"},
    {"store", "contract wire base"},
    // level 4
    {"client", "domain dialler store contract wire base"},
    {"worker", "domain dialler store contract wire base"},
    // level 5: their ports, and what those are made of
    {"net", "client worker domain wire base"},
    {"store_engine", "store wire base"},
    {"store_sqlite", "store_engine store wire base"},
    {"store_mongo", "store_engine store wire base"},
    {"store_open", "store_mongo store_sqlite store_engine store wire base"},
    {"store_directory", "store wire base"},
    {"store_memory", "store wire base"},
    {"store_redis", "store wire base"},
    {"store_s3", "client domain store contract wire base"},
    // Test doubles stand on everything that is public.
    {"testing",
     "net store_open store_sqlite store_directory client worker domain dialler store contract wire "
     "base"},
    // level 6
    {"server_common",
     "net store_open store_sqlite store_directory store_memory store_redis store_s3 client "
     "worker domain dialler store contract wire base"},
    {"server_api",
     "server_common net store_open store_sqlite store_directory store_memory store_redis "
     "store_s3 client worker domain dialler store contract wire base"},
    {"server_dialler",
     "server_common net store_open store_sqlite store_directory store_memory store_redis "
     "store_s3 client worker domain dialler store contract wire base"},
    {"server_core",
     "server_common net store_open store_sqlite store_directory store_memory store_redis "
     "store_s3 client worker domain dialler store contract wire base"},
    {"cli", "server_common testing net client worker domain dialler store contract wire base"},
    // Programs of users: the library, nothing of our servers.
    {"examples", "net client worker domain dialler store contract wire base"},
};

// Single headers that one more module may see, with the reason.
struct port_row {
    std::string_view module;
    std::string_view header;
};

constexpr port_row shared_ports[] = {
    // The kit fetches configs and delivers results through the transport its user plugs in.
    {"worker", "include/cxb/client/transport.hpp"},
};

// Outside headers with one home each. A place ending in `/` is a folder.
struct library_row {
    std::string_view header;
    std::vector<std::string_view> homes;
};

std::vector<library_row> const& libraries() {
    static std::vector<library_row> const rows = {
        {"boost/beast", {"src/net/"}},
        {"boost/asio/ssl", {"src/net/"}},
        {"openssl/", {"src/base/crypto.cpp", "src/net/"}},
        {"sqlite3.h", {"src/store/sqlite/"}},
        {"mongoc/", {"src/store/mongo/mongo_driver.hpp"}},
        {"bson/", {"src/store/mongo/mongo_driver.hpp"}},
        {"hiredis/", {"src/store/redis/"}},
        {"phonenumbers/", {"src/domain/"}},
        {"date/", {"src/domain/"}},
        {"argon2.h", {"server/api/"}},
        {"yaml-cpp/", {"server/common/"}},
        {"prometheus/", {"server/common/"}},
        {"spdlog/", {"server/common/"}},
        {"CLI/", {"cli/", "server/api/", "server/core/"}},
    };
    return rows;
}

// Folders whose includes are not judged: tests and measurements may look everywhere.
bool is_judged(std::string_view path) {
    return !path.starts_with("tests/") && !path.starts_with("benchmarks/") &&
           !path.starts_with("src/cmake/") && !path.starts_with("examples/consumer/");
}

std::vector<std::string> split_path(std::string_view path) {
    std::vector<std::string> steps;
    std::istringstream in{std::string(path)};
    for (std::string step; std::getline(in, step, '/');)
        steps.push_back(step);
    return steps;
}

// include/cxb/wire/x.hpp -> wire, src/store/sqlite/x.cpp -> store_sqlite, server/api/x ->
// server_api.
std::string module_of(std::string_view path) {
    auto steps = split_path(path);
    if (path.starts_with("include/cxb/")) {
        steps.erase(steps.begin(), steps.begin() + 2);
        if (steps.size() == 1) return "base";  // version.hpp
    } else if (path.starts_with("src/")) {
        steps.erase(steps.begin());
    } else if (path.starts_with("server/") && steps.size() > 2) {
        return "server_" + steps[1];
    } else {
        return steps.front();
    }
    return steps[0] == "store" && steps.size() > 2 ? "store_" + steps[1] : steps[0];
}

std::map<std::string, std::set<std::string>> allowed_arrows() {
    std::map<std::string, std::set<std::string>> out;
    for (auto const& row : modules) {
        auto& targets = out[std::string(row.name)];
        std::istringstream in{std::string(row.may_include)};
        for (std::string target; in >> target;)
            targets.insert(target);
    }
    return out;
}

using graph = std::map<std::string, std::set<std::string>>;

graph actual_arrows() {
    graph out;
    for (auto const& file : code_files()) {
        if (!is_judged(file.path)) continue;
        for (auto const& include : includes_of(file)) {
            if (!include.quoted) continue;
            auto const target = resolve_include(file, include.target);
            if (target.empty()) continue;
            auto const from = module_of(file.path);
            auto const to = module_of(target);
            if (from != to) out[from].insert(to);
        }
    }
    return out;
}

// Returns a path from `at` back to itself, or nothing.
bool find_cycle(graph const& arrows, std::string const& at, std::set<std::string>& done,
                std::vector<std::string>& path) {
    if (std::ranges::find(path, at) != path.end()) {
        path.push_back(at);
        return true;
    }
    if (done.contains(at)) return false;
    path.push_back(at);
    if (auto row = arrows.find(at); row != arrows.end()) {
        for (auto const& next : row->second) {
            if (find_cycle(arrows, next, done, path)) return true;
        }
    }
    path.pop_back();
    done.insert(at);
    return false;
}

TEST(ModuleGraph, EveryQuotedIncludeIsAFileOfTheTree) {
    rule check("unresolved_include");
    for (auto const& file : code_files()) {
        if (!is_judged(file.path)) continue;
        for (auto const& include : includes_of(file)) {
            if (include.quoted && resolve_include(file, include.target).empty()) {
                check.fault(file.path, "no such file: " + include.target, include.line);
            }
        }
    }
}

bool is_shared_port(std::string const& module, std::string const& header) {
    return std::ranges::any_of(shared_ports, [&](auto const& row) {
        return row.module == module && row.header == header;
    });
}

TEST(ModuleGraph, EveryArrowIsInTheTable) {
    rule check("module_arrow");
    auto const allowed = allowed_arrows();
    for (auto const& file : code_files()) {
        if (!is_judged(file.path)) continue;
        auto const from = module_of(file.path);
        auto const row = allowed.find(from);
        if (row == allowed.end()) {
            check.fault(file.path, "module `" + from + "` is not in the table");
            continue;
        }
        for (auto const& include : includes_of(file)) {
            auto const target = include.quoted ? resolve_include(file, include.target) : "";
            if (target.empty()) continue;
            auto const to = module_of(target);
            if (to != from && !row->second.contains(to) && !is_shared_port(from, target)) {
                std::ostringstream message;
                message << from << " may not include " << to << " (" << target << ")";
                check.fault(file.path, message.str(), include.line);
            }
        }
    }
}

TEST(ModuleGraph, HasNoCycles) {
    auto const arrows = actual_arrows();
    std::set<std::string> done;
    for (auto const& [module, targets] : arrows) {
        std::vector<std::string> path;
        if (!find_cycle(arrows, module, done, path)) continue;
        std::string text;
        for (auto const& step : path)
            text += step + " ";
        FAIL() << "modules include each other: " << text;
    }
}

TEST(ModuleGraph, ServersDoNotKnowEachOther) {
    rule check("server_border");
    std::set<std::string> const servers{"server_api", "server_dialler", "server_core"};
    for (auto const& [from, targets] : actual_arrows()) {
        for (auto const& to : targets) {
            if (servers.contains(from) && servers.contains(to)) {
                check.fault(from, "includes " + to);
            }
        }
    }
}

TEST(OutsideLibraries, StayInTheirHomes) {
    rule check("library_home");
    for (auto const& file : code_files()) {
        if (!is_judged(file.path)) continue;
        for (auto const& include : includes_of(file)) {
            for (auto const& row : libraries()) {
                if (!include.target.starts_with(row.header)) continue;
                bool const home = std::ranges::any_of(
                    row.homes, [&](auto place) { return file.path.starts_with(place); });
                if (!home) check.fault(file.path, "includes " + include.target, include.line);
            }
        }
    }
}

TEST(OutsideLibraries, LowModulesDoNotSeeAsio) {
    rule check("asio_level");
    std::set<std::string> const without{"base", "wire", "contract", "domain", "dialler"};
    for (auto const& file : code_files()) {
        if (!is_judged(file.path)) continue;
        bool const port =
            file.path.starts_with("include/cxb/store/") && module_of(file.path) == "store";
        if (!port && !without.contains(module_of(file.path))) continue;
        for (auto const& include : includes_of(file)) {
            if (!include.target.starts_with("boost/asio")) continue;
            if (port && include.target == "boost/asio/awaitable.hpp") continue;
            check.fault(file.path, "includes " + include.target, include.line);
        }
    }
}

// Files reached from `file` through quoted includes, itself included.
void close_over_includes(source_file const& file, std::map<std::string, source_file>& seen) {
    if (!seen.emplace(file.path, file).second) return;
    for (auto const& include : includes_of(file)) {
        auto const target = include.quoted ? resolve_include(file, include.target) : "";
        if (!target.empty() && !seen.contains(target)) close_over_includes(read_file(target), seen);
    }
}

TEST(OutsideLibraries, BeastIsCompiledInAtMostThreeUnits) {
    std::vector<std::string> units;
    for (auto const& file : code_files()) {
        if (!file.path.ends_with(".cpp") || !is_judged(file.path)) continue;
        std::map<std::string, source_file> seen;
        close_over_includes(file, seen);
        bool const beast = std::ranges::any_of(seen, [](auto const& entry) {
            return std::ranges::any_of(includes_of(entry.second), [](auto const& include) {
                return include.target.starts_with("boost/beast");
            });
        });
        if (beast) units.push_back(file.path);
    }
    EXPECT_LE(units.size(), 3U) << ::testing::PrintToString(units);
}

}  // namespace
}  // namespace cxb::tidy
