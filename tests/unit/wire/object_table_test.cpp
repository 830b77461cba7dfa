// Reading, writing and checking through a field table.
#include "cxb/wire/object_table.hpp"

#include <gtest/gtest.h>

#include "cxb/wire/json.hpp"
#include "unit/wire/sample.hpp"

namespace cxb::wire {
namespace {

using namespace wire_sample;

std::vector<fault> faults_of(std::string_view text, parse_options how = {}) {
    auto const read = parse_document(text, how);
    if (read) return {};
    EXPECT_EQ(read.error().code(), errc::invalid) << read.error().detail();
    return read.error().faults();
}

std::vector<fault> just(std::string pointer, std::string reason) {
    return {{std::move(pointer), std::move(reason)}};
}

document good(std::string_view text, parse_options how = {}) {
    auto const read = parse_document(text, how);
    EXPECT_TRUE(read) << (read ? "" : read.error().to_log_text());
    return read ? *read : document{};
}

TEST(ObjectTable, AbsentMembersTakeTheInitialisers) {
    document expected;
    expected.id = "a";
    EXPECT_EQ(good(R"({"id":"a"})"), expected);
}

TEST(ObjectTable, NullIsAbsenceForOptionalAndDefaultedMembers) {  // 10-11
    document expected;
    expected.id = "a";
    EXPECT_EQ(good(R"({"id":"a","title":null,"voice_id":null,"enabled":null,"turns":null,
        "ratio":null,"at":null,"extra":null,"data":null,"tint":null,"size":null,"times":null,
        "tools":null,"words":null,"headers":null,"url":null,"endpoint":null})"),
              expected);
}

TEST(ObjectTable, NullIsAFaultForRequiredMembersAndItems) {
    EXPECT_EQ(faults_of(R"({"id":null,"words":["a",null],"strict_items":[null]})"),
              (std::vector<fault>{{"/id", "must not be null"},
                                  {"/words/1", "must not be null"},
                                  {"/strict_items/0", "must not be null"}}));
}

TEST(ObjectTable, NullableMembersKeepNull) {
    EXPECT_TRUE(good(R"({"id":"a","note":null})").note.is_null());
    EXPECT_EQ(good(R"({"id":"a","note":"x"})").note.value(), "x");
    EXPECT_TRUE(good(R"({"id":"a","note":"x","note":null})").note.is_null());
    document value;
    value.id = "a";
    value.note = null;
    EXPECT_NE(serialize(value).find("\"note\":null"), std::string::npos);
}

TEST(ObjectTable, AllFaultsComeTogetherWithPointers) {  // 10-1
    EXPECT_EQ(faults_of(R"({"id":5,"turns":"3","times":{"wait_seconds":5,"delay_ms":1.5},
            "strict_items":[{"name":"ok"},{"name":7}],"headers":{"a/b":1}})"),
              (std::vector<fault>{{"/id", "expected string, got number"},
                                  {"/turns", "expected integer, got string"},
                                  {"/times/wait_seconds", "must be at least 10"},
                                  {"/times/delay_ms", "expected integer, got number"},
                                  {"/strict_items/1/name", "expected string, got number"},
                                  {"/headers/a~1b", "expected string, got number"}}));
    EXPECT_EQ(faults_of("{}"), just("/id", "required member is missing"));
    EXPECT_EQ(faults_of("[1]"), just("", "expected object, got array"));
    EXPECT_EQ(faults_of("7"), just("", "expected object, got number"));
}

