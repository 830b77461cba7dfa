#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

#include "cxb/contract/shared_secret/shared_secret.hpp"
#include "server/server_common/router_kit.hpp"

namespace cxb::server {
namespace {

namespace asio = boost::asio;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

handler_result fail(request_context&) {
    co_return error{errc::conflict, "Bot is used"}
        .with_reason("bot_locked")
        .with_note({"campaign 7 runs"})
        .with_member("next_open_at", "\"2026-06-08T03:30:00.000Z\"")
        .with_retry_after(7s);
}
handler_result explode(request_context&) {
    throw std::runtime_error("secret place");
    co_return wire::http_response{};
}
handler_result mark_session(request_context& context) {
    context.session_id = "s-1";
    context.answer_headers.add("X-CXB-Ignored-Fields", "a,b");
    co_return no_content();
}

// Waits until the test lets go; the loop of the test ends only then.
std::shared_ptr<asio::steady_timer> waiting;
handler_result wait_long(request_context&) {
    auto const timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor,
                                                            asio::steady_timer::time_point::max());
    waiting = timer;
    boost::system::error_code ignored;
    co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    co_return no_content();
}

class memory_sink final : public wire::body_sink {
  public:
    result<void> write(std::string_view) override { return {}; }
    result<void> finish() override { return {}; }
};
result<std::shared_ptr<wire::body_sink>> open_sink(request_context& context,
                                                   wire::http_request const& head) {
    if (head.headers.has("X-No")) return error{errc::conflict, "No upload now"};
    EXPECT_EQ(context.param("id"), "7");
    return std::shared_ptr<wire::body_sink>(std::make_shared<memory_sink>());
}

constexpr std::string_view forms[] = {"application/json", "application/x-www-form-urlencoded"};

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
     .summary = "write",
     .body_limit = 16},
    {.method = "POST",
     .pattern = "/forms",
     .who = access::public_,
     .handler = &echo,
     .summary = "form",
     .content_types = forms},
    {.method = "POST",
     .pattern = "/any",
     .who = access::public_,
     .handler = &echo,
     .summary = "any type",
     .content_types = {}},
    {.method = "GET",
     .pattern = "/fail",
     .who = access::public_,
     .handler = &fail,
     .summary = "fails"},
    {.method = "GET",
     .pattern = "/explode",
     .who = access::public_,
     .handler = &explode,
     .summary = "throws"},
    {.method = "GET",
     .pattern = "/session",
     .who = access::core_secret,
     .handler = &mark_session,
     .summary = "marks"},
    {.method = "GET",
     .pattern = "/slow",
     .who = access::public_,
     .handler = &wait_long,
     .summary = "waits"},
    {.method = "GET",
     .pattern = "/own",
     .who = access::public_,
     .handler = &echo,
     .summary = "own deadline",
     .deadline = 70s},
    {.method = "GET",
     .pattern = "/stream",
     .who = access::public_,
     .handler = &echo,
     .summary = "no deadline",
     .deadline = no_deadline},
    {.method = "POST",
     .pattern = "/upload/{id}",
     .who = access::core_secret,
     .handler = &echo,
     .summary = "upload",
     .content_types = {},
     .open_sink = &open_sink},
};

