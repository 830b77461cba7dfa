#include "cxb/contract/runtime_config/request.hpp"

#include <gtest/gtest.h>

#include "cxb/wire/json.hpp"

namespace cxb::contract::runtime_config {
namespace {

connected_event event(std::string_view text) {
    auto const read = parse_connected_event(text);
    EXPECT_TRUE(read) << (read ? "" : read.error().to_log_text());
    return read ? *read : connected_event{};
}

TEST(ConnectedEvent, ReservedMembersAreTakenOut) {
    auto const read = event(
        R"({"CUSTOMER":"Ravi","_campaign_session_id":"s1","_campaign_attempt":2,"_other":1,
            "_skip_prefetch":true,"_cxb_future":1,"amount":4200.10})");
    EXPECT_EQ(read.flags.campaign_session_id, "s1");
    EXPECT_EQ(read.flags.campaign_attempt, 2);
    EXPECT_EQ(read.flags.skip_prefetch, true);
    EXPECT_EQ(read.variables.text(), R"({"CUSTOMER":"Ravi","_other":1,"amount":4200.10})");
    EXPECT_EQ(serialize(read),
              R"({"_campaign_session_id":"s1","_skip_prefetch":true,"_campaign_attempt":2,)"
              R"("CUSTOMER":"Ravi","_other":1,"amount":4200.10})");
}

TEST(ConnectedEvent, ReservedMembersOfTextOnlyBodiesAreReadBack) {
    auto const read = event(
        R"({"_skip_prefetch":"1","_skip_post_push":"true","_cxb_test_call":1,
            "_mock_crm":"{\"policy\":\"P\"}","_campaign_attempt":"7","_campaign_run_number":"x",
            "_cxb_ignore_active_hours":"maybe","sip_candidate_headers":"[1]","_campaign_id":9})");
    EXPECT_EQ(read.flags.skip_prefetch, true);
    EXPECT_EQ(read.flags.skip_post_push, true);
    EXPECT_EQ(read.flags.cxb_test_call, true);
    EXPECT_EQ(read.flags.mock_crm->text(), R"({"policy":"P"})");
    EXPECT_EQ(read.flags.campaign_attempt, 7);
    EXPECT_EQ(read.flags.campaign_run_number, std::nullopt);
    EXPECT_EQ(read.flags.cxb_ignore_active_hours, std::nullopt);
    EXPECT_EQ(read.flags.sip_candidate_headers, std::nullopt);
    EXPECT_EQ(read.flags.campaign_id, std::nullopt);
    EXPECT_EQ(read.variables.text(), "{}");
}

