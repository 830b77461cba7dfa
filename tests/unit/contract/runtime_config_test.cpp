#include "cxb/contract/runtime_config/runtime_config.hpp"

#include "tests/unit/contract/config_kit.hpp"

namespace {

using namespace cxb;
using namespace cxb_test;
namespace rc = contract::runtime_config;

std::string serialized(std::string const& members) {
    auto const read = read_config(members);
    EXPECT_TRUE(read) << read.error().to_log_text();
    return read ? serialize(*read) : std::string{};
}

std::string nulls_for(wire::object_table const& table) {
    std::string out;
    for (auto const& field : table.fields()) {
        if (field.presence == wire::presence_kind::required) continue;
        out += (out.empty() ? "\"" : ",\"") + std::string(field.name) + "\":null";
    }
    return out;
}

// 10-11: null reads as absence at every level, and absence as the default.
TEST(RuntimeConfig, NullForEveryOptionalMemberGivesTheDefaults) {
    auto const& table = wire_table(wire::tag<rc::runtime_config>{});
    auto const plain = serialized("");
    EXPECT_EQ(serialized(nulls_for(table)), plain);
    int parts = 0;
    for (auto const& row : table.rows()) {
        auto const& data = row.data();
        auto const* const ops = data.ops->value;
        bool const part = ops != nullptr && ops->kind == wire::detail::value_kind::record;
        if (!part || data.ops->may_be_absent) continue;
        EXPECT_EQ(serialized('"' + std::string(data.name) + "\":{" + nulls_for(ops->table()) + '}'),
                  plain)
            << data.name;
        ++parts;
    }
    EXPECT_EQ(parts, 10);
}

struct number_row {
    char const* before;
    char const* after;
    char const* pointer;
    double low;
    double high;
};

// Every bound of spec 10 §3.2, §3.3, §3.4 and §3.6.
constexpr number_row numbers[] = {
    {R"("opening":{"delay_ms":)", "}", "/opening/delay_ms", 0, 5000},
    {R"("re_engagement":{"timeout_seconds":)", "}", "/re_engagement/timeout_seconds", 2, 120},
    {R"("re_engagement":{"max_attempts":)", "}", "/re_engagement/max_attempts", 0, 10},
    {R"("dead_air_seconds":)", "", "/dead_air_seconds", 10, 600},
    {R"("max_call_duration_seconds":)", "", "/max_call_duration_seconds", 10, 14400},
    {R"("min_words_interruption":)", "", "/min_words_interruption", 0, 20},
    {R"("vad":{"confidence":)", "}", "/vad/confidence", 0, 1},
    {R"("vad":{"start_secs":)", "}", "/vad/start_secs", 0, 5},
    {R"("vad":{"stop_secs":)", "}", "/vad/stop_secs", 0, 5},
    {R"("vad":{"min_volume":)", "}", "/vad/min_volume", 0, 1},
    {R"("turn":{"end_silence_ms":)", "}", "/turn/end_silence_ms", 100, 5000},
    {R"("turn":{"max_wait_ms":)", "}", "/turn/max_wait_ms", 500, 15000},
    {R"("voicemail":{"max_detection_seconds":)", "}", "/voicemail/max_detection_seconds", 5, 60},
    {R"("llm":{"provider":"x","model":"","temperature":)", "}", "/llm/temperature", 0, 2},
    {R"("llm":{"provider":"x","model":"","max_tokens":)", "}", "/llm/max_tokens", 1, 32768},
    {R"("tts":{"provider":"x","speed":)", "}", "/tts/speed", 0.25, 4},
    {R"("knowledge":{"top_k":)", "}", "/knowledge/top_k", 1, 10},
    {R"("knowledge":{"score_threshold":)", "}", "/knowledge/score_threshold", 0, 1},
    {R"("knowledge":{"timeout_ms":)", "}", "/knowledge/timeout_ms", 200, 10000},
    {R"("agent_desk":{"priority":)", "}", "/agent_desk/priority", 0, 10},
    {R"("agent_desk":{"timeout_seconds":)", "}", "/agent_desk/timeout_seconds", 10, 3600},
    {R"("recording":{"channels":)", "}", "/recording/channels", 1, 2},
};

TEST(RuntimeConfig, NumbersHaveTheirBounds) {
    for (auto const& row : numbers) {
        auto const with = [&](double value) {
            auto text = std::to_string(value);  // six decimals
            text.erase(text.find_last_not_of('0') + 1);
            if (text.back() == '.') text.pop_back();
            return refused_at(row.before + text + row.after);
        };
        EXPECT_EQ(with(row.low), "") << row.pointer;
        EXPECT_EQ(with(row.high), "") << row.pointer;
        EXPECT_EQ(with(row.low - 1), row.pointer);
        EXPECT_EQ(with(row.high + 1), row.pointer);
    }
}

struct size_row {
    char const* before;
    char const* after;
    char const* pointer;
    std::size_t most;
};

void expect_texts(std::initializer_list<size_row> rows) {
    for (auto const& row : rows) {
        auto const with = [&](std::size_t size) {
            return refused_at(row.before + std::string(size, 'x') + row.after);
        };
        EXPECT_EQ(with(row.most), "") << row.pointer;
        EXPECT_EQ(with(row.most + 1), row.pointer);
    }
}

TEST(RuntimeConfig, TextsHaveTheirBounds) {
    expect_texts({
        {R"("session_id":")", "\"", "/session_id", 128},
        {R"("system_prompt":")", "\"", "/system_prompt", 256 * limits::kib},
        {R"("opening_message":")", "\"", "/opening_message", 8 * limits::kib},
        {R"("bot_id":")", "\"", "/bot_id", limits::text},
        {R"("post_call_analysis_prompt":")", "\"", "/post_call_analysis_prompt", 64 * limits::kib},
        {R"("qc_prompt":")", "\"", "/qc_prompt", 64 * limits::kib},
        {R"("stt":{"provider":")", "\"}", "/stt/provider", 64},
        {R"("vad":{"provider":")", "\"}", "/vad/provider", 64},
        {R"("webhook_url":"http://)", "\"", "/webhook_url", limits::url - 7},
        {R"("recording":{"key":")", "\"}", "/recording/key", 512},
    });
    EXPECT_EQ(refused_at(R"("session_id":"")"), "/session_id");
    EXPECT_EQ(refused_at(R"("webhook_url":"ftp://a/b")"), "/webhook_url");
    EXPECT_EQ(refused_at(R"("webhook_url":"http://u:p@a/b")"), "/webhook_url");
    EXPECT_EQ(refused_at(R"("recording":{"format":"mp3"})"), "/recording/format");
    EXPECT_EQ(refused_at(R"("agent_desk":{"queue":"a b"})"), "/agent_desk/queue");
    EXPECT_EQ(refused_at(R"("recording":{"storage":{"kind":"upload_url"}})"),
              "/recording/storage/upload_url");
}

TEST(RuntimeConfig, ListsHaveTheirBounds) {
    auto const list = [](std::size_t count, auto const& item) {
        std::string out;
        for (std::size_t i = 0; i < count; ++i)
            out += (out.empty() ? "" : ",") + item(i);
        return '[' + out + ']';
    };
    auto const word = [](std::size_t) { return std::string("\"x\""); };
    auto const tool = [](std::size_t i) {
        return R"({"type":"function","function":{"name":"t)" + std::to_string(i) + "\"}}";
    };
    auto const target = [](std::size_t) {
        return std::string(
            R"({"label":"l","method":"agent_desk","type":"agent_queue","value":"q"})");
    };
    EXPECT_EQ(refused_at(R"("re_engagement":{"messages":)" + list(10, word) + '}'), "");
    EXPECT_EQ(refused_at(R"("re_engagement":{"messages":)" + list(11, word) + '}'),
              "/re_engagement/messages");
    EXPECT_EQ(refused_at("\"tools\":" + list(limits::tools, tool)), "");
    EXPECT_EQ(refused_at("\"tools\":" + list(limits::tools + 1, tool)), "/tools");
    EXPECT_EQ(refused_at("\"transfer_targets\":" + list(limits::transfer_targets, target)), "");
    EXPECT_EQ(refused_at("\"transfer_targets\":" + list(limits::transfer_targets + 1, target)),
              "/transfer_targets");
}

TEST(RuntimeConfig, BlocksNeedTheirRequiredMembers) {
    EXPECT_EQ(refused_at(R"("stt":{})"), "/stt/provider");
    EXPECT_EQ(refused_at(R"("tts":{})"), "/tts/provider");
    EXPECT_EQ(refused_at(R"("llm":{"provider":"x"})"), "/llm/model");
    EXPECT_EQ(refused_at(R"("llm":{"provider":"x","model":"","fallback":{"provider":"y"}})"),
              "/llm/fallback/model");
    EXPECT_EQ(refused_at(R"("auto_dispositions":{"rnr":{}})"),
              "/auto_dispositions/rnr/DISPOSITION");
}

TEST(RuntimeConfig, AliasesOfTheBlocks) {
    auto const read = read_config(
        R"("tts":{"provider":"x","voice":"v"},"prompt_parts":{"openai_prompt_cache_key":"k",)"
        R"("openai_prompt_cache_retention":"24h"})");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->tts->voice_id, "v");
    EXPECT_EQ(read->prompt_parts.prompt_cache_key, "k");
    auto const text = serialize(*read);
    for (char const* both : {R"("prompt_cache_key":"k","openai_prompt_cache_key":"k")",
                             R"("prompt_cache_retention":"24h","openai_prompt_cache_retention":)"})
        EXPECT_NE(text.find(both), std::string::npos) << both;
}

TEST(RuntimeConfig, LogsShowNeitherSecretsNorPrompts) {
    auto const read = read_config(
        R"("system_prompt":"Call Ravi","llm":{"provider":"x","model":"m","api_key":"sk-1"},)"
        R"("recording":{"key":"k","storage":{"kind":"upload_url","upload_url":"https://a/?sig=9",)"
        R"("upload_headers":{"A":"hh"}}},"variables":{"crm":{"NAME":"Ravi"}})");
    ASSERT_TRUE(read);
    auto const text = wire::log_text(*read);
    for (char const* hidden : {"Ravi", "sk-1", "sig=9", "hh"})
        EXPECT_EQ(text.find(hidden), std::string::npos) << hidden;
    EXPECT_NE(text.find("<personal:9 bytes>"), std::string::npos);
}

}  // namespace
