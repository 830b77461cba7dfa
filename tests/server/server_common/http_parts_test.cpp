// Small parts of the HTTP layer: entity tags, client origin, trace context, the secret gate.
#include <gtest/gtest.h>

#include "cxb/testing/fake_clock.hpp"
#include "server/common/http/client_origin.hpp"
#include "server/common/http/etag.hpp"
#include "server/common/http/secret_gate.hpp"
#include "server/common/http/trace_context.hpp"
#include "server/common/settings/process_settings.hpp"
#include "store/run_awaitable.hpp"

namespace cxb::server {
namespace {

TEST(Etag, IfMatchGuardsAChange) {
    request_context context;
    EXPECT_EQ(version_etag(7), "\"7\"");
    EXPECT_TRUE(check_if_match(context, "\"7\""));
    for (auto const* fits : {"\"7\"", "*", "\"6\", \"7\""}) {
        context.request.headers.set("If-Match", fits);
        EXPECT_TRUE(check_if_match(context, "\"7\"")) << fits;
    }
    for (auto const* other : {"\"6\"", "W/\"7\"", "7", ""}) {
        context.request.headers.set("If-Match", other);
        EXPECT_EQ(check_if_match(context, "\"7\"").error().code(), errc::precondition_failed);
    }
}

TEST(Etag, IfNoneMatchSavesABody) {
    request_context context;
    EXPECT_FALSE(client_has(context, "\"7\""));
    for (auto const* fits : {"\"7\"", "W/\"7\"", "\"1\",\"7\"", "*"}) {
        context.request.headers.set("If-None-Match", fits);
        EXPECT_TRUE(client_has(context, "\"7\"")) << fits;
    }
    EXPECT_EQ(not_modified("\"7\"").status, 304);
    EXPECT_EQ(not_modified("\"7\"").headers.get("ETag"), "\"7\"");
}

class ClientOrigin : public ::testing::Test {
  protected:
    client_origin resolve(std::string peer, std::vector<std::string> trusted = {}) {
        request.remote_address = std::move(peer);
        return client_origin_rules(trusted, "127.0.0.1:8080").resolve(request);
    }
    wire::http_request request;
};

TEST_F(ClientOrigin, AnUntrustedPeerCannotForgeAnything) {
    request.headers = {{"Host", "api.example.com"},
                       {"X-Forwarded-For", "127.0.0.1"},
                       {"X-Forwarded-Proto", "https"},
                       {"X-Forwarded-Host", "evil.example.com"}};
    auto const seen = resolve("203.0.113.9", {"10.0.0.0/8"});
    EXPECT_EQ(seen.address, "203.0.113.9");
    EXPECT_EQ(seen.origin, "http://api.example.com");
    EXPECT_FALSE(seen.loopback);
}

TEST_F(ClientOrigin, TheChainIsReadFromItsEnd) {
    request.headers = {{"Host", "inner"},
                       {"X-Forwarded-For", "1.1.1.1, 198.51.100.7"},
                       {"X-Forwarded-For", "10.0.0.2"},
                       {"X-Forwarded-Proto", "https"},
                       {"X-Forwarded-Host", "api.example.com"}};
    auto const seen = resolve("10.0.0.1", {"10.0.0.0/8"});
    EXPECT_EQ(seen.address, "198.51.100.7");
    EXPECT_EQ(seen.origin, "https://api.example.com");
    EXPECT_EQ(resolve("10.0.0.1", {"10.0.0.1"}).address, "10.0.0.2");
    request.headers.set("X-Forwarded-For", "[2001:db8::1]:443");
    EXPECT_EQ(resolve("10.0.0.1", {"10.0.0.0/8"}).address, "2001:db8::1");
    request.headers.set("X-Forwarded-For", "garbage");
    EXPECT_EQ(resolve("10.0.0.1", {"10.0.0.0/8"}).address, "10.0.0.1");
}

TEST_F(ClientOrigin, LoopbackOnlyWhenNothingIsForwarded) {
    EXPECT_TRUE(resolve("127.0.0.1").loopback);
    EXPECT_TRUE(resolve("::1").loopback);
    EXPECT_TRUE(resolve("::ffff:127.0.0.1").loopback);
    EXPECT_FALSE(resolve("10.0.0.1").loopback);
    EXPECT_FALSE(resolve("not an address").loopback);
    request.headers = {{"X-Forwarded-For", "127.0.0.1"}};
    EXPECT_FALSE(resolve("127.0.0.1").loopback);
    EXPECT_TRUE(resolve("127.0.0.1", {"127.0.0.1"}).loopback);
    request.headers = {{"X-Forwarded-For", "198.51.100.7"}};
    EXPECT_FALSE(resolve("127.0.0.1", {"127.0.0.1"}).loopback);
    request.headers = {{"Forwarded", "for=198.51.100.7"}};
    EXPECT_FALSE(resolve("127.0.0.1").loopback);
    EXPECT_FALSE(resolve("127.0.0.1", {"127.0.0.1"}).loopback);
    for (auto const* chain : {"unknown", "_hidden", "", "unknown, 127.0.0.1", "1.2.3.4,"}) {
        request.headers = {{"X-Forwarded-For", chain}};
        EXPECT_FALSE(resolve("127.0.0.1", {"127.0.0.1"}).loopback) << chain;
    }
}

TEST_F(ClientOrigin, AHostThatIsNoneFallsBack) {
    for (auto const* host : {"", "a b", "x/..", "a\"onload", "u@h"}) {
        request.headers = {{"Host", host}};
        EXPECT_EQ(resolve("10.0.0.1").origin, "http://127.0.0.1:8080") << host;
    }
    request.tls = true;
    request.headers = {{"Host", "[::1]:8443"}};
    EXPECT_EQ(resolve("10.0.0.1").origin, "https://[::1]:8443");
}

TEST(TraceContext, RefusesWhatIsNoTraceparent) {
    std::string const good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    auto const kept = continue_trace(good);
    EXPECT_EQ(kept.trace_id, "0af7651916cd43dd8448eb211c80319c");
    EXPECT_EQ(kept.parent_id, "b7ad6b7169203331");
    EXPECT_FALSE(kept.sampled);
    EXPECT_EQ(kept.traceparent().substr(52), "-00");
    for (std::string const& bad :
         {std::string{}, good + "-x", "ff" + good.substr(2), good.substr(0, 54),
          std::string("00-00000000000000000000000000000000-b7ad6b7169203331-01"),
          std::string("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"),
          std::string("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")}) {
        auto const fresh = continue_trace(bad);
        EXPECT_NE(fresh.trace_id, "0af7651916cd43dd8448eb211c80319c") << bad;
        EXPECT_EQ(fresh.trace_id.size(), 32U);
        EXPECT_TRUE(fresh.parent_id.empty());
    }
    EXPECT_EQ(continue_trace("01" + good.substr(2) + "-more").trace_id, kept.trace_id);
}

class SecretGate : public ::testing::Test {
  protected:
    bool passes(access who, wire::header_list headers, bool loopback = false) {
        return gate.judge(who, headers, loopback).has_value();
    }
    secret_gate gate{{secret("current-secret"), secret("old-secret")}};
};

// 20-4, 20-5
TEST_F(SecretGate, AnySpellingWithAnyValidSecretPasses) {
    for (auto const* name : {"X-CXBCore-Secret", "X-CXB-Core-Secret", "x-voxcore-secret"}) {
        EXPECT_TRUE(passes(access::core_secret, {{name, "current-secret"}})) << name;
        EXPECT_TRUE(passes(access::core_secret, {{name, "old-secret"}})) << name;
        EXPECT_FALSE(passes(access::core_secret, {{name, ""}})) << name;
        EXPECT_FALSE(passes(access::core_secret, {{name, "wrong"}})) << name;
    }
    auto const refused =
        gate.judge(access::core_secret, {{"Authorization", "Bearer eyJhbGciOi"}}, true);
    EXPECT_EQ(refused.error().code(), errc::forbidden);
    EXPECT_EQ(refused.error().detail(), "Invalid core secret");
    EXPECT_EQ(gate.judge(access::core_secret, {{"X-CXBCore-Secret", "old-secret"}}, false)->kind,
              principal_kind::core);
}

TEST_F(SecretGate, EachKindOfRoute) {
    EXPECT_TRUE(passes(access::public_, {}));
    EXPECT_TRUE(passes(access::signed_link, {}));
    EXPECT_TRUE(passes(access::loopback_or_core, {}, true));
    EXPECT_FALSE(passes(access::loopback_or_core, {}, false));
    EXPECT_TRUE(passes(access::loopback_or_core, {{"X-CXB-Core-Secret", "current-secret"}}));
    for (auto const who : {access::user, access::admin, access::super_admin, access::unset,
                           access::api_key_or_admin, access::supervisor})
        EXPECT_EQ(gate.judge(who, {{"X-CXB-Core-Secret", "current-secret"}}, true).error().code(),
                  errc::unauthenticated);
}

TEST_F(SecretGate, ReloadSwapsTheKeyring) {
    gate.reload({secret("new-secret"), secret("current-secret")});
    EXPECT_TRUE(passes(access::core_secret, {{"X-CXB-Core-Secret", "current-secret"}}));
    EXPECT_FALSE(passes(access::core_secret, {{"X-CXB-Core-Secret", "old-secret"}}));
    gate.reload({});
    EXPECT_FALSE(passes(access::core_secret, {{"X-CXB-Core-Secret", ""}}));
}

// 20-4: the alias alone is enough
TEST(SecretGateSettings, VoxcoreSecretAloneOpensTheCurrentHeader) {
    settings_source source;
    source.environment = {{"VOXCORE_SECRET", "from-the-alias"},
                          {"CXB_CORE_SECRET_PREVIOUS", "older"}};
    source.system_file = "/nonexistent";
    source.working_dir = "/nonexistent";
    auto const checked = load_api_settings(source);
    ASSERT_TRUE(checked.settings.has_value());
    secret_gate const gate(checked.settings->core_secret);
    for (auto const* value : {"from-the-alias", "older"})
        EXPECT_TRUE(
            gate.judge(access::core_secret, {{"X-CXB-Core-Secret", value}}, false).has_value());
}

}  // namespace
}  // namespace cxb::server
