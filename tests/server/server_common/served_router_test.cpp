// The router behind the real listener, asked by the real client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cxb/base/clock.hpp"
#include "cxb/net/event_loops.hpp"
#include "cxb/net/http_client.hpp"
#include "cxb/net/http_server.hpp"
#include "server/common/health/health.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/router.hpp"
#include "server/common/http/secret_gate.hpp"

namespace cxb::server {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

handler_result config(request_context& context) {
    co_return json_response(
        200, wire::json_object{{"bot", context.param("bot_id")}, {"body", context.request.body}});
}

constexpr route rows[] = {{.method = "GET",
                           .pattern = "/api/v1/config/{bot_id}",
                           .who = access::core_secret,
                           .handler = &config,
                           .summary = "Runtime config"},
                          {.method = "POST",
                           .pattern = "/api/v1/config/{bot_id}",
                           .who = access::core_secret,
                           .handler = &config,
                           .summary = "Runtime config",
                           .body_limit = 64}};

class ServedRouter : public ::testing::Test {
  protected:
    ServedRouter() {
        services.add(health);
        unit = std::make_unique<router>(router_options{.fallback_authority = "localhost"},
                                        router_parts{real_clock(), gate, log, metrics, services},
                                        router::tables{rows, health_routes()});
        server = std::make_unique<net::http_server>(loops, *unit, net::server_options{});
        EXPECT_TRUE(server->start());
        client = net::http_client::create().value();
        loops.start();
    }
    ~ServedRouter() override {
        loops.run_and_wait([](net::http_server& one) -> boost::asio::awaitable<void> {
            (void)co_await one.drain(5s);
        }(*server));
        loops.stop();
        client.reset();
        server.reset();
    }

    wire::http_response ask(std::string method, std::string target, wire::header_list headers = {},
                            std::string body = {}) {
        wire::http_response out;
        client::outgoing_request request;
        request.url = server->url() + target;
        request.message.method = std::move(method);
        request.message.headers = std::move(headers);
        request.message.body = std::move(body);
        loops.run_and_wait(send(std::move(request), out));
        return out;
    }

    net::event_loops loops{2};
    secret_gate gate{{secret("core-secret"), secret("old-secret")}};
    logger log{{.level = log_level::off}, [](std::string_view) {}};
    metrics_registry metrics;
    health_service health{"cxb-api", metrics, real_clock()};
    service_set services;
    std::unique_ptr<router> unit;
    std::unique_ptr<net::http_server> server;
    std::unique_ptr<net::http_client> client;

  private:
    boost::asio::awaitable<void> send(client::outgoing_request request, wire::http_response& out) {
        auto got = co_await client->send(std::move(request), {});
        EXPECT_TRUE(got.has_value()) << (got ? "" : got.error().to_log_text());
        if (got) out = *std::move(got);
    }
};

// 20-4
TEST_F(ServedRouter, EverySpellingAndBothSecretsPass) {
    for (auto const* name : {"X-CXBCore-Secret", "X-CXB-Core-Secret", "X-VoxCore-Secret"})
        for (auto const* value : {"core-secret", "old-secret"}) {
            auto const answer = ask("GET", "/api/v1/config/b%201", {{name, value}});
            EXPECT_EQ(answer.status, 200) << name;
            EXPECT_EQ(answer.body, R"({"bot":"b 1","body":""})");
        }
}

// 20-5
TEST_F(ServedRouter, NoSecretIs403AndTheBodyStaysUnread) {
    for (wire::header_list const& headers :
         {wire::header_list{}, wire::header_list{{"X-CXB-Core-Secret", ""}},
          wire::header_list{{"X-CXBCore-Secret", "wrong"}},
          wire::header_list{{"X-VoxCore-Secret", "core-secret2"}},
          wire::header_list{{"Authorization", "Bearer core-secret"}}}) {
        auto const answer = ask("GET", "/api/v1/config/b", headers);
        EXPECT_EQ(answer.status, 403);
        EXPECT_THAT(answer.body, HasSubstr(R"("detail":"Invalid core secret")"));
        EXPECT_EQ(ask("POST", "/api/v1/config/b", headers, std::string(60, ' ')).status, 403);
    }
}

TEST_F(ServedRouter, LimitsAndMethodsArriveAsProblems) {
    wire::header_list const good{{"X-CXB-Core-Secret", "core-secret"}};
    auto answer = ask("POST", "/api/v1/config/b", good, std::string(65, ' '));
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.headers.get("Content-Type"), "application/problem+json");
    EXPECT_EQ(ask("POST", "/api/v1/config/b", good, "{}").body, R"({"bot":"b","body":"{}"})");
    answer = ask("DELETE", "/api/v1/config/b", good);
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.headers.get("Allow"), "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(ask("GET", "/api/v1/nothing").status, 404);
    auto const head = ask("HEAD", "/health");
    EXPECT_EQ(head.status, 200);
    EXPECT_TRUE(head.body.empty());
    EXPECT_EQ(head.headers.get("X-Request-Id").size(), 36U);
}

TEST_F(ServedRouter, MetricsAreOpenToLoopbackOnly) {
    EXPECT_THAT(ask("GET", "/metrics").body, HasSubstr("cxb_http_request_seconds"));
    wire::header_list forwarded{{"X-Forwarded-For", "127.0.0.1"}};
    EXPECT_EQ(ask("GET", "/metrics", forwarded).status, 403);
    forwarded.add("X-CXB-Core-Secret", "core-secret");
    EXPECT_EQ(ask("GET", "/metrics", forwarded).status, 200);
}

}  // namespace
}  // namespace cxb::server
