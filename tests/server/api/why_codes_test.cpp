// Every code that /why knows is produced, one test for each, and the table says which those are
// (spec 21 §9.2).
#include "server/api/why/why_codes.hpp"

#include <set>

#include "server/api/why_scenes.hpp"

namespace cxb::api::test {
namespace {

std::string key_of(std::string_view kind, std::string_view code) {
    return std::string(kind) + "/" + std::string(code);
}

struct WhyCode : why_test, ::testing::WithParamInterface<why_scenario> {};

TEST_P(WhyCode, IsProduced) {  // 21-40
    auto const& [kind, code, play] = GetParam();
    auto const id = play(*this);
    auto const got = why(std::string(kind), id);
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.text("subject.kind"), kind);
    EXPECT_EQ(got.text("subject.id"), id);
    EXPECT_EQ(got.text("checked_at"), format_timestamp(clock.now()));
    auto const* const row = find_why_code(*find_why_kind(kind), code);
    ASSERT_NE(row, nullptr);
    auto const found = reason(got, code);
    EXPECT_EQ(wire::text_at(found, "text"), row->text);
    EXPECT_EQ(wire::text_at(found, "fix"), row->fix);
    ASSERT_TRUE(found.contains("evidence") && found.at("evidence").is_object());
    auto const& first = got.json.at("reasons").at(0).at("code").as_string();
    auto const* const leads = find_why_code(*find_why_kind(kind), first);
    EXPECT_EQ(got.text("verdict"), word_of(leads->verdict)) << got.body;
    for (char const* never : {"9876543210", "1140000000\"}", "sk-123", "secret", "haan boliye"})
        if (id.find(never) == std::string::npos)
            EXPECT_EQ(wire::to_text(found).find(never), std::string::npos) << got.body;
}

INSTANTIATE_TEST_SUITE_P(All, WhyCode,
                         ::testing::ValuesIn(why_scenarios().begin(), why_scenarios().end()),
                         [](auto const& of) {
                             return std::string(of.param.kind) + "_" + std::string(of.param.code);
                         });

// Whoever adds a row to the table adds a way to get there; nothing is produced that is not in it.
TEST(WhyTable, EveryCodeHasAScenario) {  // 21-40
    std::set<std::string> declared;
    for (auto const& row : why_codes())
        EXPECT_TRUE(declared.insert(key_of(row.kind, row.code)).second) << row.code;
    std::set<std::string> played;
    for (auto const& each : why_scenarios())
        played.insert(key_of(each.kind, each.code));
    EXPECT_EQ(declared, played);
}

TEST(WhyTable, RowsAreOfKnownKindsAndHaveWords) {
    std::set<std::string_view> used;
    for (auto const& row : why_codes()) {
        used.insert(row.kind);
        EXPECT_NE(find_why_kind(row.kind), nullptr) << row.kind;
        EXPECT_TRUE(row.text.ends_with('.')) << row.code;
        EXPECT_TRUE(row.fix.ends_with('.')) << row.code;
    }
    EXPECT_EQ(used.size(), why_kinds().size());
    for (auto const& kind : why_kinds())
        if (!kind.also.empty()) EXPECT_NE(find_why_kind(kind.also), nullptr);
}

TEST(WhyTable, TheSchemaNamesEveryCode) {
    auto const schema = wire::parse_json(why_schema()).value();
    auto const& reasons = schema.at("properties").at("reasons");
    auto const& words = reasons.at("items").at("properties").at("code").at("enum").as_array();
    std::string const listing(reasons.at("description").as_string());
    for (auto const& row : why_codes()) {
        EXPECT_NE(std::ranges::find(words, json_value(row.code)), words.end()) << row.code;
        EXPECT_NE(listing.find(row.text), std::string::npos) << row.code;
    }
}

}  // namespace
}  // namespace cxb::api::test
