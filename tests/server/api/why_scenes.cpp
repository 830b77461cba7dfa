#include "server/api/why_scenes.hpp"

#include <filesystem>
#include <fstream>

#include "server/api/push/push_sender.hpp"

namespace cxb::api::test {
namespace {

namespace fs = std::filesystem;

std::string started(why_test& at) {
    at.start();
    return at.make_bot();
}

// --- bots ---------------------------------------------------------------------------------------
std::string unknown_bot(why_test& at) {
    started(at);
    return "65f000000000000000000001";
}
std::string inactive_bot(why_test& at) {
    at.start();
    return at.make_bot({{"is_active", false}});
}
std::string closed_bot(why_test& at) {  // the clock begins on a Thursday
    at.start();
    return at.make_bot({{"active_hours", {{"enabled", true}, {"days", {"mon"}}}}});
}
std::string incomplete_bot(why_test& at) {
    at.settings.env = server::installation::production;
    return started(at);
}
std::string bot_without_key(why_test& at) {
    at.start();
    return at.make_bot({{"llm", {{"provider", "openai"}, {"model", "gpt-4.1-mini"}}}});
}
std::string bot_with_failing_fetch(why_test& at) {
    at.start();
    at.crm_status = 500;
    auto bot = at.make_bot({{"pre_call_fetch", {{"url", at.crm.url() + "/customer"}}}});
    for (int i = 0; i < 3; ++i)
        at.call_of(bot);
    return bot;
}
std::string bot_with_failed_cache(why_test& at) {
    at.start();
    auto bot = at.make_bot({{"static_system_prompt", "You are Asha."},
                            {"prompt_mode", "direct"},
                            {"live_prompt_cache", {{"enabled", true}}}});
    at.change(model::bots, store::by_id(bot),
              store::update{}.set("live_prompt_cache_state",
                                  json_object{{"provider", "google"},
                                              {"status", "failed"},
                                              {"last_error", "key sk-123 refused"}}));
    return bot;
}

// --- calls --------------------------------------------------------------------------------------
std::string unknown_call(why_test& at) {
    started(at);
    return "s-unknown";
}
std::string refused_call(why_test& at) {
    at.start();
    auto const bot = at.make_bot({{"is_active", false}});
    EXPECT_EQ(at.config_with(bot, {{"_campaign_session_id", "s-1"}}).status, 503);
    return "s-1";
}
std::string call_without_campaign(why_test& at) {
    return at.call_of(started(at), {{"_campaign_id", "c1"}, {"_campaign_call_id", "cc1"}});
}
std::string running_call(why_test& at) {
    return at.call_of(started(at));
}
std::string abandoned_call(why_test& at) {
    at.surroundings.stale_look = 20ms;
    at.settings.loop_lease = 1s;
    auto session = at.call_of(started(at));
    at.clock.advance(600s + 15min + 1s);
    at.forget_token();
    EXPECT_TRUE(eventually([&] { return at.get("calls/" + session).text("status") == "failed"; }));
    return session;
}
std::string orphan_call(why_test& at) {
    started(at);
    at.end_call("s-orphan");
    return "s-orphan";
}
std::string finished_call(why_test& at) {
    return at.ended_call(started(at));
}

// --- pushes -------------------------------------------------------------------------------------
std::string redacted_push(why_test& at) {
    at.start();
    at.crm_status = 503;
    auto session = at.ended_call(at.pushing_bot());
    EXPECT_TRUE(at.push_is(session, "retrying"));
    EXPECT_EQ(at.admin("POST", "/api/v1/calls/" + session + "/redact",
                       json_object{{"reason", "asked to"}})
                  .status,
              200);
    return session;
}
std::string push_of_running_call(why_test& at) {
    at.start();
    return at.call_of(at.pushing_bot());
}
std::string disabled_push(why_test& at) {
    at.start();
    return at.ended_call(at.pushing_bot({{"enabled", false}}));
}
std::string skipped_push(why_test& at) {
    at.start();
    return at.ended_call(at.pushing_bot(), {{"_skip_post_push", true}});
}
std::string push_of_agent_call(why_test& at) {
    at.start();
    auto const bot = at.pushing_bot();
    at.put(model::calls, {{"session_id", "s-agent"},
                          {"call_type", "agent"},
                          {"parent_call_id", "s-parent"},
                          {"status", "completed"},
                          {"bot_id", bot},
                          {"push_state", "skipped"},
                          {"created_at", format_timestamp(at.clock.now())},
                          {"completed_at", format_timestamp(at.clock.now())}});
    return "s-agent";
}
std::string queued_push_of(why_test& at) {
    at.settings.jobs.workers = 0;
    at.start();
    return at.ended_call(at.pushing_bot());
}
std::string failing_push(why_test& at) {
    at.start();
    at.crm_status = 503;
    auto session = at.ended_call(at.pushing_bot());
    EXPECT_TRUE(at.push_is(session, "retrying"));
    return session;
}
std::string push_to_paused_host(why_test& at) {
    auto session = failing_push(at);
    store::update paused;
    paused.set("paused_until", json_value(format_timestamp(at.clock.now() + 30s)));
    auto const done =
        at.beside().run((*at.beside())
                            .update_one(model::push_hosts, store::by_id(push_host(at.crm.url())),
                                        std::move(paused), true));
    EXPECT_TRUE(done && *done);
    return session;
}
std::string cancelled_push(why_test& at) {
    auto session = queued_push_of(at);
    auto const job = std::string(wire::text_at(at.stored_call(session), "push_job"));
    EXPECT_EQ(at.admin("POST", "/api/v1/ops/jobs/" + job + "/cancel").status, 200);
    return session;
}
std::string dead_push(why_test& at) {
    at.start();
    at.crm_status = 400;
    auto session = at.ended_call(at.pushing_bot());
    EXPECT_TRUE(at.push_is(session, "dead"));
    return session;
}
std::string delivered_push(why_test& at) {
    at.start();
    auto session = at.ended_call(at.pushing_bot());
    EXPECT_TRUE(at.push_is(session, "delivered"));
    return session;
}

// --- recordings ---------------------------------------------------------------------------------
std::string recorded_call(why_test& at) {
    return at.ended_call(started(at), {}, {{"recording_key", "2026/01/01/a.wav"}});
}
std::string redacted_recording(why_test& at) {
    auto session = recorded_call(at);
    EXPECT_EQ(at.admin("POST", "/api/v1/calls/" + session + "/redact",
                       json_object{{"reason", "asked to"}})
                  .status,
              200);
    return session;
}
std::string removed_recording(why_test& at) {
    auto session = recorded_call(at);
    at.change(model::calls, model::of_session(session),
              store::update{}
                  .set("recording_removed_at", json_value(format_timestamp(at.clock.now())))
                  .unset("recording_key"));
    return session;
}
std::string call_without_token(why_test& at) {
    auto session = recorded_call(at);
    at.change(model::calls, model::of_session(session),
              store::update{}.unset("recording_access_token"));
    return session;
}
std::string recording_behind_broken_store(why_test& at) {
    auto session = recorded_call(at);
    auto const done = at.admin("PUT", "/api/v1/settings/minio",
                               json_object{{"endpoint", "127.0.0.1:1"},
                                           {"access_key", "key"},
                                           {"secret_key", "secret-of-the-store"},
                                           {"bucket", "recordings"}});
    EXPECT_EQ(done.status, 200) << done.body;
    return session;
}
std::string recording_on_lost_host(why_test& at) {
    auto session = recorded_call(at);
    at.set_fleet({closed_url});
    return session;
}
std::string playable_recording(why_test& at) {
    auto session = recorded_call(at);
    fs::path const file = fs::path(at.settings.data_dir) / "objects/2026/01/01/a.wav";
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "RIFF";
    return session;
}

// --- worker hosts -------------------------------------------------------------------------------
std::string foreign_host(why_test& at) {
    started(at);
    at.set_fleet({at.host.url()});
    return "http://127.0.0.1:2";
}
std::string lost_host(why_test& at) {
    started(at);
    at.set_fleet({closed_url});
    return closed_url;
}
std::string draining_host(why_test& at) {
    started(at);
    return at.with_workers(
        {{.id = "w1", .calls = 1, .max = 1, .draining = true}, {.id = "w2", .reachable = false}});
}
std::string full_host(why_test& at) {
    started(at);
    return at.with_workers({{.id = "w1", .calls = 1, .max = 1}});
}
std::string reserved_host_of(why_test& at) {
    started(at);
    auto url = at.with_workers({{.id = "w1", .calls = 0, .max = 1}});
    at.hold_slot(url);
    return url;
}
std::string free_host(why_test& at) {
    started(at);
    return at.with_workers({{.id = "w1", .calls = 1, .max = 2}});
}
std::string no_host(why_test& at) {
    started(at);
    return at.host.url();
}

// --- numbers ------------------------------------------------------------------------------------
std::string unknown_number(why_test& at) {
    started(at);
    return "+911140000000";
}
std::string outbound_number(why_test& at) {
    auto const bot = started(at);
    return at.number({{"bot_id", bot}, {"direction", "outbound"}});
}
std::string unmapped_number(why_test& at) {
    started(at);
    return at.number();
}
std::string number_of_disabled_carrier(why_test& at) {
    auto const bot = started(at);
    return at.number({{"bot_id", bot}}, {{"enabled", false}});
}
std::string number_of_unsynced_carrier(why_test& at) {
    auto const bot = started(at);
    return at.number({{"bot_id", bot}},
                     {{"lk_sync_status", "error"}, {"lk_sync_error", "secret text"}});
}

constexpr why_scenario scenarios[] = {
    {"bot", "bot_not_found", &unknown_bot},
    {"bot", "bot_inactive", &inactive_bot},
    {"bot", "outside_active_hours", &closed_bot},
    {"bot", "bot_incomplete", &incomplete_bot},
    {"bot", "provider_key_missing", &bot_without_key},
    {"bot", "prefetch_failing", &bot_with_failing_fetch},
    {"bot", "prompt_cache_failed", &bot_with_failed_cache},
    {"bot", "no_number_mapped", &started},
    {"call", "call_not_found", &unknown_call},
    {"call", "config_refused", &refused_call},
    {"call", "linkage_rejected", &call_without_campaign},
    {"call", "running", &running_call},
    {"call", "result_missing", &abandoned_call},
    {"call", "orphan_result", &orphan_call},
    {"call", "finished", &finished_call},
    {"push", "redacted", &redacted_push},
    {"push", "not_finished", &push_of_running_call},
    {"push", "no_push_config", &finished_call},
    {"push", "push_disabled", &disabled_push},
    {"push", "skip_post_push", &skipped_push},
    {"push", "agent_call", &push_of_agent_call},
    {"push", "host_paused", &push_to_paused_host},
    {"push", "retrying", &failing_push},
    {"push", "queued", &queued_push_of},
    {"push", "cancelled", &cancelled_push},
    {"push", "dead", &dead_push},
    {"push", "delivered", &delivered_push},
    {"recording", "redacted", &redacted_recording},
    {"recording", "retention", &removed_recording},
    {"recording", "no_key", &finished_call},
    {"recording", "token_missing", &call_without_token},
    {"recording", "storage_error", &recording_behind_broken_store},
    {"recording", "fleet_unreachable", &recording_on_lost_host},
    {"recording", "object_missing", &recorded_call},
    {"recording", "ready", &playable_recording},
    {"worker", "no_fleet", &no_host},
    {"worker", "not_in_fleet", &foreign_host},
    {"worker", "unreachable", &lost_host},
    {"worker", "draining", &draining_host},
    {"worker", "full", &full_host},
    {"worker", "reserved", &reserved_host_of},
    {"worker", "free", &free_host},
    {"number", "no_did", &unknown_number},
    {"number", "wrong_direction", &outbound_number},
    {"number", "no_bot", &unmapped_number},
    {"number", "carrier_disabled", &number_of_disabled_carrier},
    {"number", "carrier_not_synced", &number_of_unsynced_carrier},
};

}  // namespace

std::span<why_scenario const> why_scenarios() noexcept {
    return scenarios;
}

}  // namespace cxb::api::test
