#include "src/net/http_parser.hpp"

#include <gtest/gtest.h>

#include "cxb/base/random.hpp"

namespace {
using namespace cxb;
using namespace cxb::net;

struct parsed {
    int fault = 0;
    bool done = false;
    std::string body;
    std::size_t left = 0;
};

// Feeds a message in pieces, as a socket would give it.
template <class Parser>
parsed feed(Parser& parser, std::string_view text, std::size_t piece) {
    parsed out;
    std::string buffer;
    for (std::size_t at = 0; at <= text.size() && parser.fault() == 0; at += piece) {
        buffer += text.substr(at, piece);
        for (std::size_t used = 1; used != 0 && !parser.done() && parser.fault() == 0;) {
            used =
                parser.head_done() ? parser.read_body(buffer, out.body) : parser.read_head(buffer);
            buffer.erase(0, used);
        }
    }
    out.fault = parser.fault();
    out.done = out.fault == 0 && parser.done();
    out.left = buffer.size();
    return out;
}

TEST(HttpParser, ReadsRequestsHoweverTheyAreCut) {
    std::string const plain =
        "POST /a%20b?q=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
    std::string const chunked =
        "POST /a%20b?q=1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "2\r\nhe\r\n3;x\r\nllo\r\n0\r\nA: b\r\n\r\n";
    for (auto const& text : {plain, chunked}) {
        for (std::size_t piece = 1; piece <= text.size(); ++piece) {
            request_parser parser(1024);
            auto const out = feed(parser, text, piece);
            ASSERT_TRUE(out.done) << piece;
            EXPECT_EQ(out.body, "hello");
            EXPECT_EQ(parser.request().path, "/a%20b");
            EXPECT_EQ(parser.request().query_text, "q=1");
            EXPECT_EQ(parser.request().headers.items().size(), 2U);
            EXPECT_TRUE(parser.keep_alive());
        }
    }
}

TEST(HttpParser, TheAuthorityOfTheTargetStandsForHost) {
    request_parser parser(1024);
    auto const out =
        feed(parser, "GET http://bridge.example:8443/a?b HTTP/1.1\r\nHost: evil\r\n\r\n", 1000);
    ASSERT_TRUE(out.done);
    EXPECT_EQ(parser.request().path, "/a");
    EXPECT_EQ(parser.request().headers.get("Host"), "bridge.example:8443");
    EXPECT_EQ(parser.request().headers.items().size(), 1U);
    for (auto const* target :
         {"http://", "http:///a", "http://?b", "http://user@host/", "ftp://h/"}) {
        request_parser refusing(1024);
        feed(refusing, std::string("GET ") + target + " HTTP/1.1\r\nHost: h\r\n\r\n", 1000);
        EXPECT_EQ(refusing.fault(), 400) << target;
    }
}

TEST(HttpParser, LeavesTheNextRequestAlone) {
    request_parser parser(1024);
    auto const out = feed(parser, "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\n", 1000);
    EXPECT_TRUE(out.done);
    EXPECT_EQ(out.left, 17U);
}

TEST(HttpParser, TellsWhatTheHeadSays) {
    request_parser old(1024);
    feed(old, "PUT / HTTP/1.0\r\nContent-Length: 7\r\nExpect: 100-continue\r\n\r\n", 1000);
    EXPECT_TRUE(old.http10());
    EXPECT_FALSE(old.keep_alive());
    EXPECT_FALSE(old.expects_continue());
    EXPECT_FALSE(old.done());
    EXPECT_EQ(old.content_length(), 7U);
    request_parser young(1024);
    feed(young, "PUT / HTTP/1.1\r\nHost:\r\nContent-Length: 7\r\nExpect: 100-Continue\r\n\r\n",
         1000);
    EXPECT_TRUE(young.expects_continue());
}

TEST(HttpParser, LimitsTheHead) {
    for (std::size_t piece : {1, 7, 5000}) {
        request_parser parser(100);
        EXPECT_EQ(feed(parser, "GET / HTTP/1.1\r\nX: " + std::string(200, 'x'), piece).fault, 431);
    }
}

TEST(HttpParser, ReadsResponses) {
    std::string const text = "HTTP/1.1 206 Partial\r\nContent-Length: 3\r\nETag: \"x\"\r\n\r\nabc";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        response_parser parser(1024, false);
        auto const out = feed(parser, text, piece);
        ASSERT_TRUE(out.done);
        EXPECT_EQ(out.body, "abc");
        EXPECT_EQ(parser.response().status, 206);
        EXPECT_EQ(parser.response().headers.get("etag"), "\"x\"");
        EXPECT_FALSE(parser.interim());
    }
}

TEST(HttpParser, ResponsesWithoutBody) {
    for (auto const* text :
         {"HTTP/1.1 204 N\r\n\r\n", "HTTP/1.1 304 N\r\nContent-Length: 5\r\n\r\n",
          "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"}) {
        response_parser parser(1024, false);
        EXPECT_TRUE(feed(parser, text, 1000).done) << text;
    }
    response_parser head(1024, true);
    EXPECT_TRUE(feed(head, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 1000).done);
    EXPECT_EQ(head.content_length(), 5U);
    EXPECT_FALSE(head.interim());
}

TEST(HttpParser, ResponsesThatEndWithTheConnection) {
    response_parser parser(1024, false);
    auto const out = feed(parser, "HTTP/1.1 200 OK\r\n\r\nall of it", 4);
    EXPECT_FALSE(out.done);
    EXPECT_EQ(out.body, "all of it");
    EXPECT_FALSE(parser.keep_alive());
    EXPECT_TRUE(parser.finish_at_eof());
    response_parser cut(1024, false);
    feed(cut, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nal", 100);
    EXPECT_FALSE(cut.finish_at_eof());
    response_parser empty(1024, false);
    EXPECT_FALSE(empty.finish_at_eof());
}

TEST(HttpParser, UnreadableResponses) {
    for (auto const* text :
         {"HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
          "ICY 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "<html>"}) {
        response_parser parser(1024, false);
        EXPECT_EQ(feed(parser, text, 1000).fault, 400) << text;
    }
}

TEST(HttpParser, DamagedBytesNeverDoMoreThanFail) {  // 10-40
    std::string const request =
        "POST /p?q HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n"
        "a;e=\"v\"\r\n0123456789\r\n0\r\nT: v\r\n\r\n";
    std::string const response =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    seeded_random random(11);
    for (int i = 0; i < 20'000; ++i) {
        auto text = i % 2 == 0 ? request : response;
        for (auto changes = random.below(5); changes > 0; --changes) {
            auto const at = random.below(text.size());
            switch (random.below(4)) {
                case 0:
                    text.erase(at, random.below(4));
                    break;
                case 1:
                    text.insert(at, 1, "\r\n: 0aF;"[random.below(8)]);
                    break;
                case 2:
                    text += text.substr(at);
                    break;
                default:
                    text[at] = static_cast<char>(random.below(256));
            }
            if (text.empty()) text = "x";
        }
        auto const piece = random.below(text.size()) + 1;
        if (i % 2 == 0) {
            request_parser parser(256);
            feed(parser, text, piece);
        } else {
            response_parser parser(256, false);
            feed(parser, text, piece);
            if (parser.fault() == 0) (void)parser.finish_at_eof();
        }
    }
}

}  // namespace