TEST(ConnectedEvent, HasLimits) {
    auto const faults = [](std::string const& text) {
        auto const read = parse_connected_event(text);
        return read ? std::vector<fault>{} : read.error().faults();
    };
    wire::json_object many;
    for (int i = 0; i < 201; ++i)
        many[std::to_string(i)] = i;
    EXPECT_EQ(faults(wire::to_text(many)),
              (std::vector<fault>{{"", "too many members: at most 200"}}));
    EXPECT_EQ(faults("{\"a\":\"" + std::string(limits::connected_event, 'x') + "\"}"),
              (std::vector<fault>{{"", "too long: at most 65536 bytes"}}));
    EXPECT_EQ(faults(R"({"a{b":1,"":2,"c\n":3})"),
              (std::vector<fault>{{"/a{b", "name must not hold control characters or braces"},
                                  {"/", "name must not be empty"},
                                  {"/c\n", "name must not hold control characters or braces"}}));
    EXPECT_EQ(faults("{\"" + std::string(129, 'k') + "\":1}").at(0).reason,
              "name too long: at most 128 bytes");
}

TEST(ConfigRequest, TravelsAsQueryAndAsJson) {
    config_request request;
    request.caller_id = "+91 98";
    request.connected_event = event(R"({"a":1.10,"_campaign_id":"c&="})");
    request.transport = transport_kind::attach;
    request.fetch_id = "019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10";
    auto const query = to_query(request);
    EXPECT_EQ(query.get("stream_id"), std::nullopt);
    EXPECT_EQ(query.get("connected_event"), R"({"_campaign_id":"c&=","a":1.10})");
    auto const parsed = wire::query_list::parse(query.to_text());
    EXPECT_EQ(from_query(*parsed).value(), request);
    EXPECT_EQ(parse_config_request(serialize(request)).value(), request);
    EXPECT_TRUE(to_query(config_request{}).items().empty());
}

TEST(ConfigRequest, AConnectedEventThatIsNoObjectReadsAsEmpty) {
    for (std::string_view const text : {"", "{", "[1]", "5", "null", "\"x\""}) {
        wire::query_list query;
        query.add("connected_event", std::string(text));
        EXPECT_EQ(from_query(query).value(), config_request{}) << text;
    }
    for (std::string_view const text :
         {R"({"connected_event":[1]})", R"({"connected_event":"{"})", R"({"connected_event":7})"})
        EXPECT_EQ(parse_config_request(text).value(), config_request{}) << text;
}

TEST(ConfigRequest, FaultsNameTheParameter) {
    wire::query_list query;
    query.add("caller_id", std::string(129, 'x'));
    query.add("fetch_id", "no");
    query.add("transport", "pigeon");
    query.add("connected_event", R"({"a}":1})");
    query.add("unknown", "1");
    EXPECT_EQ(from_query(query).error().faults(),
              (std::vector<fault>{
                  {"/caller_id", "too long: at most 128 bytes"},
                  {"/connected_event/a}", "name must not hold control characters or braces"},
                  {"/fetch_id", "too short: at least 36 bytes"}}));
}

// A caller_id of another encoding would stand in every list of calls, which nobody could read.
TEST(ConfigRequest, TextsOfAQueryAreUtf8) {
    auto const query = wire::query_list::parse(
        "caller_id=%C3&stream_id=a%FF&transport=%C3&fetch_id=no&connected_event=%7B%22a%22:%22%C3");
    EXPECT_EQ(from_query(*query).error().faults(),
              (std::vector<fault>{{"/caller_id", "must be UTF-8"},
                                  {"/stream_id", "must be UTF-8"},
                                  {"/transport", "must be UTF-8"},
                                  {"/fetch_id", "too short: at least 36 bytes"}}));
    EXPECT_EQ(from_query(*wire::query_list::parse("connected_event=%7B%22a%22:%22%C3")).value(),
              config_request{});
    EXPECT_EQ(from_query(*wire::query_list::parse("caller_id=%C3%A9")).value().caller_id, "é");
}

TEST(Stringify, EveryValueBecomesText) {  // 10-24
    auto const value = wire::parse_json(
        R"({"s":"x","t":true,"i":4200,"d":4200.10,"w":5.0,"n":null,
            "o":{"code":"G1"},"a":[1,"é"]})");
    EXPECT_EQ(stringify_variables(value->get_object()),
              (wire::json_object{{"s", "x"},
                                 {"t", "true"},
                                 {"i", "4200"},
                                 {"d", "4200.1"},
                                 {"w", "5"},
                                 {"n", ""},
                                 {"o", R"({"code":"G1"})"},
                                 {"a", R"([1,"é"])"}}));
}

TEST(Reserved, AreStrippedAndNamed) {  // 10-13
    wire::json_object members = {{"_campaign_session_id", "s"},
                                 {"_cxb_x", 1},
                                 {"_mine", 1},
                                 {"sip_candidate_headers", 1},
                                 {"a", 1}};
    EXPECT_EQ(strip_reserved(members), (std::vector<std::string>{"_campaign_session_id", "_cxb_x",
                                                                 "sip_candidate_headers"}));
    EXPECT_EQ(members, (wire::json_object{{"_mine", 1}, {"a", 1}}));
    EXPECT_FALSE(is_reserved("_mine"));
}

}  // namespace
}  // namespace cxb::contract::runtime_config
