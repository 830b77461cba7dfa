// kill -9 of the API while it takes away what is old, moves secrets to another key or brings an
// older store to its form: the next one goes on where it stopped, and nothing is done twice.
#include <csignal>

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"
#include "e2e/crash/crash_subject.hpp"

namespace cxb::e2e {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class CrashUpkeep : public crash_subject {
  protected:
    void SetUp() override {
        crash_subject::SetUp();
        more["CXB_LOOPS_CLEAN_UP_SECONDS"] = "1";
    }

    std::size_t recordings() {
        std::size_t out = 0;
        for (auto const& entry : fs::recursive_directory_iterator(scratch / "data/objects"))
            out += entry.is_regular_file() ? 1 : 0;
        return out;
    }
    // Three calls with recordings that were told to the CRM, and then a month goes by.
    void make_old_calls() {
        ASSERT_NO_FATAL_FAILURE(start_api(more));
        bot = make_bot();
        for (int i = 0; i < 3; ++i) {
            old.push_back(recorded_call(bot, "RIFF of an old call"));
            ASSERT_TRUE(call_becomes(old.back(), "push_state", {"delivered"}));
        }
        rollups = "select id, doc from call_rollups where id in (" +
                  rows("select group_concat(quote(id)) from call_rollups") + ") order by id";
        counted = rows(rollups);
        ASSERT_NE(counted, "");
        kill_api();
        step_clock(std::chrono::days{31});
        sign_in_anew();
    }
    // Serves, with a young call, until the clean-up gets there.
    void die_of_retention(std::string const& point, wire::json_object const& kept) {
        start_dying(point);
        young = recorded_call(bot, "RIFF of a young call");
        auto const set = admin("PUT", "/api/v1/settings/retention", kept);
        EXPECT_TRUE(set.status == 200 || set.status == 0) << set.text;  // it dies within a second
        expect_death();
    }
    void die_once_more(std::string const& point, int passing = 1) {
        step_clock(10s);  // leases end
        launch_dying(point, passing);
        expect_death();
    }
    bool no_job_waits() {
        return rows_become("select count(*) from jobs where json_extract(doc,'$.state') <> 'done'",
                           "0\n");
    }
    std::string number(std::string const& what) {
        auto const text = rows("select count(*) from " + what);
        return text.substr(0, text.find('\n'));
    }
    // Bots whose signing secret that key opens.
    std::string sealed_with(std::string const& key) {
        return number("bots where doc like '%enc:v1:" + sha256_hex(key).substr(0, 8) + "%'");
    }
    test::run_outcome rotate(environment const& settings) {
        environment all{{"CXB_DATA_DIR", (scratch / "data").string()},
                        {"CXB_CORE_SECRET", core_secret}};
        for (auto const& [name, value] : settings)
            all[name] = value;
        return test::run_program({binary("cxb-api"), "rotate-secrets-key", "--json"}, all);
    }

