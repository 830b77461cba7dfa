// Rate limits and idempotency as the router applies them (spec 20 §3.1, §3.2).
#include "cxb/contract/shared_secret/shared_secret.hpp"
#include "server/common/http/idempotency.hpp"
#include "server/common/http/rate_limiter.hpp"
#include "server/server_common/router_kit.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "support/child_process.hpp"

namespace cxb::server {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

int dials = 0;
handler_result dial(request_context&) {
    ++dials;
    co_return json_response(200, R"({"status":"accepted"})");
}

constexpr route rows[] = {{.method = "GET",
                           .pattern = "/open",
                           .who = access::public_,
                           .handler = &echo,
                           .summary = "open"},
                          {.method = "GET",
                           .pattern = "/free",
                           .who = access::public_,
                           .handler = &echo,
                           .summary = "unlimited",
                           .rate = rate_class::none},
                          {.method = "POST",
                           .pattern = "/dial",
                           .who = access::admin,
                           .handler = &dial,
                           .summary = "dials",
                           .idempotent = true}};

class RouterLimits : public RouterTest {
  protected:
    RouterLimits() {
        limiter = &buckets;
        store::sqlite_options options;
        options.path = (folder / "store.db").string();
        store = store::sqlite_document_store::open(options).value();
        EXPECT_TRUE(test::run(store->ensure(idempotency_keys)));
        keeper = std::make_unique<idempotency_keeper>(*store, time);
        idempotency = keeper.get();
        dials = 0;
    }
    wire::http_response dial_with(std::string key, std::string body = "{}") {
        auto asked = post("/dial", std::move(body));
        if (!key.empty()) asked.headers.add("Idempotency-Key", std::move(key));
        return send(asked);
    }

    test::scratch_dir folder;
    rate_limiter buckets;
    std::unique_ptr<store::sqlite_document_store> store;
    std::unique_ptr<idempotency_keeper> keeper;
};

TEST_F(RouterLimits, PublicRoutesArePerAddress) {
    build(rows);
    for (int i = 0; i < 40; ++i)
        ASSERT_EQ(get("/open").status, 200) << i;
    auto const refused = get("/open");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(wire::text_at(json(refused), "detail"), "Rate limit exceeded");
    EXPECT_EQ(refused.headers.get("Retry-After"), "1");
    EXPECT_EQ(refused.headers.get("RateLimit-Limit"), "40");
    EXPECT_EQ(refused.headers.get("RateLimit-Remaining"), "0");
    EXPECT_EQ(refused.headers.get("RateLimit-Reset"), "4");
    auto other = request("GET", "/open");
    other.remote_address = "203.0.113.10";
    EXPECT_EQ(send(other).status, 200);
    EXPECT_EQ(get("/free").status, 200);
    EXPECT_FALSE(get("/free").headers.has("RateLimit-Limit"));
    time.advance(1s);
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(get("/open").status, 200) << i;
    EXPECT_EQ(get("/open").status, 429);
}

TEST_F(RouterLimits, AnIpv6CustomerIsOneCaller) {
    build(rows);
    for (int i = 0; i < 40; ++i) {
        auto asked = request("GET", "/open");
        asked.remote_address = "2001:db8:1:2::" + std::to_string(i + 1);
        ASSERT_EQ(send(asked).status, 200);
    }
    auto asked = request("GET", "/open");
    asked.remote_address = "2001:db8:1:2:ffff::1";
    EXPECT_EQ(send(asked).status, 429);
    asked.remote_address = "2001:db8:1:3::1";
    EXPECT_EQ(send(asked).status, 200);
}

TEST_F(RouterLimits, UsersAndKeysHaveTheirOwnBuckets) {
    build(rows);
    gate.caller.kind = principal_kind::user;
    gate.caller.id = "u1";
    EXPECT_EQ(get("/open").headers.get("RateLimit-Limit"), "100");
    gate.caller.kind = principal_kind::api_key;
    gate.caller.id = "k1";
    EXPECT_EQ(get("/open").headers.get("RateLimit-Limit"), "20");
    gate.caller.id = "k2";
    gate.caller.rate_limit_per_second = 200;
    EXPECT_EQ(get("/open").headers.get("RateLimit-Limit"), "400");
    gate.caller = {};
    gate.caller.kind = principal_kind::core;
    for (int i = 0; i < 200; ++i)
        ASSERT_EQ(get("/open").status, 200);
    EXPECT_FALSE(get("/open").headers.has("RateLimit-Limit"));
}

// 21-30
TEST_F(RouterLimits, TheSameKeyAndBodyTakeEffectOnce) {
    gate.caller.kind = principal_kind::user;
    gate.caller.id = "u1";
    build(rows);
    auto const first = dial_with("k1");
    EXPECT_EQ(first.status, 200);
    EXPECT_FALSE(first.headers.has("Idempotent-Replayed"));
    auto const second = dial_with("k1");
    EXPECT_EQ(second.status, 200);
    EXPECT_EQ(second.bytes(), first.bytes());
    EXPECT_EQ(second.headers.get("Idempotent-Replayed"), "true");
    EXPECT_EQ(second.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(dials, 1);
    auto const other_body = dial_with("k1", R"({"a":1})");
    EXPECT_EQ(other_body.status, 422);
    EXPECT_EQ(code(other_body), "idempotency_key_reused");
    EXPECT_EQ(dial_with(std::string(256, 'k')).status, 422);
    EXPECT_EQ(dials, 1);
    (void)dial_with("");
    (void)dial_with("");
    EXPECT_EQ(dials, 3);
    gate.caller.id = "u2";
    (void)dial_with("k1");
    EXPECT_EQ(dials, 4);
}

}  // namespace
}  // namespace cxb::server
