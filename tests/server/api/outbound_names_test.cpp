// Names that are fine when they are saved and lead inside when they are used (spec 20 §3.4), from
// every place that asks a URL which somebody typed. A peer on loopback sees whether anything came.
#include "cxb/testing/fake_clock.hpp"
#include "server/api/api_fixture.hpp"
#include "server/api/fake_names.hpp"

namespace cxb::api::test {
namespace {

// The last entry of a call's integration log.
json_object logged(answer const& call) {
    auto const& list = call.json.at("integration_log").as_array();
    EXPECT_FALSE(list.empty()) << call.body;
    return list.empty() ? json_object{} : list.back().as_object();
}

wire::http_response fine(wire::http_request const&, int) {
    return json_reply(200, R"({"b":3,"status":"ok"})");
}

// Each member asks `base` once and tells the word for how that went, "" for well.
struct outbound_places : api_test {
    testing::fake_clock clock{std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};
    std::shared_ptr<fake_names> names = std::make_shared<fake_names>();
    std::size_t push_attempts = 0;  // of pushes that were given up

    outbound_places() { surroundings.time = &clock; }
    // Time passes with each request, since rate limits are not the subject.
    answer admin(std::string method, std::string path, json_value const& body = nullptr) {
        clock.advance(milliseconds{25});
        return api_test::admin(std::move(method), std::move(path), body);
    }
    void start_in(server::installation where) {
        settings.env = where;
        settings.jwt.current = secret("a-jwt-secret-of-more-than-32-bytes!!");
        surroundings.names = names;
        start();
    }
    // Providers must be named in production.
    std::string bot(json_object extra) {
        extra["stt"] = json_object{{"provider", "deepgram"}, {"model", "nova-3"}};
        extra["llm"] = json_object{{"provider", "openai"}, {"model", "gpt-4.1-mini"}};
        extra["tts"] =
            json_object{{"provider", "elevenlabs"}, {"model", "flash"}, {"voice", "anna"}};
        clock.advance(milliseconds{25});
        return make_bot(std::move(extra));
    }
    answer config_with_base(std::string const& id, std::string const& base) {
        return core("POST", "/api/v1/config/" + id,
                    json_object{{"connected_event", {{"base", base}}}});
    }
    answer call_of(answer const& config) {
        return admin("GET", "/api/v1/calls/" + config.text("session_id"));
    }
    static std::string word_of(json_object const& entry) {
        auto const word = std::string(wire::text_at(entry, "error"));
        EXPECT_EQ(wire::bool_at(entry, "ok", word.empty()), word.empty());
        return word;
    }

    std::string prefetch(std::string const& base) {
        std::string const id =
            bot({{"pre_call_fetch",
                  {{"url", base + "/customer"}, {"defaults", {{"FIRSTNAME", "friend"}}}}}});
        auto const got = config(id);
        EXPECT_EQ(got.status, 200) << base << got.body;
        return word_of(logged(call_of(got)));
    }
    // A template hides the target until it is used.
    std::string prefetch_by_template(std::string const& base) {
        std::string const id =
            bot({{"pre_call_fetch",
                  {{"url", "{{call.base}}/customer"}, {"defaults", {{"FIRSTNAME", "friend"}}}}}});
        auto const got = config_with_base(id, base);
        EXPECT_EQ(got.status, 200) << base << got.body;
        auto const word = word_of(logged(call_of(got)));
        EXPECT_EQ(got.text("opening_message") == "Namaste friend ji", !word.empty()) << base;
        return word;
    }
    std::string push_of(std::string const& session) {
        EXPECT_EQ(post_result({{"session_id", session}, {"disconnected_by", "customer"}}).status,
                  200);
        auto const call = [&] { return admin("GET", "/api/v1/calls/" + session); };
        std::string state;
        EXPECT_TRUE(eventually([&] {
            state = call().text("push_state");
            return state == "dead" || state == "delivered";
        }));
        auto const pushes = admin("GET", "/api/v1/calls/" + session + "/pushes");
        if (state == "delivered") return {};
        push_attempts += pushes.json.at(0).at("attempts").to_number<int>();
        EXPECT_EQ(pushes.json.at(0).at("last_error"), json_value(word_of(logged(call()))));
        return std::string(pushes.json.at(0).at("last_error").as_string());
    }
    std::string push(std::string const& base) {
        return push_of(
            config(bot({{"post_call_push", {{"url", base + "/calls"}}}})).text("session_id"));
    }
    std::string push_by_template(std::string const& base) {
        auto const id = bot({{"post_call_push", {{"url", "{{crm.base}}/calls"}}}});
        return push_of(config_with_base(id, base).text("session_id"));
    }
    std::string webhook(std::string const& base) {
        std::string const at = "/api/v1/webhook-endpoints";
        auto const made = admin(
            "POST", at, json_object{{"url", base + "/hook"}, {"types", wire::json_array{"*"}}});
        EXPECT_EQ(made.status, 201) << made.body;
        auto const got = admin("POST", at + "/" + made.text("id") + "/test");
        EXPECT_EQ(got.status, 200) << got.body;
        return got.text("error");
    }
    std::string provider(std::string const& base) {
        auto const put = [&](char const* block, json_object body) {
            auto const got = admin("PUT", std::string("/api/v1/settings/") + block, body);
            EXPECT_EQ(got.status, 200) << got.body;
        };
        put("providers", {{"mine", {{"kind", "openai_compatible"}, {"base_url", base + "/v1"}}}});
        put("api-keys", {{"mine", "sk-right"}});
        auto const got = admin("POST", "/api/v1/settings/api-keys/mine/test");
        EXPECT_EQ(got.status, 200) << got.body;
        EXPECT_EQ(got.json.at("ok").as_bool(), got.text("error").empty()) << got.body;
        auto const word = got.text("error");
        return word == "outbound_blocked: address" ? "blocked" : word;
    }
    std::string fleet(std::string const& base) {
        auto const saved = admin("PUT", "/api/v1/settings/fleet",
                                 json_object{{"cxbcore_fleet", wire::json_array{base}}});
        EXPECT_EQ(saved.status, 200) << saved.body;
        auto const got = admin("GET", "/api/v1/fleet/status");
        EXPECT_EQ(got.status, 200) << got.body;
        return std::string(
            wire::text_at(got.json.at("workers").as_array().at(0).as_object(), "reason"));
    }
    answer storage(std::string const& base) {
        auto const saved =
            admin("PUT", "/api/v1/settings/minio",
                  json_object{{"endpoint", base}, {"access_key", "a"}, {"secret_key", "b"}});
        EXPECT_EQ(saved.status, 200) << saved.body;
        return admin("POST", "/api/v1/settings/minio/test");
    }

