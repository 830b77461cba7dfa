#include "cxb/contract/runtime_config/list_rules.hpp"

#include "tests/unit/contract/config_kit.hpp"

namespace {

using namespace cxb;
using namespace cxb_test;

constexpr char const* lists =
    R"("tools":[{"type":"function","function":{"name":"a"}},
       {"type":"function","function":{"name":"b"}},{"type":"function","function":{"name":"a"}}],
       "transfer_targets":[
       {"id":"1","label":"A","method":"agent_desk","type":"agent_queue","value":"q",
        "is_default":true},
       {"id":"2","label":"B","method":"agent_desk","type":"agent_queue","value":"q",
        "is_default":true,"enabled":false},
       {"id":"3","label":"C","method":"agent_desk","type":"agent_queue","value":"q",
        "is_default":true},
       {"id":"1","label":"D","method":"livekit_sip_refer","type":"sip_uri","value":"sip:a",
        "is_default":true}])";

std::vector<std::string> pointers_of(std::vector<fault> const& faults) {
    std::vector<std::string> out;
    for (auto const& one : faults)
        out.push_back(one.pointer);
    return out;
}

std::vector<std::string> const places{"/tools/2/function/name", "/transfer_targets/2/is_default",
                                      "/transfer_targets/3/id"};

TEST(ListRules, NamesAndIdsAreUniqueAndAMethodHasOneEnabledDefault) {
    auto const read = read_config(lists);
    ASSERT_FALSE(read);
    EXPECT_EQ(pointers_of(read.error().faults()), places);
}

// 10-10: a repeated tool must not lose the call.
TEST(ListRules, ATolerantReaderDropsWhatIsRepeated) {
    std::vector<fault> warnings;
    auto const read = read_config(lists, {.tolerant_items = true, .warnings = &warnings});
    ASSERT_TRUE(read) << read.error().to_log_text();
    EXPECT_EQ(pointers_of(warnings), places);
    ASSERT_EQ(read->tools.size(), 2U);
    EXPECT_EQ(read->tools[1].function.name, "b");
    ASSERT_EQ(read->transfer_targets.size(), 3U);
    EXPECT_TRUE(read->transfer_targets[0].is_default);
    EXPECT_EQ(read->transfer_targets[2].label, "C");
    EXPECT_FALSE(read->transfer_targets[2].is_default);
}

// What cannot be read goes first, but whoever mends the document counts from its start.
TEST(ListRules, AWarningNamesThePlaceInTheDocument) {
    std::vector<fault> warnings;
    auto const read = read_config(R"("tools":[6,{"type":"function","function":{"name":"a"}},7,
        {"type":"function","function":{"name":"b"}},{"type":"function","function":{"name":"a"}},8,
        {"type":"function","function":{"name":"b"}}])",
                                  {.tolerant_items = true, .warnings = &warnings});
    ASSERT_TRUE(read) << read.error().to_log_text();
    EXPECT_EQ(pointers_of(warnings),
              (std::vector<std::string>{"/tools/0", "/tools/2", "/tools/5",
                                        "/tools/4/function/name", "/tools/6/function/name"}));
    ASSERT_EQ(read->tools.size(), 2U);
    EXPECT_EQ(read->tools[1].function.name, "b");
}

// A default that goes because its id is repeated leaves the mark to the next good one.
TEST(ListRules, ARepeatedTargetTakesNoDefaultMark) {
    std::vector<fault> warnings;
    auto const read = read_config(R"("transfer_targets":[
        {"id":"1","label":"A","method":"agent_desk","type":"agent_queue","value":"q"},
        {"id":"1","label":"B","method":"agent_desk","type":"agent_queue","value":"q",
         "is_default":true},
        {"id":"2","label":"C","method":"agent_desk","type":"agent_queue","value":"q",
         "is_default":true}])",
                                  {.tolerant_items = true, .warnings = &warnings});
    ASSERT_TRUE(read) << read.error().to_log_text();
    EXPECT_EQ(pointers_of(warnings), (std::vector<std::string>{"/transfer_targets/1/id"}));
    ASSERT_EQ(read->transfer_targets.size(), 2U);
    EXPECT_EQ(read->transfer_targets[1].label, "C");
    EXPECT_TRUE(read->transfer_targets[1].is_default);
}

}  // namespace
