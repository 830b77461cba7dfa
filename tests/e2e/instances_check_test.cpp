// The checker of the storm itself: it must find what is wrong, or its silence means nothing.
#include <gtest/gtest.h>

#include <fstream>

#include "support/child_process.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::e2e {
namespace {

std::string const checker = std::string(CXB_SOURCE_DIR) + "/tests/e2e/instances_check.py";

class InstancesCheck : public ::testing::Test {
  protected:
    // What an orderly run of one call and one dialout leaves behind; tests spoil it.
    void SetUp() override {
        sql("create table calls(doc); create table jobs(doc, state); create table dialouts(doc);"
            "create table fleet_reservations(doc); create table audit_log(doc);"
            "create table system_runtime(doc); create table call_trace(doc);"
            "create table call_rollups(doc);");
        add("calls", R"({"session_id":"s","status":"completed","completed_at":"x","push_state":)"
                     R"("delivered","cdr_talktime":7,"post_call_analysis":{"SUMMARY":"x"}})");
        add_job(R"({"key":"push:s:1","kind":"crm_push","session_id":"s","state":"done",)"
                R"("frozen_request":{"webhook_id":"m1"}})");
        add("dialouts", R"({"session_id":"d","outcome":"accepted"})");
        add("audit_log", R"({"seq":1})");
        add("audit_log", R"({"seq":2})");
        std::ofstream(scratch / "watch.json") << R"({"looks":11,"loop_takings":1,"job_takings":1,)"
                                              << R"("faults":[]})";
        std::ofstream(scratch / "instance-0-1.log") << taken(1, "10.000");
    }
    void sql(std::string const& statements) {
        auto const done = test::run_sqlite(store(), statements);
        ASSERT_EQ(done.exit_code, 0) << done.errors;
    }
    void add(std::string const& table, std::string const& document) {
        sql("insert into " + table + "(doc) values('" + document + "')");
    }
    void add_job(std::string const& document) {
        sql("insert into jobs values('" + document + "', json_extract('" + document +
            "', '$.state'))");
    }
    std::string store() const { return scratch / "s.db"; }
    static std::string taken(int fence, char const* until) {
        return R"({"msg":"lease taken","loop":"l","fence":)" + std::to_string(fence) +
               R"(,"until":"2026-01-01T00:00:)" + until + "Z\"}\n";
    }
    static std::string attempt(std::string const& id, std::string const& call,
                               std::string const& text = "x") {
        return R"({"webhook_id":")" + id + R"(","call_id":")" + call +
               R"(","status":200,"verified":true,"fields":{"s":")" + text + "\"}}";
    }
    // Checks and gives back what was found. No instance answers, which is a fault by itself.
    std::string check(std::string const& attempts, std::string const& dials,
                      std::string const& calls = {}, std::string const& orders = {}) {
        std::ofstream(scratch / "facts.json")
            << R"({"calls":{"s":{"config":true,"result":true,"cdr":true,"summary":"x"})" << calls
            << R"(},"orders":{"o":[{"status":200,"code":"","session":"d"}])" << orders
            << R"(},"attempts":[)" << attempts << R"(],"dials":[)" << dials
            << R"(],"urls":["http://127.0.0.1:1"],"bearer":"","store":")" << store()
            << R"(","watch":")" << (scratch / "watch.json").string() << R"(","logs":")"
            << scratch.path().string()
            << R"(/instance-*.log","lease_seconds":5,"reservation_seconds":0.1})";
        auto const done =
            test::run_program({"python3", checker, "check", (scratch / "facts.json").string()});
        EXPECT_EQ(done.exit_code, 1) << done.errors;
        EXPECT_EQ(done.errors, "");
        return done.output;
    }
    static void expect_all(std::string const& found, std::vector<char const*> const& faults) {
        for (char const* fault : faults)
            EXPECT_NE(found.find(fault), std::string::npos) << fault << "\n" << found;
    }
    static std::size_t faults_in(std::string const& found) {
        std::size_t count = 0;
        for (auto at = found.find("FAULT:"); at != found.npos; at = found.find("FAULT:", at + 1))
            ++count;
        return count;
    }

    test::scratch_dir const scratch;
    std::string const good_attempt = attempt("m1", "s");
    std::string const good_dial = R"({"order":"o","session":"d"})";
};

