// kill -9 of the API between the provider's answer and the state of the bot: the next holder of the
// lease makes a cache, one, and the events tell of the one that nobody knows.
#include "e2e/answering_host.hpp"
#include "e2e/crash/crash_subject.hpp"

namespace cxb::e2e {
namespace {

using namespace std::chrono_literals;

class CrashPromptCache : public crash_subject {
  protected:
    answering_host google{[](wire::http_request const&, int number) {
        return answering_host::json(200, R"({"name":"cachedContents/c)" + std::to_string(number) +
                                             R"(","expireTime":"2099-01-01T00:00:00Z"})");
    }};

    std::size_t made() { return google.asked("/v1beta/cachedContents").size(); }
    wire::json_object direct_bot() {
        return {{"name", "Asha"},
                {"pre_call_fetch", nullptr},
                {"post_call_push", nullptr},
                {"system_prompt", ""},
                {"static_system_prompt", "You are Asha."},
                {"dynamic_runtime_prompt", "Customer: {{NAME}}."},
                {"llm",
                 {{"provider", "google"},
                  {"model", "gemini-2.5-flash"},
                  {"api_key", "key-of-the-provider"},
                  {"base_url", google.url()}}},
                {"live_prompt_cache", {{"enabled", true}}}};
    }
    std::string state(char const* member) {
        auto text = rows(std::string("select json_extract(doc,'$.live_prompt_cache_state.") +
                         member + "') from bots");
        return text.substr(0, text.find('\n'));
    }
    std::string events() {
        return rows(
            "select group_concat(word) from (select json_extract(doc,'$.event') as word from "
            "live_prompt_cache_events order by json_extract(doc,'$.state_rev'))");
    }
};

// 20 §10
TEST_F(CrashPromptCache, OneThatWasMadeAndNotKeptIsFollowedByOneOther) {
    forbid("key-of-the-provider");
    start_dying("cache.made");
    (void)admin("POST", "/api/v1/bots", direct_bot());  // it may die before it answers
    expect_death();
    ASSERT_EQ(made(), 1U);
    EXPECT_EQ(state("status"), "creating");
    EXPECT_EQ(state("cache_name"), "");
    // While the lease of the one that died lasts, nobody makes another.
    step_clock(10s);
    start_api(more);
    ASSERT_TRUE(rows_become("select json_extract(doc,'$.attempts') from jobs", "2\n"));
    EXPECT_EQ(made(), 1U);
    step_clock(60s);
    ASSERT_TRUE(asking_eventually([&] { return state("status") == "ready"; }, 60s));
    EXPECT_EQ(state("cache_name"), "cachedContents/c2");
    EXPECT_EQ(events(), "creating,creating,created\n");
    auto const id = rows("select id from bots");
    auto const config = as_core("GET", api_url + "/api/v1/config/" + id.substr(0, id.find('\n')));
    EXPECT_NE(config.text.find("cachedContents/c2"), std::string::npos) << config.text;
    // The job has ended; another start makes nothing.
    ASSERT_TRUE(rows_become("select json_extract(doc,'$.state') from jobs", "done\n"));
    kill_api();
    step_clock(120s);
    start_sound();
    EXPECT_EQ(admin("GET", "/api/v1/auth/me").status, 200);
    EXPECT_EQ(made(), 2U);
}

}  // namespace
}  // namespace cxb::e2e
