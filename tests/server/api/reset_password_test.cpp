// `cxb-api reset-password`: the program itself, beside a running server (spec 20 §1 "Commands").
#include "server/api/people_fixture.hpp"

namespace cxb::api::test {
namespace {

struct ResetPassword : people_test {
    void SetUp() override { start(); }
    cxb::test::run_outcome reset(std::string const& email, std::string const& input) {
        return cxb::test::run_program(
            {std::string(CXB_BINARY_DIR) + "/bin/cxb-api", "reset-password", "--email", email},
            {{"CXB_DATA_DIR", settings.data_dir}, {"CXB_STORE_URL", settings.store.url}}, input);
    }
};

TEST_F(ResetPassword, SetsThePasswordAndEndsAllSessions) {
    make_user("asha@example.com", "agent");
    auto const token = token_of("asha@example.com");
    auto const done = reset(" Asha@Example.com ", "quite-another-one\nignored\n");
    EXPECT_EQ(done.exit_code, 0) << done.errors;
    EXPECT_EQ(done.output, "password set; all sessions of this user have ended\n");
    EXPECT_EQ(as(token, "GET", "/api/v1/auth/me").status, 401);
    EXPECT_EQ(login("asha@example.com").status, 401);
    auto const in = login("asha@example.com", "quite-another-one");
    ASSERT_EQ(in.status, 200);
    EXPECT_EQ(in.json.at("user").at("must_change_password").as_bool(), false);
    auto const row =
        admin("GET", "/api/v1/audit?action=user.password_reset").json.at("items").at(0);
    EXPECT_EQ(wire::text_at(row.as_object(), "actor.type"), "command");
    EXPECT_EQ(wire::text_at(row.as_object(), "target.label"), "asha@example.com");
    EXPECT_EQ(admin("GET", "/api/v1/audit/verify").json.at("ok").as_bool(), true);
}

TEST_F(ResetPassword, RefusesAndChangesNothing) {
    for (auto const& [email, input, told] :
         {std::tuple("nobody@example.com", "quite-another-one\n", "User not found"),
          std::tuple(admin_email, "short\n", "10 to 256 bytes"),
          std::tuple(admin_email, "", "10 to 256 bytes"),
          std::tuple(admin_email, "newpassword1\n", "too common"),
          std::tuple("no-address", "quite-another-one\n", "not an email address")}) {
        auto const refused = reset(email, input);
        EXPECT_EQ(refused.exit_code, 1) << email;
        EXPECT_EQ(refused.output, "") << email;
        EXPECT_NE(refused.errors.find(told), std::string::npos) << refused.errors;
    }
    EXPECT_EQ(login(admin_email, admin_password).status, 200);
    EXPECT_EQ(listed(admin("GET", "/api/v1/audit?action=user.password_reset"), "seq"), "");
}

TEST_F(ResetPassword, HelpsInAnInstallationWhereNobodyCanSignIn) {
    stop();
    EXPECT_EQ(reset(admin_email, "quite-another-one\n").exit_code, 0);
    start();
    EXPECT_EQ(login(admin_email, "quite-another-one").status, 200);
}

}  // namespace
}  // namespace cxb::api::test
