// /users over HTTP (spec 20 §2.3); who may act on whom: user_rank_test.cpp.
#include "server/api/people_fixture.hpp"

namespace cxb::api::test {
namespace {

struct Users : people_test {
    void SetUp() override { start(); }
};

TEST_F(Users, OneIsShownWithoutItsHash) {
    auto const id = make_user("asha@example.com", "agent", {{"agent_skills", {"loans"}}});
    auto const shown = admin("GET", at(id));
    ASSERT_EQ(shown.status, 200) << shown.body;
    EXPECT_EQ(shown.text("email"), "asha@example.com");
    EXPECT_EQ(shown.text("agent_primary_language"), "en");
    for (char const* hidden : {"password_hash", "token_version", "name_lower", "_id"})
        EXPECT_FALSE(shown.json.as_object().contains(hidden)) << hidden;
    for (char const* member : {"id", "name", "role", "is_active", "must_change_password",
                               "created_at", "updated_at", "last_login_at", "agent_skills"})
        EXPECT_TRUE(shown.json.as_object().contains(member)) << member;
}

TEST_F(Users, UnknownIdsAre404ForEveryRoute) {
    for (std::string const id : {"65f000000000000000000000", "nobody", "%20"}) {
        for (auto const& got :
             {admin("GET", at(id)), admin("PUT", at(id), json_object{{"name", "x"}}),
              admin("POST", at(id, "/deactivate")), admin("POST", at(id, "/reset-password")),
              admin("DELETE", at(id))}) {
            EXPECT_EQ(got.status, 404) << id;
            EXPECT_EQ(got.text("detail"), "User not found");
        }
    }
}

TEST_F(Users, AreListedNewestFirstInPages) {
    make_user("a@example.com", "agent");
    make_user("b@example.com", "supervisor");
    auto const id = make_user("c@example.com", "agent");
    admin("POST", at(id, "/deactivate"));
    auto const all = admin("GET", "/api/v1/users");
    ASSERT_EQ(all.status, 200) << all.body;
    EXPECT_EQ(listed(all, "email"), "c@example.com,b@example.com,a@example.com,admin@example.com");
    EXPECT_EQ(all.json.at("total").to_number<int>(), 4);
    EXPECT_EQ(all.body.find("password_hash"), std::string::npos);
    EXPECT_EQ(listed(admin("GET", "/api/v1/users?role=agent"), "email"),
              "c@example.com,a@example.com");
    EXPECT_EQ(listed(admin("GET", "/api/v1/users?role=agent&is_active=true"), "email"),
              "a@example.com");
    EXPECT_EQ(listed(admin("GET", "/api/v1/users?is_active=false"), "email"), "c@example.com");
    auto const first = admin("GET", "/api/v1/users?limit=3");
    auto const rest = admin("GET", "/api/v1/users?limit=3&cursor=" + first.text("next"));
    EXPECT_EQ(listed(rest, "email"), "admin@example.com");
    EXPECT_EQ(listed(admin("GET", "/api/v1/users?page=2&limit=2"), "email"),
              "a@example.com,admin@example.com");
}

TEST_F(Users, AWrongQueryNamesEachParameter) {
    auto const got = admin("GET", "/api/v1/users?role=boss&is_active=maybe&limit=201&name=x");
    EXPECT_EQ(got.status, 422);
    std::string pointers;
    for (auto const& one : got.json.at("errors").as_array())
        pointers += std::string(wire::text_at(one.as_object(), "pointer")) + " ";
    EXPECT_EQ(pointers, "/role /is_active /limit /name ");
    EXPECT_EQ(admin("GET", "/api/v1/users?page=201&limit=50").status, 422);
}

TEST_F(Users, AreFoundByTheBeginningOfEmailOrName) {
    auto const id = make_user("asha@example.com", "agent", {{"name", "Zoya Khan"}});
    make_user("vikram@example.com", "agent", {{"name", "ASHOK_Rao"}});
    make_user("hindi@example.com", "agent", {{"name", "आशा"}});
    auto const find = [&](std::string const& text) {
        return listed(admin("GET", "/api/v1/users?q=" + text), "email");
    };
    EXPECT_EQ(find("ash"), "vikram@example.com,asha@example.com");
    EXPECT_EQ(find("%20ASHA"), "asha@example.com");
    EXPECT_EQ(find("zoya%20k"), "asha@example.com");
    EXPECT_EQ(find("ashok_"), "vikram@example.com");
    EXPECT_EQ(find("%E0%A4%86"), "hindi@example.com");
    EXPECT_EQ(find("khan"), "") << "beginnings only, so that an index finds them";
    EXPECT_EQ(find("%25"), "");
    EXPECT_EQ(listed(admin("GET", "/api/v1/users?q=ash&role=supervisor"), "email"), "");
    admin("PUT", at(id), json_object{{"name", "Meera"}});
    EXPECT_EQ(find("mee"), "asha@example.com");
    EXPECT_EQ(find("zoya"), "");
    as(token_of("asha@example.com"), "PUT", "/api/v1/auth/me", json_object{{"name", "Tara"}});
    EXPECT_EQ(find("tar"), "asha@example.com");
}

struct UserRecords : people_test {};

TEST_F(UserRecords, ASearchIsServedByIndexes) {
    start();
    stop();
    auto const plan =
        sql("explain query plan select doc from users where ((email>='a' and email<'b') or "
            "(name_lower>='a' and name_lower<'b')) order by created_at desc, id desc limit 50");
    EXPECT_NE(plan.find("MULTI-INDEX OR"), std::string::npos) << plan;
    EXPECT_NE(plan.find("email>? AND email<?"), std::string::npos) << plan;
    EXPECT_NE(plan.find("name_lower>? AND name_lower<?"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("SCAN"), std::string::npos) << plan;
}

TEST_F(Users, OnlyWhatIsSentIsChanged) {
    auto const id = make_user("asha@example.com", "agent", {{"agent_skills", {"loans"}}});
    auto const before = admin("GET", at(id));
    auto const after = admin("PUT", at(id), json_object{{"name", "Asha"}, {"email", "x@y.z"}});
    ASSERT_EQ(after.status, 200) << after.body;
    auto wanted = before.json.as_object();
    wanted["name"] = "Asha";
    wanted["updated_at"] = after.json.at("updated_at");
    EXPECT_EQ(after.json.as_object(), wanted) << "an email never changes";
    EXPECT_EQ(admin("GET", at(id)).json, after.json);
    auto const same = admin("PUT", at(id), json_object{{"name", "Asha"}});
    EXPECT_EQ(same.status, 200);
    EXPECT_EQ(same.json, after.json) << "no change is no change";
    EXPECT_EQ(admin("PUT", at(id), json_object{}).json, after.json);
}

TEST_F(Users, WrongMembersAreNamedAndChangeNothing) {
    auto const id = make_user("asha@example.com", "agent");
    auto const before = admin("GET", at(id));
    auto const pointer = [&](json_object body) {
        auto const got = admin("PUT", at(id), body);
        EXPECT_EQ(got.status, 422) << got.body;
        return first_pointer(got);
    };
    EXPECT_EQ(pointer({{"name", ""}}), "/name");
    EXPECT_EQ(pointer({{"name", std::string(121, 'x')}}), "/name");
    EXPECT_EQ(pointer({{"role", "boss"}}), "/role");
    EXPECT_EQ(pointer({{"is_active", "no"}}), "/is_active");
    EXPECT_EQ(pointer({{"agent_skills", wire::json_array(21, "x")}}), "/agent_skills");
    EXPECT_EQ(pointer({{"agent_skills", {"loans", ""}}}), "/agent_skills/1");
    EXPECT_EQ(pointer({{"agent_skills", {std::string(65, 's')}}}), "/agent_skills/0");
    EXPECT_EQ(pointer({{"agent_languages", {1}}}), "/agent_languages/0");
    EXPECT_EQ(pointer({{"agent_languages", {std::string(36, 'l')}}}), "/agent_languages/0");
    EXPECT_EQ(admin("POST", at(id, "/deactivate"), json_object{{"is_active", 1}}).status, 422);
    EXPECT_EQ(admin("GET", at(id)).json, before.json);
}

TEST_F(Users, ANewOneIsJudgedWholeAndHasAnEmailOfTheirOwn) {
    json_object body{{"email", "a@@b"},
                     {"password", "short"},
                     {"name", ""},
                     {"role", "boss"},
                     {"agent_skills", {"", std::string(64, 's')}}};
    auto const refused = admin("POST", "/api/v1/auth/register", body);
    EXPECT_EQ(refused.status, 422);
    std::string pointers;
    for (auto const& one : refused.json.at("errors").as_array())
        pointers += std::string(wire::text_at(one.as_object(), "pointer")) + " ";
    EXPECT_EQ(pointers, "/name /agent_skills/0 /email /password /role ");
    make_user("asha@example.com", "agent");
    body = {{"email", " ASHA@example.com"}, {"password", good_password}, {"name", "Asha"}};
    auto const taken = admin("POST", "/api/v1/auth/register", body);
    EXPECT_EQ(taken.status, 409);
    EXPECT_EQ(taken.text("detail"), "Email already registered");
    EXPECT_EQ(taken.text("code"), "email_taken");
    EXPECT_EQ(admin("GET", "/api/v1/users").json.at("total").as_int64(), 2);
}

TEST_F(Users, ANameHasOneToAHundredAndTwentyBytes) {
    auto const id = make_user("asha@example.com", "agent");
    auto const token = token_of("asha@example.com");
    for (std::string const& good : {std::string("x"), std::string(120, 'x')}) {
        EXPECT_EQ(as(token, "PUT", "/api/v1/auth/me", json_object{{"name", good}}).status, 200);
        EXPECT_EQ(admin("GET", at(id)).text("name"), good);
    }
    for (json_value const& bad :
         {json_value(""), json_value(std::string(121, 'x')), json_value(5), json_value()}) {
        auto const got = as(token, "PUT", "/api/v1/auth/me", json_object{{"name", bad}});
        EXPECT_EQ(got.status, 422);
        EXPECT_EQ(first_pointer(got), "/name");
    }
    EXPECT_EQ(as(token, "GET", "/api/v1/auth/me").text("name"), std::string(120, 'x'));
}

TEST_F(Users, LanguagesFollowTheRole) {
    auto const id = make_user("asha@example.com", "agent",
                              {{"agent_languages", {"Hindi", "ENGLISH", "hi", " ta "}},
                               {"agent_primary_language", "english"}});
    auto const languages = [&](answer const& from) {
        auto const& user = from.json.as_object();
        auto const* list = user.if_contains("agent_languages");
        return (list == nullptr ? "none" : wire::to_text(*list)) + " " +
               std::string(wire::text_at(user, "agent_primary_language"));
    };
    auto const put = [&](json_object body) { return languages(admin("PUT", at(id), body)); };
    EXPECT_EQ(languages(admin("GET", at(id))), R"(["hi","en","ta"] en)");
    EXPECT_EQ(put({{"agent_primary_language", "ta"}}), R"(["hi","en","ta"] ta)");
    EXPECT_EQ(put({{"agent_languages", {"english", "hindi"}}}), R"(["en","hi"] en)")
        << "a primary that is not in the list becomes the first";
    EXPECT_EQ(put({{"agent_primary_language", "fr"}}), R"(["en","hi"] en)");
    EXPECT_EQ(put({{"agent_languages", wire::json_array{}}}), R"(["en"] en)");
    EXPECT_EQ(put({{"role", "supervisor"}, {"agent_languages", {"mr"}}}), R"(["mr"] mr)");
    EXPECT_EQ(put({{"role", "admin"}}), "none ");
    EXPECT_EQ(languages(admin("POST", "/api/v1/auth/register",
                              json_object{{"email", "b@example.com"},
                                          {"password", good_password},
                                          {"name", "B"},
                                          {"role", "admin"},
                                          {"agent_languages", {"hi"}}})),
              "none ");
}

TEST_F(Users, DeactivationTogglesOrIsExplicitAndEndsTokens) {  // 20-9
    auto const id = make_user("asha@example.com", "agent");
    auto const token = token_of("asha@example.com");
    EXPECT_EQ(as(token, "GET", "/api/v1/auth/me").status, 200);
    auto const off = admin("POST", at(id, "/deactivate"));
    ASSERT_EQ(off.status, 200) << off.body;
    EXPECT_EQ(off.json.at("is_active").as_bool(), false);
    auto const refused = as(token, "GET", "/api/v1/auth/me");
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.text("detail"), "User not found or inactive");
    EXPECT_EQ(login("asha@example.com").text("detail"), "Account is inactive");
    auto const explicit_off =
        admin("POST", at(id, "/deactivate"), json_object{{"is_active", false}});
    EXPECT_EQ(explicit_off.json.at("is_active").as_bool(), false);
    EXPECT_EQ(admin("POST", at(id, "/deactivate"), json_object{}).json.at("is_active").as_bool(),
              true);
    EXPECT_EQ(as(token, "GET", "/api/v1/auth/me").status, 401) << "the old token stays dead";
    EXPECT_EQ(login("asha@example.com").status, 200);
    auto const fresh = token_of("asha@example.com");
    EXPECT_EQ(admin("PUT", at(id), json_object{{"is_active", false}}).status, 200);
    EXPECT_EQ(as(fresh, "GET", "/api/v1/auth/me").status, 401);
}

TEST_F(Users, AGivenPasswordReplacesTheOldOne) {
    auto const id = make_user("asha@example.com", "agent");
    auto const token = token_of("asha@example.com");
    auto const done = admin("POST", at(id, "/reset-password"),
                            json_object{{"new_password", "quite-another-one"}});
    ASSERT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(done.json.as_object(), (json_object{{"status", "ok"}}));
    EXPECT_EQ(as(token, "GET", "/api/v1/auth/me").status, 401);
    EXPECT_EQ(login("asha@example.com").status, 401);
    auto const fresh = token_of("asha@example.com", "quite-another-one");
    EXPECT_EQ(as(fresh, "GET", "/api/v1/settings/display").status, 200);
    for (char const* bad : {"short", "asha@example.com", "newpassword1"}) {
        auto const refused =
            admin("POST", at(id, "/reset-password"), json_object{{"new_password", bad}});
        EXPECT_EQ(refused.status, 422) << bad;
        EXPECT_EQ(first_pointer(refused), "/new_password");
    }
    EXPECT_EQ(as(fresh, "GET", "/api/v1/auth/me").status, 200) << "what is refused ends no token";
}

TEST_F(Users, AMadePasswordMustBeChangedBeforeAnythingElse) {
    auto const id = make_user("boss@example.com", "admin");
    auto const done = admin("POST", at(id, "/reset-password"));
    ASSERT_EQ(done.status, 200) << done.body;
    auto const temporary = done.text("temporary_password");
    EXPECT_GE(temporary.size(), 20U);
    EXPECT_EQ(admin("GET", at(id)).body.find(temporary), std::string::npos);
    auto const in = login("boss@example.com", temporary);
    ASSERT_EQ(in.status, 200);
    EXPECT_EQ(in.json.at("user").at("must_change_password").as_bool(), true);
    auto const token = in.text("access_token");
    for (auto const& [method, path] :
         {std::pair("GET", "/api/v1/users"), std::pair("GET", "/api/v1/bots"),
          std::pair("GET", "/api/v1/calls"), std::pair("PUT", "/api/v1/auth/me"),
          std::pair("POST", "/api/v1/auth/logout-all"), std::pair("GET", "/api/v1/audit")}) {
        auto const refused = as(token, method, path);
        EXPECT_EQ(refused.status, 403) << path;
        EXPECT_EQ(refused.text("code"), "password_change_required") << path;
    }
    EXPECT_EQ(as(token, "GET", "/api/v1/auth/me").status, 200);
    auto const changed =
        as(token, "PUT", "/api/v1/auth/me/password",
           json_object{{"current_password", temporary}, {"new_password", "my-own-good-password"}});
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(as(changed.text("access_token"), "GET", "/api/v1/users").status, 200);
}

TEST_F(Users, TheThrottleIsNotLiftedByAReset) {
    auto const id = make_user("asha@example.com", "agent");
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(login("asha@example.com", "wrong-password").status, 401);
    admin("POST", at(id, "/reset-password"), json_object{{"new_password", "quite-another-one"}});
    auto const refused = login("asha@example.com", "quite-another-one");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.text("detail"), "Too many login attempts");
}

TEST_F(Users, DeletedOnesAreGoneAtOnce) {
    auto const id = make_user("asha@example.com", "agent");
    auto const token = token_of("asha@example.com");
    auto const done = admin("DELETE", at(id));
    EXPECT_EQ(done.status, 200);
    EXPECT_EQ(done.body, R"({"status":"deleted"})");
    EXPECT_EQ(as(token, "GET", "/api/v1/auth/me").status, 401);
    EXPECT_EQ(admin("GET", at(id)).status, 404);
    EXPECT_EQ(admin("DELETE", at(id)).status, 404);
    make_user("asha@example.com", "agent");  // the email is free again
}

TEST_F(Users, AgentsAndKeysSeeNobody) {
    make_user("asha@example.com", "supervisor");
    EXPECT_EQ(as(token_of("asha@example.com"), "GET", "/api/v1/users").text("detail"),
              "Insufficient permissions");
    EXPECT_EQ(send("GET", "/api/v1/users").status, 401);
    EXPECT_EQ(send("GET", "/api/v1/users", nullptr, {{"X-API-Key", make_key()}}).status, 401);
}

}  // namespace
}  // namespace cxb::api::test
