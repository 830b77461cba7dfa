#pragma once
// Two cxb-api on one store, and Redis beside it where a test wants one.
#include "cxb/store/redis/redis_address.hpp"
#include "server/api/api_fixture.hpp"
#include "support/redis_server.hpp"
#include "support/required.hpp"

namespace cxb::api::test {

// One process of the installation; a fixture made use of as an object.
struct instance final : api_test {
    void TestBody() override {}
    using api_test::admin;
    using api_test::at_once;
    using api_test::config;
    using api_test::core;
    using api_test::forget_token;
    using api_test::make_bot;
    using api_test::make_key;
    using api_test::post_result;
    using api_test::scratch;
    using api_test::send;
    using api_test::settings;
    using api_test::start;
    using api_test::stop;
    using api_test::surroundings;
    using api_test::token;
    using api_test::url;
    // Sends to any process, not to the own one.
    answer post_to(std::string const& base, std::string const& path, json_value const& body) {
        return at_once(1, [&](std::size_t) {
            client::outgoing_request request{base + path, {}};
            request.message.method = "POST";
            request.message.headers = {{"Content-Type", "application/json"}};
            request.message.body = wire::to_text(body);
            return request;
        })[0];
    }
};

class Instances : public ::testing::Test {
  protected:
    // `a` decides where the store is.
    void start(std::string const& redis_url) {
        for (auto* each : {&a, &b}) {
            each->settings.store.url = a.settings.store.url;
            each->settings.store.redis_url = redis_url;
            each->settings.store.db = a.settings.store.db.empty() ? "cxb" : a.settings.store.db;
            each->settings.jwt.current = secret("0123456789abcdef0123456789abcdef");
            ASSERT_NO_FATAL_FAILURE(each->start());
        }
    }
    void start_alone() { start(""); }
    void start_with_redis() {
        redis = std::make_unique<cxb::test::redis_server>();
        start(redis->unix_url());
        ASSERT_TRUE(hears(a) && hears(b));
    }
    // All three topics are heard: each was told once that something may have been missed.
    static bool hears(instance& at) {
        return eventually([&] { return metric(at, "cxb_events_total{what=\"missed\"}") >= 3; });
    }
    static double metric(instance& at, std::string const& name) {
        auto const text = at.core("GET", "/metrics").body;
        auto const found = text.find("\n" + name + " ");
        return found == std::string::npos ? -1 : std::stod(text.substr(found + name.size() + 2));
    }
    // Renames at one and waits until the other serves it.
    static bool follows(instance& from, instance& to, std::string const& bot,
                        std::string const& message, std::chrono::milliseconds at_most) {
        EXPECT_EQ(
            from.admin("PUT", "/api/v1/bots/" + bot, json_object{{"opening_message", message}})
                .status,
            200);
        return eventually([&] { return to.config(bot).text("opening_message") == message; },
                          at_most);
    }

    std::unique_ptr<cxb::test::redis_server> redis;
    instance a;
    instance b;
};

}  // namespace cxb::api::test
