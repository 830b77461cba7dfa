// Schema and field list that come from a table.
#include "cxb/wire/field_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "cxb/wire/json.hpp"
#include "unit/wire/sample.hpp"

namespace cxb::wire {
namespace {

using namespace wire_sample;

json_object schema() {
    return parse_json(document_schema()).value().get_object();
}

std::string at(std::string_view path) {
    auto const root = schema();
    auto const* const found = find_path(root, path);
    return found == nullptr ? "absent" : to_text(*found);
}

TEST(Schema, NamesTheDialectAndTheRequiredMembers) {
    EXPECT_EQ(at("$schema"), "\"https://json-schema.org/draft/2020-12/schema\"");
    EXPECT_EQ(at("title"), "\"document\"");
    EXPECT_EQ(at("description"), "\"A document.\"");
    EXPECT_EQ(at("required"), R"(["id"])");
}

TEST(Schema, DescribesEachKindOfMember) {
    EXPECT_EQ(at("properties.id"),
              R"({"description":"Id.","type":"string","minLength":1,"maxLength":8})");
    EXPECT_EQ(at("properties.turns"), R"({"description":"Turns.","type":["integer","null"],)"
                                      R"("minimum":0,"maximum":20,"default":3})");
    EXPECT_EQ(at("properties.at"),
              R"({"description":"When.","type":["string","null"],"format":"date-time"})");
    EXPECT_EQ(at("properties.extra.type"), R"(["object","null"])");
    EXPECT_EQ(at("properties.peer.type"), R"(["string","integer","null"])");
    EXPECT_EQ(at("properties.data.type"), "absent");
    EXPECT_EQ(at("properties.data.x-sensitivity"), "\"personal\"");
    EXPECT_EQ(at("properties.tint.anyOf"),
              R"([{"enum":["red","green",null]},{"type":"string","minLength":1,"maxLength":64}])");
    EXPECT_EQ(at("properties.size.enum"), R"(["small","large",null])");
    EXPECT_EQ(at("properties.times.anyOf"), R"([{"$ref":"#/$defs/timing"},{"type":"null"}])");
    EXPECT_EQ(at("properties.tools.items.anyOf"),
              R"([{"$ref":"#/$defs/item"},{"type":["string","number","boolean"]}])");
    EXPECT_EQ(at("properties.words.default"), R"(["haan","hmm"])");
    EXPECT_EQ(at("properties.headers.additionalProperties.maxLength"), "8");
    EXPECT_EQ(at("properties.note.type"), R"(["string","null"])");
    EXPECT_EQ(at("properties.voice_id.x-aliases"), R"(["voice","speaker"])");
    EXPECT_EQ(at("$defs.timing.properties.stop_secs.type"), R"(["number","null"])");
    EXPECT_EQ(at("$defs.item.required"), R"(["name"])");
}

field_info const& row(std::string_view name) {
    auto const all = document_fields();
    return *std::find_if(all.begin(), all.end(), [&](auto const& f) { return f.name == name; });
}

TEST(FieldInfo, HoldsTheColumnsOfTheTable) {
    EXPECT_EQ(row("id").presence, presence_kind::required);
    EXPECT_EQ(row("id").null, null_rule::reject);
    EXPECT_EQ(row("voice_id").presence, presence_kind::optional);
    EXPECT_EQ(row("voice_id").aliases.size(), 2U);
    EXPECT_EQ(row("turns").default_json, "3");
    EXPECT_EQ(row("turns").type, "int");
    EXPECT_EQ(row("turns").max, 20);
    EXPECT_EQ(row("note").null, null_rule::keep);
    EXPECT_EQ(row("api_key").sensitivity, sensitivity_kind::secret);
    EXPECT_EQ(row("title").sensitivity, sensitivity_kind::personal);
    EXPECT_EQ(row("tools").record, "item");
    EXPECT_EQ(row("tools").type, "list of obj");
    EXPECT_EQ(row("tint").words.size(), 2U);
    EXPECT_EQ(row("url").pattern, "url");
    EXPECT_EQ(row("url").max_bytes, limits::url);
}

}  // namespace
}  // namespace cxb::wire
