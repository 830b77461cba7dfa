// /api-keys over HTTP (spec 20 §2.5): what is refused, and when a use is noted.
#include "server/api/people_fixture.hpp"

namespace cxb::api::test {
namespace {

constexpr char const* keys = "/api/v1/api-keys";

struct ApiKeys : people_test {
    void SetUp() override { start(); }
    static std::string pointers(answer const& got) {
        EXPECT_EQ(got.status, 422) << got.body;
        std::string out;
        for (auto const& one : got.json.at("errors").as_array())
            out += std::string(wire::text_at(one.as_object(), "pointer")) + " ";
        return out;
    }
};

TEST_F(ApiKeys, FaultsAreToldTogetherAndChangeNothing) {
    json_object const bad{{"name", ""},
                          {"expires_at", "soon"},
                          {"scopes", {"dialout", "calls:write"}},
                          {"bot_ids", {"", std::string(65, 'b')}},
                          {"rate_limit_per_second", 0}};
    std::string const all =
        "/name /bot_ids/0 /bot_ids/1 /rate_limit_per_second /scopes/1 /expires_at ";
    EXPECT_EQ(pointers(admin("POST", keys, bad)), all);
    EXPECT_EQ(admin("GET", keys).json.at("total").as_int64(), 0);
    auto const made = admin("POST", keys, json_object{{"name", "crm"}});
    ASSERT_EQ(made.status, 201) << made.body;
    auto const one = keys + ("/" + made.text("id"));
    EXPECT_EQ(pointers(admin("PATCH", one, bad)), all);
    for (char const* text : {"", "2030-02-30T00:00:00Z", "2030-01-01"})
        EXPECT_EQ(pointers(admin("PATCH", one, json_object{{"expires_at", text}})), "/expires_at ");
    EXPECT_EQ(wire::text_at(admin("GET", keys).json.at("items").at(0).as_object(), "updated_at"),
              made.text("updated_at"));
}

TEST_F(ApiKeys, LimitsAreAsTheChapterSays) {
    for (auto const& [member, good, bad] :
         {std::tuple<char const*, json_value, json_value>("rate_limit_per_second", 1, 0),
          {"rate_limit_per_second", 200, 201},
          {"name", std::string(120, 'n').c_str(), std::string(121, 'n').c_str()}}) {
        json_object body{{"name", "crm"}};
        body[member] = good;
        EXPECT_EQ(admin("POST", keys, body).status, 201) << body;
        body[member] = bad;
        EXPECT_EQ(pointers(admin("POST", keys, body)), "/" + std::string(member) + " ");
    }
}

TEST_F(ApiKeys, AMistypedFilterIsNoList) {
    EXPECT_EQ(pointers(admin("GET", std::string(keys) + "?nam=crm&limit=0")), "/limit /nam ");
}

TEST_F(ApiKeys, AKeyWinsOverABearerToken) {
    std::string const dial_only = make_key();
    for (auto const& [key, told] :
         {std::pair<std::string, std::string>("vx_nothing", "Invalid API key"),
          {std::string(129, 'v'), "Invalid API key"},
          {dial_only, "API key lacks scope calls:read"}}) {
        auto const got = send("GET", "/api/v1/calls", nullptr,
                              {{"X-API-Key", key}, {"Authorization", "Bearer " + token()}});
        EXPECT_EQ(got.text("detail"), told);
    }
    // Where keys are not asked for, they are not looked at.
    EXPECT_EQ(send("GET", "/api/v1/bots", nullptr,
                   {{"X-API-Key", "vx_nothing"}, {"Authorization", "Bearer " + token()}})
                  .status,
              200);
}

TEST_F(ApiKeys, AUseIsNotedOnceAMinute) {
    auto const made = admin("POST", keys, json_object{{"name", "crm"}, {"scopes", {"calls:read"}}});
    // From the store: polled requests would end at the rate limit of a clock that stands.
    auto const last_use = [&] {
        auto text = sql("select json_extract(doc,'$.last_used_at') from api_keys");
        if (text.ends_with('\n')) text.pop_back();
        return text;
    };
    auto const use = [&] {
        EXPECT_EQ(api_test::send("GET", "/api/v1/calls", nullptr, {{"X-API-Key", made.text("key")}})
                      .status,
                  200);
        return format_timestamp(clock.now());
    };
    EXPECT_EQ(last_use(), "");
    auto const first = use();
    EXPECT_TRUE(eventually([&] { return last_use() == first; })) << last_use();
    clock.advance(std::chrono::seconds{59});
    use();
    // Had the use before been noted, this one would come too soon.
    clock.advance(std::chrono::seconds{1});
    auto const next = use();
    EXPECT_TRUE(eventually([&] { return last_use() == next; })) << last_use();
}

}  // namespace
}  // namespace cxb::api::test
