#include <gtest/gtest.h>

#include <algorithm>

#include "tests/server/core/sim_fixture.hpp"

namespace {
using namespace cxb;
using namespace cxb::core;
using namespace std::chrono_literals;
using cxb_test::data_text;
using cxb_test::events_of;
using cxb_test::json_object;
using cxb_test::simulation;
using cxb_test::texts_of;
using texts = std::vector<std::string>;

constexpr std::string_view one_question = R"({"steps":[{"wait":"bot_done"},
    {"say":"what about the premium"},{"wait":"bot_done"},{"wait":1},{"hangup":true}]})";

// --- transfer (80-26) -------------------------------------------------------------------------

simulation transferring(std::string_view transfer = "{}", std::string_view target = "") {
    simulation out;
    out.script = R"({"transfer":)" + std::string(transfer) +
                 R"(,"steps":[{"wait":"bot_done"},{"say":"sales please"},{"wait":"bot_done"},
                 {"wait":1},{"hangup":true}]})";
    out.bot.script = json_object(
        R"({"rules":[{"when":{"match":"sales"},"say":"Sure.","tool":{"name":"transfer_call",
        "arguments":{"reason":"wants sales","target":")" +
        std::string(target) +
        R"("}}},{"when":{"tool_result":true},"say":"That did not work: {{result}}"}]})");
    return out;
}

TEST(Transfer, SuccessEndsAsBot) {
    auto sim = transferring();
    auto const record = sim.run();
    EXPECT_EQ(record.disconnected_by, "bot");
    EXPECT_EQ(record.transfer.was_transferred, true);
    EXPECT_EQ(record.transfer.destination, "tel:+911140000000");
    EXPECT_EQ(record.transfer.target, "sales");
    EXPECT_EQ(record.transfer.method, "livekit_sip_refer");
    EXPECT_EQ(record.transfer.reason, "wants sales");
    EXPECT_EQ(record.transfer.at_seconds, record.duration_seconds);
    EXPECT_EQ(record.transfer.failed_reason, "");
    EXPECT_EQ(texts_of(record, "assistant"),
              (texts{"Namaste Ravi ji, am I audible?", "Sure.", "Connecting you now."}));
    texts types;
    for (auto const& event : record.events)
        if (event.type.starts_with("transfer")) types.push_back(event.type);
    EXPECT_EQ(types, (texts{"transfer_requested", "transfer_started", "transfer_succeeded"}));
    EXPECT_GE(*events_of(record, "transfer_started")[0].at_seconds,
              record.transcript.back().end_seconds);
}

TEST(Transfer, FailureKeepsTheCallAndIsTold) {
    for (auto const* word : {"rejected", "no_answer", "timeout", "not_supported", "error"}) {
        auto sim = transferring(R"({"fails":")" + std::string(word) + R"("})");
        auto const record = sim.run();
        EXPECT_EQ(record.disconnected_by, "customer");
        EXPECT_EQ(record.transfer.was_transferred, false);
        EXPECT_EQ(record.transfer.failed_reason, word);
        EXPECT_FALSE(record.transfer.at_seconds);
        EXPECT_EQ(events_of(record, "transfer_failed").size(), 1U);
        EXPECT_NE(texts_of(record, "assistant").back().find(word), std::string::npos);
    }
}

TEST(Transfer, UnknownTargetIsAnErrorTextForTheModel) {
    auto sim = transferring("{}", "martians");
    auto const record = sim.run();
    EXPECT_EQ(
        texts_of(record, "assistant").back(),
        R"(That did not work: {"error":"No transfer target \"martians\" for livekit_outbound"})");
    EXPECT_EQ(events_of(record, "transfer_failed").size(), 1U);
    EXPECT_TRUE(events_of(record, "transfer_requested").empty());
    EXPECT_FALSE(record.transfer.was_transferred);
    auto none = transferring();
    none.bot.choose_target = nullptr;
    EXPECT_NE(texts_of(none.run(), "assistant").back().find("No transfer target"),
              std::string::npos);
}

TEST(Transfer, CallerWhoLeavesMeanwhileIsACustomerEnd) {
    auto sim = transferring(R"({"after_ms":20000})");
    sim.script = R"({"transfer":{"after_ms":20000},"steps":[{"wait":"bot_done"},
        {"say":"sales please"},{"wait":8},{"hangup":true}]})";
    auto const record = sim.run();
    EXPECT_EQ(record.disconnected_by, "customer");
    EXPECT_EQ(events_of(record, "custom_tool_result").size(), 1U);
}

