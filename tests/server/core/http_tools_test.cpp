#include "server/core/call/http_tools.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "cxb/base/encoding.hpp"

namespace {

namespace asio = boost::asio;
namespace rc = cxb::contract::runtime_config;

struct peer final : cxb::client::transport {
    std::function<cxb::result<cxb::wire::http_response>(int)> reply;
    std::vector<cxb::client::outgoing_request> seen;
    asio::awaitable<cxb::result<cxb::wire::http_response>> send(
        cxb::client::outgoing_request request, cxb::client::transport_options) override {
        seen.push_back(std::move(request));
        co_return reply(static_cast<int>(seen.size()));
    }
    static cxb::wire::http_response status(int code, std::string body = "{}") {
        cxb::wire::http_response out;
        out.status = code;
        out.body = std::move(body);
        return out;
    }
};

class HttpTools : public ::testing::Test {
  protected:
    HttpTools() {
        tool_.function.name = "t";
        tool_.kind = rc::tool_kind::http;
        tool_.http.emplace();
        tool_.http->url = "https://crm.example.com/p/{{args.policy}}";
        tool_.http->method = rc::http_method::get;
    }
    cxb::core::tool_replied run() {
        auto config = std::make_shared<rc::runtime_config>();
        config->tools = {tool_};
        cxb::core::tool_replied out;
        asio::io_context loop;
        asio::co_spawn(
            loop,
            [&, shared = std::exchange(config, nullptr)]() -> asio::awaitable<void> {
                out = co_await cxb::core::run_http_tool(peer_, shared,
                                                        {1, "t", "c1", {{"policy", "P 7/7"}}});
            },
            asio::detached);
        loop.run();
        return out;
    }
    rc::tool tool_;
    peer peer_;
};

// 80-24
TEST_F(HttpTools, GetIsTriedTwiceOnANetworkError) {
    peer_.reply = [](int tried) -> cxb::result<cxb::wire::http_response> {
        if (tried == 1) return cxb::error{cxb::errc::unavailable, "reset"};
        return peer::status(200, R"({"premium":1})");
    };
    auto const given = run();
    EXPECT_EQ(given.error, "");
    EXPECT_EQ(given.http_status, 200);
    ASSERT_EQ(peer_.seen.size(), 2U);
    EXPECT_EQ(peer_.seen[1].url.substr(0, 38), "https://crm.example.com/p/P%207%2F7?po");
}

TEST_F(HttpTools, OthersAreTriedOnce) {
    peer_.reply = [](int) -> cxb::result<cxb::wire::http_response> {
        return cxb::error{cxb::errc::unavailable, "reset"};
    };
    tool_.http->method = rc::http_method::post;
    EXPECT_EQ(run().error, "network");
    EXPECT_EQ(peer_.seen.size(), 1U);
}

TEST_F(HttpTools, OnlyNetworkErrorsAreRepeated) {
    struct row {
        cxb::errc code;
        char const* word;
    };
    for (auto const& one :
         {row{cxb::errc::deadline_exceeded, "timeout"}, row{cxb::errc::blocked, "blocked"},
          row{cxb::errc::too_large, "too_large"}}) {
        peer_.seen.clear();
        peer_.reply = [&](int) -> cxb::result<cxb::wire::http_response> {
            return cxb::error{one.code, "x"};
        };
        EXPECT_EQ(run().error, one.word);
        EXPECT_EQ(peer_.seen.size(), 1U);
    }
    peer_.seen.clear();
    peer_.reply = [](int) { return peer::status(404); };
    EXPECT_EQ(run().error, "status");
    EXPECT_EQ(peer_.seen.size(), 1U);
}

// A cut in the middle of a character would be refused as malformed.
TEST_F(HttpTools, LongQueryIsCutBetweenCharacters) {
    auto config = std::make_shared<rc::runtime_config>();
    config->knowledge.search_url = "https://api.example.com/search";
    peer_.reply = [](int) { return peer::status(200, R"({"results":[]})"); };
    std::string query = "x";
    while (query.size() < 600)
        query += "\u0905";
    asio::io_context loop;
    asio::co_spawn(
        loop,
        [&]() -> asio::awaitable<void> {
            auto const given = co_await cxb::core::search_knowledge(peer_, config, {}, {1, query});
            EXPECT_TRUE(given.ok);
        },
        asio::detached);
    loop.run();
    ASSERT_EQ(peer_.seen.size(), 1U);
    auto const sent = cxb::wire::parse_json(peer_.seen[0].message.body);
    ASSERT_TRUE(sent);
    EXPECT_EQ(cxb::wire::text_at(sent->as_object(), "query"), cxb::utf8_prefix(query, 500));
}

}  // namespace