TEST(ObjectTable, EveryBoundHasItsReason) {
    auto const one = [](std::string const& member) {
        auto const found = faults_of("{\"id\":\"a\"," + member + "}");
        return found.size() == 1 ? found[0].reason : std::to_string(found.size()) + " faults";
    };
    EXPECT_EQ(faults_of(R"({"id":"123456789"})"), just("/id", "too long: at most 8 bytes"));
    EXPECT_EQ(faults_of(R"({"id":""})"), just("/id", "must not be empty"));
    EXPECT_EQ(one(R"("turns":21)"), "must be at most 20");
    EXPECT_EQ(one(R"("turns":-1)"), "must be at least 0");
    EXPECT_EQ(one(R"("ratio":1.5)"), "must be at most 1");
    EXPECT_EQ(one(R"("big":9223372036854775808)"), "integer out of range");
    EXPECT_EQ(one(R"("at":"yesterday")"), "must be an RFC 3339 timestamp");
    EXPECT_EQ(one(R"("api_key":"12345678901234567")"), "too long: at most 16 bytes");
    EXPECT_EQ(one(R"("extra":[])"), "expected object, got array");
    EXPECT_EQ(one("\"extra\":{\"a\":\"" + std::string(70, 'x') + "\"}"),
              "too long: at most 64 bytes");
    EXPECT_EQ(one(R"("tint":"")"), "must be 1 to 64 bytes");
    EXPECT_EQ(one("\"tint\":\"" + std::string(65, 'x') + "\""), "must be 1 to 64 bytes");
    EXPECT_EQ(one(R"("size":"huge")"), "must be one of: small, large");
    EXPECT_EQ(one(R"("strict_items":["a","b","c"])"), "too many items: at most 2 items");
    EXPECT_EQ(one(R"("words":["12345678901"])"), "too long: at most 10 bytes");
    EXPECT_EQ(one(R"("numbers":[1,10])"), "must be at most 9");
    EXPECT_EQ(one(R"("headers":{"a":"1","b":"2","c":"3","d":"4"})"),
              "too many items: at most 3 items");
    EXPECT_EQ(one("\"headers\":{\"" + std::string(1025, 'x') + "\":\"\"}"),
              "name too long: at most 1024 bytes");
    EXPECT_EQ(one(R"("url":"ftp://x")"), "must be an absolute http or https URL without user info");
    EXPECT_EQ(one("\"title\":\"" + std::string(1025, 'x') + "\""), "too long: at most 1024 bytes");
    EXPECT_EQ(one(R"("times":[])"), "expected object, got array");
    EXPECT_EQ(one(R"("words":{})"), "expected array, got object");
    EXPECT_EQ(one(R"("enabled":1)"), "expected boolean, got number");
}

TEST(ObjectTable, FiftyFaultsAndThenAWordThatThereAreMore) {
    std::string text = R"({"id":"a","numbers":[)";
    for (int i = 0; i < 60; ++i)
        text += i == 0 ? "-1" : ",-1";
    auto const found = faults_of(text + "]}");
    ASSERT_EQ(found.size(), limits::faults + 1);
    EXPECT_EQ(found.back(), (fault{"", "more faults not shown"}));
}

TEST(ObjectTable, WholeNumbersMayHaveAPointAndDurationsTheirUnit) {
    auto const read = good(
        R"({"id":"a","turns":5.0,"big":1e3,
        "times":{"stop_secs":0.2,"delay_ms":5e2,"took_ms":0.5}})");
    EXPECT_EQ(read.turns, 5);
    EXPECT_EQ(read.big, 1000);
    EXPECT_EQ(read.times.stop_secs, milliseconds(200));
    EXPECT_EQ(read.times.delay_ms, milliseconds(500));
    EXPECT_EQ(read.times.took_ms.count(), 0.5);
}

TEST(ObjectTable, AliasesCountOnlyWithoutTheCanonicalName) {
    EXPECT_EQ(good(R"({"id":"a","voice":"x"})").voice, "x");
    EXPECT_EQ(good(R"({"id":"a","voice":"x","voice_id":"y"})").voice, "y");
    EXPECT_EQ(good(R"({"id":"a","voice_id":"y","voice":"x"})").voice, "y");
    EXPECT_EQ(good(R"({"id":"a","voice":"x","voice_id":null})").voice, "x");
    EXPECT_EQ(good(R"({"id":"a","voice_id":null,"voice":"x"})").voice, "x");
    EXPECT_EQ(faults_of(R"({"id":"a","speaker":4})"),
              just("/speaker", "expected string, got number"));
    EXPECT_EQ(good(R"({"id":"a","speaker":4,"voice_id":"y"})").voice, "y");
}

TEST(ObjectTable, OfRepeatedMembersTheLastWins) {
    EXPECT_EQ(good(R"({"id":5,"id":"b"})").id, "b");
    EXPECT_EQ(good(R"({"id":"a","turns":7,"turns":null})").turns, 3);
    EXPECT_EQ(good(R"({"id":"a","words":["x"],"words":["y","z"]})").words,
              (std::vector<std::string>{"y", "z"}));
    EXPECT_EQ(good(R"({"id":"a","times":{"delay_ms":1},"times":{"wait_seconds":20}})").times,
              (timing{.wait_seconds = seconds(20)}));
    EXPECT_EQ(good(R"({"id":"a","headers":{"h":1,"h":"x"}})").headers.at("h"), "x");
    EXPECT_EQ(faults_of(R"({"id":"a","times":{"delay_ms":-1},"times":{"delay_ms":-2}})"),
              just("/times/delay_ms", "must be at least 0"));
    EXPECT_EQ(faults_of(R"({"id":"a","id":5})"), just("/id", "expected string, got number"));
}

TEST(ObjectTable, OpenWordsSurviveAndClosedOnesDoNot) {  // 10-3
    EXPECT_EQ(good(R"({"id":"a","tint":"martian"})").tint.text(), "martian");
    EXPECT_EQ(good(R"({"id":"a","tint":"rot"})").tint.known(), colour::red);
    EXPECT_EQ(good(R"({"id":"a","tint":"RED"})").tint.known(), std::nullopt);
    EXPECT_EQ(good(R"({"id":"a","size":"large"})").size, size_word::large);
}

TEST(ObjectTable, UnknownMembersAreCollectedOrKeptInPlace) {
    auto const read = good(R"({"id":"a","x":1.10,"_own_y":1,"ext":{"z":[1]},"x":2.50})");
    EXPECT_EQ(read.ext.text(), R"({"z":[1],"x":2.50})");
    EXPECT_EQ(good(serialize(read)), read);
    auto const kept = good(R"({"id":"a","tools":[{"name":"t","deep":{"n":1e2},"flag":true}]})");
    EXPECT_EQ(kept.tools.at(0).rest.text(), R"({"deep":{"n":1e2},"flag":true})");
    EXPECT_NE(serialize(kept).find(R"({"name":"t","deep":{"n":1e2},"flag":true})"),
              std::string::npos);
}

TEST(ObjectTable, UnknownMembersOverTheLimitAreDroppedWithAWarning) {
    std::vector<fault> warnings;
    auto const read = good("{\"id\":\"a\",\"x\":\"" + std::string(80, 'x') + "\",\"y\":1}",
                           {.warnings = &warnings});
    EXPECT_EQ(read.ext.text(), "{}");
    EXPECT_EQ(warnings, just("", "unknown members dropped: over 64 bytes together"));
}

TEST(ObjectTable, MergedRowsReadAndWriteFlat) {
    auto const read = parse_holder(R"({"delay_ms":5,"other":{"a":null}})");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->times.delay_ms, milliseconds(5));
    EXPECT_EQ(serialize(*read),
              R"({"wait_seconds":60,"delay_ms":5,"stop_secs":0.8,"took_ms":0,"other":{"a":null}})");
}

