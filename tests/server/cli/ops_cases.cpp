// Commands of operations: jobs, dead letters, webhook endpoints.
#include <iterator>

#include "tests/server/cli/command_cases.hpp"

namespace cxb_test {
namespace {

using cases = std::vector<remote_case>;

cases job_cases() {
    return {
        {.command = "ops status",
         .words = {"ops", "status"},
         .wrong = {"ops", "status", "all"},
         .method = "GET",
         .target = "/api/v1/ops/status",
         .answer = R"({"version":"1.2.0","started_at":"2026-01-02T03:04:05.000Z",)"
                   R"("loops":[{"name":"clean_up","owner":"i-1",)"
                   R"("last_run":"2026-01-02T03:05:00.000Z","last_error":null}],)"
                   R"("jobs":{"crm_push":{"queued":2,"dead":1}},"store":{"ok":true},)"
                   R"("fleet":{"total_capacity":16,"active_calls":3,"available":13,"hosts":1}})",
         .text = "version     1.2.0\nstarted at  2026-01-02 03:04:05 UTC\nstore       ok\n"
                 "fleet       1 hosts, running 3, free 13\n\n"
                 "JOBS      QUEUED  RUNNING  DEAD\ncrm_push  2       -        1\n\n"
                 "LOOP      OWNER  LAST RUN (UTC)       ERROR\n"
                 "clean_up  i-1    2026-01-02 03:05:00  -\n",
         .document = R"({"version":"1.2.0","started_at":"2026-01-02T03:04:05.000Z",)"
                     R"("loops":[{"name":"clean_up","owner":"i-1",)"
                     R"("last_run":"2026-01-02T03:05:00.000Z","last_error":null}],)"
                     R"("jobs":{"crm_push":{"queued":2,"dead":1}},"store":{"ok":true},)"
                     R"("fleet":{"total_capacity":16,"active_calls":3,"available":13,"hosts":1}})"},
        {.command = "ops jobs",
         .words = {"ops", "jobs", "--kind", "webhook", "--state", "dead", "--key", "wh:1:2",
                   "--limit", "3"},
         .wrong = {"ops", "jobs", "--limit", "0"},
         .method = "GET",
         .target = "/api/v1/ops/jobs?kind=webhook&state=dead&key=wh%3A1%3A2&limit=3",
         .answer = R"({"items":[{"id":"j1","kind":"webhook","state":"dead","attempts":10,)"
                   R"("created_at":"2026-01-02T03:04:05.000Z","last_error":"status_503",)"
                   R"("key":"wh:1:2"}]})",
         .text = "ID  KIND     STATE  ATTEMPTS  CREATED (UTC)        RUN AT (UTC)  ERROR       "
                 "KEY\n"
                 "j1  webhook  dead   10        2026-01-02 03:04:05  -             status_503  "
                 "wh:1:2\n",
         .document = R"({"items":[{"id":"j1","kind":"webhook","state":"dead","attempts":10,)"
                     R"("created_at":"2026-01-02T03:04:05.000Z","last_error":"status_503",)"
                     R"("key":"wh:1:2"}]})"},
        {.command = "ops dead-letters",
         .words = {"ops", "dead-letters", "retry", "--kind", "crm_push", "--from",
                   "2026-01-01T00:00:00Z", "--to", "2026-01-02T00:00:00Z", "--bot", "b1"},
         .wrong = {"ops", "dead-letters", "forget", "--kind", "crm_push", "--from",
                   "2026-01-01T00:00:00Z", "--to", "2026-01-02T00:00:00Z"},
         .method = "POST",
         .target = "/api/v1/ops/dead-letters/retry",
         .body = R"({"kind":"crm_push","from":"2026-01-01T00:00:00Z",)"
                 R"("to":"2026-01-02T00:00:00Z","bot_id":"b1"})",
         .answer = R"({"queued":7})",
         .text = "Queued 7 jobs again\n",
         .document = R"({"queued":7})"},
    };
}

cases endpoint_cases() {
    return {
        {.command = "webhooks list",
         .words = {"webhooks", "list"},
         .wrong = {"webhooks", "list", "--limit", "many"},
         .method = "GET",
         .target = "/api/v1/webhook-endpoints?limit=50",
         .answer = R"({"items":[{"id":"w1","url":"https://c.example/h",)"
                   R"("types":["call.completed","call.updated"],"is_active":true,)"
                   R"("description":"CRM"}]})",
         .text = "ID  URL                  TYPES                        ACTIVE  "
                 "FAILING SINCE (UTC)  DESCRIPTION\n"
                 "w1  https://c.example/h  call.completed,call.updated  true    "
                 "-                    CRM\n",
         .document = R"({"items":[{"id":"w1","url":"https://c.example/h",)"
                     R"("types":["call.completed","call.updated"],"is_active":true,)"
                     R"("description":"CRM"}]})"},
        {.command = "webhooks create",
         .words = {"webhooks", "create", "https://c.example/h", "--type", "call.completed",
                   "--type", "call.updated", "--description", "CRM"},
         .wrong = {"webhooks", "create"},
         .method = "POST",
         .target = "/api/v1/webhook-endpoints",
         .body = R"({"url":"https://c.example/h","types":["call.completed","call.updated"],)"
                 R"("description":"CRM"})",
         .answer = R"({"id":"w1","secret":"whsec_1"})",
         .text = "Created webhook endpoint w1. Its signing secret is shown only now:\nwhsec_1\n",
         .document = R"({"id":"w1","secret":"whsec_1"})"},
    };
}

cases one_endpoint_cases() {
    return {
        {.command = "webhooks update",
         .words = {"webhooks", "update", "w1", "-"},
         .wrong = {"webhooks", "update", "w1"},
         .input = R"({"is_active": true})",
         .method = "PATCH",
         .target = "/api/v1/webhook-endpoints/w1",
         .body = R"({"is_active":true})",
         .answer = R"({"id":"w1","is_active":true})",
         .text = "Changed webhook endpoint w1\n",
         .document = R"({"id":"w1","is_active":true})"},
        {.command = "webhooks delete",
         .words = {"webhooks", "delete", "w1"},
         .wrong = {"webhooks", "delete"},
         .method = "DELETE",
         .target = "/api/v1/webhook-endpoints/w1",
         .text = "Deleted webhook endpoint w1\n",
         .document = "{}"},
        {.command = "webhooks rotate-secret",
         .words = {"webhooks", "rotate-secret", "w1"},
         .wrong = {"webhooks", "rotate-secret"},
         .method = "POST",
         .target = "/api/v1/webhook-endpoints/w1/rotate-secret",
         .answer = R"({"secret":"whsec_2"})",
         .text = "New signing secret, shown only now: whsec_2\n"
                 "The old one signs along until it ends.\n",
         .document = R"({"secret":"whsec_2"})"},
        {.command = "webhooks test",
         .words = {"webhooks", "test", "w1"},
         .wrong = {"webhooks", "test", "w1", "w2"},
         .method = "POST",
         .target = "/api/v1/webhook-endpoints/w1/test",
         .answer = R"({"status":204,"ms":12})",
         .text = "Answered 204 after 12 ms\n",
         .document = R"({"status":204,"ms":12})"},
        {.command = "webhooks deliveries",
         .words = {"webhooks", "deliveries", "w1", "--state", "dead", "--limit", "2"},
         .wrong = {"webhooks", "deliveries"},
         .method = "GET",
         .target = "/api/v1/webhook-endpoints/w1/deliveries?state=dead&limit=2",
         .answer = R"({"items":[{"id":"j1","session_id":"s1","state":"dead","attempts":1,)"
                   R"("created_at":"2026-01-02T03:04:05.000Z","last_error":"status_410",)"
                   R"("payload":{"type":"call.completed"}}]})",
         .text = "ID  TYPE            SESSION  STATE  ATTEMPTS  CREATED (UTC)        ERROR\n"
                 "j1  call.completed  s1       dead   1         2026-01-02 03:04:05  status_410\n",
         .document = R"({"items":[{"id":"j1","session_id":"s1","state":"dead","attempts":1,)"
                     R"("created_at":"2026-01-02T03:04:05.000Z","last_error":"status_410",)"
                     R"("payload":{"type":"call.completed"}}]})"},
    };
}

}  // namespace

std::vector<remote_case> ops_cases() {
    auto out = job_cases();
    for (auto part : {endpoint_cases(), one_endpoint_cases()})
        std::move(part.begin(), part.end(), std::back_inserter(out));
    return out;
}

}  // namespace cxb_test
