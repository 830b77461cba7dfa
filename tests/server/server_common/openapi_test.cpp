#include "server/common/openapi/openapi.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "server/common/health/health.hpp"
#include "server/common/openapi/refusals.hpp"
#include "server/common/openapi/schema_text.hpp"
#include "server/server_common/router_kit.hpp"

namespace cxb::server {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

std::string_view bot_schema() {
    return R"({"$schema":"x","$id":"y","title":"bot","type":"object","properties":
        {"part":{"$ref":"#/$defs/part"},"self":{"$ref":"#"}},
        "$defs":{"part":{"type":"object"}}})";
}
std::string_view untitled_schema() {
    return R"({"type":"array"})";
}

constexpr route_error bot_errors[] = {{409, "bot_locked", "A running campaign uses it"},
                                      {409, "conflict", "Somebody else was faster"}};
constexpr other_answer bot_others[] = {{200, "Or as a table", "text/csv"}, {304, "Not changed"}};

constexpr route rows[] = {{.method = "GET",
                           .pattern = "/api/v1/bots/{id}",
                           .who = access::admin,
                           .handler = &echo,
                           .summary = "One bot",
                           .response_schema = &bot_schema,
                           .doc = {.description = "The bot as it stands.",
                                   .response_example = R"({"part":{}})",
                                   .errors = bot_errors,
                                   .others = bot_others}},
                          {.method = "POST",
                           .pattern = "/api/v1/bots",
                           .who = access::api_key_or_admin,
                           .handler = &echo,
                           .summary = "Create",
                           .scope = "dialout",
                           .request_schema = &bot_schema,
                           .response_schema = &untitled_schema,
                           .success = 201,
                           .idempotent = true},
                          {.method = "GET",
                           .pattern = "/api/v1/calls",
                           .who = access::super_admin,
                           .handler = &echo,
                           .summary = "Calls",
                           .query = page_parameters},
                          {.method = "GET",
                           .pattern = "/api/v1/recordings/{key*}",
                           .who = access::core_secret,
                           .handler = &echo,
                           .summary = "Audio",
                           .response_type = "audio/wav"}};

wire::json_object document() {
    std::vector<route const*> all;
    for (auto const& row : rows)
        all.push_back(&row);
    for (auto const& row : health_routes())
        all.push_back(&row);
    return wire::parse_json(openapi_document({"CX Bridge", "1.0.0", "Control plane"}, all))
        .value()
        .as_object();
}

TEST(Openapi, EveryRowIsAnOperation) {
    auto const doc = document();
    EXPECT_EQ(wire::text_at(doc, "openapi"), "3.1.0");
    auto const& paths = doc.at("paths").as_object();
    std::set<std::string> ids;
    std::size_t operations = 0;
    for (auto const& [path, methods] : paths)
        for (auto const& [verb, operation] : methods.as_object()) {
            ++operations;
            auto const& it = operation.as_object();
            EXPECT_TRUE(ids.emplace(wire::text_at(it, "operationId")).second);
            EXPECT_FALSE(wire::text_at(it, "summary").empty());
            EXPECT_FALSE(wire::text_at(it, "description").empty());
            // Whatever is not named here is a fault of the server.
            EXPECT_FALSE(it.at("responses").as_object().contains("default"));
            EXPECT_TRUE(it.contains("security"));
        }
    EXPECT_EQ(operations, std::size(rows) + health_routes().size());
    EXPECT_TRUE(paths.contains("/api/v1/recordings/{key}"));
}

TEST(Openapi, SchemasStandOnceAndTheirReferencesLead) {
    auto const doc = document();
    auto const& schemas = doc.at("components").at("schemas").as_object();
    auto const& bot = schemas.at("bot").as_object();
    EXPECT_FALSE(bot.contains("$id"));
    EXPECT_FALSE(bot.contains("$schema"));
    EXPECT_EQ(bot.at("properties").at("part").at("$ref").as_string(),
              "#/components/schemas/bot/$defs/part");
    EXPECT_EQ(bot.at("properties").at("self").at("$ref").as_string(), "#/components/schemas/bot");
    EXPECT_EQ(schemas.size(), 5U);  // bot, the untitled one, problem, and those of health
    EXPECT_TRUE(schemas.contains("post_api_v1_bots_answer"));
}

