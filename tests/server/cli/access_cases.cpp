#include <iterator>

#include "tests/server/cli/command_cases.hpp"

namespace cxb_test {
namespace {

using cases = std::vector<remote_case>;

cases reading_cases() {
    return {
        {.command = "users list",
         .words = {"users", "list", "--query", "as ha", "--role", "agent", "--inactive"},
         .wrong = {"users", "list", "--active", "--inactive"},
         .method = "GET",
         .target = "/api/v1/users?q=as%20ha&role=agent&is_active=false&limit=50",
         .answer = R"({"items":[{"id":"u1","email":"asha@b.c","name":"Asha","role":"agent",)"
                   R"("is_active":false,"last_login_at":null}],"total":1})",
         .text = "ID  EMAIL     NAME  ROLE   ACTIVE  LAST LOGIN (UTC)\n"
                 "u1  asha@b.c  Asha  agent  false   -\n",
         .document = R"({"items":[{"id":"u1","email":"asha@b.c","name":"Asha","role":"agent",)"
                     R"("is_active":false,"last_login_at":null}]})"},
        {.command = "users show",
         .words = {"users", "show", "u/1"},
         .wrong = {"users", "show"},
         .method = "GET",
         .target = "/api/v1/users/u%2F1",
         .answer = R"({"id":"u/1","email":"asha@b.c"})",
         .text = "id     u/1\nemail  asha@b.c\n",
         .document = R"({"id":"u/1","email":"asha@b.c"})"},
        {.command = "audit list",
         .words = {"audit", "list", "--actor", "u1", "--action", "bot.update", "--target-type",
                   "bot", "--target-id", "b1", "--from", "2026-01-01T00:00:00Z", "--to",
                   "2026-01-02T00:00:00Z", "--limit", "3"},
         .wrong = {"audit", "list", "--limit", "0"},
         .method = "GET",
         .target = "/api/v1/audit?actor=u1&action=bot.update&target_type=bot&target_id=b1"
                   "&from=2026-01-01T00%3A00%3A00Z&to=2026-01-02T00%3A00%3A00Z&limit=3",
         .answer = R"({"items":[{"seq":7,"at":"2026-01-01T10:00:00.000Z","actor":{"label":)"
                   R"("a@b.c"},"action":"bot.update","target":{"type":"bot","label":"Collect"},)"
                   R"("ip":"127.0.0.1"}]})",
         .text = "SEQ  AT (UTC)             ACTOR  ACTION      TARGET  LABEL    IP\n"
                 "7    2026-01-01 10:00:00  a@b.c  bot.update  bot     Collect  127.0.0.1\n",
         .document = R"({"items":[{"seq":7,"at":"2026-01-01T10:00:00.000Z","actor":{"label":)"
                     R"("a@b.c"},"action":"bot.update","target":{"type":"bot","label":"Collect"},)"
                     R"("ip":"127.0.0.1"}]})"},
        {.command = "audit verify",
         .words = {"audit", "verify", "--from", "3", "--to", "9"},
         .wrong = {"audit", "verify", "3"},
         .method = "GET",
         .target = "/api/v1/audit/verify?from=3&to=9",
         .answer = R"({"ok":true,"checked":7,"first_bad_seq":null})",
         .text = "7 rows, whole and unchanged\n",
         .document = R"({"ok":true,"checked":7,"first_bad_seq":null})"},
        {.command = "audit export",
         .words = {"audit", "export", "--from", "3"},
         .wrong = {"audit", "export", "--limit", "3"},
         .method = "GET",
         .target = "/api/v1/audit/export?from=3",
         .answer = "{\"seq\":3}\n{\"seq\":4}\n",
         .text = "{\"seq\":3}\n{\"seq\":4}\n",
         .document = "{\"seq\":3}\n{\"seq\":4}"},
    };
}

cases changing_cases() {
    return {
        {.command = "users create",
         .words = {"users", "create", "--email", "asha@b.c", "--name", "Asha", "--role",
                   "supervisor", "--language", "hi", "--language", "en", "--skill", "loans"},
         .wrong = {"users", "create", "--email", "asha@b.c"},
         .method = "POST",
         .target = "/api/v1/auth/register",
         .body = R"({"name":"Asha","role":"supervisor","agent_languages":["hi","en"],)"
                 R"("agent_skills":["loans"],"email":"asha@b.c","password":"correct horse"})",
         .answer = R"({"id":"u1","email":"asha@b.c","role":"supervisor"})",
         .text = "Created user u1 (asha@b.c, supervisor)\n",
         .document = R"({"id":"u1","email":"asha@b.c","role":"supervisor"})"},
        {.command = "users set",
         .words = {"users", "set", "u1", "--role", "admin", "--primary-language", "hi"},
         .wrong = {"users", "set", "u1"},
         .method = "PUT",
         .target = "/api/v1/users/u1",
         .body = R"({"role":"admin","agent_primary_language":"hi"})",
         .answer = R"({"id":"u1","role":"admin"})",
         .text = "id    u1\nrole  admin\n",
         .document = R"({"id":"u1","role":"admin"})"},
        {.command = "users deactivate",
         .words = {"users", "deactivate", "u1"},
         .wrong = {"users", "deactivate"},
         .method = "POST",
         .target = "/api/v1/users/u1/deactivate",
         .body = R"({"is_active":false})",
         .answer = R"({"email":"asha@b.c","is_active":false})",
         .text = "asha@b.c can sign in no more\n",
         .document = R"({"email":"asha@b.c","is_active":false})"},
        {.command = "users deactivate",
         .words = {"users", "deactivate", "u1", "--undo"},
         .wrong = {"users", "deactivate", "--undo"},
         .method = "POST",
         .target = "/api/v1/users/u1/deactivate",
         .body = R"({"is_active":true})",
         .answer = R"({"email":"asha@b.c","is_active":true})",
         .text = "asha@b.c may sign in again\n",
         .document = R"({"email":"asha@b.c","is_active":true})"},
        {.command = "users reset-password",
         .words = {"users", "reset-password", "u1"},
         .wrong = {"users", "reset-password"},
         .method = "POST",
         .target = "/api/v1/users/u1/reset-password",
         .body = R"({"new_password":"correct horse"})",
         .answer = R"({"status":"ok"})",
         .text = "Password set; all sessions of this user have ended\n",
         .document = R"({"status":"ok"})"},
        {.command = "users reset-password",
         .words = {"users", "reset-password", "u1", "--generate"},
         .wrong = {"users", "reset-password", "--generate"},
         .method = "POST",
         .target = "/api/v1/users/u1/reset-password",
         .body = "{}",
         .answer = R"({"status":"ok","temporary_password":"t0p"})",
         .text = "Password set; all sessions of this user have ended\n"
                 "Temporary password, shown only now: t0p\n",
         .document = R"({"status":"ok","temporary_password":"t0p"})"},
        {.command = "users delete",
         .words = {"users", "delete", "u1"},
         .wrong = {"users", "delete"},
         .method = "DELETE",
         .target = "/api/v1/users/u1",
         .text = "Deleted user u1\n",
         .document = "{}"},
    };
}

}  // namespace

cases access_cases() {
    auto out = reading_cases();
    auto more = changing_cases();
    std::move(more.begin(), more.end(), std::back_inserter(out));
    return out;
}

}  // namespace cxb_test
