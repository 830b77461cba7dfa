#include "cli/app/credentials.hpp"

#include <sys/stat.h>

#include "tests/server/cli/cli_fixture.hpp"

namespace {
using namespace cxb;
using namespace cxb::cli;

struct Credentials : cxb_test::CliFixture {
    credentials_file file() { return *credentials_file::locate(home.string(), ""); }
    stored_token token(char const* text) { return {secret(text), clock.now()}; }
};

TEST_F(Credentials, AreKeptForTheOwnerOnlyAndPerInstallation) {
    ASSERT_TRUE(file().put("http://a", token("one")));
    ASSERT_TRUE(file().put("http://b", token("two")));
    auto const found = file().find("http://a");
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->token.reveal(), "one");
    EXPECT_EQ((*found)->expires_at, clock.now());
    struct stat about{};
    ASSERT_EQ(::stat(file().path().c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    EXPECT_EQ(*file().remove("http://a"), true);
    EXPECT_EQ(*file().remove("http://a"), false);
    EXPECT_FALSE(file().find("http://a")->has_value());
    EXPECT_TRUE(file().find("http://b")->has_value());
}

TEST_F(Credentials, AFileOthersCanReadIsRefused) {
    ASSERT_TRUE(file().put("http://a", token("one")));
    ::chmod(file().path().c_str(), 0644);
    EXPECT_EQ(file().find("http://a").error().code(), errc::forbidden);
}

TEST_F(Credentials, NeedAFolder) {
    EXPECT_EQ(credentials_file::locate("", "").error().reason(), "usage");
    EXPECT_EQ(credentials_file::locate("", "/home/x")->path(),
              "/home/x/.config/cxb/credentials.json");
}

}  // namespace
