#include "tests/server/cli/command_cases.hpp"

namespace cxb_test {

namespace {

std::vector<remote_case> glance_cases() {
    return {
        {.command = "analytics overview",
         .words = {"analytics", "overview", "--bot", "b1", "--campaign", "c1", "--from",
                   "2026-01-01T00:00:00Z", "--to", "2026-01-02T00:00:00Z", "--tz", "Asia/Kolkata"},
         .wrong = {"analytics", "overview", "b1"},
         .method = "GET",
         .target = "/api/v1/analytics/overview?bot_id=b1&campaign_id=c1"
                   "&from=2026-01-01T00%3A00%3A00Z&to=2026-01-02T00%3A00%3A00Z"
                   "&tz=Asia%2FKolkata",
         .answer = R"({"range":{"from":"2026-01-01T00:00:00.000Z",)"
                   R"("to":"2026-01-02T00:00:00.000Z","tz":"Asia/Kolkata"},)"
                   R"("calls":{"total":9,"active":1,"completed":5,"failed":2,"voicemail":1,)"
                   R"("inbound":4,"outbound":5},"connected":4,"connect_rate":50,)"
                   R"("avg_duration_seconds":12.5,"talk_seconds":50,"transferred":1,)"
                   R"("pushes":{"queued":1,"delivered":7,"dead":0},)"
                   R"("fleet":{"total_capacity":16,"active_calls":1,"available":15},)"
                   R"("previous":{"calls":{"total":0},"connect_rate":null}})",
         .text = "2026-01-01 00:00:00 to 2026-01-02 00:00:00 UTC\n"
                 "                  NOW   BEFORE\n"
                 "Calls             9     0\n"
                 "active            1     -\n"
                 "completed         5     -\n"
                 "failed            2     -\n"
                 "voicemail         1     -\n"
                 "inbound           4     -\n"
                 "outbound          5     -\n"
                 "Connected         4     -\n"
                 "Connect rate %    50    -\n"
                 "Average seconds   12.5  -\n"
                 "Talk seconds      50    -\n"
                 "Transferred       1     -\n"
                 "Pushes queued     1     -\n"
                 "Pushes delivered  7     -\n"
                 "Pushes dead       0     -\n"
                 "Fleet: capacity 16, running 1, free 15\n",
         .document = R"({"range":{"from":"2026-01-01T00:00:00.000Z",)"
                     R"("to":"2026-01-02T00:00:00.000Z","tz":"Asia/Kolkata"},)"
                     R"("calls":{"total":9,"active":1,"completed":5,"failed":2,"voicemail":1,)"
                     R"("inbound":4,"outbound":5},"connected":4,"connect_rate":50,)"
                     R"("avg_duration_seconds":12.5,"talk_seconds":50,"transferred":1,)"
                     R"("pushes":{"queued":1,"delivered":7,"dead":0},)"
                     R"("fleet":{"total_capacity":16,"active_calls":1,"available":15},)"
                     R"("previous":{"calls":{"total":0},"connect_rate":null}})"},
        {.command = "analytics volume",
         .words = {"analytics", "volume", "--bucket", "hour", "--tz", "UTC"},
         .wrong = {"analytics", "volume", "--limit", "3"},
         .method = "GET",
         .target = "/api/v1/analytics/volume?tz=UTC&bucket=hour",
         .answer = R"({"tz":"UTC","bucket":"hour","series":[{"start":"2026-01-01T10:00:00.000Z",)"
                   R"("total":3,"completed":2,"failed":1,"voicemail":0,"connected":2,)"
                   R"("talk_seconds":61.5}]})",
         .text = "START (UTC)          TOTAL  COMPLETED  FAILED  VOICEMAIL  CONNECTED  "
                 "TALK SECONDS\n"
                 "2026-01-01 10:00:00  3      2          1       0          2          61.5\n",
         .document = R"({"tz":"UTC","bucket":"hour","series":[{"start":"2026-01-01T10:00:00.000Z",)"
                     R"("total":3,"completed":2,"failed":1,"voicemail":0,"connected":2,)"
                     R"("talk_seconds":61.5}]})"},
    };
}

std::vector<remote_case> detail_cases() {
    return {
        {.command = "analytics outcomes",
         .words = {"analytics", "outcomes", "--by", "disposition", "--limit", "1"},
         .wrong = {"analytics", "outcomes", "--limit", "201"},
         .method = "GET",
         .target = "/api/v1/analytics/outcomes?by=disposition&limit=1",
         .answer = R"([{"key":null,"count":3,"share":75},)"
                   R"({"key":"other","count":1,"share":25,"other":true}])",
         .text = "OUTCOME  CALLS  SHARE %\n"
                 "-        3      75\n"
                 "other    1      25\n",
         .document = R"({"items":[{"key":null,"count":3,"share":75},)"
                     R"({"key":"other","count":1,"share":25,"other":true}]})"},
        {.command = "analytics latency",
         .words = {"analytics", "latency", "--campaign", "c1"},
         .wrong = {"analytics", "latency", "llm"},
         .method = "GET",
         .target = "/api/v1/analytics/latency?campaign_id=c1",
         .answer = R"({"llm":{"count":10,"avg":550,"p50":548,"p90":970,"p95":1067,"p99":1067},)"
                   R"("tts":{"count":0,"avg":null}})",
         .text = "STAGE  TURNS  AVERAGE MS  P50  P90  P95   P99\n"
                 "llm    10     550         548  970  1067  1067\n"
                 "tts    0      -           -    -    -     -\n",
         .document = R"({"llm":{"count":10,"avg":550,"p50":548,"p90":970,"p95":1067,"p99":1067},)"
                     R"("tts":{"count":0,"avg":null}})"},
        {.command = "analytics usage",
         .words = {"analytics", "usage", "--bot", "b1"},
         .wrong = {"analytics", "usage", "--by", "model"},
         .method = "GET",
         .target = "/api/v1/analytics/usage?bot_id=b1",
         .answer = R"([{"bot_id":"b1","kind":"llm","provider":"openai","model":"m",)"
                   R"("requests":2,"prompt_tokens":900,"completion_tokens":30,)"
                   R"("cache_read_input_tokens":600,"audio_seconds":0,"characters":0}])",
         .text = "BOT  KIND  PROVIDER  MODEL  REQUESTS  PROMPT  COMPLETION  CACHE READ  "
                 "AUDIO SECONDS  CHARACTERS\n"
                 "b1   llm   openai    m      2         900     30          600         "
                 "0              0\n",
         .document = R"({"items":[{"bot_id":"b1","kind":"llm","provider":"openai","model":"m",)"
                     R"("requests":2,"prompt_tokens":900,"completion_tokens":30,)"
                     R"("cache_read_input_tokens":600,"audio_seconds":0,"characters":0}]})"},
    };
}

}  // namespace

std::vector<remote_case> analytics_cases() {
    auto out = glance_cases();
    for (auto& one : detail_cases())
        out.push_back(std::move(one));
    return out;
}

}  // namespace cxb_test
