// Commands of carriers, numbers, Exotel and SIP.
#include <iterator>

#include "tests/server/cli/command_cases.hpp"

namespace cxb_test {
namespace {

using cases = std::vector<remote_case>;

cases carrier_cases() {
    return {
        {.command = "carriers list",
         .words = {"carriers", "list", "--limit", "3"},
         .wrong = {"carriers", "list", "--limit", "0"},
         .method = "GET",
         .target = "/api/v1/carriers?limit=3",
         .answer = R"({"items":[{"id":"c1","name":"Main","sip_address":"sip.example.com",)"
                   R"("enabled":true,"lk_sync_status":"synced",)"
                   R"("lk_last_synced_at":"2026-01-02T03:04:05.000Z"}]})",
         .text = "ID  NAME  ADDRESS          ENABLED  LIVEKIT  SYNCED (UTC)         ERROR\n"
                 "c1  Main  sip.example.com  true     synced   2026-01-02 03:04:05  -\n",
         .document = R"({"items":[{"id":"c1","name":"Main","sip_address":"sip.example.com",)"
                     R"("enabled":true,"lk_sync_status":"synced",)"
                     R"("lk_last_synced_at":"2026-01-02T03:04:05.000Z"}]})"},
        {.command = "carriers show",
         .words = {"carriers", "show", "c/1"},
         .wrong = {"carriers", "show"},
         .method = "GET",
         .target = "/api/v1/carriers/c%2F1",
         .answer = R"({"id":"c/1","name":"Main","dids":[{"id":"d1","number":"+918012345678",)"
                   R"("direction":"both","bot_id":null}]})",
         .text = "id    c/1\nname  Main\n\n"
                 "DID  NUMBER         DIRECTION  BOT  LABEL\n"
                 "d1   +918012345678  both       -    -\n",
         .document = R"({"id":"c/1","name":"Main","dids":[{"id":"d1",)"
                     R"("number":"+918012345678","direction":"both","bot_id":null}]})"},
        {.command = "carriers create",
         .words = {"carriers", "create", "-"},
         .wrong = {"carriers", "create", "/nowhere/carrier.json"},
         .input = R"({"name": "Main"})",
         .method = "POST",
         .target = "/api/v1/carriers",
         .body = R"({"name":"Main"})",
         .answer = R"({"id":"c1","name":"Main","lk_sync_status":"pending"})",
         .text = "Created carrier c1 (Main), LiveKit pending\n",
         .document = R"({"id":"c1","name":"Main","lk_sync_status":"pending"})"},
        {.command = "carriers update",
         .words = {"carriers", "update", "c1", "-"},
         .wrong = {"carriers", "update", "c1"},
         .input = R"({"enabled": false})",
         .method = "PUT",
         .target = "/api/v1/carriers/c1",
         .body = R"({"enabled":false})",
         .answer = R"({"id":"c1","lk_sync_status":"synced"})",
         .text = "Changed carrier c1, LiveKit synced\n",
         .document = R"({"id":"c1","lk_sync_status":"synced"})"},
        {.command = "carriers delete",
         .words = {"carriers", "delete", "c1"},
         .wrong = {"carriers", "delete"},
         .method = "DELETE",
         .target = "/api/v1/carriers/c1",
         .answer = R"({"status":"deleted"})",
         .text = "Deleted carrier c1\n",
         .document = R"({"status":"deleted"})"},
        {.command = "carriers sync",
         .words = {"carriers", "sync", "c1"},
         .wrong = {"carriers", "sync", "c1", "c2"},
         .method = "POST",
         .target = "/api/v1/carriers/c1/sync",
         .answer = R"({"id":"c1","lk_sync_status":"synced"})",
         .text = "Carrier c1: LiveKit synced\n",
         .document = R"({"id":"c1","lk_sync_status":"synced"})"},
    };
}

cases did_cases() {
    return {
        {.command = "dids add",
         .words = {"dids", "add", "c1", "+918012345678", "--label", "Desk", "--direction",
                   "inbound", "--bot", "b1"},
         .wrong = {"dids", "add", "c1"},
         .method = "POST",
         .target = "/api/v1/carriers/c1/dids",
         .body = R"({"label":"Desk","direction":"inbound","bot_id":"b1",)"
                 R"("number":"+918012345678"})",
         .answer = R"({"id":"c1","dids":[{"id":"d0"},{"id":"d1"}]})",
         .text = "Added +918012345678 to carrier c1, id d1\n",
         .document = R"({"id":"c1","dids":[{"id":"d0"},{"id":"d1"}]})"},
        {.command = "dids update",
         .words = {"dids", "update", "c1", "d/1", "--number", "+911", "--no-bot"},
         .wrong = {"dids", "update", "c1", "d1", "--bot", "b1", "--no-bot"},
         .method = "PUT",
         .target = "/api/v1/carriers/c1/dids/d%2F1",
         .body = R"({"number":"+911","bot_id":""})",
         .answer = R"({"id":"d/1"})",
         .text = "Changed number d/1\n",
         .document = R"({"id":"d/1"})"},
        {.command = "dids update",
         .words = {"dids", "update", "c1", "d1", "--bot", "b1"},
         .wrong = {"dids", "update", "c1", "d1"},
         .method = "PUT",
         .target = "/api/v1/carriers/c1/dids/d1",
         .body = R"({"bot_id":"b1"})",
         .answer = R"({"id":"d1"})",
         .text = "Changed number d1\n",
         .document = R"({"id":"d1"})"},
        {.command = "dids remove",
         .words = {"dids", "remove", "c1", "d1"},
         .wrong = {"dids", "remove", "c1"},
         .method = "DELETE",
         .target = "/api/v1/carriers/c1/dids/d1",
         .answer = R"({"status":"deleted"})",
         .text = "Removed number d1\n",
         .document = R"({"status":"deleted"})"},
        {.command = "sip lookup",
         .words = {"sip", "lookup", "+918012345678"},
         .wrong = {"sip", "lookup"},
         .method = "GET",
         .target = "/api/v1/sip/lookup?number=%2B918012345678",
         .access = sent_access::core_secret,
         .answer = R"({"bot_id":"b1","carrier_id":"c1","did_id":"d1"})",
         .text = "bot_id      b1\ncarrier_id  c1\ndid_id      d1\n",
         .document = R"({"bot_id":"b1","carrier_id":"c1","did_id":"d1"})"},
    };
}

cases exotel_cases() {
    return {
        {.command = "exotel show",
         .words = {"exotel", "show"},
         .wrong = {"exotel", "show", "all"},
         .method = "GET",
         .target = "/api/v1/integrations/exotel",
         .answer = R"({"account_sid":"acme","status":"configured","dids":[{"id":"d1",)"
                   R"("number":"+911","bot_id":"b1","label":"Desk",)"
                   R"("websocket_url":"wss://h/exotel/b1"}]})",
         .text = "account_sid  acme\nstatus       configured\n\n"
                 "DID  NUMBER  BOT  LABEL  WEBSOCKET\n"
                 "d1   +911    b1   Desk   wss://h/exotel/b1\n",
         .document = R"({"account_sid":"acme","status":"configured","dids":[{"id":"d1",)"
                     R"("number":"+911","bot_id":"b1","label":"Desk",)"
                     R"("websocket_url":"wss://h/exotel/b1"}]})"},
        {.command = "exotel set",
         .words = {"exotel", "set", "-"},
         .wrong = {"exotel", "set", "api_key=abc"},
         .input = R"({"api_key": "k"})",
         .method = "PUT",
         .target = "/api/v1/integrations/exotel",
         .body = R"({"api_key":"k"})",
         .answer = R"({"status":"not_configured"})",
         .text = "Exotel is not_configured\n",
         .document = R"({"status":"not_configured"})"},
        {.command = "exotel dids",
         .words = {"exotel", "dids"},
         .wrong = {"exotel", "dids", "d1"},
         .method = "GET",
         .target = "/api/v1/integrations/exotel/test-call-options",
         .answer = R"({"configured":false,"dids":[{"id":"d1","number":"+911","label":"",)"
                   R"("bot_id":"b1","ready":true}]})",
         .text = "Exotel is not configured\nDID  NUMBER  BOT  READY  LABEL\n"
                 "d1   +911    b1   true   -\n",
         .document = R"({"configured":false,"dids":[{"id":"d1","number":"+911","label":"",)"
                     R"("bot_id":"b1","ready":true}]})"},
    };
}

cases exotel_number_cases() {
    return {
        {.command = "exotel add-did",
         .words = {"exotel", "add-did", "+911", "--bot", "b1", "--flow-url", "https://f.example"},
         .wrong = {"exotel", "add-did"},
         .method = "POST",
         .target = "/api/v1/integrations/exotel/dids",
         .body = R"({"bot_id":"b1","flow_url":"https://f.example","number":"+911"})",
         .answer = R"({"id":"d1","websocket_url":"wss://h/exotel/b1"})",
         .text = "Added +911, id d1\nExotel streams to wss://h/exotel/b1\n",
         .document = R"({"id":"d1","websocket_url":"wss://h/exotel/b1"})"},
        {.command = "exotel update-did",
         .words = {"exotel", "update-did", "d1", "--label", "Desk"},
         .wrong = {"exotel", "update-did", "d1"},
         .method = "PUT",
         .target = "/api/v1/integrations/exotel/dids/d1",
         .body = R"({"label":"Desk"})",
         .answer = R"({"id":"d1"})",
         .text = "Changed number d1\n",
         .document = R"({"id":"d1"})"},
        {.command = "exotel remove-did",
         .words = {"exotel", "remove-did", "d1"},
         .wrong = {"exotel", "remove-did"},
         .method = "DELETE",
         .target = "/api/v1/integrations/exotel/dids/d1",
         .answer = R"({"status":"deleted"})",
         .text = "Removed number d1\n",
         .document = R"({"status":"deleted"})"},
        {.command = "exotel test-call",
         .words = {"exotel", "test-call", "d1", "+919876543210", "--key", "k-1"},
         .wrong = {"exotel", "test-call", "d1"},
         .method = "POST",
         .target = "/api/v1/integrations/exotel/dids/d1/test-call",
         .body = R"({"customer_number":"+919876543210"})",
         .headers = {{"Idempotency-Key", "k-1"}},
         .answer = R"({"status":"ok","call_sid":"s9"})",
         .text = "Exotel rings, call s9\n",
         .document = R"({"status":"ok","call_sid":"s9"})"},
    };
}

}  // namespace

std::vector<remote_case> telephony_cases() {
    auto out = carrier_cases();
    for (auto part : {did_cases(), exotel_cases(), exotel_number_cases()})
        std::move(part.begin(), part.end(), std::back_inserter(out));
    return out;
}

}  // namespace cxb_test