    std::string bot;
    std::vector<std::string> old;
    std::string young;
    std::string rollups;  // asks for the counts of the old calls
    std::string counted;
};

// 21 §2.1
TEST_F(CrashUpkeep, OldCallsGoWholeAndYoungOnesStay) {
    ASSERT_NO_FATAL_FAILURE(make_old_calls());
    die_of_retention("retention.rows_removed", {{"calls_days", 30}});
    EXPECT_EQ(number("calls"), "4") << "without its calls nobody would look for the rest";
    EXPECT_EQ(recordings(), 4U);
    die_once_more("retention.calls_removed");
    EXPECT_EQ(number("calls"), "1");
    die_once_more("recordings.removed");
    EXPECT_LT(recordings(), 4U);
    EXPECT_GT(recordings(), 1U) << "the job had not ended";
    step_clock(10s);
    start_sound();
    EXPECT_TRUE(test::eventually([&] { return recordings() == 1; }, 60s));
    EXPECT_TRUE(no_job_waits());
    EXPECT_EQ(http.call("GET", api_url + "/api/v1/recordings/" + young,
                        {{"Authorization", "Bearer " + bearer()}})
                  .text,
              "RIFF of a young call");
    EXPECT_EQ(rows(rollups), counted);
    for (auto const& session : old) {
        EXPECT_EQ(admin("GET", "/api/v1/calls/" + session).status, 404);
        EXPECT_EQ(number("call_trace where json_extract(doc,'$.session_id') = '" + session + "'"),
                  "0");
    }
}

// 21 §2.1
TEST_F(CrashUpkeep, PartsOfOldCallsGoAndTheCallsStay) {
    ASSERT_NO_FATAL_FAILURE(make_old_calls());
    die_of_retention("retention.parts_removed", {{"recordings_days", 1}, {"transcripts_days", 1}});
    // The place of the recordings is kept; the transcripts come second.
    die_once_more("retention.parts_removed", 2);
    step_clock(10s);
    start_sound();
    EXPECT_TRUE(test::eventually([&] { return recordings() == 1; }, 60s));
    EXPECT_TRUE(no_job_waits());
    for (auto const& session : old) {
        auto const call = call_of(session);
        EXPECT_EQ(wire::text_at(call, "status"), "completed");
        EXPECT_FALSE(wire::bool_at(call, "has_recording"));
        EXPECT_FALSE(call.contains("transcript") && call.at("transcript").is_array() &&
                     !call.at("transcript").as_array().empty());
    }
    EXPECT_EQ(call_of(young).at("transcript").as_array().size(), 2U);
}

// 20 §3.5
TEST_F(CrashUpkeep, SecretsOpenWithOneOfTheKeysAndTheRestFollows) {
    auto const old_key = to_base64(std::string(32, 'o'));
    auto const new_key = to_base64(std::string(32, 'n'));
    for (auto const& key : {old_key, new_key})
        forbid(key);
    auto const plain = more;
    more["CXB_SECRETS_KEY"] = old_key;
    start_api(more);
    std::map<std::string, std::string> secrets;
    for (int i = 0; i < 4; ++i) {
        auto const made = make_bot();
        secrets[made] = signing_secret;
    }
    kill_api();
    environment const both{{"CXB_SECRETS_KEY", new_key}, {"CXB_SECRETS_KEY_PREVIOUS", old_key}};
    auto dying = both;
    dying["CXB_FAIL_POINTS"] = "rotation.sealed@2=kill";
    EXPECT_EQ(rotate(dying).exit_code, 128 + SIGKILL);
    EXPECT_EQ(sealed_with(std::string(32, 'o')), "2");
    EXPECT_EQ(sealed_with(std::string(32, 'n')), "2");
    // Whoever has both keys signs with each of the secrets.
    more = plain;
    more.insert(both.begin(), both.end());
    start_api(more);
    for (auto const& [id, signs] : secrets) {
        crm.use_secret(secret(signs));
        EXPECT_EQ(post_result(http, full_result("of-" + id, id)).status, 200);
        EXPECT_TRUE(call_becomes("of-" + id, "push_state", {"delivered"}));
        EXPECT_TRUE(crm.attempts().back().verified);
    }
    // The repeated command goes on beside the running process.
    auto const again = rotate(both);
    EXPECT_EQ(again.exit_code, 0) << again.errors;
    EXPECT_EQ(sealed_with(std::string(32, 'n')), "4");
    kill_api();
    more = plain;
    more["CXB_SECRETS_KEY"] = new_key;
    start_api(more);
    for (auto const& [id, signs] : secrets) {
        crm.use_secret(secret(signs));
        EXPECT_EQ(post_result(http, full_result("then-" + id, id)).status, 200);
        EXPECT_TRUE(call_becomes("then-" + id, "push_state", {"delivered"}));
    }
}

// 20 §1
TEST_F(CrashUpkeep, AMigrationIsCarriedOnByTheNextStart) {
    start_api(more);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(admin("POST", "/api/v1/auth/register",
                        {{"email", "u" + std::to_string(i) + "@example.com"},
                         {"password", "a-fine-password"},
                         {"name", "Person " + std::to_string(i)}})
                      .status,
                  201);
    kill_api();
    // As a version left it that knew neither hashes nor names for search.
    rows(
        "update audit_log set doc = json_remove(doc, '$.hash', '$.prev_hash');"
        "update system_runtime set doc = json_remove(doc, '$.hash', '$.sealed_seq') "
        "where id = 'audit_head';"
        "delete from system_runtime where id like 'migration%';"
        "update users set doc = json_remove(doc, '$.name_lower'), cxb_fields = 0");
    // With the names written, with the row of that migration, with the row of the next one.
    for (auto const* done : {"0", "1", "2"}) {
        launch_dying("migrations.committed");
        expect_death();
        EXPECT_EQ(number("system_runtime where id like 'migration:%'"), done);
        EXPECT_EQ(number("users where json_extract(doc,'$.name_lower') is null"), "0");
        step_clock(20s);  // the lease ends
    }
    start_sound();
    EXPECT_EQ(wire::int_at(admin("GET", "/api/v1/users?q=person").body, "total"), 3);
    EXPECT_TRUE(wire::bool_at(admin("GET", "/api/v1/audit/verify").body, "ok"));
    EXPECT_EQ(number("system_runtime where id like 'migration:%'"), "2");
}

}  // namespace
}  // namespace cxb::e2e