TEST_F(InstancesCheck, FindsNothingWhereNothingIs) {
    auto const found = check(good_attempt, good_dial);
    expect_all(found, {"fleet status 0", "s: API says 0"});
    EXPECT_EQ(faults_in(found), 2U) << found;
}

TEST_F(InstancesCheck, NamesWhatCallersAndReceiversSaw) {
    std::ofstream(scratch / "instance-1-1.log") << taken(2, "14.000") << R"({"msg":"lease )";
    auto const found =
        check(attempt("m1", "s") + "," + attempt("m2", "s") + "," + attempt("m2", "other") + "," +
                  attempt("m1", "s", "y"),
              good_dial + R"(,{"order":"o","session":"d2"},{"order":"nobody","session":"s3"})",
              R"(,"lost":{"config":true,"result":true,"summary":"x"})",
              R"(,"p":[{"status":200,"code":"","session":"p1"},)"
              R"({"status":200,"code":"","session":"p2"}])");
    expect_all(found,
               {"s: webhook ids ['m1', 'm2']", "m2 stands for 2 calls", "m1: several contents",
                "lost was acknowledged and is lost", "lost never reached the CRM",
                "order o was dialled 2 times", "order p was told", "nobody was dialled",
                "dialout p1 is None", "l: fence 2 taken while 1 ran", "lost: API says 0"});
}

TEST_F(InstancesCheck, NamesWhatTheStoreHolds) {
    for (char const* call :
         {R"({"session_id":"s","status":"active","push_state":"none"})",
          R"({"session_id":"t","status":"active","push_state":"queued"})",
          R"({"session_id":"u","status":"completed","completed_at":"x","push_state":"dead",)"
          R"("post_call_analysis":{"SUMMARY":"other"}})"})
        add("calls", call);
    add_job(R"({"key":"push:s:1","kind":"crm_push","session_id":"s","state":"dead"})");
    add("audit_log", R"({"seq":4})");
    add("fleet_reservations",
        R"({"_id":"h","holds":[{"id":"h1","until":"2999-01-01T00:00:00Z"}]})");
    std::ofstream(scratch / "watch.json")
        << R"({"looks":3,"loop_takings":1,"job_takings":1,"faults":["seen meanwhile"]})";
    auto const told = R"({"config":true,"result":true,"cdr":true,"summary":"x"})";
    auto const found =
        check(good_attempt, good_dial, std::string(R"(,"t":)") + told + R"(,"u":)" + told);
    expect_all(found, {"s stands in the store 2 times", "t is active", "t holds None",
                       "t: push is queued", "t lost its CDR", "u holds 'other'", "u: push is dead",
                       "u: 0 pushes", "s: 2 pushes", "job push:s:1 stands there 2 times",
                       "job push:s:1 is dead", "s: CRM saw", "audit rows are no sequence",
                       "hold h1 runs to 2999", "seen meanwhile", "the store was not watched"});
}