TEST(ObjectTable, TolerantListsDropBadElementsWithAWarning) {  // 10-10
    std::string_view const text =
        R"({"id":"a","tools":[{"name":"x"},{"score":2},{"name":"y"},5,{"name":"z"}]})";
    std::vector<fault> warnings;
    auto const read = good(text, {.tolerant_items = true, .warnings = &warnings});
    ASSERT_EQ(read.tools.size(), 3U);
    EXPECT_EQ(read.tools[1].name, "y");
    EXPECT_EQ(read.tools[2].name, "z");
    EXPECT_EQ(warnings, (std::vector<fault>{{"/tools/1/score", "must be at most 1"},
                                            {"/tools/1/name", "required member is missing"},
                                            {"/tools/3", "expected string, got number"}}));
    EXPECT_EQ(faults_of(text).size(), 3U);
    EXPECT_EQ(faults_of(R"({"id":"a","strict_items":[5]})", {.tolerant_items = true}).size(), 1U);
}

TEST(ObjectTable, ABareTextStandsForItsObject) {
    auto const read = good(R"({"id":"a","strict_items":["x",{"name":"y"}]})");
    EXPECT_EQ(read.strict_items.at(0).name, "x");
    EXPECT_EQ(faults_of(R"({"id":"a","strict_items":["b d"]})"),
              just("/strict_items/0", "must be letters, digits, _ or -"));
    EXPECT_EQ(faults_of(R"({"id":"a","strict_items":[[]]})"),
              just("/strict_items/0", "expected object, got array"));
}

