// Clients that are slow, greedy or gone (spec 20 §3.9), many at a time.
#include "cxb/base/random.hpp"
#include "server/api/hostile_fixture.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

struct HostileClients : hostile_test {
    static constexpr int crowd = sized(200, 40);
};

// One of many connections at a time, each with its own bytes.
std::vector<std::unique_ptr<raw_client>> all_send(std::uint16_t port, int count,
                                                  std::string const& bytes) {
    std::vector<std::unique_ptr<raw_client>> out;
    for (int i = 0; i < count; ++i) {
        out.push_back(std::make_unique<raw_client>(port));
        out.back()->send(bytes);
    }
    return out;
}

TEST_F(HostileClients, SlowHeadsAndBodiesAreCutOff) {
    surroundings.slow_head = sized(300ms, 1500ms);
    surroundings.slow_body = sized(300ms, 1500ms);
    serve();
    std::string const login = "POST /api/v1/auth/login HTTP/1.1\r\nHost: h\r\n" + json_header();
    for (auto const& start :
         {"G"s, "GET /health"s, "GET /health HTTP/1.1\r\nHost: h\r\nX-Slow: "s,
          "GET /health HTTP/1.1\r\nHost: h\r\n\r"s, login + "Content-Length: 10\r\n\r\n",
          login + "Content-Length: 10\r\n\r\n{\"email\"",
          login + "Transfer-Encoding: chunked\r\n\r\n",
          login + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"em",
          login + "Transfer-Encoding: chunked\r\n\r\n5;ext"}) {
        clock.advance(10s);  // rate limits are not the subject
        auto const many = all_send(port(), crowd / 8, start);
        for (auto const& one : many) {
            auto const got = one->read_all();
            expect_problem(got, 408, "deadline_exceeded");
            EXPECT_EQ(header_of(got, "Connection"), "close");
        }
    }
    auto const silent = all_send(port(), crowd, "");
    for (auto const& one : silent)
        EXPECT_TRUE(one->at_end());
}

// A byte now and then is no progress: the whole head, the whole body has its time.
TEST_F(HostileClients, DrippingDoesNotHelp) {
    surroundings.slow_head = 200ms;
    surroundings.slow_body = 200ms;
    serve();
    std::string const login = "POST /api/v1/auth/login HTTP/1.1\r\nHost: h\r\n" + json_header();
    for (auto const& start :
         {"GET /health HTTP/1.1\r\nX: "s, login + "Content-Length: 60000\r\n\r\n",
          login + "Transfer-Encoding: chunked\r\n\r\nfff\r\n"}) {
        raw_client drip(port());
        drip.send(start);
        std::condition_variable pace;
        std::mutex mutex;
        std::unique_lock lock(mutex);
        char byte = 0;
        int sent = 0;
        while (sent < 5000 && drip.send("x") &&
               ::recv(drip.native(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0) {
            ++sent;
            pace.wait_for(lock, 2ms);  // the drip's pace
        }
        EXPECT_LT(sent, 5000);
        EXPECT_EQ(status_of(drip.read_response()), 408);
    }
}

TEST_F(HostileClients, PipelinedRequestsAreAnsweredInTheirOrder) {
    serve();
    int const count = sized(5000, 1000);
    std::string all;
    for (int i = 0; i < count; ++i) {
        all += i % 3 == 2 ? "GET /api/v1/nowhere" : "GET /health";
        all += " HTTP/1.1\r\nHost: h\r\nX-Request-Id: r" + std::to_string(i) + "\r\n\r\n";
    }
    raw_client client(port(), 30s);
    std::thread sender([&] { client.send(all); });
    for (int i = 0; i < count; ++i) {
        auto const got = client.read_response();
        ASSERT_EQ(status_of(got), i % 3 == 2 ? 404 : 200) << i;
        ASSERT_EQ(header_of(got, "X-Request-Id"), "r" + std::to_string(i));
    }
    sender.join();
}

// Who asks and asks and never reads is waited for once, and nothing is kept ready for it.
TEST_F(HostileClients, FloodsWithoutReadersAreCutOff) {
    surroundings.slow_client = sized(300ms, 1500ms);
    serve();
    std::string asked;
    for (int i = 0; i < 1000; ++i)
        asked += "GET /openapi.json HTTP/1.1\r\nHost: h\r\n\r\n";
    std::vector<std::thread> floods;
    std::atomic<int> ended{0};
    auto const began = std::chrono::steady_clock::now();
    for (int i = 0; i < 8; ++i)
        floods.emplace_back([&] {
            raw_client client(port(), 60s);
            for (int turn = 0; turn < 1000; ++turn)
                if (!client.send(asked)) {
                    ++ended;
                    return;
                }
        });
    for (auto& one : floods)
        one.join();
    EXPECT_EQ(ended, 8);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 50s);  // not by their own patience
}

TEST_F(HostileClients, ClientsThatGoLeaveNothingBehind) {
    serve();
    std::string const body = R"({"name":"of a client that went"})";
    std::string const create = text_of("POST", "/api/v1/bots", as_admin() + json_header(), body);
    std::vector<std::string> const whole = {
        create, text_of("GET", "/openapi.json", "", ""),
        text_of("GET", "/api/v1/audit/export", as_admin(), ""),
        text_of("GET", "/api/v1/calls/export", as_admin(), ""),
        text_of("POST", "/api/v1/call-results", "X-CXB-Core-Secret: dev-secret\r\n" + json_header(),
                std::string(500'000, ' '))};
    seeded_random random(11);
    int sent_whole = 0;
    for (int i = 0; i < sized(400, 100); ++i) {
        clock.advance(200ms);
        auto const& text = whole[random.below(whole.size())];
        bool const complete = random.below(3) == 0;
        auto const cut = complete ? text.size() : random.below(text.size());
        if (complete && &text == &whole[0]) ++sent_whole;
        raw_client client(port());
        client.send(std::string_view(text).substr(0, cut));
        if (random.below(2) == 0) client.reset_on_close();
        if (complete && random.below(2) == 0) {
            char byte = 0;
            ::recv(client.native(), &byte, 1, 0);
        }
    }
    // A request that came whole may take effect, half of one never does.
    auto const bots = [&] {
        return admin("GET", "/api/v1/bots").json.at("total").to_number<int>();
    };
    EXPECT_LE(bots(), sent_whole);
    EXPECT_EQ(admin("GET", "/api/v1/calls").json.at("total").to_number<int>(), 0);
    EXPECT_TRUE(admin("GET", "/api/v1/audit/verify").json.at("ok").as_bool());
    // Nobody is waited for that has gone.
    auto const began = std::chrono::steady_clock::now();
    TearDown();
    stop();
    EXPECT_LT(std::chrono::steady_clock::now() - began, sized(5s, 20s));
}

}  // namespace
}  // namespace cxb::api::test
