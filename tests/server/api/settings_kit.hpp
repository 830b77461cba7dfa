#pragma once
/// @file
/// What tests of the system settings share.

#include <algorithm>

#include "server/api/api_fixture.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::api::test {

/// A worker host that is free and takes every order to dial.
inline wire::http_response dialling_host(wire::http_request const& request, int number) {
    if (request.path == "/health/fleet")
        return json_reply(200, R"({"status":"ok","fleet_calls":0,"fleet_max":16,)"
                               R"("fleet_available":16,"workers":[]})");
    return json_reply(200,
                      R"({"status":"accepted","call_id":"c)" + std::to_string(number) + R"("})");
}

struct settings_test : api_test {
    answer put(std::string const& block, json_object body) {
        return admin("PUT", "/api/v1/settings/" + block, body);
    }
    answer shown() { return admin("GET", "/api/v1/settings"); }

    /// A 422 with exactly these faults, in any order; an empty reason fits any.
    static void expect_faults(answer const& got, std::vector<fault> wanted) {
        EXPECT_EQ(got.status, 422) << got.body;
        if (!got.json.is_object() || !got.json.as_object().contains("errors")) return;
        std::map<std::string, std::string> told;
        for (auto const& one : got.json.at("errors").as_array())
            told.emplace(one.at("pointer").as_string(), one.at("reason").as_string());
        EXPECT_EQ(told.size(), wanted.size()) << got.body;
        for (auto const& one : wanted) {
            EXPECT_TRUE(told.contains(one.pointer)) << one.pointer << got.body;
            if (!one.reason.empty()) {
                EXPECT_EQ(told[one.pointer], one.reason) << got.body;
            }
        }
    }

    /// Signed in as a new user of this role.
    wire::header_list signed_in(std::string const& role) {
        std::string const email = "one-" + role + "@example.com";
        auto const made = admin(
            "POST", "/api/v1/auth/register",
            json_object{
                {"email", email}, {"password", "a-fine-password"}, {"name", role}, {"role", role}});
        EXPECT_EQ(made.status, 201) << made.body;
        auto const token = send("POST", "/api/v1/auth/login",
                                json_object{{"email", email}, {"password", "a-fine-password"}})
                               .text("access_token");
        return {{"Authorization", "Bearer " + token}};
    }

    std::string sql(std::string const& statement) {
        auto const got = cxb::test::run_sqlite(settings.data_dir + "/cxb.db", statement);
        EXPECT_EQ(got.errors, "");
        return got.output;
    }
    /// A member of the document as it lies in the store.
    std::string stored(std::string const& path) {
        auto text = sql("select json_extract(doc,'" + path + "') from system_settings");
        if (text.ends_with('\n')) text.pop_back();
        return text;
    }
    /// `action|changes` of all settings rows, in order.
    std::string audit_rows() {
        return sql(
            "select json_extract(doc,'$.action'), json_extract(doc,'$.changes') from "
            "audit_log where json_extract(doc,'$.action') like 'settings.%' order by seq");
    }
};

}  // namespace cxb::api::test
