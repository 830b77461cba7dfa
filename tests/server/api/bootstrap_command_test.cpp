// `cxb-api bootstrap-admin`: the program itself, beside a running server (spec 20 §2.4 c), and what
// becomes of the token file.
#include <fstream>

#include "server/api/people_fixture.hpp"

namespace cxb::api::test {
namespace {

constexpr char const* bootstrap = "/api/v1/auth/bootstrap";

struct BootstrapAdmin : people_test {
    std::string const file = settings.data_dir + "/bootstrap-token";
    void SetUp() override {
        settings.bootstrap = {};
        start();
    }
    cxb::test::run_outcome make(std::string const& email, std::string const& input) {
        return cxb::test::run_program(
            {std::string(CXB_BINARY_DIR) + "/bin/cxb-api", "bootstrap-admin", "--email", email},
            {{"CXB_DATA_DIR", settings.data_dir}, {"CXB_STORE_URL", settings.store.url}}, input);
    }
    // As another process of the store, with this folder, would have left it.
    void leave_token() { std::ofstream(file) << std::string(32, 't') << '\n'; }
    bool needed() { return send("GET", bootstrap).json.at("needed").as_bool(); }
};

TEST_F(BootstrapAdmin, MakesTheFirstAdminOnce) {
    std::string const token = cxb::test::read_file(file).substr(0, 32);
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(file).permissions(), perms::owner_read | perms::owner_write);
    auto const made = make(" Asha@Example.com ", "quite-a-good-one\nignored\n");
    EXPECT_EQ(made.exit_code, 0) << made.errors;
    EXPECT_EQ(made.output, "admin created\n");
    EXPECT_FALSE(needed());
    EXPECT_FALSE(std::filesystem::exists(file)) << "nobody should find it";
    auto const in = login("asha@example.com", "quite-a-good-one");
    ASSERT_EQ(in.status, 200) << in.body;
    EXPECT_EQ(in.text("user.role"), "super_admin");
    auto const rows = as(in.text("access_token"), "GET", "/api/v1/audit?action=bootstrap");
    ASSERT_EQ(rows.json.at("total").as_int64(), 1);
    auto const& row = rows.json.at("items").at(0).as_object();
    EXPECT_EQ(wire::text_at(row, "actor.type"), "command");
    EXPECT_EQ(wire::text_at(row, "actor.label"), "bootstrap-admin");

    auto const again = make("tara@example.com", "quite-a-good-one\n");
    EXPECT_EQ(again.exit_code, 1);
    EXPECT_EQ(again.output, "an admin exists already, nothing changed\n");
    EXPECT_EQ(login("tara@example.com", "quite-a-good-one").status, 401);
    auto const late = send("POST", bootstrap,
                           json_object{{"token", token},
                                       {"email", "tara@example.com"},
                                       {"password", "quite-a-good-one"},
                                       {"name", "Tara"}});
    EXPECT_EQ(late.status, 409);
    EXPECT_EQ(late.text("code"), "bootstrap_done");
}

TEST_F(BootstrapAdmin, RefusesAndMakesNobody) {
    for (auto const& [email, input, told] :
         {std::tuple("asha@example.com", "short\n", "10 to 256 bytes"),
          std::tuple("asha@example.com", "", "10 to 256 bytes"),
          std::tuple("asha@example.com", "newpassword1\n", "too common"),
          std::tuple("no-address", "quite-a-good-one\n", "not an email address")}) {
        auto const refused = make(email, input);
        EXPECT_EQ(refused.exit_code, 1) << email;
        EXPECT_EQ(refused.output, "") << email;
        EXPECT_NE(refused.errors.find(told), std::string::npos) << refused.errors;
    }
    EXPECT_TRUE(needed());
    EXPECT_TRUE(std::filesystem::exists(file));
}

TEST_F(BootstrapAdmin, FaultsOfABodyAreToldTogetherBeforeItsToken) {
    auto const refused = send(
        "POST", bootstrap,
        json_object{{"token", "guessed"}, {"email", "a@@b"}, {"password", "short"}, {"name", ""}});
    EXPECT_EQ(refused.status, 422);
    std::string pointers;
    for (auto const& one : refused.json.at("errors").as_array())
        pointers += std::string(wire::text_at(one.as_object(), "pointer")) + " ";
    EXPECT_EQ(pointers, "/name /email /password ");
    EXPECT_TRUE(needed());
}

TEST_F(BootstrapAdmin, ATokenThatIsLeftOverGoesWithTheNextStart) {
    ASSERT_EQ(make("asha@example.com", "quite-a-good-one\n").exit_code, 0);
    stop();
    leave_token();
    start();
    EXPECT_FALSE(std::filesystem::exists(file));
    leave_token();
    EXPECT_EQ(send("POST", bootstrap,
                   json_object{{"token", std::string(32, 't')},
                               {"email", "tara@example.com"},
                               {"password", "quite-a-good-one"},
                               {"name", "Tara"}})
                  .status,
              409);
    EXPECT_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace cxb::api::test
