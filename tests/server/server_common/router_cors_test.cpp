// Cross-origin rules as the router applies them.
#include "server/server_common/router_kit.hpp"

namespace cxb::server {
namespace {

using ::testing::HasSubstr;

constexpr route rows[] = {
    {.method = "GET",
     .pattern = "/bots/{id}",
     .who = access::admin,
     .handler = &echo,
     .summary = "read"},
    {.method = "PUT",
     .pattern = "/bots/{id}",
     .who = access::admin,
     .handler = &echo,
     .summary = "write"},
    {.method = "POST",
     .pattern = "/widget",
     .who = access::public_,
     .handler = &echo,
     .summary = "widget",
     .any_origin = true},
};

class RouterCors : public RouterTest {};

TEST_F(RouterCors, CorsFollowsTheSettings) {
    build(rows, {.cors_origins = {"https://console.example.com"}});
    auto asked = request("OPTIONS", "/bots/1");
    asked.headers.add("Origin", "https://console.example.com");
    asked.headers.add("Access-Control-Request-Method", "PUT");
    auto answer = send(asked);
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.headers.get("Access-Control-Allow-Origin"), "https://console.example.com");
    EXPECT_EQ(answer.headers.get("Access-Control-Allow-Methods"), "GET, HEAD, PUT, OPTIONS");
    EXPECT_THAT(std::string(answer.headers.get("Access-Control-Allow-Headers")),
                HasSubstr("Authorization"));
    asked.headers.set("Origin", "https://evil.example.com");
    answer = send(asked);
    EXPECT_FALSE(answer.headers.has("Access-Control-Allow-Origin"));
    EXPECT_FALSE(answer.headers.has("Access-Control-Allow-Methods"));
    auto plain_get = request("GET", "/bots/1");
    plain_get.headers.add("Origin", "https://console.example.com");
    answer = send(plain_get);
    EXPECT_EQ(answer.headers.get("Access-Control-Allow-Origin"), "https://console.example.com");
    EXPECT_EQ(answer.headers.get("Vary"), "Origin");
    EXPECT_TRUE(gate.asked.size() == 1);  // pre-flights need no access
}

TEST_F(RouterCors, SomeRowsAreOpenToAnyOrigin) {
    build(rows);
    auto asked = request("OPTIONS", "/widget");
    asked.headers.add("Origin", "https://shop.example.com");
    asked.headers.add("Access-Control-Request-Method", "POST");
    EXPECT_EQ(send(asked).headers.get("Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(send(post("/widget", "{}")).headers.get("Access-Control-Allow-Origin"), "*");
    // A page reads refusals too, whatever it asked for.
    auto const wrong_method = send(request("GET", "/widget"));
    EXPECT_EQ(wrong_method.status, 405);
    EXPECT_EQ(wrong_method.headers.get("Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(send(request("OPTIONS", "/widget")).headers.get("Access-Control-Allow-Origin"), "*");
    EXPECT_FALSE(send(request("POST", "/bots/1")).headers.has("Access-Control-Allow-Origin"));
    auto other = request("OPTIONS", "/bots/1");
    other.headers.add("Origin", "https://shop.example.com");
    auto const answer = send(other);
    EXPECT_EQ(answer.headers.get("Allow"), "GET, HEAD, PUT, OPTIONS");
    EXPECT_FALSE(answer.headers.has("Access-Control-Allow-Origin"));
    EXPECT_EQ(send(request("OPTIONS", "/nothing")).status, 404);
}

}  // namespace
}  // namespace cxb::server