TEST(Openapi, TellsAccessBodiesAndRefusals) {
    auto const doc = document();
    auto const& create = doc.at("paths").at("/api/v1/bots").at("post").as_object();
    EXPECT_EQ(create.at("security").as_array().size(), 2U);
    EXPECT_EQ(wire::text_at(create, "x-scope"), "dialout");
    EXPECT_EQ(wire::text_at(create, "x-access"), "api_key_or_admin");
    EXPECT_EQ(create.at("parameters").as_array().at(0).at("name").as_string(), "Idempotency-Key");
    auto const& answers = create.at("responses").as_object();
    for (auto const* status : {"201", "400", "401", "403", "409", "413", "415", "422", "429"})
        EXPECT_TRUE(answers.contains(status)) << status;
    EXPECT_FALSE(answers.contains("200"));
    auto const& list = doc.at("paths").at("/api/v1/calls").at("get").as_object();
    ASSERT_EQ(list.at("parameters").as_array().size(), 3U);
    EXPECT_EQ(list.at("parameters").as_array()[0].at("example").as_int64(), 1);
    auto const& health = doc.at("paths").at("/health").at("get").as_object();
    EXPECT_TRUE(health.at("security").as_array().empty());
    auto const& metrics = doc.at("paths").at("/metrics").at("get").as_object();
    EXPECT_EQ(metrics.at("security").as_array().size(), 2U);
}

TEST(Openapi, TellsWhatARowSaysOfItself) {
    auto const doc = document();
    auto const& bot = doc.at("paths").at("/api/v1/bots/{id}").at("get").as_object();
    EXPECT_EQ(wire::text_at(bot, "description"),
              "The bot as it stands.\n\nAn admin or super_admin may call it.");
    auto const& id = bot.at("parameters").as_array().at(0).as_object();
    EXPECT_EQ(wire::text_at(id, "description"), "Id of the bot");
    EXPECT_TRUE(id.contains("example"));
    auto const& answers = bot.at("responses").as_object();
    auto const& success = answers.at("200").at("content").as_object();
    EXPECT_EQ(success.at("application/json").at("example"),
              wire::parse_json(R"({"part":{}})").value());
    EXPECT_TRUE(success.contains("text/csv"));
    EXPECT_EQ(answers.at("304").at("description").as_string(), "Not Modified. Not changed");
    EXPECT_FALSE(answers.at("304").as_object().contains("content"));
    auto const& conflict = answers.at("409").as_object();
    EXPECT_EQ(wire::text_at(conflict, "description"),
              "`bot_locked`: A running campaign uses it\n`conflict`: Somebody else was faster");
    EXPECT_EQ(conflict.at("x-codes").as_object().size(), 2U);
    auto const& problem = conflict.at("content").at("application/problem+json").as_object();
    EXPECT_EQ(problem.at("schema").at("$ref").as_string(), "#/components/schemas/problem");
    EXPECT_EQ(problem.at("examples").at("bot_locked").at("value").at("status").as_int64(), 409);
}

TEST(Openapi, RefusalsFollowFromTheRow) {
    auto const codes = [](route const& row) {
        std::vector<std::string> out;
        for (auto const& one : refusals_of(row))
            out.push_back(std::to_string(one.status) + " " + std::string(one.code));
        return out;
    };
    route const open{.method = "GET", .pattern = "/a", .who = access::public_};
    EXPECT_THAT(codes(open), ElementsAre("400 malformed", "429 rate_limited", "500 internal",
                                         "503 unavailable", "504 deadline_exceeded"));
    route const stream{.method = "GET",
                       .pattern = "/a/{id}",
                       .who = access::core_secret,
                       .query = page_parameters,
                       .deadline = no_deadline};
    EXPECT_THAT(codes(stream), ElementsAre("400 malformed", "403 forbidden", "404 not_found",
                                           "422 invalid", "500 internal", "503 unavailable"));
    route const once{
        .method = "POST", .pattern = "/a", .who = access::signed_link, .idempotent = true};
    EXPECT_THAT(codes(once), IsSupersetOf({"409 idempotency_in_flight", "409 outcome_unknown",
                                           "413 too_large", "415 unsupported_type",
                                           "422 idempotency_key_reused", "422 invalid"}));
    // What the row says of a code wins over the general text.
    static constexpr route_error own[] = {{404, "not_found", "Bot not found"}};
    route const told{
        .method = "GET", .pattern = "/a/{id}", .who = access::admin, .doc = {.errors = own}};
    auto const all = refusals_of(told);
    EXPECT_THAT(all, Contains(Field(&route_error::when, "Bot not found")));
    EXPECT_EQ(std::ranges::count(all, 404, &route_error::status), 1);
}

