#include "cxb/worker/media_route.hpp"

#include <gtest/gtest.h>

#include "cxb/contract/shared_secret/websocket_token.hpp"

namespace {

namespace worker = cxb::worker;
using cxb::contract::runtime_config::transport_kind;
using cxb::contract::shared_secret::keyring;

cxb::wire::http_request upgrade(std::string path, std::string query = "") {
    cxb::wire::http_request out;
    out.path = std::move(path);
    out.query_text = std::move(query);
    out.headers.set("Upgrade", "WebSocket");
    return out;
}

TEST(MediaRoute, KnowsTheTwoPathsAndWholeIds) {
    auto const dialler = worker::media_route("/ws/65f0_a.b:c-d");
    ASSERT_TRUE(dialler);
    EXPECT_EQ(dialler->transport, transport_kind::websocket);
    EXPECT_EQ(dialler->bot_id, "65f0_a.b:c-d");
    auto const exotel = worker::media_route("/exotel/b");
    ASSERT_TRUE(exotel);
    EXPECT_EQ(exotel->transport, transport_kind::exotel);
    EXPECT_TRUE(worker::media_route("/ws/" + std::string(128, 'x')));
    for (auto const& path :
         {std::string("/ws"), std::string("/ws/"), std::string("/ws/a/b"), std::string("/ws/a%20b"),
          std::string("/WS/a"), std::string("/x/ws/a"), "/ws/" + std::string(129, 'x')})
        EXPECT_FALSE(worker::media_route(path)) << path;
}

TEST(MediaRoute, TakesAnUpgradeAndNothingElse) {
    keyring const keys{cxb::secret("s3cret"), {}};
    auto const place = *worker::media_route("/ws/b");
    EXPECT_TRUE(worker::judge_upgrade(place, upgrade("/ws/b"), false, keys).socket);
    auto plain = upgrade("/ws/b");
    plain.headers.remove("Upgrade");
    auto const told = worker::judge_upgrade(place, plain, false, keys);
    ASSERT_TRUE(told.refuse);
    EXPECT_EQ(told.refuse->status, 426);
    EXPECT_EQ(told.refuse->headers.get("Upgrade"), "websocket");
    auto posted = upgrade("/ws/b");
    posted.method = "POST";
    auto const refused = worker::judge_upgrade(place, posted, false, keys);
    ASSERT_TRUE(refused.refuse);
    EXPECT_EQ(refused.refuse->status, 405);
    EXPECT_EQ(refused.refuse->headers.get("Allow"), "GET");
}

// 10 §2.2: either secret of the keyring is good, for its bot only.
TEST(MediaRoute, ChecksTheToken) {
    keyring const keys{cxb::secret("new"), cxb::secret("old")};
    auto const place = *worker::media_route("/ws/b");
    auto const status = [&](std::string const& query) {
        auto const verdict = worker::judge_upgrade(place, upgrade("/ws/b", query), true, keys);
        return verdict.refuse ? verdict.refuse->status : 101;
    };
    auto const token = [](char const* secret, char const* bot) {
        return "t=" + cxb::contract::shared_secret::websocket_token(cxb::secret(secret), bot);
    };
    EXPECT_EQ(status(token("new", "b")), 101);
    EXPECT_EQ(status("x=1&" + token("old", "b")), 101);
    for (auto const& bad : {std::string(), std::string("t="), std::string("t=%zz"),
                            token("new", "c"), token("third", "b"), token("new", "b") + "x"})
        EXPECT_EQ(status(bad), 403) << bad;
}

}  // namespace
