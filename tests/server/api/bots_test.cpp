#include "server/api/api_fixture.hpp"

namespace cxb::api::test {
namespace {

struct Bots : api_test {
    Bots() { start(); }
    std::vector<std::string> pointers(answer const& got) {
        std::vector<std::string> out;
        if (!got.json.is_object() || !got.json.as_object().contains("errors")) return out;
        for (auto const& one : got.json.at("errors").as_array())
            out.emplace_back(wire::text_at(one.as_object(), "pointer"));
        return out;
    }
};

TEST_F(Bots, ThreeFaultsGiveThreePointersAndStoreNothing) {  // 20-19
    auto const refused = admin("POST", "/api/v1/bots",
                               json_object{{"name", ""}, {"dead_air_seconds", 3}, {"timezone", 7}});
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(pointers(refused),
              (std::vector<std::string>{"/name", "/dead_air_seconds", "/timezone"}));
    EXPECT_EQ(admin("GET", "/api/v1/bots").json.at("total").to_number<int>(), 0);
}

TEST_F(Bots, OneMemberChangesTheOthersStay) {  // 20-20
    std::string const id = make_bot(
        {{"llm",
          {{"provider", "openai"}, {"model", "gpt-4.1-mini"}, {"api_key", "sk-1234567890abcd"}}},
         {"future_member", {{"x", 1}}}});
    auto const at = "/api/v1/bots/" + id;
    auto const first = admin("GET", at);
    EXPECT_EQ(first.text("llm.api_key"), "sk-1••••••abcd");
    EXPECT_EQ(first.json.at("future_member").at("x").to_number<int>(), 1);
    auto const changed =
        admin("PUT", at, json_object{{"description", "new"}, {"llm", first.json.at("llm")}});
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(changed.json.at("version").to_number<int>(), 2);
    EXPECT_EQ(changed.json.at("warnings").as_array().size(), 1U);
    auto const preview = config(id);
    EXPECT_EQ(preview.text("llm.api_key"), "sk-1234567890abcd");
    auto const same = admin("PUT", at, json_object{{"description", "new"}});
    EXPECT_EQ(same.json.at("version").to_number<int>(), 2);
    auto const reset = admin("PUT", at, json_object{{"description", nullptr}});
    EXPECT_EQ(reset.text("description"), "");
}

TEST_F(Bots, OfTwoWritersOfOneVersionOneIsRefused) {  // 20-22
    std::string const at = "/api/v1/bots/" + make_bot();
    EXPECT_EQ(admin("PUT", at, json_object{{"description", "a"}}, {{"If-Match", "\"1\""}}).status,
              200);
    auto const late = admin("PUT", at, json_object{{"description", "b"}}, {{"If-Match", "\"1\""}});
    EXPECT_EQ(late.status, 412);
    EXPECT_EQ(late.text("code"), "version_conflict");
}

TEST_F(Bots, RulesAcrossMembers) {
    auto const faults = [&](json_object extra) {
        extra["name"] = "x";
        return pointers(admin("POST", "/api/v1/bots", extra));
    };
    using list = std::vector<std::string>;
    EXPECT_EQ(faults({{"timezone", "Mars/One"}}), list{"/timezone"});
    json_object const tool{{"type", "function"}, {"function", {{"name", "end_call"}}}};
    EXPECT_EQ(faults({{"tools", {tool, tool}}}), list{"/tools/1/function/name"});
    json_object const target{{"id", "a"},
                             {"label", "Desk"},
                             {"method", "agent_desk"},
                             {"type", "agent_queue"},
                             {"value", "default"},
                             {"is_default", true}};
    EXPECT_EQ(faults({{"transfer_targets", {target, target}}}),
              (list{"/transfer_targets/1/id", "/transfer_targets/1/is_default"}));
    EXPECT_EQ(
        faults({{"active_hours", {{"enabled", true}, {"days", json_value(wire::json_array{})}}}}),
        list{"/active_hours/days"});
    EXPECT_EQ(faults({{"prompt_mode", "direct"}, {"static_system_prompt", "Hi {{NAME}}"}}),
              list{"/static_system_prompt"});
    EXPECT_EQ(faults({{"post_call_cache", {{"enabled", true}}}, {"qc_prompt", "{{crm.x}}"}}),
              list{"/qc_prompt"});
    EXPECT_EQ(faults({{"post_call_push",
                       {{"url", "https://crm.example.com/x"}, {"key_mapper", {{"a", "{{b"}}}}}}),
              list{"/post_call_push/key_mapper/a"});
    EXPECT_EQ(faults({{"pre_call_fetch",
                       {{"url", "https://crm.example.com/x"}, {"headers", {{"Host", "y"}}}}}}),
              list{"/pre_call_fetch/headers/Host"});
    EXPECT_EQ(faults({{"post_call_push", {{"url", "ftp://crm.example.com/"}}}}),
              list{"/post_call_push/url"});
}

TEST_F(Bots, DeletedIsGone) {
    std::string const id = make_bot();
    EXPECT_EQ(admin("DELETE", "/api/v1/bots/" + id).text("status"), "deleted");
    EXPECT_EQ(admin("GET", "/api/v1/bots/" + id).text("detail"), "Bot not found");
    EXPECT_EQ(config(id).status, 404);
    EXPECT_EQ(admin("DELETE", "/api/v1/bots/" + id).status, 404);
}

TEST_F(Bots, SigningSecretIsMadeRotatedAndNeverShown) {
    std::string const id =
        make_bot({{"post_call_push", {{"url", "https://crm.example.com/x"}, {"sign", true}}}});
    EXPECT_EQ(admin("GET", "/api/v1/bots/" + id).body.find("whsec_"), std::string::npos);
    auto const rotated = admin("POST", "/api/v1/bots/" + id + "/push-secret/rotate");
    EXPECT_EQ(rotated.text("secret").substr(0, 6), "whsec_");
    EXPECT_EQ(admin("GET", "/api/v1/bots/" + id).body.find("whsec_"), std::string::npos);
    EXPECT_EQ(admin("DELETE", "/api/v1/bots/" + id + "/push-secret/rotate").status, 200);
}

}  // namespace
}  // namespace cxb::api::test