    using place = std::string (outbound_places::*)(std::string const&);
    static constexpr std::pair<char const*, place> typed_places[] = {
        {"pre_call_fetch", &outbound_places::prefetch},
        {"pre_call_fetch, template", &outbound_places::prefetch_by_template},
        {"post_call_push", &outbound_places::push},
        {"post_call_push, template", &outbound_places::push_by_template},
        {"webhook endpoint", &outbound_places::webhook},
        {"provider", &outbound_places::provider}};
};

std::string port_of(peer const& one) {
    return one.url().substr(one.url().rfind(':'));
}

// What a name may say; the last member: does it only lead to this machine?
struct inside_name {
    char const* host;
    std::vector<std::string> addresses;
    bool loopback = false;
};
std::vector<inside_name> inside_names() {
    return {{"private.example", {"10.0.0.1"}},
            {"shared.example", {"100.64.0.1"}},
            {"zero.example", {"0.0.0.0"}},
            {"meta.example", {"169.254.169.254"}},
            {"unique.example", {"fd00::1"}},
            {"link.example", {"fe80::1"}},
            {"nat64.example", {"64:ff9b::10.0.0.1"}},
            {"sixtofour.example", {"2002:a00:1::1"}},
            {"mapped-ten.example", {"::ffff:10.0.0.1"}},
            {"mixed.example", {"93.184.216.34", "127.0.0.1", "10.0.0.1"}},
            {"localhost", {"127.0.0.1"}, true},
            {"six.example", {"::1"}, true},
            {"mapped.example", {"::ffff:127.0.0.1"}, true},
            {"nat64-local.example", {"64:ff9b::127.0.0.1"}, true}};
}

struct OutboundNames : outbound_places {
    peer inside{&fine};
    void SetUp() override {
        for (auto const& one : inside_names())
            names->known[one.host] = one.addresses;
    }
};

TEST_F(OutboundNames, InProductionNothingReachesTheInside) {  // 20-32, 21-18
    start_in(server::installation::production);
    for (auto const& [name, ask] : typed_places)
        for (auto const& one : inside_names())
            EXPECT_EQ((this->*ask)("https://" + std::string(one.host) + port_of(inside)), "blocked")
                << name << ' ' << one.host;
    EXPECT_EQ(inside.connections(), 0U);
    EXPECT_EQ(push_attempts, 2 * inside_names().size());  // what is blocked is not tried again
}

TEST_F(OutboundNames, TemplatesHideNothing) {  // 20-32, 21-18
    start_in(server::installation::production);
    auto const port = port_of(inside);
    for (auto const place :
         {&outbound_places::prefetch_by_template, &outbound_places::push_by_template})
        for (auto const& base :
             {"https://169.254.169.254" + std::string(), "https://127.0.0.1" + port,
              "https://[::ffff:127.0.0.1]" + port, "http://127.0.0.1" + port,
              "https://LocalHost." + port, "https://good@127.0.0.1" + port, "https://127.1" + port,
              "https://2130706433" + port, std::string("https://crm.example:22"), "file://" + port,
              std::string("gopher://crm.example")})
            EXPECT_EQ((this->*place)(base), "blocked") << base;
    EXPECT_EQ(inside.connections(), 0U);
}

TEST_F(OutboundNames, ABlockedPrefetchRejectsWhereTheBotSaysSo) {  // 20-32, 20-31
    start_in(server::installation::production);
    std::string const id =
        bot({{"pre_call_fetch", {{"url", "{{call.base}}/customer"}, {"on_failure", "reject"}}}});
    auto const got = config_with_base(id, "https://private.example");
    EXPECT_EQ(got.status, 503);
    EXPECT_EQ(got.text("detail"), "crm_prefetch_failed: blocked");
    EXPECT_EQ(admin("GET", "/api/v1/calls").json.at("total").to_number<int>(), 0);
}

TEST_F(OutboundNames, ElsewhereOnlyLoopbackDiffers) {
    start_in(server::installation::development);
    for (auto const& [name, ask] : typed_places)
        for (auto const& one : inside_names())
            if (!one.loopback)
                EXPECT_EQ((this->*ask)("https://" + std::string(one.host) + port_of(inside)),
                          "blocked")
                    << name << ' ' << one.host;
    EXPECT_EQ(inside.connections(), 0U);
    for (auto const& [name, ask] : typed_places) {
        auto const before = inside.connections();
        EXPECT_EQ((this->*ask)("http://LocalHost." + port_of(inside)), "") << name;
        EXPECT_GT(inside.count(), 0U) << name;
        EXPECT_GE(inside.connections(), before);
    }
    EXPECT_GT(inside.connections(), 0U);
}

TEST_F(OutboundNames, WorkerHostsAndStorageMayBeInsideButNotWhereCredentialsLie) {
    start_in(server::installation::production);
    for (char const* host : {"meta.example", "link.example"}) {
        EXPECT_EQ(fleet("http://" + std::string(host) + port_of(inside)), "network") << host;
        auto const test = storage("http://" + std::string(host) + port_of(inside));
        EXPECT_EQ(test.status, 200) << test.body;
        EXPECT_FALSE(test.json.at("ok").as_bool()) << test.body;
    }
    auto const told = send("GET", "/metrics").body;
    EXPECT_NE(told.find("cxb_guard_refused_total{reason=\"address\"}"), std::string::npos) << told;
    EXPECT_EQ(inside.connections(), 0U);
    fleet("http://localhost" + port_of(inside));
    EXPECT_GT(inside.connections(), 0U);
}

TEST_F(OutboundNames, RedirectsToTheInsideAreNotFollowed) {  // 20-32
    peer front([&](wire::http_request const&, int) {
        auto out = json_reply(302, R"({"b":3})");
        out.headers.set("Location", inside.url() + "/customer");
        return out;
    });
    names->known["front.example"] = {"127.0.0.1"};
    settings.guard_allow = {"front.example"};
    start_in(server::installation::production);
    std::uint64_t asked = 0;
    for (auto const& [name, ask] : typed_places) {
        EXPECT_EQ((this->*ask)("http://front.example" + port_of(front)), "status_302") << name;
        EXPECT_EQ(front.count(), ++asked) << name;
    }
    EXPECT_EQ(fleet("http://front.example" + port_of(front)), "http_status");
    EXPECT_EQ(inside.connections(), 0U);
}

// Says another address each time it is asked.
struct turning_names final : net::resolver {
    std::atomic<int> asked{0};
    boost::asio::awaitable<result<std::vector<domain::ip_address>>> resolve(std::string) override {
        bool const first = asked++ % 2 == 0;
        co_return std::vector{*domain::ip_address::parse(first ? "127.0.0.2" : "127.0.0.1")};
    }
};

// 127.0.0.2 stands for a public address: the guard lets it pass, as it does those.
TEST_F(OutboundNames, TheAddressThatWasCheckedIsTheOneConnectedTo) {  // 20-32
    net::server_options at_two;
    at_two.address = "127.0.0.2";
    at_two.port = static_cast<std::uint16_t>(std::stoul(port_of(inside).substr(1)));
    peer outside(&fine, at_two);
    auto const turning = std::make_shared<turning_names>();
    settings.guard_allow = {"127.0.0.2/32"};
    settings.env = server::installation::production;
    settings.jwt.current = secret("a-jwt-secret-of-more-than-32-bytes!!");
    surroundings.names = turning;
    start();
    int looked_up = 0;
    for (auto const& [name, ask] : typed_places) {
        // No place may profit from another one's connection or look-up.
        std::string const base =
            "https://rebind-" + std::to_string(looked_up) + ".example" + port_of(inside);
        (this->*ask)(base);
        EXPECT_EQ((this->*ask)(base), "blocked") << name;
        EXPECT_GE(turning->asked, looked_up + 2) << name;
        EXPECT_EQ(turning->asked % 2, 0) << name;
        looked_up = turning->asked;
        // Every other look-up led outside, and each led to one connection there.
        EXPECT_EQ(outside.connections(), static_cast<std::uint64_t>(looked_up / 2)) << name;
        EXPECT_EQ(inside.connections(), 0U) << name;
    }
}

}  // namespace
}  // namespace cxb::api::test
