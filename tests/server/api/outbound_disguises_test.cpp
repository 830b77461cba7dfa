// Wherever people type a URL, in whatever disguise (spec 20 §3.4): what is refused when it is
// saved, in production and elsewhere. What names lead to is asked in outbound_names_test.cpp.
#include "server/api/people_fixture.hpp"
#include "support/required.hpp"

namespace cxb::api::test {
namespace {

using namespace std::string_literals;

// The guard's reason in each place, "" where it may be saved. Worker hosts and storage are
// operators' data with rules of their own.
struct disguise {
    std::string url;
    char const* production;
    char const* development;
    char const* fleet;
};

disguise everywhere(std::string url, char const* reason) {
    return {std::move(url), reason, reason, reason};
}
disguise inside(char const* host) {
    return {"https://"s + host, "address", "address", ""};
}
disguise loopback(char const* host) {
    return {"https://"s + host, "address", "", ""};
}

std::vector<disguise> addresses() {
    std::vector<disguise> out;
    for (char const* host : {"0.0.0.0",
                             "0.1.2.3",
                             "10.0.0.1",
                             "10.255.255.255",
                             "100.64.0.1",
                             "100.127.255.254",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.0.0.192",
                             "192.0.2.7",
                             "192.168.0.1",
                             "198.18.0.1",
                             "198.19.255.255",
                             "198.51.100.1",
                             "203.0.113.1",
                             "224.0.0.1",
                             "240.0.0.1",
                             "255.255.255.255",
                             "[::]",
                             "[fc00::1]",
                             "[fd00::1]",
                             "[ff02::1]",
                             "[2001:db8::1]",
                             "[::ffff:10.0.0.1]",
                             "[::ffff:a00:1]",
                             "[0:0:0:0:0:FFFF:C0A8:1]",
                             "[64:ff9b::10.0.0.1]",
                             "[64:ff9b::a00:1]",
                             "[2002:a00:1::]",
                             "[2002:C0A8:0001::1]"})
        out.push_back(inside(host));
    for (char const* host :
         {"127.0.0.1", "127.255.255.254", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]",
          "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"})
        out.push_back(loopback(host));
    // Where clouds keep the credentials of their machines: not even operators may.
    for (char const* host :
         {"169.254.169.254", "169.254.0.1", "[fe80::1]", "[febf::1]", "[::ffff:169.254.169.254]",
          "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b::169.254.169.254]",
          "[2002:a9fe:a9fe::1]"})
        out.push_back(everywhere("https://"s + host, "address"));
    return out;
}

std::vector<disguise> spellings() {
    std::vector<disguise> out;
    for (char const* host :
         {"2130706433", "0x7f000001", "017700000001", "0177.0.0.1", "127.1", "127.0.1", "0x7f.1",
          "0x7f.0.0.1", "127.0.0.01", "169.254.43518", "0xA9FEA9FE", "2852039166", "0",
          "127.0.0.1.", "10.0.0.1.", "1.2.3.4.5", "256.1.1.1", "1e1.0.0.1", "127.0.0.0x1",
          "[fe80::1%25eth0]", "[fe80::1%eth0]", "[::1%25lo]", "[::1", "::1", "[127.0.0.1]", "[]",
          "[::ffff:127.0.0.1", "[::1]x", "[::1].example", ".example", "a..example", "crm example",
          "crm.example\t", "crm.example\r\nHost: x",
          "\x01"
          "crm.example",
          "crm\\.example", "169.254.169.254\\.crm.example", "crm.example%00", "crm.example%2f",
          "crm.example%40x", "%31%32%37.0.0.1", "127%2e0%2e0%2e1",
          // IDNA: ideographic and full-width dots and digits, circled digits
          "169\xe3\x80\x82"
          "254\xe3\x80\x82"
          "169\xe3\x80\x82"
          "254",
          "127\xef\xbc\x8e"
          "0\xef\xbc\x8e"
          "0\xef\xbc\x8e"
          "1",
          "127\xef\xbd\xa1"
          "0\xef\xbd\xa1"
          "0\xef\xbd\xa1"
          "1",
          "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1",
          "\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1",
          "crm\xef\xbc\x8e"
          "example",
          "b\xc3\xbc"
          "cher.example"})
        out.push_back(everywhere("https://"s + host, "host"));
    out.push_back(everywhere("https://crm.ex\0ample"s, "host"));
    out.push_back({"https://", "host", "host", "scheme"});  // base URLs lose their slashes first
    return out;
}

std::vector<disguise> odd_parts() {
    std::vector<disguise> out;
    for (char const* url :
         {"https://good.example@169.254.169.254", "https://u:p@crm.example", "https://@crm.example",
          "https://crm.example@", "https://good.example\\@169.254.169.254",
          "https://a@b@crm.example", "https://127.0.0.1:80@crm.example"})
        out.push_back(everywhere(url, "userinfo"));
    // Where the host ends, whoever reads it.
    for (char const* url :
         {"https://169.254.169.254#@crm.example", "https://169.254.169.254?@crm.io",
          "https://169.254.169.254/@crm.example"})
        out.push_back(everywhere(url, "address"));
    for (char const* port :
         {"0", "65536", "99999999999", "-1", "+443", "443 ", "0x50", "x", "", "80:80"})
        out.push_back(everywhere("https://crm.example:"s + port, "port"));
    for (char const* port : {"1", "22", "25", "79", "81", "444", "1023"})
        out.push_back({"https://crm.example:"s + port, "port", "port", ""});
    for (char const* url :
         {"file:///etc/passwd", "gopher://crm.example", "ftp://crm.example", "dict://crm.example",
          "ldap://crm.example", "ws://crm.example", "unix:/run/x.sock:/", "javascript:alert(1)",
          "data:text/plain,x", "jar:https://crm.example!/", "//crm.example", " https://crm.example",
          "\thttps://crm.example", "https:/crm.example", "https:crm.example", "https//crm.example",
          "hxxps://crm.example", "crm.example/?x=https://crm.example"})
        out.push_back(everywhere(url, "scheme"));
    out.push_back({"http://crm.example", "scheme", "", ""});
    out.push_back({"hTTp://crm.example", "scheme", "", ""});
    return out;
}

std::vector<disguise> harmless() {
    std::vector<disguise> out;
    for (char const* url :
         {"https://crm.example", "HTTPS://CRM.Example.", "https://crm.example:8443",
          "https://xn--bcher-kva.example", "https://93.184.216.34", "https://[2606:4700::1111]",
          "https://localhost", "https://[::ffff:93.184.216.34]"})
        out.push_back(everywhere(url, ""));
    return out;
}

struct OutboundDisguises : people_test, ::testing::WithParamInterface<bool> {
    void SetUp() override {
        if (GetParam()) {
            settings.env = server::installation::production;
            settings.jwt.current = secret("a-jwt-secret-of-more-than-32-bytes!!");
        }
        start();
    }
    static std::vector<disguise> all() {
        std::vector<disguise> out;
        for (auto const& part : {addresses(), spellings(), odd_parts(), harmless()})
            out.insert(out.end(), part.begin(), part.end());
        return out;
    }
    static std::string wanted_of(disguise const& one) {
        return GetParam() ? one.production : one.development;
    }
    // Pointer -> reason.
    static std::map<std::string, std::string> told(answer const& got) {
        std::map<std::string, std::string> out;
        if (got.status != 422 || !got.json.is_object()) return out;
        for (auto const& each : got.json.at("errors").as_array())
            out.emplace(each.at("pointer").as_string(), each.at("reason").as_string());
        return out;
    }
    static void expect_told(answer const& got, std::string const& pointer,
                            std::string const& reason) {
        auto const faults = told(got);
        auto const found = faults.find(pointer);
        if (reason.empty()) {
            EXPECT_EQ(found, faults.end()) << pointer << got.body;
            return;
        }
        EXPECT_EQ(got.status, 422) << pointer << got.body;
        ASSERT_NE(found, faults.end()) << pointer << got.body;
        // Members that hold nothing but URLs are read as such before the guard judges them.
        bool const no_url =
            std::ranges::find(syntax_faults, found->second) != std::end(syntax_faults);
        if (!no_url || reason == guard_says("address")) EXPECT_EQ(found->second, reason) << pointer;
    }
    static constexpr std::string_view syntax_faults[] = {
        "must be an absolute http or https URL without user info",
        "must be an absolute http or https URL", "must not hold user info",
        "is no http or https URL"};
    static std::string guard_says(std::string const& reason) {
        return reason.empty() ? "" : "refused by the outbound guard: " + reason;
    }
    // What is missing: "" where the API describes it.
    std::string unless_described(std::string const& what) {
        bool const there = send("GET", "/openapi.json").body.find(what) != std::string::npos;
        return there ? "" : "the API has no " + what;
    }
    std::int64_t total(std::string const& path) {
        return admin("GET", path).json.at("total").to_number<std::int64_t>();
    }
};

json_object provider_with(std::string const& url) {
    json_object one{{"provider", "openai"}, {"model", "m"}, {"base_url", url}};
    json_object out = one;
    out["fallback"] = std::move(one);
    return out;
}

// Every member of a bot that holds a URL which somebody will ask.
constexpr char const* bot_pointers[] = {
    "/pre_call_fetch/url",     "/post_call_push/url",
    "/stt/base_url",           "/stt/fallback/base_url",
    "/llm/base_url",           "/llm/fallback/base_url",
    "/tts/base_url",           "/tts/fallback/base_url",
    "/post_call_llm/base_url", "/post_call_llm/fallback/base_url",
    "/tools/0/http/url"};

json_object bot_with(std::string const& url) {
    json_object const tool{{"type", "function"},
                           {"kind", "http"},
                           {"function", {{"name", "look_up"}}},
                           {"http", {{"url", url}}}};
    return {{"name", "x"},
            {"pre_call_fetch", {{"url", url}}},
            {"post_call_push", {{"url", url}}},
            {"stt", provider_with(url)},
            {"llm", provider_with(url)},
            {"tts", provider_with(url)},
            {"post_call_llm", provider_with(url)},
            {"tools", wire::json_array{tool}}};
}

TEST_P(OutboundDisguises, Bots) {
    std::int64_t saved = 0;
    for (auto const& one : all()) {
        SCOPED_TRACE(::testing::PrintToString(one.url));
        auto body = bot_with(one.url);
        // Tools, which workers ask, take schemes in small letters only.
        if (one.url.starts_with("HTTPS") || one.url.starts_with("hTTp")) body.erase("tools");
        auto const got = admin("POST", "/api/v1/bots", body);
        for (char const* pointer : bot_pointers)
            expect_told(got, pointer, guard_says(wanted_of(one)));
        EXPECT_EQ(got.status, wanted_of(one).empty() ? 201 : 422) << got.body;
        if (got.status == 201) ++saved;
    }
    EXPECT_EQ(total("/api/v1/bots"), saved);
    // A change is judged as a new one is, and leaves what was there.
    auto const id = make_bot();
    auto const before = admin("GET", "/api/v1/bots/" + id).body;
    for (auto const& one : all()) {
        if (wanted_of(one).empty()) continue;
        auto const got = admin("PUT", "/api/v1/bots/" + id, bot_with(one.url));
        expect_told(got, "/pre_call_fetch/url", guard_says(wanted_of(one)));
    }
    EXPECT_EQ(admin("GET", "/api/v1/bots/" + id).body, before);
}

TEST_P(OutboundDisguises, TokenServers) {
    CXB_SKIP_IF_MISSING(unless_described("\"token_url\""));
    for (auto const& one : all()) {
        SCOPED_TRACE(::testing::PrintToString(one.url));
        json_object const auth{{"type", "oauth2_client_credentials"},
                               {"token_url", one.url},
                               {"client_id", "c"},
                               {"client_secret", "s"}};
        auto const got = admin(
            "POST", "/api/v1/bots",
            json_object{{"name", "x"},
                        {"post_call_push", {{"url", "https://crm.example"}, {"auth", auth}}}});
        expect_told(got, "/post_call_push/auth/token_url", guard_says(wanted_of(one)));
        EXPECT_EQ(got.status, wanted_of(one).empty() ? 201 : 422) << got.body;
    }
}

TEST_P(OutboundDisguises, Exotel) {
    CXB_SKIP_IF_MISSING(unless_described("/api/v1/integrations/exotel\""));
    for (auto const& one : all()) {
        SCOPED_TRACE(::testing::PrintToString(one.url));
        auto const got = admin("PUT", "/api/v1/integrations/exotel",
                               json_object{{"account_sid", "a"}, {"api_base_url", one.url}});
        expect_told(got, "/api_base_url", guard_says(wanted_of(one)));
        EXPECT_EQ(got.status, wanted_of(one).empty() ? 200 : 422) << got.body;
    }
}

TEST_P(OutboundDisguises, WebhookEndpoints) {
    std::int64_t saved = 0;
    std::string id;
    std::string const at = "/api/v1/webhook-endpoints";
    for (auto const& one : all()) {
        SCOPED_TRACE(::testing::PrintToString(one.url));
        json_object const body{{"url", one.url}, {"types", wire::json_array{"*"}}};
        auto const got = admin("POST", at, body);
        expect_told(got, "/url", guard_says(wanted_of(one)));
        EXPECT_EQ(got.status, wanted_of(one).empty() ? 201 : 422) << got.body;
        if (got.status == 201) {
            id = got.text("id");
            if (++saved > 8) admin("DELETE", at + "/" + id), --saved;
        }
    }
    EXPECT_EQ(total(at), saved);
    auto const kept = admin("GET", at).json.at("items").at(0).as_object();
    std::string const path = at + "/" + std::string(wire::text_at(kept, "id"));
    for (auto const& one : all())
        if (!wanted_of(one).empty())
            expect_told(admin("PATCH", path, json_object{{"url", one.url}}), "/url",
                        guard_says(wanted_of(one)));
    EXPECT_EQ(admin("GET", path).text("url"), wire::text_at(kept, "url"));
}

TEST_P(OutboundDisguises, Providers) {
    for (auto const& one : all()) {
        SCOPED_TRACE(::testing::PrintToString(one.url));
        json_object const entry{{"kind", "openai_compatible"}, {"base_url", one.url}};
        auto const got = admin("PUT", "/api/v1/settings/providers", json_object{{"mine", entry}});
        expect_told(got, "/mine/base_url", guard_says(wanted_of(one)));
        EXPECT_EQ(got.status, wanted_of(one).empty() ? 200 : 422) << got.body;
    }
}

TEST_P(OutboundDisguises, WorkerHosts) {
    for (auto const& one : all()) {
        SCOPED_TRACE(::testing::PrintToString(one.url));
        std::string const reason = one.fleet;
        auto const got = admin("PUT", "/api/v1/settings/fleet",
                               json_object{{"cxbcore_fleet", wire::json_array{one.url}}});
        expect_told(got, "/cxbcore_fleet/0",
                    reason.empty() ? "" : "must be an http or https base URL (" + reason + ")");
        EXPECT_EQ(got.status, reason.empty() ? 200 : 422) << got.body;
    }
}

TEST_P(OutboundDisguises, Storage) {
    for (auto const& one : all()) {
        SCOPED_TRACE(::testing::PrintToString(one.url));
        for (std::string const member : {"endpoint", "public_endpoint"}) {
            auto const got = admin("PUT", "/api/v1/settings/minio", json_object{{member, one.url}});
            bool const refused = one.fleet[0] != '\0';
            expect_told(got, "/" + member,
                        refused ? "must be [http(s)://]host[:port], not link-local, or empty" : "");
            EXPECT_EQ(got.status, refused ? 422 : 200) << got.body;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Installations, OutboundDisguises, ::testing::Bool(), [](auto const& info) {
    return info.param ? "production" : "development";
});

}  // namespace
}  // namespace cxb::api::test
