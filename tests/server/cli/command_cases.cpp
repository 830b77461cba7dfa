#include "tests/server/cli/command_cases.hpp"

#include <iterator>

namespace cxb_test {
namespace {

using cases = std::vector<remote_case>;

cases session_cases() {
    return {
        {.command = "login",
         .words = {"login", "--email", "a@b.c"},
         .wrong = {"login"},
         .method = "POST",
         .target = "/api/v1/auth/login",
         .body = R"({"email":"a@b.c","password":"correct horse"})",
         .access = sent_access::nothing,
         .answer = R"({"access_token":"tok","expires_in":3600,"user":{"role":"admin"}})",
         .text = "Signed in at http://api:9 as a@b.c (admin) until 2026-01-01 01:00:00 UTC\n",
         .document = R"({"status":"ok","url":"http://api:9","email":"a@b.c","role":"admin",)"
                     R"("expires_at":"2026-01-01T01:00:00.000Z"})"},
        {.command = "logout",
         .words = {"logout", "--all"},
         .wrong = {"logout", "everywhere"},
         .method = "POST",
         .target = "/api/v1/auth/logout-all",
         .text = "Was not signed in at http://api:9\n",
         .document = R"({"status":"ok","was_signed_in":false})"},
    };
}

cases key_and_fleet_cases() {
    return {
        {.command = "keys list",
         .words = {"keys", "list"},
         .wrong = {"keys", "list", "--limit", "many"},
         .method = "GET",
         .target = "/api/v1/api-keys?limit=50",
         .answer = R"({"items":[{"id":"k1","name":"crm","key_prefix":"vx_ab","is_active":true,)"
                   R"("scopes":["dialout","calls:read"],"expires_at":null,)"
                   R"("last_used_at":"2026-01-02T03:04:05.000Z"}]})",
         .text = "ID  NAME  PREFIX  ACTIVE  SCOPES              EXPIRES (UTC)  LAST USED (UTC)\n"
                 "k1  crm   vx_ab   true    dialout,calls:read  -              "
                 "2026-01-02 03:04:05\n",
         .document = R"({"items":[{"id":"k1","name":"crm","key_prefix":"vx_ab","is_active":true,)"
                     R"("scopes":["dialout","calls:read"],"expires_at":null,)"
                     R"("last_used_at":"2026-01-02T03:04:05.000Z"}]})"},
        {.command = "keys create",
         .words = {"keys", "create", "--name", "crm", "--bot", "b1", "--expires",
                   "2027-01-01T00:00:00Z"},
         .wrong = {"keys", "create", "--name", "crm", "--rate", "201"},
         .method = "POST",
         .target = "/api/v1/api-keys",
         .body = R"({"name":"crm","bot_ids":["b1"],"expires_at":"2027-01-01T00:00:00Z"})",
         .answer = R"({"id":"k1","key":"vx_1"})",
         .text = "Created key k1. It is shown only now:\nvx_1\n",
         .document = R"({"id":"k1","key":"vx_1"})"},
        {.command = "keys delete",
         .words = {"keys", "delete", "k1"},
         .wrong = {"keys", "delete"},
         .method = "DELETE",
         .target = "/api/v1/api-keys/k1",
         .text = "Deleted key k1\n",
         .document = "{}"},
        {.command = "fleet show",
         .words = {"fleet", "show"},
         .wrong = {"fleet", "show", "http://a:1"},
         .method = "GET",
         .target = "/api/v1/fleet/status",
         .answer = R"({"total_capacity":16,"active_calls":3,"available":13,"workers":[)"
                   R"({"url":"http://a:1","status":"healthy","worker_calls":3,)"
                   R"("total_capacity":16,"total_available":13,"latency_ms":4},)"
                   R"({"url":"http://b:1","status":"unreachable","worker_calls":0,)"
                   R"("total_capacity":0,"total_available":0,"latency_ms":2000,)"
                   R"("reason":"timeout"}]})",
         .text = "Capacity 16, running 3, free 13\n"
                 "HOST        STATUS       CALLS  MAX  FREE  MS    REASON\n"
                 "http://a:1  healthy      3      16   13    4     -\n"
                 "http://b:1  unreachable  0      0    0     2000  timeout\n",
         .document = R"({"total_capacity":16,"active_calls":3,"available":13,"workers":[)"
                     R"({"url":"http://a:1","status":"healthy","worker_calls":3,)"
                     R"("total_capacity":16,"total_available":13,"latency_ms":4},)"
                     R"({"url":"http://b:1","status":"unreachable","worker_calls":0,)"
                     R"("total_capacity":0,"total_available":0,"latency_ms":2000,)"
                     R"("reason":"timeout"}]})"},
        {.command = "fleet set",
         .words = {"fleet", "set", "http://a:1", "http://b:1"},
         .wrong = {"fleet", "set"},
         .method = "PUT",
         .target = "/api/v1/settings/fleet",
         .body = R"({"cxbcore_fleet":["http://a:1","http://b:1"]})",
         .answer = R"({"cxbcore_fleet":["http://a:1","http://b:1"],"display_timezone":"UTC"})",
         .text = "The fleet is now http://a:1,http://b:1\n",
         .document = R"({"cxbcore_fleet":["http://a:1","http://b:1"]})"},
    };
}

cases settings_cases() {
    return {
        {.command = "settings show",
         .words = {"settings", "show"},
         .wrong = {"settings", "show", "minio"},
         .method = "GET",
         .target = "/api/v1/settings",
         .answer = R"({"api_keys":{"openai":"sk-1••••••abcd"},"minio":{"endpoint":"s3:9000",)"
                   R"("secure":false},"display_timezone":"UTC","core_fleet":[],"version":3})",
         .text = "api_keys.openai   sk-1••••••abcd\n"
                 "minio.endpoint    s3:9000\n"
                 "minio.secure      false\n"
                 "display_timezone  UTC\n"
                 "core_fleet        -\n"
                 "version           3\n",
         .document = R"({"api_keys":{"openai":"sk-1••••••abcd"},"minio":{"endpoint":"s3:9000",)"
                     R"("secure":false},"display_timezone":"UTC","core_fleet":[],"version":3})"},
        {.command = "settings set",
         .words = {"settings", "set", "voice-defaults", "-"},
         .wrong = {"settings", "set", "minio"},
         .input = R"({"stt": null})",
         .method = "PUT",
         .target = "/api/v1/settings/voice-defaults",
         .body = R"({"stt":null})",
         .answer = R"({"version":4})",
         .text = "Changed voice-defaults, the settings now have version 4\n",
         .document = R"({"version":4})"},
        {.command = "settings test",
         .words = {"settings", "test", "open/ai"},
         .wrong = {"settings", "test"},
         .method = "POST",
         .target = "/api/v1/settings/api-keys/open%2Fai/test",
         .answer = R"({"ok":true,"latency_ms":120})",
         .text = "open/ai works, after 120 ms\n",
         .document = R"({"ok":true,"latency_ms":120})"},
        {.command = "settings test",
         .words = {"settings", "test", "minio"},
         .wrong = {"settings", "test", "minio", "openai"},
         .method = "POST",
         .target = "/api/v1/settings/minio/test",
         .answer = R"({"ok":true,"latency_ms":7})",
         .text = "minio works, after 7 ms\n",
         .document = R"({"ok":true,"latency_ms":7})"},
    };
}

cases call_cases() {
    return {
        {.command = "dialout",
         .words = {"dialout", "b1", "+919876543210", "--var", "A=1=2", "--var", "B=", "--from",
                   "+911", "--key", "k-1"},
         .wrong = {"dialout", "b1", "1", "--var", "novalue"},
         .method = "POST",
         .target = "/api/v1/sip/dialout",
         .body = R"({"bot_id":"b1","to_number":"+919876543210","from_number":"+911",)"
                 R"("variables":{"A":"1=2","B":""}})",
         .headers = {{"Idempotency-Key", "k-1"}},
         .answer = R"({"status":"accepted","call_id":"c","session_id":"s1"})",
         .text = "Call accepted, session s1\n",
         .document = R"({"status":"accepted","call_id":"c","session_id":"s1"})"},
        {.command = "calls list",
         .words = {"calls", "list", "--bot", "b1", "--status", "failed", "--phone", "+919876543210",
                   "--from", "2026-01-01T00:00:00Z", "--to", "2026-01-02T00:00:00Z", "--limit",
                   "3"},
         .wrong = {"calls", "list", "--limit", "10001"},
         .method = "GET",
         .target = "/api/v1/calls?bot_id=b1&status=failed&phone=%2B919876543210"
                   "&from=2026-01-01T00%3A00%3A00Z&to=2026-01-02T00%3A00%3A00Z&limit=3",
         .answer = R"({"items":[{"session_id":"s1","created_at":"2026-01-01T10:00:00.000Z",)"
                   R"("bot_name":"Collect","caller_id":"+919876543210","status":"failed",)"
                   R"("disconnected_by":"rejected","push_state":"none"}]})",
         .text = "SESSION  STARTED (UTC)        BOT      CALLER         STATUS  ENDED BY  SECONDS  "
                 "PUSH\n"
                 "s1       2026-01-01 10:00:00  Collect  +919876543210  failed  rejected  -        "
                 "none\n",
         .document = R"({"items":[{"session_id":"s1","created_at":"2026-01-01T10:00:00.000Z",)"
                     R"("bot_name":"Collect","caller_id":"+919876543210","status":"failed",)"
                     R"("disconnected_by":"rejected","push_state":"none"}]})"},
        {.command = "calls export",
         .words = {"calls", "export", "--format", "csv", "--bot", "b1", "--from",
                   "2026-01-01T00:00:00Z", "--to", "2026-01-02T00:00:00Z", "--columns", "crm.A"},
         .wrong = {"calls", "export", "--limit", "3"},
         .method = "GET",
         .target = "/api/v1/calls/export?bot_id=b1&from=2026-01-01T00%3A00%3A00Z"
                   "&to=2026-01-02T00%3A00%3A00Z&format=csv&columns=crm.A",
         .answer = "session_id,crm.A\r\ns1,7\r\n",
         .text = "session_id,crm.A\r\ns1,7\r\n",
         .document = "session_id,crm.A\r\ns1,7\r"},
        {.command = "calls tail",
         .words = {"calls", "tail", "--bot", "b1", "--status", "active", "--phone", "+911"},
         .wrong = {"calls", "tail", "--limit", "3"},
         .method = "GET",
         .target = "/api/v1/calls?bot_id=b1&status=active&phone=%2B911&limit=100",
         .answer = R"({"items":[{"session_id":"s1","created_at":"2026-01-01T10:00:00.000Z",)"
                   R"("bot_name":"Collect","caller_id":"+911","status":"active"}]})",
         .text = "2026-01-01 10:00:00  s1  Collect  +911  active  -  push -\n",
         .document = R"({"session_id":"s1","created_at":"2026-01-01T10:00:00.000Z",)"
                     R"("bot_name":"Collect","caller_id":"+911","status":"active"})"},
    };
}

cases one_call_cases() {
    return {
        {.command = "calls show",
         .words = {"calls", "show", "s 1"},
         .wrong = {"calls", "show"},
         .method = "GET",
         .target = "/api/v1/calls/s%201",
         .answer = R"({"session_id":"s 1","status":"completed","events":[{"type":"x"}],)"
                   R"("usage_metrics":[],"latency_samples":[],"integration_log":[],)"
                   R"("transcript":[{"role":"assistant","content":"Namaste"},)"
                   R"({"role":"user","content":"haan\nji"}]})",
         .text = "session_id  s 1\nstatus      completed\n\n"
                 "Transcript\n  assistant: Namaste\n  user: haan ji\n",
         .document = R"({"session_id":"s 1","status":"completed","events":[{"type":"x"}],)"
                     R"("usage_metrics":[],"latency_samples":[],"integration_log":[],)"
                     R"("transcript":[{"role":"assistant","content":"Namaste"},)"
                     R"({"role":"user","content":"haan\nji"}]})"},
        {.command = "calls trace",
         .words = {"calls", "trace", "s1"},
         .wrong = {"calls", "trace"},
         .method = "GET",
         .target = "/api/v1/calls/s1/trace",
         .answer = R"([{"at":"2026-01-01T10:00:00.000Z","source":"api","name":"prefetch",)"
                   R"("ms":512,"error":"timeout"},)"
                   R"({"at":"2026-01-01T10:00:01.000Z","source":"core","name":"answered"}])",
         .text = "AT (UTC)             SOURCE  WHAT      MS   ERROR\n"
                 "2026-01-01 10:00:00  api     prefetch  512  timeout\n"
                 "2026-01-01 10:00:01  core    answered  -    -\n",
         .document = R"({"items":[{"at":"2026-01-01T10:00:00.000Z","source":"api",)"
                     R"("name":"prefetch","ms":512,"error":"timeout"},)"
                     R"({"at":"2026-01-01T10:00:01.000Z","source":"core","name":"answered"}]})"},
        {.command = "calls events",
         .words = {"calls", "events", "s1"},
         .wrong = {"calls", "events"},
         .method = "GET",
         .target = "/api/v1/calls/s1/events",
         .answer = R"([{"at":"2026-01-01T10:00:00.000Z","source":"api","type":"status",)"
                   R"("status":"active"},{"at":"2026-01-01T10:00:01.000Z","source":"crm",)"
                   R"("type":"prefetch","name":"crm","status":200}])",
         .text = "AT (UTC)             SOURCE  TYPE      NAME  STATUS\n"
                 "2026-01-01 10:00:00  api     status    -     active\n"
                 "2026-01-01 10:00:01  crm     prefetch  crm   200\n",
         .document = R"({"items":[{"at":"2026-01-01T10:00:00.000Z","source":"api",)"
                     R"("type":"status","status":"active"},{"at":"2026-01-01T10:00:01.000Z",)"
                     R"("source":"crm","type":"prefetch","name":"crm","status":200}]})"},
    };
}

cases worker_cases() {
    return {
        {.command = "config fetch",
         .words = {"config", "fetch", "b1", "--caller", "+911", "--var", "K=V"},
         .wrong = {"config", "fetch", "b1", "--var", "=V"},
         .method = "POST",
         .target = "/api/v1/config/b1",
         .body = R"({"caller_id":"+911","connected_event":{"K":"V"}})",
         .access = sent_access::core_secret,
         .answer = R"({"session_id":"s1","bot_name":"Collect"})",
         .text = "session_id  s1\nbot_name    Collect\n",
         .document = R"({"session_id":"s1","bot_name":"Collect"})"},
        {.command = "config preview",
         .words = {"config", "preview", "b1", "--caller", "+911", "--var", "K=V", "--at",
                   "2026-01-01T00:00:00Z", "--prefetch"},
         .wrong = {"config", "preview"},
         .method = "POST",
         .target = "/api/v1/bots/b1/preview-config",
         .body = R"({"connected_event":{"K":"V"},"skip_prefetch":false,"caller_id":"+911",)"
                 R"("at":"2026-01-01T00:00:00Z"})",
         .answer = R"({"config":{"bot_name":"Collect"},"unresolved":["crm.due","name"],)"
                   R"("active":{"open":false},)"
                   R"("steps":[{"name":"prefetch","ms":12,"note":"timeout"}]})",
         .text = "bot_name  Collect\n\nUnresolved: crm.due,name\nOpen: false\n\n"
                 "STEP      MS  NOTE\nprefetch  12  timeout\n",
         .document = R"({"config":{"bot_name":"Collect"},"unresolved":["crm.due","name"],)"
                     R"("active":{"open":false},)"
                     R"("steps":[{"name":"prefetch","ms":12,"note":"timeout"}]})"},
        {.command = "results post",
         .words = {"results", "post", "-"},
         .wrong = {"results", "post", "/nowhere/result.json"},
         .input = "{ \"session_id\" : \"s1\" }\n",
         .method = "POST",
         .target = "/api/v1/call-results",
         .body = "{ \"session_id\" : \"s1\" }\n",  // the bytes of the file, as a worker's outbox
         .access = sent_access::core_secret,
         .answer = R"({"status":"ok","session_id":"s1","result":"stored"})",
         .text = "status      ok\nsession_id  s1\nresult      stored\n",
         .document = R"({"status":"ok","session_id":"s1","result":"stored"})"},
    };
}

}  // namespace

std::vector<remote_case> const& remote_cases() {
    static cases const all = [] {
        cases out;
        for (auto part : {session_cases(), bot_cases(), key_and_fleet_cases(), settings_cases(),
                          call_cases(), one_call_cases(), worker_cases(), access_cases(),
                          analytics_cases(), ops_cases(), telephony_cases(), live_cases()})
            std::move(part.begin(), part.end(), std::back_inserter(out));
        return out;
    }();
    return all;
}

std::vector<other_case> const& other_cases() {
    static std::vector<other_case> const all{
        {"contract check", {"contract", "check", "-"}},
        {"contract schema", {"contract", "schema", "cdr", "dialout_request"}},
        {"outbox list", {"outbox", "list", "all"}},
        {"outbox retry", {"outbox", "retry"}},
        {"outbox drop", {"outbox", "drop", "--all", "entry"}},
        {"events tail", {"events", "tail", "--retries", "many"}},
        {"backup", {"backup"}},
        {"restore", {"restore", "--from", "kept"}},
        {"doctor", {"doctor", "--wait"}},
        {"conformance api", {"conformance", "api", "http://x", "--report", "paper"}},
        {"conformance core", {"conformance", "core", "http://x", "--listen", "nowhere"}},
        {"completion", {"completion"}},
        {"version", {"version", "1"}}};
    return all;
}

}  // namespace cxb_test
