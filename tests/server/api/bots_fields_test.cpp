// Every member of a bot with its default and its bounds, and the rules across members
// (spec 20 §5.1). The bounds of a config's members are those of the config (10 §3).
#include <set>

#include "server/api/api_fixture.hpp"
#include "server/api/bots/bot_document.hpp"
#include "server/api/bots/bot_rules.hpp"

namespace cxb::api::test {
namespace {

domain::guard_policy const& guard() {
    static auto const made = domain::make_guard_policy(true, {}).value();
    return made;
}

result<accepted_bot> accept(json_object body) {
    body.emplace("name", "x");
    return accept_bot({}, std::move(body), guard());
}

std::vector<std::string> faults_of(json_object body) {
    std::vector<std::string> out;
    auto const got = accept(std::move(body));
    if (got) return out;
    auto const cause = got.error();
    for (auto const& one : cause.faults())
        out.push_back(one.pointer);
    return out;
}

// `around` is a bot with `@` where the value stands; `pointer` leads there.
struct place {
    char const* pointer;
    char const* around;
};

json_object bot_with(place const& at, std::string const& value) {
    std::string text = at.around;
    text.replace(text.find('@'), 1, value);
    auto const parsed = wire::parse_json(text);
    EXPECT_TRUE(parsed) << text;
    return parsed ? parsed->as_object() : json_object{};
}

void expect_good(place const& at, std::string const& value) {
    auto const got = accept(bot_with(at, value));
    EXPECT_TRUE(got) << at.pointer << " " << value.substr(0, 40) << " "
                     << got.error().to_log_text();
}

void expect_bad(place const& at, std::string const& value) {
    EXPECT_EQ(faults_of(bot_with(at, value)), std::vector<std::string>{at.pointer})
        << value.substr(0, 40);
}

#define IN_STT "{\"stt\":{\"provider\":\"x\","
#define IN_LLM "{\"llm\":{\"provider\":\"x\",\"model\":\"m\","
#define IN_TTS "{\"tts\":{\"provider\":\"x\","
#define IN_FETCH "{\"pre_call_fetch\":{\"url\":\"https://crm.example.com/\","
#define IN_PUSH "{\"post_call_push\":{\"url\":\"https://crm.example.com/\","

struct number_bounds {
    place at;
    double low;
    double high;
    double step = 1;
};
constexpr number_bounds numbers[] = {
    {{"/dead_air_seconds", "{\"dead_air_seconds\":@}"}, 10, 600},
    {{"/max_call_duration_seconds", "{\"max_call_duration_seconds\":@}"}, 10, 14400},
    {{"/min_words_interruption", "{\"min_words_interruption\":@}"}, 0, 20},
    {{"/opening/delay_ms", "{\"opening\":{\"delay_ms\":@}}"}, 0, 5000},
    {{"/re_engagement/timeout_seconds", "{\"re_engagement\":{\"timeout_seconds\":@}}"}, 2, 120},
    {{"/re_engagement/max_attempts", "{\"re_engagement\":{\"max_attempts\":@}}"}, 0, 10},
    {{"/vad/confidence", "{\"vad\":{\"confidence\":@}}"}, 0, 1, 0.01},
    {{"/vad/start_secs", "{\"vad\":{\"start_secs\":@}}"}, 0, 5, 0.01},
    {{"/vad/stop_secs", "{\"vad\":{\"stop_secs\":@}}"}, 0, 5, 0.01},
    {{"/vad/min_volume", "{\"vad\":{\"min_volume\":@}}"}, 0, 1, 0.01},
    {{"/turn/end_silence_ms", "{\"turn\":{\"end_silence_ms\":@}}"}, 100, 5000},
    {{"/turn/max_wait_ms", "{\"turn\":{\"max_wait_ms\":@}}"}, 500, 15000},
    {{"/voicemail/max_detection_seconds", "{\"voicemail\":{\"max_detection_seconds\":@}}"}, 5, 60},
    {{"/llm/temperature", IN_LLM "\"temperature\":@}}"}, 0, 2, 0.01},
    {{"/llm/max_tokens", IN_LLM "\"max_tokens\":@}}"}, 1, 32768},
    {{"/tts/speed", IN_TTS "\"speed\":@}}"}, 0.25, 4, 0.01},
    {{"/agent_desk/priority", "{\"agent_desk\":{\"priority\":@}}"}, 0, 10},
    {{"/agent_desk/timeout_seconds", "{\"agent_desk\":{\"timeout_seconds\":@}}"}, 10, 3600},
    {{"/recording/channels", "{\"recording\":{\"channels\":@}}"}, 1, 2},
    {{"/knowledge_top_k", "{\"knowledge_top_k\":@}"}, 1, 10},
    {{"/knowledge_score_threshold", "{\"knowledge_score_threshold\":@}"}, 0, 1, 0.01},
    {{"/post_call_cache/version_override", "{\"post_call_cache\":{\"version_override\":@}}"},
     0,
     1000000},
    {{"/pre_call_fetch/timeout_ms", IN_FETCH "\"timeout_ms\":@}}"}, 100, 4000},
    {{"/pre_call_fetch/retries", IN_FETCH "\"retries\":@}}"}, 0, 2},
    {{"/pre_call_fetch/cache_ttl_seconds", IN_FETCH "\"cache_ttl_seconds\":@}}"}, 0, 3600},
    {{"/pre_call_fetch/stale_if_error_seconds", IN_FETCH "\"stale_if_error_seconds\":@}}"},
     0,
     86400},
    {{"/post_call_push/timeout_seconds", IN_PUSH "\"timeout_seconds\":@}}"}, 1, 30},
    {{"/post_call_push/max_attempts", IN_PUSH "\"max_attempts\":@}}"}, 1, 20},
};

TEST(BotFields, NumbersStayWithinTheirBounds) {
    auto const text = [](double value) { return wire::to_text(json_value(value)); };
    for (auto const& [at, low, high, step] : numbers) {
        expect_good(at, text(low));
        expect_good(at, text(high));
        expect_bad(at, text(low - step));
        expect_bad(at, text(high + step));
        expect_bad(at, "\"7\"");
    }
}

struct text_bounds {
    place at;
    std::size_t longest;
    bool may_be_empty = true;
};
constexpr std::size_t kib = limits::kib;
constexpr text_bounds texts[] = {
    {{"/name", "{\"name\":@}"}, 120, false},
    {{"/description", "{\"description\":@}"}, 2000},
    {{"/tags/0", "{\"tags\":[@]}"}, 40},
    {{"/system_prompt", "{\"system_prompt\":@}"}, 256 * kib},
    {{"/static_system_prompt", "{\"static_system_prompt\":@}"}, 256 * kib},
    {{"/dynamic_runtime_prompt", "{\"dynamic_runtime_prompt\":@}"}, 256 * kib},
    {{"/opening_message", "{\"opening_message\":@}"}, 8 * kib},
    {{"/max_duration_message", "{\"max_duration_message\":@}"}, 8 * kib},
    {{"/voicemail_message", "{\"voicemail_message\":@}"}, 8 * kib},
    {{"/pre_transfer_message", "{\"pre_transfer_message\":@}"}, 8 * kib},
    {{"/callback_prompt", "{\"callback_prompt\":@}"}, 4000},
    {{"/post_call_analysis_prompt", "{\"post_call_analysis_prompt\":@}"}, 64 * kib},
    {{"/qc_prompt", "{\"qc_prompt\":@}"}, 64 * kib},
    {{"/knowledge_trigger_instructions", "{\"knowledge_trigger_instructions\":@}"}, 4000},
    {{"/knowledge_fallback_message", "{\"knowledge_fallback_message\":@}"}, 1000},
    {{"/stt/provider", "{\"stt\":{\"provider\":@}}"}, 64, false},
    {{"/stt/api_key", IN_STT "\"api_key\":@}}"}, 8192},
    {{"/sip_header_config/headers/0/name",
      "{\"sip_header_config\":{\"headers\":[{\"header\":\"X-A\",\"name\":@}]}}"},
     64,
     false},
};

TEST(BotFields, TextsStayWithinTheirBounds) {
    auto const quoted = [](std::size_t length) { return "\"" + std::string(length, 'x') + "\""; };
    for (auto const& [at, longest, may_be_empty] : texts) {
        expect_good(at, quoted(longest));
        expect_bad(at, quoted(longest + 1));
        expect_bad(at, "7");
        if (may_be_empty)
            expect_good(at, quoted(0));
        else
            expect_bad(at, quoted(0));
    }
}

struct list_bounds {
    place at;
    char const* item;  ///< `#` is its number
    std::size_t most;
    char const* brackets = "[]";
};
constexpr list_bounds lists[] = {
    {{"/tags", "{\"tags\":@}"}, "\"t#\"", 20},
    {{"/re_engagement/messages", "{\"re_engagement\":{\"messages\":@}}"}, "\"m#\"", 10},
    {{"/tools", "{\"tools\":@}"},
     "{\"type\":\"function\",\"function\":{\"name\":\"f#\"}}",
     limits::tools},
    {{"/transfer_targets", "{\"transfer_targets\":@}"},
     "{\"id\":\"t#\",\"label\":\"l\",\"method\":\"sip_refer\",\"type\":\"sip_uri\","
     "\"value\":\"sip:a\"}",
     limits::transfer_targets},
    {{"/transfer_numbers", "{\"transfer_numbers\":@}"},
     "\"n#\":\"1001\"",
     limits::transfer_targets,
     "{}"},
    {{"/sip_header_config/headers", "{\"sip_header_config\":{\"headers\":@}}"},
     "{\"header\":\"X-#\"}",
     32},
    {{"/knowledge_kb_ids", "{\"knowledge_kb_ids\":@}"}, "\"65f0000000000000000000#\"", 20},
    {{"/widget_allowed_origins", "{\"widget_allowed_origins\":@}"}, "\"https://a#.example\"", 50},
    {{"/pre_call_fetch/headers", IN_FETCH "\"headers\":@}}"}, "\"X-#\":\"v\"", 32, "{}"},
    {{"/pre_call_fetch/query", IN_FETCH "\"query\":@}}"}, "\"q#\":\"v\"", 32, "{}"},
    {{"/pre_call_fetch/mapping", IN_FETCH "\"mapping\":@}}"}, "\"m#\":\"/a\"", 200, "{}"},
    {{"/post_call_push/headers", IN_PUSH "\"headers\":@}}"}, "\"X-#\":\"v\"", 32, "{}"},
    {{"/post_call_push/key_mapper", IN_PUSH "\"key_mapper\":@}}"}, "\"k#\":\"v\"", 200, "{}"},
};

TEST(BotFields, ListsStayWithinTheirBounds) {
    for (auto const& [at, item, most, brackets] : lists) {
        auto const with = [&](std::size_t count) {
            std::string out(1, brackets[0]);
            for (std::size_t i = 0; i < count; ++i) {
                std::string one = item;
                one.replace(one.find('#'), 1, std::to_string(100 + i));
                out += (i > 0 ? "," : "") + one;
            }
            return out + brackets[1];
        };
        expect_good(at, with(0));
        expect_good(at, with(most));
        expect_bad(at, with(most + 1));
    }
}

struct word_bounds {
    place at;
    std::vector<std::string> good;
    std::vector<std::string> bad;
};

TEST(BotFields, WordsAndFormsAreChecked) {
    word_bounds const rows[] = {
        {{"/prompt_mode", "{\"prompt_mode\":@}"}, {"\"legacy\"", "\"direct\"", "null"}, {"\"x\""}},
        {{"/live_prompt_cache/retention", "{\"live_prompt_cache\":{\"retention\":@}}"},
         {"\"in_memory\"", "\"24h\""},
         {"\"1h\""}},
        {{"/timezone", "{\"timezone\":@}"}, {"\"Asia/Kolkata\""}, {"\"Mars/One\"", "\"\"", "5"}},
        {{"/active_hours/start_time", "{\"active_hours\":{\"start_time\":@}}"},
         {"\"00:00\"", "\"23:59\""},
         {"\"24:00\"", "\"9:00\"", "900"}},
        {{"/active_hours/end_time", "{\"active_hours\":{\"end_time\":@}}"},
         {"\"24:00\""},
         {"\"24:01\"", "\"25:00\""}},
        {{"/active_hours/days/0", "{\"active_hours\":{\"days\":[@]}}"},
         {"\"mon\"", "\"Monday\"", "0", "6"},
         {"\"Mo\"", "7", "-1", "null"}},
        {{"/pre_call_fetch/method", IN_FETCH "\"method\":@}}"}, {"\"PUT\""}, {"\"PATCH\""}},
        {{"/pre_call_fetch/on_failure", IN_FETCH "\"on_failure\":@}}"}, {"\"reject\""}, {"\"x\""}},
        {{"/pre_call_fetch/response_path", IN_FETCH "\"response_path\":@}}"},
         {"\"\"", "\"/a/0\""},
         {"\"a\""}},
        {{"/pre_call_fetch/auth/type", IN_FETCH "\"auth\":{\"type\":@}}}"},
         {"\"none\"", "\"basic\"", "\"bearer\""},
         {"\"digest\""}},
        {{"/post_call_push/method", IN_PUSH "\"method\":@}}"}, {"\"GET\""}, {"\"DELETE\""}},
        {{"/post_call_push/format", IN_PUSH "\"format\":@}}"}, {"\"form\""}, {"\"xml\""}},
        {{"/sip_header_config/headers/0/header",
          "{\"sip_header_config\":{\"headers\":[{\"header\":@}]}}"},
         {"\"X-Acct-Id\"", "\"x-a\""},
         {"\"Acct\""}},
        {{"/agent_desk/queue", "{\"agent_desk\":{\"queue\":@}}"}, {"\"default\""}, {"\"a b\""}},
        {{"/is_active", "{\"is_active\":@}"}, {"true", "false"}, {"\"true\"", "1"}},
    };
    for (auto const& [at, good, bad] : rows) {
        for (auto const& one : good)
            expect_good(at, one);
        for (auto const& one : bad)
            expect_bad(at, one);
    }
}

TEST(BotFields, DaysAreStoredInOneSpelling) {
    auto const got =
        accept(bot_with({"", "{\"active_hours\":{\"days\":@}}"}, "[\"Monday\",2,\"SUN\",\"mon\"]"));
    ASSERT_TRUE(got);
    EXPECT_EQ(wire::to_text(got->document.at("active_hours").at("days")), R"(["mon","wed","sun"])");
}

TEST(BotFields, TheDefaultsAreThoseOfTheChapter) {
    auto const made = accept({});
    ASSERT_TRUE(made);
    auto const expected = wire::parse_json(R"({
        "name": "x", "description": "", "tags": [], "is_active": true, "timezone": "UTC",
        "active_hours": {"enabled": false, "start_time": "09:00", "end_time": "18:00",
                         "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]},
        "system_prompt": "", "static_system_prompt": "", "dynamic_runtime_prompt": "",
        "opening_message": "", "dead_air_seconds": 60, "max_call_duration_seconds": 600,
        "max_duration_message": "", "min_words_interruption": 3, "voicemail_message": "",
        "pre_transfer_message": "", "tools": [], "transfer_targets": [], "transfer_numbers": {},
        "callback_prompt_injection": false, "sip_header_config": {"enabled": false, "headers": []},
        "knowledge_enabled": false, "knowledge_trigger_instructions": "", "knowledge_kb_ids": [],
        "knowledge_top_k": 5, "knowledge_score_threshold": 0.5, "knowledge_strict": false,
        "knowledge_fallback_message": "", "widget_allowed_origins": [],
        "post_call_cache": {"enabled": false, "version_override": 0},
        "live_prompt_cache": {"enabled": false, "retention": "in_memory"},
        "opening": {"delay_ms": 0, "interruptible": false},
        "vad": {"confidence": 0.7, "start_secs": 0.2, "stop_secs": 0.8, "min_volume": 0.6},
        "turn": {"strategy": "vad", "end_silence_ms": 800, "max_wait_ms": 3000,
                 "interim_transcripts": true},
        "voicemail": {"detection_enabled": false, "max_detection_seconds": 20},
        "agent_desk": {"enabled": false, "queue": "default", "language": "", "priority": 5,
                       "hold_message": "", "timeout_seconds": 120},
        "recording": {"enabled": true, "channels": 2, "announcement": ""}})");
    auto document = normal_form(made->document);
    document.erase("interruption");  // its phrases stand in the contract's own test
    EXPECT_EQ(wire::to_canonical(json_value(document)), wire::to_canonical(*expected));
    EXPECT_TRUE(made->warnings.empty());
}

// Bounds are said twice, by two tables: they must say the same.
TEST(BotFields, MembersOfTheConfigHaveItsBounds) {
    std::set<std::string_view> shared;
    auto const in_config = rc::runtime_config_fields();
    for (auto const& ours : bot_document_fields())
        for (auto const& theirs : in_config) {
            if (ours.name != theirs.name || ours.record != theirs.record) continue;
            shared.insert(ours.name);
            std::string const name(ours.name);
            EXPECT_EQ(ours.type, theirs.type) << name;
            EXPECT_EQ(ours.min, theirs.min) << name;
            EXPECT_EQ(ours.max, theirs.max) << name;
            EXPECT_EQ(ours.max_bytes, theirs.max_bytes) << name;
            EXPECT_EQ(ours.max_items, theirs.max_items) << name;
            bool const same_need = ours.presence == theirs.presence;
            if (same_need) EXPECT_EQ(ours.default_json, theirs.default_json) << name;
        }
    EXPECT_GE(shared.size(), 25U);
}

}  // namespace
}  // namespace cxb::api::test