TEST(ObjectTable, MembersMarkedSoAreReadBackFromText) {
    for (auto const* yes : {"true", "\"true\"", "1", "\"1\""})
        EXPECT_EQ(good(std::string(R"({"id":"a","_flag":)") + yes + "}").flag, true) << yes;
    for (auto const* no : {"false", "\"false\"", "0", "\"0\""})
        EXPECT_EQ(good(std::string(R"({"id":"a","_flag":)") + no + "}").flag, false) << no;
    for (auto const* none : {"\"yes\"", "2", "{}", "[1]", "\"\\\"true\\\"\"", "\"null\"", "\"\""})
        EXPECT_EQ(good(std::string(R"({"id":"a","_flag":)") + none + "}").flag, std::nullopt)
            << none;
    EXPECT_EQ(good(R"({"id":"a","_attempt":"42"})").attempt, 42);
    EXPECT_EQ(good(R"({"id":"a","_attempt":"4x"})").attempt, std::nullopt);
    EXPECT_EQ(good(R"({"id":"a","_mock":"{\"a\":1.0}"})").mock->text(), R"({"a":1.0})");
    EXPECT_EQ(good(R"({"id":"a","_mock":{"a":1}})").mock->text(), R"({"a":1})");
    EXPECT_EQ(good(R"({"id":"a","_mock":"[1]"})").mock, std::nullopt);
}

TEST(ObjectTable, TextsMarkedSoAreAlsoReadFromWholeNumbers) {
    EXPECT_EQ(good(R"({"id":"a","peer":"x"})").peer, "x");
    EXPECT_EQ(good(R"({"id":"a","peer":-12345})").peer, "-12345");
    EXPECT_EQ(good(R"({"id":"a","peer":18446744})").peer, "18446744");
    EXPECT_EQ(good(R"({"id":"a","peer":null})").peer, std::nullopt);
    EXPECT_EQ(faults_of(R"({"id":"a","peer":123456789})"),
              just("/peer", "too long: at most 8 bytes"));
    for (auto const* other : {"1.5", "5.0", "1e2"})
        EXPECT_EQ(faults_of(std::string(R"({"id":"a","peer":)") + other + "}"),
                  just("/peer", "expected string, got number"));
    EXPECT_EQ(faults_of(R"({"id":5})"), just("/id", "expected string, got number"));
    auto const value = parse_json(R"({"id":"a","peer":7})").value();
    EXPECT_EQ(parse_document(value).value().peer, "7");
}

TEST(ObjectTable, ADocumentMayBeNamedOtherThanItsStruct) {
    EXPECT_EQ(wire_table(tag<holder>{}).name(), "times_holder");
    EXPECT_NE(holder_schema().find(R"("title":"times_holder")"), std::string::npos);
}

TEST(ObjectTable, CustomMembersUseTheirOwnFunctions) {
    EXPECT_EQ(good(R"({"id":"a","endpoint":300})").endpoint, "#300");
    EXPECT_EQ(faults_of(R"({"id":"a","endpoint":{}})"), just("/endpoint/inner", "no objects here"));
}

TEST(ObjectTable, CrossChecksAddTheirFaultsOnce) {
    EXPECT_EQ(
        faults_of(R"({"id":"a","title":"a","turns":99})"),
        (std::vector<fault>{{"/turns", "must be at most 20"}, {"/title", "must differ from id"}}));
}

TEST(ObjectTable, AParsedValueGivesTheSameAsItsText) {
    for (std::string_view const text :
         {R"({"id":"a","turns":5.0,"data":[1,{"x":null}],"tools":["n"],"zz":1})",
          R"({"id":5,"times":{"delay_ms":1.5},"headers":[],"voice":true})"}) {
        auto const value = parse_json(text).value();
        auto const from_text = parse_document(text);
        auto const from_value = parse_document(value);
        auto const from_object = parse_document(value.get_object());
        ASSERT_EQ(from_text.has_value(), from_value.has_value());
        ASSERT_EQ(from_text.has_value(), from_object.has_value());
        if (from_text)
            EXPECT_EQ(*from_text, *from_value);
        else
            EXPECT_EQ(from_text.error().faults(), from_value.error().faults());
    }
}

TEST(ObjectTable, DepthAndSizeHaveLimits) {  // 10-4
    auto const nested = [](std::size_t levels) {
        return R"({"id":"a","data":)" + std::string(levels, '[') + std::string(levels, ']') + "}";
    };
    EXPECT_TRUE(parse_document(nested(31)));
    EXPECT_EQ(parse_document(nested(32)).error().code(), errc::malformed);
    json_value deep = nullptr;
    for (int i = 0; i < 32; ++i)
        deep = json_array{deep};
    EXPECT_EQ(parse_document(json_object{{"id", "a"}, {"data", deep}}).error().code(),
              errc::malformed);
    EXPECT_EQ(parse_document(R"({"id":"a"})", {.max_bytes = 9}).error().code(), errc::too_large);
    EXPECT_TRUE(parse_document(R"({"id":"a"})", {.max_bytes = 10}));
}

TEST(ObjectTable, WritesInTableOrderWithoutAbsentMembers) {
    document value;
    value.id = "a";
    value.title = "\"\n\x01é";
    value.at = time_point(milliseconds(5));
    value.words.clear();
    value.endpoint = "x";
    value.headers = {{"b", "2"}, {"a", "1"}};
    value.data = raw_json::parse(" [1.10, 123456789012345678901234567890] ").value();
    EXPECT_EQ(
        serialize(value),
        R"({"id":"a","title":"\"\n\u0001é","enabled":true,"turns":3,"big":0,"ratio":0.5,)"
        R"("at":"1970-01-01T00:00:00.005Z","api_key":"","extra":{},)"
        R"("data":[1.10,123456789012345678901234567890],"tint":"red","size":"small",)"
        R"("times":{"wait_seconds":60,"delay_ms":300,"stop_secs":0.8,"took_ms":0},"tools":[],)"
        R"("strict_items":[],"words":[],"numbers":[],"headers":{"a":"1","b":"2"},)"
        R"("endpoint":"x","retention":"in_memory","openai_retention":"in_memory"})");
    std::string appended = "x";
    serialize_to(value, appended);
    EXPECT_EQ(appended, "x" + serialize(value));
    EXPECT_EQ(good(serialize(value)), value);
}