TEST_F(RouterTest, DecodesParametersAndHandsOverTheContext) {
    gate.caller.kind = principal_kind::user;
    gate.caller.id = "65f0";
    build(rows);
    auto const answer = get("/bots/a%20b%2Fc?x=1");
    EXPECT_EQ(answer.status, 200);
    auto const seen = json(answer);
    EXPECT_EQ(wire::text_at(seen, "id"), "a b/c");
    EXPECT_EQ(wire::text_at(seen, "actor"), "user:65f0");
    EXPECT_EQ(wire::text_at(seen, "client"), "203.0.113.9");
    EXPECT_EQ(wire::text_at(seen, "origin"), "http://api.example.com");
    EXPECT_EQ(wire::text_at(seen, "public_base"), "http://api.example.com");
    EXPECT_EQ(wire::int_at(seen, "remaining_ms"), 30000);
    EXPECT_EQ(answer.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(answer.headers.get("Cache-Control"), "no-store");
    EXPECT_EQ(answer.headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_THAT(gate.asked, ElementsAre("/bots/{id}"));
}

TEST_F(RouterTest, SettingsOfTheBasesWin) {
    build(rows, {.public_url = "https://cx.example.com/", .internal_url = "http://10.0.0.5:8080"});
    auto const seen = json(get("/own"));
    EXPECT_EQ(wire::text_at(seen, "public_base"), "https://cx.example.com");
    EXPECT_EQ(wire::text_at(seen, "internal_base"), "http://10.0.0.5:8080");
}

TEST_F(RouterTest, UnknownPathAndUnknownMethod) {
    build(rows);
    auto const missing = get("/nothing");
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(code(missing), "not_found");
    EXPECT_EQ(missing.headers.get("Content-Type"), "application/problem+json");
    auto const wrong = send(request("DELETE", "/bots/1"));
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(code(wrong), "method_not_allowed");
    EXPECT_EQ(wrong.headers.get("Allow"), "GET, HEAD, PUT, OPTIONS");
    EXPECT_TRUE(gate.asked.empty());
}

TEST_F(RouterTest, HeadIsServedByTheGetRow) {
    build(rows);
    EXPECT_EQ(send(request("HEAD", "/bots/1")).status, 200);
    EXPECT_EQ(send(request("HEAD", "/forms")).status, 405);
}

TEST_F(RouterTest, RefusalOfTheGateComesBeforeTheBody) {
    build(rows);
    gate.refusal = error{errc::unauthenticated, "Not authenticated"};
    auto const answer = send(post("/forms", std::string(100000, 'x'), "text/plain"));
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.headers.get("WWW-Authenticate"), "Bearer");
    EXPECT_TRUE(verdict.refuse.has_value());  // the listener never reads the body
    gate.refusal = error{errc::forbidden, "Insufficient permissions"};
    EXPECT_EQ(get("/bots/1").status, 403);
}

TEST_F(RouterTest, WrongTypeIs415AndTooMuchIs413) {
    build(rows);
    EXPECT_EQ(send(post("/forms", "{}", "text/plain")).status, 415);
    EXPECT_EQ(send(post("/forms", "{}", "Application/JSON; charset=utf-8")).status, 200);
    EXPECT_EQ(send(post("/forms", "a=1", "application/x-www-form-urlencoded")).status, 200);
    EXPECT_EQ(send(post("/forms", "{}", "")).status, 200);
    EXPECT_EQ(send(post("/any", "x", "image/png")).status, 200);
    auto put = post("/bots/1", "12345678901234567");
    put.method = "PUT";
    auto const answer = send(put);
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(code(answer), "too_large");
    put = post("/bots/1", "1234567890123456");
    put.method = "PUT";
    EXPECT_EQ(send(put).status, 200);
    EXPECT_EQ(verdict.max_body, 16U);
    auto endless = request("POST", "/forms");
    endless.headers.add("Content-Length", "99999999999999999999999");
    EXPECT_EQ(send(endless).status, 413);
}

TEST_F(RouterTest, PackedBodiesAre415) {
    build(rows);
    auto packed = post("/any", "x", "image/png");
    packed.headers.set("Content-Encoding", "gzip");
    auto const answer = send(packed);
    EXPECT_EQ(answer.status, 415);
    EXPECT_EQ(code(answer), "unsupported_type");
    EXPECT_EQ(answer.headers.get("Accept-Encoding"), "identity");
    packed.headers.set("Content-Encoding", " Identity ");
    EXPECT_EQ(send(packed).status, 200);
    EXPECT_EQ(verdict.body_deadline, std::chrono::seconds{30});
    packed.headers.add("Content-Encoding", "br");
    EXPECT_EQ(send(packed).status, 415);
    auto bare = request("GET", "/own");
    bare.headers.add("Content-Encoding", "gzip");
    EXPECT_EQ(send(bare).status, 200);
}

TEST_F(RouterTest, BrokenQueryIsMalformed) {
    build(rows);
    for (auto const* query : {"x=%zz", "x=%f", "x=%ff", "%ff=1", "%ff", "x=%00", "x=%c0%af",
                              "x=%ed%a0%80", "x=1&y=%80"}) {
        auto const answer = get("/own?" + std::string(query));
        EXPECT_EQ(answer.status, 400) << query;
        EXPECT_EQ(code(answer), "malformed") << query;
    }
    EXPECT_EQ(get("/own?x=%e0%a4%a8").status, 200);
}

TEST_F(RouterTest, ErrorsOfHandlersBecomeProblems) {
    build(rows);
    auto const answer = get("/fail");
    EXPECT_EQ(answer.status, 409);
    auto const body = json(answer);
    EXPECT_EQ(wire::text_at(body, "type"), "about:blank");
    EXPECT_EQ(wire::text_at(body, "title"), "Conflict");
    EXPECT_EQ(wire::int_at(body, "status"), 409);
    EXPECT_EQ(wire::text_at(body, "detail"), "Bot is used");
    EXPECT_EQ(wire::text_at(body, "code"), "bot_locked");
    EXPECT_EQ(wire::text_at(body, "request_id"), answer.headers.get("X-Request-Id"));
    EXPECT_EQ(wire::text_at(body, "next_open_at"), "2026-06-08T03:30:00.000Z");
    EXPECT_EQ(answer.headers.get("Retry-After"), "7");
    EXPECT_THAT(std::string(answer.bytes()), Not(HasSubstr("campaign 7")));
}

TEST_F(RouterTest, AnExceptionIsA500WithTheRequestId) {
    build(rows);
    auto asked = request("GET", "/explode");
    asked.headers.add("X-Request-Id", "req_1-A");
    auto const answer = send(asked);
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(wire::text_at(json(answer), "request_id"), "req_1-A");
    EXPECT_THAT(std::string(answer.bytes()), Not(HasSubstr("secret place")));
    EXPECT_THAT(lines.back(), HasSubstr("secret place"));
    EXPECT_THAT(lines.back(), HasSubstr(R"("level":"error")"));
    gate.throws = true;
    EXPECT_EQ(get("/own").status, 500);
}

TEST_F(RouterTest, RequestIdIsKeptOnlyWhenItIsOne) {
    build(rows);
    for (auto const& given : {std::string{}, std::string("a b"), std::string(65, 'a')}) {
        auto asked = request("GET", "/own");
        asked.headers.add("X-Request-Id", given);
        auto const answer = send(asked);
        EXPECT_EQ(answer.headers.get("X-Request-Id").size(), 36U) << given;
    }
    auto asked = request("GET", "/nothing");
    asked.headers.add("X-Request-Id", "abc");
    EXPECT_EQ(send(asked).headers.get("X-Request-Id"), "abc");
}

TEST_F(RouterTest, TraceGoesOn) {
    build(rows);
    auto asked = request("GET", "/own");
    asked.headers.add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    auto const answer = send(asked);
    auto const back = answer.headers.get("traceparent");
    EXPECT_EQ(back.substr(0, 36), "00-0af7651916cd43dd8448eb211c80319c-");
    EXPECT_NE(back.substr(36, 16), "b7ad6b7169203331");
    EXPECT_THAT(lines.back(), HasSubstr("0af7651916cd43dd8448eb211c80319c"));
}

TEST_F(RouterTest, ALateHandlerIsAnsweredForAndGoesOn) {
    build(rows, {.request_timeout = 0s});
    bool ended = false;
    auto const late = [&]() -> asio::awaitable<int> {
        auto const answer = co_await unit->handle(request("GET", "/slow"));
        ended = answer.status == 504;
        waiting->cancel();
        waiting.reset();
        co_return answer.status;
    };
    EXPECT_EQ(test::run(late()), 504);
    EXPECT_TRUE(ended);
    EXPECT_THAT(lines.back(), HasSubstr(R"("code":"deadline_exceeded")"));
}

TEST_F(RouterTest, RoutesMayHaveAnotherDeadlineOrNone) {
    build(rows);
    EXPECT_EQ(wire::int_at(json(get("/own")), "remaining_ms"), 70000);
    EXPECT_EQ(wire::int_at(json(get("/stream")), "remaining_ms"), 86400000);
}

TEST_F(RouterTest, UploadsGetASinkOnceAccessIsGranted) {
    build(rows);
    auto upload = post("/upload/7", "bytes", "audio/wav");
    EXPECT_EQ(send(upload).status, 200);
    EXPECT_NE(verdict.sink, nullptr);
    upload.headers.add("X-No", "1");
    EXPECT_EQ(send(upload).status, 409);
    EXPECT_TRUE(verdict.refuse.has_value());
}

TEST_F(RouterTest, LogsOneLineWithoutPersonalData) {
    gate.caller.kind = principal_kind::user;
    gate.caller.id = "u1";
    gate.caller.label = "asha@example.com";
    build(rows);
    auto const answer = get("/session?phone=919876543210&token=abc");
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.headers.get("X-CXB-Ignored-Fields"), "a,b");
    ASSERT_EQ(lines.size(), 1U);
    auto const line = wire::parse_json(lines.front()).value().as_object();
    EXPECT_EQ(wire::text_at(line, "msg"), "request");
    EXPECT_EQ(wire::text_at(line, "level"), "info");
    EXPECT_EQ(wire::text_at(line, "route"), "/session");
    EXPECT_EQ(wire::text_at(line, "method"), "GET");
    EXPECT_EQ(wire::int_at(line, "status"), 204);
    EXPECT_EQ(wire::text_at(line, "actor"), "user:u1");
    EXPECT_EQ(wire::text_at(line, "session_id"), "s-1");
    EXPECT_TRUE(line.contains("ms"));
    EXPECT_TRUE(line.contains("trace_id"));
    EXPECT_TRUE(line.contains("request_id"));
    EXPECT_THAT(lines.front(), Not(HasSubstr("9876543210")));
    EXPECT_THAT(lines.front(), Not(HasSubstr("asha@example.com")));
}

