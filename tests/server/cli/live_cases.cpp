// Commands that ask why, try a bot out and follow what happens.
#include "tests/server/cli/command_cases.hpp"

namespace cxb_test {

std::vector<remote_case> live_cases() {
    return {
        {.command = "why",
         .words = {"why", "worker", "http://a:1"},
         .wrong = {"why", "bot"},
         .method = "GET",
         .target = "/api/v1/why/worker/http%3A%2F%2Fa%3A1",
         .answer =
             R"({"subject":{"kind":"worker","id":"http://a:1"},"verdict":"waiting","reasons":[)"
             R"({"code":"full","text":"All slots are taken.",)"
             R"("since":"2026-01-02T03:04:05.000Z","next_at":"2026-01-02T03:05:05.000Z",)"
             R"("evidence":{"calls":16},"fix":"Add a host"}],"checked_at":"x"})",
         .text = "worker http://a:1: waiting\n- full: All slots are taken, "
                 "since 2026-01-02 03:04:05 UTC, next at 2026-01-02 03:05:05 UTC\n"
                 "  Seen: calls 16\n"
                 "  What to do: Add a host\n",
         .document =
             R"({"subject":{"kind":"worker","id":"http://a:1"},"verdict":"waiting","reasons":[)"
             R"({"code":"full","text":"All slots are taken.",)"
             R"("since":"2026-01-02T03:04:05.000Z",)"
             R"("next_at":"2026-01-02T03:05:05.000Z",)"
             R"("evidence":{"calls":16},"fix":"Add a host"}],"checked_at":"x"})"},
        {.command = "bots live-cache",
         .words = {"bots", "live-cache", "refresh", "b1"},
         .wrong = {"bots", "live-cache", "burn", "b1"},
         .method = "POST",
         .target = "/api/v1/bots/b1/live-prompt-cache/refresh",
         .answer = R"({"enabled":true,"state":{"status":"failed","last_error":"quota"}})",
         .text = "Live prompt cache on, failed: quota\n",
         .document = R"({"enabled":true,"state":{"status":"failed","last_error":"quota"}})"},
        {.command = "bots post-call-cache",
         .words = {"bots", "post-call-cache", "disable", "b1"},
         .wrong = {"bots", "post-call-cache", "disable"},
         .method = "POST",
         .target = "/api/v1/bots/b1/post-call-cache/disable",
         .answer = R"({"enabled":false,"version":null,"ready":false})",
         .text = "Post-call cache off, version -\n",
         .document = R"({"enabled":false,"version":null,"ready":false})"},
        {.command = "bots test-integration",
         .words = {"bots", "test-integration", "b1", "post_call_push", "--session", "s1", "--var",
                   "A=1", "--send"},
         .wrong = {"bots", "test-integration", "b1", "pre_call_fetch", "--var", "A"},
         .method = "POST",
         .target = "/api/v1/bots/b1/integrations/test",
         .body = R"({"kind":"post_call_push","dry_run":false,"session_id":"s1",)"
                 R"("variables":{"A":"1"}})",
         .answer = R"({"request":{"method":"POST","url":"https://c.example/h",)"
                   R"("headers":{"X-Key":"••••••••"},"body":"{}"},)"
                   R"("response":{"status":200,"ms":12,"body":"ok"}})",
         .text = "POST https://c.example/h\n  X-Key: ••••••••\n{}\n"
                 "Answered 200 after 12 ms\nok\n",
         .document = R"({"request":{"method":"POST","url":"https://c.example/h",)"
                     R"("headers":{"X-Key":"••••••••"},"body":"{}"},)"
                     R"("response":{"status":200,"ms":12,"body":"ok"}})"},
        {.command = "bots browser-test",
         .words = {"bots", "browser-test", "b1"},
         .wrong = {"bots", "browser-test"},
         .method = "POST",
         .target = "/api/v1/bots/b1/browser-test",
         .answer = R"({"server_url":"wss://lk","participant_token":"tok",)"
                   R"("test_id":"browser-test-0123"})",
         .text = "The bot waits at wss://lk for who joins with this token:\ntok\n"
                 "Its call has the caller_id browser-test-0123\n",
         .document = R"({"server_url":"wss://lk","participant_token":"tok",)"
                     R"("test_id":"browser-test-0123"})"},
    };
}

}  // namespace cxb_test