TEST(ObjectTable, WritesTheSameIntoADom) {
    auto const value = good(R"({"id":"a","tools":[{"name":"t","k":1}],"q":{"w":2},"data":null,
        "headers":{"a":"b"},"note":null,"at":"2026-01-02T03:04:05+01:00"})");
    EXPECT_EQ(json_value(to_object(value)), parse_json(serialize(value)).value());
    EXPECT_EQ(text_at(to_object(value), "at"), "2026-01-02T02:04:05.000Z");
}

TEST(ObjectTable, ValidateFindsWhatTheReaderWouldFind) {
    document value;
    EXPECT_EQ(validate(value).error().faults(), just("/id", "must not be empty"));
    value.id = "a";
    EXPECT_TRUE(validate(value));
    value.turns = 99;
    value.ratio = std::numeric_limits<double>::quiet_NaN();
    value.times.stop_secs = milliseconds(5001);
    value.tools.resize(1);
    value.words = {"\xff"};
    value.extra = raw_json::trusted("[]");
    value.headers["h"] = "123456789";
    value.url = "nowhere";
    value.size = static_cast<size_word>(9);
    EXPECT_EQ(
        validate(value).error().faults(),
        (std::vector<fault>{{"/turns", "must be at most 20"},
                            {"/ratio", "must be a finite number"},
                            {"/extra", "expected object"},
                            {"/size", "must be one of: small, large"},
                            {"/times/stop_secs", "must be at most 5"},
                            {"/tools/0/name", "must not be empty"},
                            {"/words/0", "must be UTF-8"},
                            {"/headers/h", "too long: at most 8 bytes"},
                            {"/url", "must be an absolute http or https URL without user info"}}));
}

TEST(ObjectTable, LogTextHidesPersonalAndSecretMembers) {
    auto const value = good(R"({"id":"a","title":"Ravi","api_key":"k","data":{"n":1},
        "headers":{"Authorization":"t"},"unknown":"x"})");
    auto const text = log_text(value);
    EXPECT_NE(text.find(R"("title":"<personal:4 bytes>")"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("data":"<personal:7 bytes>")"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("api_key":"***")"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("headers":"***")"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("ext":"<personal:15 bytes>")"), std::string::npos) << text;
    EXPECT_TRUE(parse_json(text)) << text;
}

TEST(ObjectTable, RefusesTablesThatAreWrong) {
    static constexpr field_row twice[] = {field<&item::name>("a").doc("A."),
                                          field<&item::score>("b").alias("a").doc("B.")};
    static constexpr field_row silent[] = {field<&item::name>("a")};
    static constexpr field_row other[] = {field<&timing::delay_ms>("a").doc("A.")};
    static constexpr field_row untrue[] = {field<&timing::delay_ms>("a").def("1").doc("A.")};
    static constexpr field_row outside[] = {field<&timing::delay_ms>("a").max(1).doc("A.")};
    EXPECT_THROW(object_table("t", table<item>("T.", twice)), std::logic_error);
    EXPECT_THROW(object_table("t", table<item>("T.", silent)), std::logic_error);
    EXPECT_THROW(object_table("t", table<item>("T.", other)), std::logic_error);
    EXPECT_THROW(object_table("t", table<timing>("T.", untrue)), std::logic_error);
    EXPECT_THROW(object_table("t", table<timing>("T.", outside)), std::logic_error);
}

}  // namespace
}  // namespace cxb::wire
