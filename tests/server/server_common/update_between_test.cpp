// A changed document as an update.
#include "server/common/model/update_between.hpp"

#include <gtest/gtest.h>

#include <set>

namespace cxb::server::model {
namespace {

using wire::json_object;
using wire::json_value;

std::set<std::string> members(store::update const& update, store::change::kind what) {
    std::set<std::string> out;
    for (auto const& one : update.changes())
        if (one.what == what) out.insert(one.path);
    return out;
}

TEST(UpdateBetween, NamesWhatDiffersAndWhatIsGone) {
    json_object const before{{"same", 1}, {"changed", "a"}, {"gone", true}};
    json_object const after{{"same", 1}, {"changed", "b"}, {"fresh", nullptr}};
    auto const update = update_between(before, after);
    EXPECT_EQ(members(update, store::change::kind::set),
              (std::set<std::string>{"changed", "fresh"}));
    EXPECT_EQ(members(update, store::change::kind::unset), std::set<std::string>{"gone"});
    EXPECT_TRUE(update_between(before, before).changes().empty());
}

TEST(UpdateBetween, WritesSomeMembersInAnyCase) {
    json_object const document{{"key", "k"}, {"plain", "p"}};
    auto const update = update_between(
        document, document, [](std::string_view name, json_value const&) { return name == "key"; });
    EXPECT_EQ(members(update, store::change::kind::set), std::set<std::string>{"key"});
}

}  // namespace
}  // namespace cxb::server::model
