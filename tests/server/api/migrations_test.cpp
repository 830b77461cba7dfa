// Migrations of cxb-api: two whole services that start at the same moment on an older store.
#include <thread>

#include "server/api/app/migrations.hpp"
#include "server/api/instances_fixture.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::api::test {
namespace {

struct StartsAtOnce : Instances {
    std::string sql(std::string const& statement) {
        auto const got = cxb::test::run_sqlite(a.settings.data_dir + "/cxb.db", statement);
        EXPECT_EQ(got.exit_code, 0) << got.errors;
        return got.output;
    }
    // As a version left it that knew neither hashes nor names for search.
    void make_old() {
        sql("update audit_log set doc = json_remove(doc, '$.hash', '$.prev_hash');"
            "update system_runtime set doc = json_remove(doc, '$.hash', '$.sealed_seq') "
            "where id = 'audit_head';"
            "delete from system_runtime where id like 'migration%';"
            "update users set doc = json_remove(doc, '$.name_lower'), cxb_fields = 0");
    }
};

TEST_F(StartsAtOnce, EachMigrationRunsOnceAndBothServe) {
    ASSERT_NO_FATAL_FAILURE(start_alone());
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(a.admin("POST", "/api/v1/auth/register",
                          json_object{{"email", "u" + std::to_string(i) + "@example.com"},
                                      {"password", "a-fine-password"},
                                      {"name", "Person " + std::to_string(i)}})
                      .status,
                  201);
    for (int round = 0; round < 3; ++round) {
        a.stop();
        b.stop();
        make_old();
        std::thread first([this] { a.start(); });
        std::thread second([this] { b.start(); });
        first.join();
        second.join();
        for (auto* each : {&a, &b}) {
            EXPECT_EQ(each->admin("GET", "/api/v1/users?q=person").json.at("total").as_int64(), 3);
            EXPECT_EQ(each->admin("GET", "/api/v1/audit/verify").json.at("ok").as_bool(), true);
        }
    }
    a.stop();
    b.stop();
    EXPECT_EQ(sql("select count(*), count(distinct json_extract(doc, '$.by')) from system_runtime "
                  "where id like 'migration:%'"),
              std::to_string(api_migrations().size()) + "|1\n")
        << "one process has done them all";
}

}  // namespace
}  // namespace cxb::api::test