TEST_F(InstancesCheck, NamesCountersThatAreNotThoseOfTheCalls) {
    auto const call = [](char const* session, char const* minute) {
        return R"({"session_id":")" + std::string(session) +
               R"(","status":"completed","call_duration_seconds":1.5,"bot_id":"b",)"
               R"("created_at":"2026-01-01T00:)" +
               minute + R"(:00.000Z"})";
    };
    auto const row = [](char const* minute, char const* counts) {
        return R"({"slot":"2026-01-01T00:)" + std::string(minute) +
               R"(:00.000Z","bot_id":"b","campaign_id":"","calls":{)" + counts + "}}";
    };
    auto const one = R"("finished":1,"completed":1,"connected":1,"talk_ms":1500,"inbound":7)";
    add("calls", call("t", "14"));
    add("call_rollups", row("00", one));
    EXPECT_EQ(check(good_attempt, good_dial).find("calls."), std::string::npos);
    add("calls", call("u", "14"));
    add("call_rollups", row("15", R"("failed":1,"completed":0)"));
    add("call_rollups", row("15", ""));
    add_job(R"({"key":"push:t:1","kind":"other","session_id":"t","state":"done","payload":)"
            R"({"rollup":{"slot":"2026-01-01T00:00:00.000Z","bot_id":"b","campaign_id":""}}})");
    expect_all(check(good_attempt, good_dial),
               {"calls.finished of", "is 1, not 2", "calls.talk_ms of", "is 1500, not 3000",
                "calls.failed of", "is 1, not 0", "two counters of", "pushes.delivered of",
                "is 0, not 1"});
}

// Rows change under its eyes as they would if a fence meant nothing.
TEST_F(InstancesCheck, NamesLeasesThatOverlap) {
    auto const lease = [](int fence, char const* owner, char const* until) {
        return R"({"_id":"l","owner":")" + std::string(owner) + R"(","fence":)" +
               std::to_string(fence) + R"(,"lease_until":"2026-01-01T00:00:)" + until + R"(Z"})";
    };
    auto const job = [](int fence, char const* owner, char const* history) {
        return R"({"_id":"j","lease_owner":")" + std::string(owner) + R"(","fence":)" +
               std::to_string(fence) +
               R"(,"lease_until":"2026-01-01T00:00:20Z","state":"running","history":[)" + history +
               "]}";
    };
    auto const set = [&](std::string const& row, std::string const& task) {
        sql("begin; delete from system_runtime; insert into system_runtime values('" + row +
            "'); delete from jobs; insert into jobs values('" + task + "', 'running'); commit");
    };
    set(lease(1, "a", "10.000"), job(1, "a", ""));
    add("fleet_reservations",
        R"({"_id":"h","holds":[{"id":"h1","until":"2999-01-01T00:00:00Z"}]})");
    test::child_process watch({.name = "watch",
                               .arguments = {"python3", checker, "watch", store(), scratch / "stop",
                                             scratch / "report.json", "5"},
                               .environment = {},
                               .directory = scratch.path()});
    auto const seen = [&](std::string const& line) {
        return test::eventually([&] { return watch.log_text().find(line) != std::string::npos; });
    };
    EXPECT_TRUE(seen("l: fence 1 of a") && seen("j: fence 1 of a"));
    set(lease(2, "b", "14.000"), job(2, "b", R"({"error":"lease expired"})"));
    EXPECT_TRUE(seen("l: fence 2 of b") && seen("j: fence 2 of b"));
    set(lease(2, "c", "14.500"), job(2, "c", R"({"error":"lease expired"})"));
    EXPECT_TRUE(seen("l: fence 2 of c") && seen("j: fence 2 of c"));
    set(lease(1, "a", "19.000"), job(1, "a", R"({"error":"lease expired"})"));
    EXPECT_TRUE(seen("l: fence 1 of a"));
    EXPECT_TRUE(test::eventually([&] {
        auto const text = watch.log_text();
        return text.find("j: fence 1 of a", text.find("j: fence 2 of c")) != std::string::npos;
    }));
    std::ofstream(scratch / "stop") << "stop";
    EXPECT_EQ(watch.wait_exit(), 0);
    expect_all(test::read_file(scratch / "report.json"),
               {"l: fence 2 taken at", "l: fence 2 held by b and c", "l: fence fell from 2 to 1",
                "j: fence 2 taken at", "j: fence 2 held by b and c", "j: fence fell from 2 to 1",
                "hold h1 runs to 2999"});
}

}  // namespace
}  // namespace cxb::e2e
