// What of a config is prepared per bot version, and when it is made anew (spec 20 §8 "Caching").
#include "cxb/base/limits.hpp"
#include "server/api/api_fixture.hpp"
#include "server/api/config/config_render.hpp"

namespace cxb::api::test {
namespace {

bot_ptr bot_of(json_object content, std::string id = "b1") {
    content.emplace("name", "Asha");
    auto entry = std::make_shared<bot_entry>();
    entry->id = std::move(id);
    entry->version = 1;
    auto bot = parse_bot_document(json_value(content));
    EXPECT_TRUE(bot) << bot.error().to_log_text();
    if (bot) entry->bot = *std::move(bot);
    entry->stored = std::move(content);
    return entry;
}

settings_ptr settings_with(std::map<std::string, secret> keys = {}) {
    auto made = std::make_shared<system_settings>();
    made->api_keys = std::move(keys);
    return made;
}

render_output rendered(bot_ptr const& bot, call_namespaces const& names,
                       settings_ptr const& system = settings_with(), std::string session = "s1") {
    auto const plan = config_plan::make(bot, system, false).value();
    json_object const headers;
    auto const now = *parse_timestamp("2026-01-02T03:04:05Z");
    return plan->render({names, headers, std::move(session), "http://127.0.0.1:1", now, now,
                         secret("key-key-key-key-key-key-key-key-")});
}

call_namespaces named(std::string_view name) {
    return {.call = {{"NAME", name}}, .crm = {}, .system = {}};
}

TEST(ConfigPlan, OnlyWhatNamesTheCallDiffersBetweenCalls) {
    auto const bot = bot_of({{"system_prompt", "You are Asha."},
                             {"opening_message", "Namaste {{call.NAME}}"},
                             {"voicemail_message", "Bye"},
                             {"qc_prompt", "Judge {{args.x}}"}});
    auto const one = wire::parse_json(rendered(bot, named("Ravi")).body).value().as_object();
    auto two = wire::parse_json(rendered(bot, named("Uma"), settings_with(), "s2").body)
                   .value()
                   .as_object();
    EXPECT_EQ(wire::text_at(one, "opening_message"), "Namaste Ravi");
    EXPECT_EQ(wire::text_at(two, "opening_message"), "Namaste Uma");
    EXPECT_EQ(wire::text_at(one, "session_id"), "s1");
    EXPECT_EQ(wire::text_at(two, "session_id"), "s2");
    EXPECT_EQ(wire::text_at(one, "qc_prompt"), "Judge {{args.x}}");
    for (auto const* name : {"opening_message", "session_id", "variables", "recording"})
        two[name] = one.at(name);
    EXPECT_EQ(one, two);
}

TEST(ConfigPlan, EveryKindOfTextIsRendered) {
    json_object const tool{{"type", "function"},
                           {"function", {{"name", "t"}, {"description", "of {{call.NAME}}"}}}};
    auto const bot =
        bot_of({{"static_system_prompt", "Fixed."},
                {"dynamic_runtime_prompt", "For {{call.NAME}}."},
                {"tools", wire::json_array{tool}},
                {"re_engagement", {{"messages", {"{{call.NAME}}?"}}, {"end_message", "Bye {{x}}"}}},
                {"transfer_numbers", {{"desk", "{{call.NAME}}"}}},
                {"agent_desk", {{"hold_message", "Wait, {{call.NAME}}"}}},
                {"recording", {{"announcement", "{{call.NAME}} is recorded"}}}});
    auto const out = rendered(bot, named("Uma"));
    auto const config = wire::parse_json(out.body).value().as_object();
    EXPECT_EQ(wire::text_at(config, "system_prompt"), "Fixed.\n\nFor Uma.");
    EXPECT_EQ(wire::text_at(config, "prompt_parts.static_system_prompt"), "Fixed.");
    EXPECT_EQ(wire::text_at(config, "prompt_parts.dynamic_runtime_prompt"), "For Uma.");
    EXPECT_EQ(config.at("tools").at(0).at("function").at("description").as_string(), "of Uma");
    EXPECT_EQ(config.at("re_engagement").at("messages").at(0).as_string(), "Uma?");
    EXPECT_EQ(wire::text_at(config, "re_engagement.end_message"), "Bye {{x}}");
    EXPECT_EQ(wire::text_at(config, "transfer_numbers.desk"), "Uma");
    EXPECT_EQ(wire::text_at(config, "agent_desk.hold_message"), "Wait, Uma");
    EXPECT_EQ(wire::text_at(config, "recording.announcement"), "Uma is recorded");
    EXPECT_EQ(out.unresolved, domain::unresolved_list{"x"});
}

// 20 §8 step 11; which campaign a call belongs to is told from outside.
json_object with_callback(bot_ptr const& bot, domain::callback_link const* link) {
    auto const plan = config_plan::make(bot, settings_with(), false).value();
    json_object const headers;
    auto const names = named("Uma");
    auto const now = *parse_timestamp("2026-01-02T03:04:05Z");
    render_input input{names, headers, "s1", "http://127.0.0.1:1", now, now, secret("key"), link};
    return wire::parse_json(plan->render(input).body).value().as_object();
}

TEST(ConfigPlan, CallbackTextAndFlagOnlyWhenBothGatesAreOn) {
    domain::callback_link const on{true, true, "at five", "busy"};
    domain::callback_link const off{false, true, "at five", "busy"};
    json_object const content{{"system_prompt", "Hi."}, {"callback_prompt", "Ask {{call.NAME}}."}};
    auto wanting = content;
    wanting["callback_prompt_injection"] = true;
    for (auto const& [bot, link] :
         {std::pair(bot_of(content), &on), std::pair(bot_of(wanting), &off),
          std::pair(bot_of(wanting), static_cast<domain::callback_link const*>(nullptr))}) {
        auto const config = with_callback(bot, link);
        EXPECT_EQ(wire::text_at(config, "system_prompt"), "Hi.");
        EXPECT_EQ(wire::text_at(config, "prompt_parts.dynamic_runtime_prompt"), "");
        EXPECT_FALSE(wire::bool_at(config, "callback_detection_enabled", true));
    }
    auto const config = with_callback(bot_of(wanting), &on);
    EXPECT_EQ(wire::text_at(config, "system_prompt"),
              "Hi.\n\nAsk Uma. This call was asked for by the caller (at five). "
              "Reason given: busy.");
    EXPECT_TRUE(wire::bool_at(config, "callback_detection_enabled"));
}

TEST(ConfigPlan, CallbackTextStandsInTheVaryingPartOfADirectPrompt) {
    domain::callback_link const on{true, false, "", ""};
    auto const config = with_callback(bot_of({{"static_system_prompt", "Fixed."},
                                              {"dynamic_runtime_prompt", "For {{call.NAME}}."},
                                              {"callback_prompt_injection", true}}),
                                      &on);
    std::string const dynamic = "For Uma.\n\n" + std::string(domain::builtin_callback_text);
    EXPECT_EQ(wire::text_at(config, "prompt_parts.dynamic_runtime_prompt"), dynamic);
    EXPECT_EQ(wire::text_at(config, "prompt_parts.static_system_prompt"), "Fixed.");
    EXPECT_EQ(wire::text_at(config, "system_prompt"), "Fixed.\n\n" + dynamic);
}

TEST(ConfigPlan, CallbackTextFollowsThePromptOfAPolicy) {
    domain::callback_link const on{true, false, "", ""};
    auto const config =
        with_callback(bot_of({{"conversation_policy", {{"type", "collection_recovery"}}},
                              {"callback_prompt_injection", true}}),
                      &on);
    auto const prompt = std::string(wire::text_at(config, "system_prompt"));
    EXPECT_TRUE(prompt.starts_with("# Role\n"));
    EXPECT_TRUE(prompt.ends_with("\n\n" + std::string(domain::builtin_callback_text)));
}

TEST(ConfigPlan, ReadsAsTheContractSays) {
    auto const out = rendered(bot_of({{"system_prompt", "Hi {{call.NAME}}"}}), named("\"Ravi\"\n"));
    auto const config = rc::parse_runtime_config(out.body);
    ASSERT_TRUE(config) << config.error().to_log_text();
    EXPECT_EQ(config->system_prompt, "Hi \"Ravi\"\n");
    EXPECT_EQ(rc::serialize(*config), out.body);
}

TEST(ConfigPlans, LiveAsLongAsTheBotVersionAndTheSettings) {
    config_plans plans(false);
    auto const bot = bot_of({{"system_prompt", "one"}});
    auto const system = settings_with();
    auto const first = plans.get(bot, system).value();
    EXPECT_EQ(plans.get(bot, system).value(), first);
    auto const saved = bot_of({{"system_prompt", "two"}});
    auto const second = plans.get(saved, system).value();
    EXPECT_NE(second, first);
    auto const keys = settings_with({{"deepgram", secret("k")}});
    EXPECT_NE(plans.get(saved, keys).value(), second);
}

TEST(ConfigPlans, ABotThatIsNotCompleteIsRefusedEachTime) {
    config_plans plans(true);
    auto const bot = bot_of({{"system_prompt", "one"}});
    for (int i = 0; i < 2; ++i) {
        auto const refused = plans.get(bot, settings_with());
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().reason(), "bot_incomplete");
    }
}

// 20 §8 step 13
TEST(ConfigPlan, AMissingBlockTakesTheVoiceDefaultsWithTheirKeys) {
    auto made = std::make_shared<system_settings>(*settings_with({{"deepgram", secret("k-1")}}));
    made->voice_defaults.stt.emplace();
    made->voice_defaults.stt->provider = "deepgram";
    made->voice_defaults.stt->model = "nova-3";
    made->voice_defaults.llm.emplace();
    made->voice_defaults.llm->provider = "openai";
    made->voice_defaults.llm->model = "gpt-4.1-mini";
    made->voice_defaults.tts.emplace();
    made->voice_defaults.tts->provider = "flite";
    settings_ptr const system = made;
    auto const bot = bot_of({{"llm", {{"provider", "google"}, {"model", "own"}}}});
    auto const plan = config_plan::make(bot, system, true);
    ASSERT_TRUE(plan) << "complete by the defaults";
    auto const out = rendered(bot, named("Ravi"), system);
    auto const config = wire::parse_json(out.body).value().as_object();
    EXPECT_EQ(wire::text_at(config, "stt.provider"), "deepgram");
    EXPECT_EQ(wire::text_at(config, "stt.model"), "nova-3");
    EXPECT_EQ(wire::text_at(config, "stt.api_key"), "k-1");
    EXPECT_EQ(wire::text_at(config, "llm.model"), "own") << "the bot's own block counts";
    EXPECT_EQ(wire::text_at(config, "tts.provider"), "flite");
    EXPECT_EQ(out.notes, std::vector<std::string>{"provider_key_missing:google"});
}

// An admin chooses where a bot's block leads; the system's keys are a super_admin's.
TEST(ConfigPlan, AKeyOfTheSystemGoesOnlyWhereTheSystemSendsIt) {
    auto made = std::make_shared<system_settings>(
        *settings_with({{"openai", secret("k-1")}, {"mine", secret("k-2")}}));
    made->providers["mine"].base_url = "https://llm.example.com/v1";
    settings_ptr const system = made;
    auto const key_at = [&](std::string_view provider, char const* base_url, char const* own = "") {
        json_object block{{"provider", provider}, {"model", "m"}, {"api_key", own}};
        if (base_url != nullptr) block["base_url"] = base_url;
        json_object with_fallback = block;
        with_fallback["api_key"] = "other";
        with_fallback["fallback"] = block;
        auto const out = rendered(bot_of({{"llm", block},
                                          {"stt", with_fallback},
                                          {"tts", {{"provider", "flite"}, {"model", "m"}}},
                                          {"post_call_llm", block}}),
                                  named("Ravi"), system);
        auto const config = wire::parse_json(out.body).value().as_object();
        std::string const key(wire::text_at(config, "llm.api_key"));
        EXPECT_EQ(wire::text_at(config, "stt.fallback.api_key"), key) << base_url;
        EXPECT_EQ(wire::text_at(config, "post_call_llm.api_key"), key) << base_url;
        EXPECT_EQ(out.notes.size(), key.empty() ? 3U : 0U) << base_url;
        return key;
    };
    EXPECT_EQ(key_at("openai", nullptr), "k-1");
    EXPECT_EQ(key_at("openai", "https://evil.example.com/v1"), "");
    EXPECT_EQ(key_at("openai", "https://evil.example.com/v1", "sk-own"), "sk-own");
    EXPECT_EQ(key_at("mine", "https://LLM.example.com/v2"), "k-2");
    EXPECT_EQ(key_at("mine", "http://llm.example.com/v1"), "");
    EXPECT_EQ(key_at("mine", "https://llm.example.com:8443/v1"), "");
    EXPECT_EQ(key_at("mine", "https://llm.example.com.evil.example/v1"), "");
}

TEST(ConfigPlan, DefaultsOfTheSystemKeepItsKeyWhereverTheyLead) {
    auto made = std::make_shared<system_settings>(*settings_with({{"openai", secret("k-1")}}));
    made->voice_defaults.llm.emplace();
    made->voice_defaults.llm->provider = "openai";
    made->voice_defaults.llm->model = "m";
    made->voice_defaults.llm->base_url = "https://llm.example.com/v1";
    auto const out = rendered(bot_of({}), named("Ravi"), made);
    auto const config = wire::parse_json(out.body).value().as_object();
    EXPECT_EQ(wire::text_at(config, "llm.api_key"), "k-1");
}

TEST(ConfigPlan, WithoutABlockAnywhereItIsSimulatedOrIncomplete) {
    auto made = std::make_shared<system_settings>();
    made->voice_defaults.stt.emplace();
    made->voice_defaults.stt->provider = "deepgram";
    settings_ptr const system = made;
    auto const bot = bot_of({});
    auto const config =
        wire::parse_json(rendered(bot, named("Ravi"), system).body).value().as_object();
    EXPECT_EQ(wire::text_at(config, "stt.provider"), "deepgram");
    EXPECT_EQ(wire::text_at(config, "llm.provider"), "simulated");
    EXPECT_EQ(wire::text_at(config, "tts.model"), "simulated");
    auto const refused = config_plan::make(bot, system, true);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().detail(), "bot_incomplete: llm");
}