TEST(Openapi, SchemasAreWrittenShort) {
    auto const schema = wire::parse_json(object_schema("job",
                                                       "id string, state =queued/done, at? "
                                                       "time|null, tries @try[]",
                                                       {{"try", R"({"type":"object"})"}}))
                            .value();
    EXPECT_EQ(schema, wire::parse_json(R"({"title":"job","type":"object","properties":{
        "id":{"type":"string"},"state":{"type":"string","enum":["queued","done"]},
        "at":{"anyOf":[{"type":"string","format":"date-time"},{"type":"null"}]},
        "tries":{"type":"array","items":{"type":"object"}}},
        "required":["id","state","tries"]})")
                          .value());
    for (auto const* wrong : {"id", "id text", "id @part", ""})
        EXPECT_THROW((void)object_schema("x", wrong), std::logic_error) << wrong;
    EXPECT_THROW((void)object_schema("x", "a @p", {{"p", R"({"$ref":"#/$defs/x"})"}}),
                 std::logic_error);
    // What the items refer to is found from the root of the page.
    auto const page = wire::parse_json(page_schema_text(bot_schema())).value();
    EXPECT_EQ(page.at("title").as_string(), "bot_page");
    EXPECT_TRUE(page.at("$defs").as_object().contains("part"));
    auto const& item = page.at("properties").at("items").at("items").as_object();
    EXPECT_EQ(item.at("properties").at("part").at("$ref").as_string(), "#/$defs/part");
    EXPECT_FALSE(item.contains("$defs"));
}

TEST_F(RouterTest, OpenapiAndDocsAreServedOffline) {
    openapi_page page{[] { return std::string("{}"); }};
    services.add(page);
    build(openapi_routes());
    auto const document = get("/openapi.json");
    EXPECT_EQ(document.bytes(), "{}");
    EXPECT_EQ(document.headers.get("Content-Type"), "application/json");
    auto const docs = get("/docs");
    EXPECT_EQ(docs.headers.get("Content-Type"), "text/html; charset=utf-8");
    EXPECT_THAT(std::string(docs.bytes()), HasSubstr("fetch(\"openapi.json\")"));
    EXPECT_THAT(std::string(docs.bytes()), Not(HasSubstr("http://")));
    EXPECT_THAT(std::string(docs.bytes()), Not(HasSubstr("https://")));
    EXPECT_THAT(std::string(docs.headers.get("Content-Security-Policy")),
                HasSubstr("default-src 'none'"));
}

class HealthRoutes : public RouterTest {
  protected:
    HealthRoutes() { services.add(health); }
    health_service health{"cxb-api", metrics, time};
    check_outcome store_state{.ok = true, .latency = std::chrono::milliseconds{2}, .detail = {}};
    check_outcome vectors_state;
    void build_all() {
        health.add_check({"store", true, [this]() -> boost::asio::awaitable<check_outcome> {
                              co_return store_state;
                          }});
        health.add_check({"vectors", false, [this]() -> boost::asio::awaitable<check_outcome> {
                              co_return vectors_state;
                          }});
        build(health_routes());
    }
};

TEST_F(HealthRoutes, AliveWhateverElse) {
    build_all();
    auto const answer = get("/health");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.bytes(), R"({"status":"ok","service":"cxb-api","version":"1.0.0"})");
}

TEST_F(HealthRoutes, ReadyDegradedNotReady) {
    build_all();
    auto answer = get("/ready");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(wire::text_at(json(answer), "status"), "not_ready");
    health.set_started();
    answer = get("/ready");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(wire::text_at(json(answer), "status"), "ready");
    EXPECT_EQ(wire::int_at(json(answer), "checks.store.latency_ms"), 2);
    vectors_state = {.ok = false, .latency = {}, .detail = "not reachable"};
    answer = get("/ready");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(wire::text_at(json(answer), "status"), "degraded");
    EXPECT_EQ(wire::text_at(json(answer), "checks.vectors.detail"), "not reachable");
    store_state.ok = false;
    EXPECT_EQ(get("/ready").status, 503);
    store_state.ok = true;
    vectors_state = {};
    health.loop_ran("trunk_health", false, "lease lost");
    answer = get("/ready");
    EXPECT_EQ(wire::text_at(json(answer), "status"), "degraded");
    EXPECT_EQ(wire::text_at(json(answer), "checks.loops.trunk_health.detail"), "lease lost");
    health.set_stopping();
    answer = get("/ready");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(wire::text_at(json(answer), "detail"), "stopping");
}

TEST_F(HealthRoutes, MetricsRunTheCollectors) {
    health.add_collector([this]() -> boost::asio::awaitable<void> {
        metrics.get_gauge("cxb_jobs", {"push", "dead"}).set(4);
        co_return;
    });
    build_all();
    health.loop_ran("prompt_cache", true);
    auto const answer = get("/metrics");
    EXPECT_EQ(answer.headers.get("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_THAT(answer.body, HasSubstr(R"x(cxb_jobs{kind="push",state="dead"} 4)x"));
    EXPECT_THAT(answer.body,
                HasSubstr(R"x(cxb_loop_last_run_seconds{loop="prompt_cache"} 17672)x"));
    EXPECT_EQ(unit->routes()[2]->who, access::loopback_or_core);
}

}  // namespace
}  // namespace cxb::server
