// What a key that is limited to bots sees of another one (spec 20 §2.5), at every route for keys.
#include "server/api/app/route_tables.hpp"
#include "server/api/people_fixture.hpp"

namespace cxb::api::test {
namespace {

using server::route;

struct KeyLimits : people_test {
    void SetUp() override { start(); }
    static std::string name_of(route const& row) {
        return std::string(row.method) + " " + std::string(row.pattern);
    }
    static std::vector<route const*> rows_for_keys() {
        std::vector<route const*> out;
        for (auto const& table : route_tables())
            for (auto const& row : table)
                if (row.who == server::access::api_key_or_admin) out.push_back(&row);
        return out;
    }
};

// What a key that is limited to another bot sees of this one; a row for keys must stand here.
struct bot_limit {
    char const* route;
    char const* path;  // {session}: a call of the bot
    int status;
    char const* says;
};
constexpr bot_limit bot_limits[] = {
    {"POST /api/v1/sip/dialout", "/api/v1/sip/dialout", 403, "API key is not allowed for this bot"},
    {"GET /api/v1/sip/dialouts/{session_id}", "/api/v1/sip/dialouts/{session}", 404,
     "Dialout not found"},
    {"GET /api/v1/calls", "/api/v1/calls", 200, "\"items\":[]"},
    {"GET /api/v1/calls/{id}", "/api/v1/calls/{session}", 404, "Call not found"},
};

TEST_F(KeyLimits, AKeyOfAnotherBotSeesNothingOfThisOne) {
    wire::json_array const every_scope{"dialout", "calls:read", "contacts:write"};
    auto const bot = make_bot();
    auto const other = make_bot({{"name", "Other"}});
    auto const session = config(bot).text("session_id");
    ASSERT_FALSE(session.empty());
    auto const limited = make_key({{"scopes", every_scope}, {"bot_ids", wire::json_array{other}}});
    auto const own = make_key({{"scopes", every_scope}, {"bot_ids", wire::json_array{bot}}});
    for (auto const* row : rows_for_keys()) {
        auto const wanted = std::ranges::find_if(
            bot_limits, [&](bot_limit const& one) { return one.route == name_of(*row); });
        ASSERT_NE(wanted, std::end(bot_limits)) << name_of(*row);
        std::string path = wanted->path;
        if (auto const at = path.find("{session}"); at != std::string::npos)
            path.replace(at, 9, session);
        json_value body;
        if (server::has_body(row->method))
            body = json_object{{"to_number", "+919876543210"}, {"bot_id", bot}};
        auto const got = send(std::string(row->method), path, body, {{"X-API-Key", limited}});
        EXPECT_EQ(got.status, wanted->status) << name_of(*row) << got.body;
        EXPECT_NE(got.body.find(wanted->says), std::string::npos) << got.body;
        auto const mine = send(std::string(row->method), path, body, {{"X-API-Key", own}});
        EXPECT_NE(mine.status, 403) << mine.body;
        EXPECT_EQ(mine.body.find("\"items\":[]"), std::string::npos) << mine.body;
    }
}

}  // namespace
}  // namespace cxb::api::test
