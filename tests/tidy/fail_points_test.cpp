// The table of fail-points says where each stands, and only those sources are compiled with them.
#include "src/base/fail_point_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

#include "tidy/source_tree.hpp"

namespace cxb::tidy {
namespace {

TEST(FailPoints, StandWhereTheTableSays) {
    constexpr std::string_view mark = "CXB_FAIL_POINT(\"";
    std::multimap<std::string, std::string> used;
    for (auto const& file : code_files()) {
        if (!file.path.starts_with("src/") && !file.path.starts_with("server/") &&
            !file.path.starts_with("include/") && !file.path.starts_with("cli/"))
            continue;
        if (file.path.starts_with("src/base/fail_point")) continue;
        for (auto at = file.text.find(mark); at != std::string::npos;
             at = file.text.find(mark, at + 1)) {
            auto const begin = at + mark.size();
            used.emplace(file.text.substr(begin, file.text.find('"', begin) - begin), file.path);
        }
    }
    for (auto const& point : fail::points) {
        std::string const name(point.name);
        ASSERT_EQ(used.count(name), 1U) << name;
        EXPECT_EQ(used.find(name)->second, point.where) << name;
    }
    EXPECT_EQ(used.size(), fail::points.size());
}

}  // namespace
}  // namespace cxb::tidy
