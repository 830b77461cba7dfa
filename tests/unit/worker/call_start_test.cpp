#include "cxb/worker/call_start.hpp"

#include <gtest/gtest.h>

#include "cxb/worker/call_start_memory.hpp"

namespace {

using cxb::worker::call_start_memory;
using cxb::worker::parse_call_start;
using transport = cxb::contract::runtime_config::transport_kind;

TEST(CallStart, RoutesHaveTheirTransports) {
    EXPECT_EQ(cxb::worker::start_route("/attach"), transport::attach);
    EXPECT_EQ(cxb::worker::start_route("/livekit/dialout"), transport::livekit_outbound);
    EXPECT_EQ(cxb::worker::start_route("/livekit/dispatch"), transport::livekit_inbound);
    EXPECT_EQ(cxb::worker::start_route("/livekit/widget"), transport::widget);
    EXPECT_FALSE(cxb::worker::start_route("/livekit"));
}

TEST(CallStart, ConfigUrlOfAnotherHostIsRefused) {
    std::string const body = R"({"room_name":"r","bot_id":"b","config_url":"http://evil/config"})";
    std::string const hosts[] = {"api.example.com"};
    EXPECT_TRUE(parse_call_start(transport::attach, body, {}));
    auto const refused = parse_call_start(transport::attach, body, hosts);
    ASSERT_FALSE(refused);
    EXPECT_EQ(cxb::worker::start_status(refused.error()), 422);
    EXPECT_EQ(refused.error().faults().at(0).pointer, "/config_url");
}

TEST(CallStart, DialoutNumbersAreNormalised) {
    auto const start = parse_call_start(transport::livekit_outbound,
                                        R"({"bot_id":"b","to_number":"91 98765-43210"})", {});
    ASSERT_TRUE(start);
    EXPECT_EQ(start->caller_id, "+919876543210");
}

// 10-25
TEST(CallStart, RefusalHasErrorEqualToDetail) {
    auto const out =
        cxb::worker::start_refusal(cxb::error{cxb::errc::at_capacity, "At capacity"}, "r-1");
    EXPECT_EQ(out.status, 429);
    auto const body = cxb::wire::parse_json(out.body).value().as_object();
    EXPECT_EQ(cxb::wire::text_at(body, "error"), "At capacity");
    EXPECT_EQ(cxb::wire::text_at(body, "detail"), "At capacity");
    EXPECT_EQ(cxb::wire::text_at(body, "request_id"), "r-1");
    EXPECT_EQ(out.headers.get("Content-Type"), "application/problem+json");
}

TEST(CallStartMemory, FirstAnswerIsGivenAgain) {
    call_start_memory memory;
    EXPECT_FALSE(memory.look_up("k", "a").value());
    EXPECT_EQ(memory.look_up("k", "a").error().reason(), "idempotency_in_progress");
    cxb::wire::http_response answer;
    answer.body = "first";
    memory.keep("k", answer);
    EXPECT_EQ(memory.look_up("k", "a").value()->body, "first");
    EXPECT_EQ(memory.look_up("k", "b").error().reason(), "idempotency_key_reused");
    EXPECT_FALSE(memory.look_up("", "b").value());
}

TEST(CallStartMemory, ForgottenAndOldKeysAreFresh) {
    call_start_memory memory(2);
    EXPECT_FALSE(memory.look_up("a", "x").value());
    memory.forget("a");
    EXPECT_FALSE(memory.look_up("a", "y").value());
    EXPECT_FALSE(memory.look_up("b", "x").value());
    EXPECT_FALSE(memory.look_up("c", "x").value());
    EXPECT_FALSE(memory.look_up("a", "z").value());
}

}  // namespace
