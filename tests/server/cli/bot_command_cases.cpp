#include <iterator>

#include "tests/server/cli/command_cases.hpp"

namespace cxb_test {
namespace {

using cases = std::vector<remote_case>;

cases bot_member_cases() {
    return {
        {.command = "bots list",
         .words = {"bots", "list", "--query", "col lect", "--active", "--limit", "7"},
         .wrong = {"bots", "list", "--limit", "0"},
         .method = "GET",
         .target = "/api/v1/bots?q=col%20lect&is_active=true&limit=7",
         .answer = R"({"items":[{"id":"b1","name":"Collect","is_active":true,)"
                   R"("stt_provider":"sarvam","llm_provider":"openai","tts_provider":null,)"
                   R"("updated_at":"2026-01-02T03:04:05.678Z"}],"total":1})",
         .text = "ID  NAME     ACTIVE  STT     LLM     TTS  UPDATED (UTC)\n"
                 "b1  Collect  true    sarvam  openai  -    2026-01-02 03:04:05\n",
         .document = R"({"items":[{"id":"b1","name":"Collect","is_active":true,)"
                     R"("stt_provider":"sarvam","llm_provider":"openai","tts_provider":null,)"
                     R"("updated_at":"2026-01-02T03:04:05.678Z"}]})"},
        {.command = "bots show",
         .words = {"bots", "show", "b/1"},
         .wrong = {"bots", "show"},
         .method = "GET",
         .target = "/api/v1/bots/b%2F1",
         .answer = R"({"id":"b/1","name":"Collect","languages":["hi","en"]})",
         .text = "id         b/1\nname       Collect\nlanguages  hi,en\n",
         .document = R"({"id":"b/1","name":"Collect","languages":["hi","en"]})"},
        {.command = "bots create",
         .words = {"bots", "create", "-"},
         .wrong = {"bots", "create", "/nowhere/bot.json"},
         .input = R"({"name": "Collect"})",
         .method = "POST",
         .target = "/api/v1/bots",
         .body = R"({"name":"Collect"})",
         .answer = R"({"id":"b1","name":"Collect","version":1})",
         .text = "Created bot b1 (Collect)\n",
         .document = R"({"id":"b1","name":"Collect","version":1})"},
        {.command = "bots update",
         .words = {"bots", "update", "b1", "-", "--if-version", "4"},
         .wrong = {"bots", "update", "b1"},
         .input = R"({"is_active": false, "tts_provider": null})",
         .method = "PUT",
         .target = "/api/v1/bots/b1",
         .body = R"({"is_active":false,"tts_provider":null})",
         .headers = {{"If-Match", "\"4\""}},
         .answer = R"({"id":"b1","name":"Collect","version":5})",
         .text = "Changed bot b1, now version 5\n",
         .document = R"({"id":"b1","name":"Collect","version":5})"},
        {.command = "bots delete",
         .words = {"bots", "delete", "b1"},
         .wrong = {"bots", "delete"},
         .method = "DELETE",
         .target = "/api/v1/bots/b1",
         .text = "Deleted bot b1\n",
         .document = "{}"},
        {.command = "bots rotate-push-secret",
         .words = {"bots", "rotate-push-secret", "b1"},
         .wrong = {"bots", "rotate-push-secret"},
         .method = "POST",
         .target = "/api/v1/bots/b1/push-secret/rotate",
         .answer = R"({"secret":"whsec_1"})",
         .text = "New signing secret, shown only now: whsec_1\n"
                 "The old one signs along until it ends; end it with --end-old.\n",
         .document = R"({"secret":"whsec_1"})"},
        {.command = "bots rotate-push-secret",
         .words = {"bots", "rotate-push-secret", "b1", "--end-old"},
         .wrong = {"bots", "rotate-push-secret", "--end-old"},
         .method = "DELETE",
         .target = "/api/v1/bots/b1/push-secret/rotate",
         .text = "The replaced secret signs no more\n",
         .document = "{}"},
    };
}

cases bot_history_cases() {
    return {
        {.command = "bots set",
         .words = {"bots", "set", "b1", "is_active=false", "name=A=B", "dead_air_seconds=30",
                   "description=null", "--if-version", "4"},
         .wrong = {"bots", "set", "b1", "is_active"},
         .method = "PUT",
         .target = "/api/v1/bots/b1",
         .body = R"({"is_active":false,"name":"A=B","dead_air_seconds":30,"description":null})",
         .headers = {{"If-Match", "\"4\""}},
         .answer = R"({"id":"b1","version":5})",
         .text = "Changed bot b1, now version 5\n",
         .document = R"({"id":"b1","version":5})"},
        {.command = "bots clone",
         .words = {"bots", "clone", "b1", "--name", "Trial"},
         .wrong = {"bots", "clone"},
         .method = "POST",
         .target = "/api/v1/bots/b1/clone",
         .body = R"({"name":"Trial"})",
         .answer = R"({"id":"b2","name":"Trial"})",
         .text = "Created bot b2 (Trial)\n",
         .document = R"({"id":"b2","name":"Trial"})"},
        {.command = "bots versions",
         .words = {"bots", "versions", "b1", "--limit", "5"},
         .wrong = {"bots", "versions", "b1", "--limit", "0"},
         .method = "GET",
         .target = "/api/v1/bots/b1/versions?limit=5",
         .answer = R"({"items":[{"version":2,"changed_by":"a@b.c","note":"restore of version 1",)"
                   R"("changed_at":"2026-01-02T03:04:05.678Z","changed_paths":["/name"]}]})",
         .text = "VERSION  CHANGED (UTC)        BY     NOTE                  WHAT\n"
                 "2        2026-01-02 03:04:05  a@b.c  restore of version 1  /name\n",
         .document = R"({"items":[{"version":2,"changed_by":"a@b.c","note":"restore of version 1",)"
                     R"("changed_at":"2026-01-02T03:04:05.678Z","changed_paths":["/name"]}]})"},
        {.command = "bots diff",
         .words = {"bots", "diff", "b1", "1", "2"},
         .wrong = {"bots", "diff", "b1", "1"},
         .method = "GET",
         .target = "/api/v1/bots/b1/diff?from=1&to=2",
         .answer = R"([{"path":"/name","op":"replace","old":"A","new":"B"},)"
                   R"({"path":"/tags/0","op":"add","new":"x"}])",
         .text = "OP       PATH     OLD  NEW\n"
                 "replace  /name    A    B\n"
                 "add      /tags/0  -    x\n",
         .document = R"({"items":[{"path":"/name","op":"replace","old":"A","new":"B"},)"
                     R"({"path":"/tags/0","op":"add","new":"x"}]})"},
        {.command = "bots restore",
         .words = {"bots", "restore", "b1", "3"},
         .wrong = {"bots", "restore", "b1"},
         .method = "POST",
         .target = "/api/v1/bots/b1/versions/3/restore",
         .answer = R"({"id":"b1","version":8})",
         .text = "Bot b1 is again what it was in version 3, now version 8\n",
         .document = R"({"id":"b1","version":8})"},
    };
}

cases bot_trial_cases() {
    return {
        {.command = "bots variables",
         .words = {"bots", "variables", "b1"},
         .wrong = {"bots", "variables"},
         .method = "GET",
         .target = "/api/v1/bots/b1/variables",
         .answer = R"([{"token":"crm.due","namespace":"crm","used_in":["/a","/b"]}])",
         .text = "TOKEN    READ IN  USED IN\ncrm.due  crm      /a,/b\n",
         .document = R"({"items":[{"token":"crm.due","namespace":"crm","used_in":["/a","/b"]}]})"},
        {.command = "bots test-call",
         .words = {"bots", "test-call", "b1", "+919876543210", "--var", "A=1", "--crm", "N=Ravi",
                   "--from", "+911", "--skip-prefetch", "--push", "--any-time", "--key", "k-1"},
         .wrong = {"bots", "test-call", "b1", "1", "--crm", "novalue"},
         .method = "POST",
         .target = "/api/v1/bots/b1/test-call",
         .body = R"({"to_number":"+919876543210","skip_prefetch":true,"skip_post_push":false,)"
                 R"("ignore_active_hours":true,"from_number":"+911","variables":{"A":"1"},)"
                 R"("mock_crm":{"N":"Ravi"}})",
         .headers = {{"Idempotency-Key", "k-1"}},
         .answer = R"({"status":"accepted","call_id":"c","session_id":"s1"})",
         .text = "Test call accepted, session s1\n",
         .document = R"({"status":"accepted","call_id":"c","session_id":"s1"})"},
        {.command = "bots wss-url",
         .words = {"bots", "wss-url", "b1"},
         .wrong = {"bots", "wss-url"},
         .method = "GET",
         .target = "/api/v1/bots/b1/wss-url",
         .answer = R"({"wss_url":"wss://h/ws/b1","exotel_url":"wss://h/exotel/b1"})",
         .text = "wss_url     wss://h/ws/b1\nexotel_url  wss://h/exotel/b1\n",
         .document = R"({"wss_url":"wss://h/ws/b1","exotel_url":"wss://h/exotel/b1"})"},
    };
}

}  // namespace

std::vector<remote_case> bot_cases() {
    cases out;
    for (auto each : {bot_member_cases(), bot_history_cases(), bot_trial_cases()})
        std::move(each.begin(), each.end(), std::back_inserter(out));
    return out;
}

}  // namespace cxb_test