// --- desk -------------------------------------------------------------------------------------

simulation to_the_desk(bool accepted) {
    auto sim = transferring();
    sim.bot.choose_target = [](std::string_view) -> result<transfer_plan> {
        return transfer_plan{"desk", "agent_desk", "default"};
    };
    sim.answer = [=](conversation_output const& action) -> std::optional<conversation_input> {
        auto const* ask = std::get_if<ask_desk>(&action);
        if (ask == nullptr) return std::nullopt;
        EXPECT_EQ(ask->queue, "default");
        EXPECT_EQ(ask->reason, "wants sales");
        return desk_replied{accepted, accepted ? "" : "status 403"};
    };
    return sim;
}

// 80-27
TEST(Desk, AcceptedCallIsHandedOver) {
    auto const record = to_the_desk(true).run();
    EXPECT_EQ(record.disconnected_by, "transfer_to_agent");
    EXPECT_EQ(data_text(events_of(record, "agent_desk_enqueued").at(0)), R"({"queue":"default"})");
    EXPECT_EQ(record.transfer.method, "agent_desk");
}

// 80-27, 10-38
TEST(Desk, RefusedCallStaysWithTheBot) {
    auto const record = to_the_desk(false).run();
    EXPECT_EQ(record.disconnected_by, "customer");
    EXPECT_EQ(data_text(events_of(record, "agent_desk_failed").at(0)),
              R"({"queue":"default","reason":"status 403"})");
    EXPECT_NE(texts_of(record, "assistant").back().find("agent_desk_failed"), std::string::npos);
}

// --- a model outside --------------------------------------------------------------------------

TEST(OutsideModel, IsAskedWithTheHistoryAndAnswers) {
    simulation sim;
    sim.script = std::string(one_question);
    sim.bot.model_outside = true;
    sim.bot.llm_provider = "openai";
    sim.answer = [](conversation_output const& action) -> std::optional<conversation_input> {
        auto const* ask = std::get_if<ask_model>(&action);
        if (ask == nullptr) return std::nullopt;
        EXPECT_EQ(ask->history.front().content, "Namaste Ravi ji, am I audible?");
        if (ask->cause == ask_cause::tool_result)
            return model_replied{ask->key, "Bye.", {{"c2", "end_call", "{}"}}, 120, 4, ""};
        EXPECT_EQ(ask->history.back().content, "what about the premium");
        return model_replied{ask->key, "Wait. ", {{"c1", "martian", "broken"}}, 100, 7, ""};
    };
    auto const record = sim.run();
    EXPECT_EQ(record.disconnected_by, "bot");
    EXPECT_EQ(texts_of(record, "assistant"),
              (texts{"Namaste Ravi ji, am I audible?", "Wait.", "Bye."}));
    EXPECT_EQ(record.usage.at(0).provider, "openai");
    EXPECT_EQ(record.usage.at(0).prompt_tokens, 100);
    EXPECT_EQ(record.latency.at(0).prompt_tokens, 100);
}

// 80-20: the model fails for good: apology, error.
TEST(OutsideModel, FailureIsAnApologyAndAnError) {
    simulation sim;
    sim.script = std::string(one_question);
    sim.bot.model_outside = true;
    sim.answer = [](conversation_output const& action) -> std::optional<conversation_input> {
        auto const* ask = std::get_if<ask_model>(&action);
        if (ask == nullptr) return std::nullopt;
        return model_replied{ask->key, {}, {}, 0, 0, "timeout"};
    };
    auto const record = sim.run();
    EXPECT_EQ(record.disconnected_by, "error");
    EXPECT_EQ(texts_of(record, "assistant").back(),
              "Sorry, there is a technical problem. Please call again.");
    EXPECT_EQ(events_of(record, "service_error").at(0).name, "llm");
}

// 80-15: a model that hangs for 60 s is dead air; a filler is spoken once when there is one.
TEST(OutsideModel, HungModelIsDeadAir) {
    simulation sim;
    sim.script = R"({"steps":[{"wait":"bot_done"},{"say":"what about the premium"},
        {"silence":300}]})";
    sim.bot.model_outside = true;
    sim.bot.filler = "One moment.";
    auto const record = sim.run();
    EXPECT_EQ(record.disconnected_by, "RNR");
    EXPECT_EQ(events_of(record, "dead_air").size(), 1U);
    auto const said = texts_of(record, "assistant");
    EXPECT_EQ(std::count(said.begin(), said.end(), "One moment."), 1);
}

}  // namespace