TEST(ConfigPlan, AServiceAccountBringsItsProject) {
    auto const system =
        settings_with({{"google_vertex", secret(R"({"project_id":"p1","private_key":"x"})")}});
    auto const llm = [&](json_object extra) {
        auto const bot =
            bot_of({{"llm", {{"provider", "google_vertex"}, {"model", "m"}, {"extra", extra}}}});
        auto const out = rendered(bot, named("Ravi"), system);
        EXPECT_TRUE(out.notes.empty());
        return wire::parse_json(out.body).value().at("llm").as_object();
    };
    EXPECT_EQ(wire::text_at(llm({{"location", "eu"}}), "extra.project_id"), "p1");
    EXPECT_EQ(wire::text_at(llm({{"location", "eu"}}), "extra.location"), "eu");
    EXPECT_EQ(wire::text_at(llm({{"project_id", "own"}}), "extra.project_id"), "own");
}

TEST(ConfigPlans, AreBounded) {
    config_plans plans(false);
    auto const system = settings_with();
    for (std::size_t i = 0; i <= limits::config_plans; ++i)
        ASSERT_TRUE(plans.get(bot_of({{"system_prompt", ""}}, std::to_string(i)), system));
    EXPECT_LE(plans.size(), limits::config_plans);
}

}  // namespace
}  // namespace cxb::api::test