TEST_F(RouterTest, CountsByPatternNeverByPath) {
    build(rows);
    (void)get("/bots/1");
    (void)get("/bots/2");
    (void)get("/nothing/here");
    (void)send(request("BREW", "/bots/1"));
    auto const text = metrics.expose();
    EXPECT_THAT(
        text,
        HasSubstr(R"x(cxb_http_requests_total{code="200",method="GET",route="/bots/{id}"} 2)x"));
    EXPECT_THAT(text, HasSubstr(R"x(code="404",method="GET",route="(none)"} 1)x"));
    EXPECT_THAT(text, HasSubstr(R"x(code="405",method="other",route="(none)"} 1)x"));
    EXPECT_THAT(text, HasSubstr(R"x(cxb_http_request_seconds_count{route="/bots/{id}"} 2)x"));
    EXPECT_THAT(text, Not(HasSubstr("nothing/here")));
}

TEST_F(RouterTest, RefusalsOfTheListenerAreProblemsToo) {
    build(rows);
    for (int const status : {400, 408, 413, 431, 503}) {
        auto const answer = unit->refusal(status);
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(wire::int_at(json(answer), "status"), status);
        EXPECT_EQ(wire::text_at(json(answer), "title"), phrase_of(status));
        EXPECT_EQ(answer.headers.get("Content-Type"), "application/problem+json");
        EXPECT_EQ(wire::text_at(json(answer), "request_id"), answer.headers.get("X-Request-Id"));
    }
    EXPECT_THAT(metrics.expose(), HasSubstr(R"x(code="431",method="other",route="(none)"} 1)x"));
}

TEST_F(RouterTest, RefusesRowsThatAreNotWholeAtConstruction) {
    route const no_rule[] = {{.method = "GET", .pattern = "/a", .handler = &echo, .summary = "x"}};
    route const no_handler[] = {
        {.method = "GET", .pattern = "/a", .who = access::user, .summary = "x"}};
    route const no_summary[] = {
        {.method = "GET", .pattern = "/a", .who = access::user, .handler = &echo}};
    EXPECT_THROW(build(no_rule), std::logic_error);
    EXPECT_THROW(build(no_handler), std::logic_error);
    EXPECT_THROW(build(no_summary), std::logic_error);
}

}  // namespace
}  // namespace cxb::server
