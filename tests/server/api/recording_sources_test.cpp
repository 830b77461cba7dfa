// In which order sources are asked, what each may do wrong, what no key and no endpoint reaches.
#include "cxb/store/s3/s3_bucket.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "server/api/fake_names.hpp"
#include "server/api/recordings_kit.hpp"
#include "support/stuck_host.hpp"

namespace cxb::api::test {
namespace {

struct RecordingSources : recording_test {
    void SetUp() override { need_s3(); }
};

// Without the S3 server.
struct RecordingHosts : recording_test {
    static wire::http_response refuse(int status) { return json_reply(status, "{}"); }
};

TEST_F(RecordingSources, TheFirstThatHasItPlays) {
    start();
    peer worker(host_with("k.wav", "from the host", true));
    set_fleet({worker.url()});
    ASSERT_EQ(set_minio().status, 200);
    auto const link = public_path(call_with("k.wav"));
    EXPECT_EQ(play(link).body, "from the host");
    put_into_folder("k.wav", "from the folder");
    EXPECT_EQ(play(link).body, "from the folder");
    put_into_bucket("k.wav", "from the bucket");
    EXPECT_EQ(play(link).body, "from the bucket");
    ASSERT_EQ(set_minio({{"access_key", ""}}).status, 200);  // no longer set up
    EXPECT_EQ(play(link).body, "from the folder");
    auto const asked = worker.count();
    EXPECT_EQ(play(link).body, "from the folder");
    EXPECT_EQ(worker.count(), asked);
}

TEST_F(RecordingSources, MissingInS3ButOnTheSecondHost) {  // 21-22
    start();
    cxb::test::stuck_host hanging;
    peer second(host_with("k.wav", audio(100'000), true));
    ASSERT_EQ(set_minio().status, 200);
    auto const link = public_path(call_with("k.wav"));
    peer first([](wire::http_request const&, int) { return json_reply(404, "{}"); });
    set_fleet({first.url(), second.url()});
    EXPECT_TRUE(play(link).body == audio(100'000));
    EXPECT_GE(first.count(), 1U);
    // A host that hangs costs five seconds, no more.
    set_fleet({hanging.url(), second.url()});
    auto const began = std::chrono::steady_clock::now();
    EXPECT_TRUE(play(link).body == audio(100'000));
    auto const took = std::chrono::steady_clock::now() - began;
    EXPECT_GE(took, std::chrono::milliseconds{4500});
    EXPECT_LE(took, std::chrono::milliseconds{5900});
}

TEST_F(RecordingSources, AnS3StoreThatRefusesOrIsAwayIsPassedOver) {
    start();
    put_into_folder("k.wav", "from the folder");
    auto const link = public_path(call_with("k.wav"));
    ASSERT_EQ(set_minio({{"secret_key", "wrong-secret"}}).status, 200);
    EXPECT_EQ(play(link).body, "from the folder");
    ASSERT_EQ(set_minio({{"endpoint", "127.0.0.1:1"}}).status, 200);
    EXPECT_EQ(play(link).body, "from the folder");
    ASSERT_EQ(set_minio({{"bucket", "no-such-bucket"}}).status, 200);
    EXPECT_EQ(play(link).body, "from the folder");
}

TEST_F(RecordingSources, TheTestOfTheStoreSaysWhatIsWrong) {
    start();
    auto const test = [&] { return admin("POST", "/api/v1/settings/minio/test"); };
    auto const fresh = test();
    EXPECT_EQ(fresh.status, 200);
    EXPECT_FALSE(fresh.json.at("ok").as_bool());
    EXPECT_EQ(fresh.text("error"), "minio is not configured");
    ASSERT_EQ(set_minio().status, 200);
    auto const good = test();
    EXPECT_TRUE(good.json.at("ok").as_bool()) << good.body;
    EXPECT_GE(good.json.at("latency_ms").to_number<int>(), 0);
    EXPECT_FALSE(good.json.as_object().contains("error"));
    EXPECT_EQ(shared_s3_server().ask("GET", "/" + bucket_ + "?list-type=2").body.find("<Key>"),
              std::string::npos);
    set_minio({{"secret_key", "wrong-secret"}});
    EXPECT_EQ(test().text("error"), "Object store answered 403 SignatureDoesNotMatch");
    set_minio({{"bucket", "no-such-bucket"}});
    EXPECT_EQ(test().text("error"), "Object store answered 404 NoSuchBucket");
    set_minio({{"bucket", "ab"}});
    EXPECT_EQ(test().text("error"), "minio/bucket: not the name of a bucket");
    set_minio({{"endpoint", "127.0.0.1:1"}});
    EXPECT_FALSE(test().json.at("ok").as_bool());
    EXPECT_EQ(send("POST", "/api/v1/settings/minio/test").status, 401);
}

// Operators may name private addresses, but not those behind which clouds keep their keys.
TEST_F(RecordingSources, NoEndpointReachesALinkLocalAddress) {
    auto names = std::make_shared<fake_names>();
    names->known["metadata.example"] = {"169.254.169.254"};
    names->known["mixed.example"] = {"127.0.0.1", "fe80::1"};
    names->known["minio.example"] = {"127.0.0.1"};
    surroundings.names = names;
    settings.env = server::installation::production;
    settings.jwt.current = secret(std::string(40, 'j'));
    start();
    auto const test = [&](std::string const& endpoint) {
        set_minio({{"endpoint", endpoint}});
        return admin("POST", "/api/v1/settings/minio/test");
    };
    std::string const port =
        shared_s3_server().endpoint().substr(shared_s3_server().endpoint().find(':'));
    for (auto const& endpoint : {"metadata.example" + port, "mixed.example" + port}) {
        auto const got = test(endpoint);
        EXPECT_FALSE(got.json.at("ok").as_bool()) << endpoint;
        EXPECT_NE(got.text("error").find("not allowed"), std::string::npos) << got.body;
    }
    EXPECT_TRUE(test("minio.example" + port).json.at("ok").as_bool());
    for (char const* refused : {"169.254.169.254", "http://[fe80::1]:9000", "user:pw@minio"}) {
        auto const saved = set_minio({{"endpoint", refused}});
        EXPECT_EQ(saved.status, 422) << refused;
        EXPECT_NE(saved.body.find("/endpoint"), std::string::npos) << saved.body;
    }
}

TEST_F(RecordingHosts, TheHostIsAskedWithTheSecretAndAnEncodedKey) {
    start();
    std::string const key = "2026/a!b'(c).wav";
    peer worker(host_with("2026/a%21b%27%28c%29.wav", "audio", true));
    set_fleet({worker.url()});
    EXPECT_EQ(play(public_path(call_with(key)), {{"Range", "bytes=1-2"}}).body, "ud");
    auto const asked = worker.requests().at(0);
    EXPECT_EQ(asked.path, "/recordings/2026/a%21b%27%28c%29.wav");
    EXPECT_EQ(asked.headers.get("X-CXB-Core-Secret"), "dev-secret");
    EXPECT_EQ(asked.headers.get("X-CXBCore-Secret"), "dev-secret");
    EXPECT_EQ(asked.headers.get("Range"), "bytes=1-2");
    EXPECT_FALSE(asked.headers.has("Authorization"));
}

// 500, another range than was asked for, no range at all in a 206: the next host is asked.
TEST_F(RecordingHosts, AHostThatAnswersNonsenseIsPassedOver) {
    start();
    auto const link = public_path(call_with("k.wav"));
    peer good(host_with("k.wav", "0123456789", true));
    for (std::string const content_range : {"", "bytes 0-3/10", "bytes 2-5/*", "bytes 2-5/5"}) {
        peer bad([&](wire::http_request const&, int) {
            auto out = json_reply(206, "abcd");
            if (!content_range.empty()) out.headers.set("Content-Range", content_range);
            return out;
        });
        set_fleet({bad.url(), good.url()});
        EXPECT_EQ(play(link, {{"Range", "bytes=2-5"}}).body, "2345") << content_range;
        EXPECT_GE(bad.count(), 1U);
    }
    peer broken([](wire::http_request const&, int) { return json_reply(500, "{}"); });
    set_fleet({broken.url(), "http://127.0.0.1:1", good.url()});
    EXPECT_EQ(play(link).body, "0123456789");
}

TEST_F(RecordingHosts, NobodyHasIt) {
    start();
    peer empty([](wire::http_request const&, int) { return json_reply(404, "{}"); });
    set_fleet({empty.url(), "http://127.0.0.1:1"});
    auto const got = play(public_path(call_with("k.wav")));
    EXPECT_EQ(got.status, 404);
    EXPECT_EQ(got.text("detail"), "Recording not found");
}

// Each question takes six seconds of the API's clock: after the third the fifteen are over.
TEST_F(RecordingHosts, AllSourcesTogetherHaveFifteenSeconds) {
    testing::fake_clock clock{std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};
    surroundings.time = &clock;
    start();
    auto const slow = [&](wire::http_request const&, int) {
        clock.advance(std::chrono::seconds{6});
        return json_reply(500, "{}");
    };
    peer one(slow);
    peer two(slow);
    peer three(slow);
    peer four(host_with("k.wav", "too late", true));
    auto const link = public_path(call_with("k.wav"));
    set_fleet({one.url(), two.url(), three.url(), four.url()});
    EXPECT_EQ(play(link).status, 404);
    EXPECT_EQ(one.count() + two.count() + three.count(), 3U);
    EXPECT_EQ(four.count(), 0U);
    stop();
}

TEST_F(RecordingHosts, NoKeyLeavesTheStore) {  // 21-23
    start();
    peer worker(host_with("secret", "outside", true));
    set_fleet({worker.url()});
    put_into_folder("k.wav", "x");
    put_into_folder("../secret", "outside");
    bot_ = make_bot();
    std::string const session = config(bot_).text("session_id");
    EXPECT_EQ(post_result({{"session_id", session}, {"recording_key", "../secret"}}).status, 422);
    for (char const* url : {"https://h/rec/..%2Fsecret", "https://h/%2e%2e%2fsecret",
                            "https://h/x/..%5csecret", "https://h/%2Fsecret", "https://h/.."}) {
        std::string const other = config(bot_).text("session_id");
        ASSERT_EQ(post_result({{"session_id", other}, {"recording_url", url}}).status, 200) << url;
        EXPECT_EQ(admin("GET", "/api/v1/recordings/" + other).status, 404) << url;
    }
    EXPECT_EQ(admin("GET", "/api/v1/recordings/..%2Fsecret").status, 404);
    EXPECT_EQ(worker.count(), 0U);
}

wire::http_response endless_audio(std::uint64_t size, std::atomic<std::uint64_t>& made) {
    wire::http_response out;
    out.stream = std::make_shared<wire::body_stream>();
    out.stream->length = size;
    out.stream->next = [&made](std::string& piece) -> result<bool> {
        piece.assign(64 * limits::kib, 'a');
        made += piece.size();
        return true;
    };
    return out;
}

TEST_F(RecordingHosts, SlowListenersHoldNoConnectionOfADialout) {
    constexpr std::size_t listeners = 20;  // more than a pool for hosts has on a loop
    settings.http.threads = 1;
    start();
    std::atomic<std::uint64_t> made{0};
    peer worker([&](wire::http_request const& request, int) {
        if (request.path == "/health/fleet")
            return json_reply(200, R"({"status":"ok","fleet_calls":0,"fleet_max":1,)"
                                   R"("fleet_available":1,"workers":[]})");
        return endless_audio(32 * limits::mib, made);
    });
    set_fleet({worker.url()});
    auto const link = public_path(call_with("k.wav"));
    net::event_loops loops{1};
    auto const client = net::http_client::create({.max_connections = listeners}).value();
    loops.start();
    std::vector<wire::http_response> open;
    loops.run_and_wait([](net::http_client& from, std::string link_url,
                          std::vector<wire::http_response>& held) -> boost::asio::awaitable<void> {
        client::transport_options how;
        how.stream = true;
        for (std::size_t i = 0; i < listeners; ++i) {
            auto got = co_await from.send({link_url, {}}, how);
            EXPECT_TRUE(got && got->status == 200) << i;
            if (got) held.push_back(*std::move(got));
        }
    }(*client, url() + link, open));
    auto const status = admin("GET", "/api/v1/fleet/status");
    EXPECT_EQ(status.json.at("workers").at(0).at("status").as_string(), "healthy") << status.body;
    loops.run_and_wait([](std::vector<wire::http_response>& held) -> boost::asio::awaitable<void> {
        held.clear();
        co_return;
    }(open));
    loops.stop();
}

// Nobody reads on: then the host's bytes stay with the host.
TEST_F(RecordingHosts, ALongRecordingIsNeverHeldWhole) {
    start();
    constexpr std::uint64_t size = 256 * limits::mib;
    constexpr std::uint64_t slack = 64 * limits::mib;  // sockets of both connections
    std::atomic<std::uint64_t> made{0};
    peer worker([&](wire::http_request const&, int) { return endless_audio(size, made); });
    set_fleet({worker.url()});
    auto const link = public_path(call_with("k.wav"));
    net::event_loops loops{1};
    auto const client = net::http_client::create().value();
    loops.start();
    std::uint64_t taken = 0;
    std::uint64_t furthest = 0;
    loops.run_and_wait([](net::http_client& from, std::string link_url,
                          std::atomic<std::uint64_t>& produced, std::uint64_t& read,
                          std::uint64_t& ahead) -> boost::asio::awaitable<void> {
        client::outgoing_request request{std::move(link_url), {}};
        client::transport_options how;
        how.stream = true;
        auto const got = co_await from.send(std::move(request), how);
        EXPECT_TRUE(got && got->status == 200);
        if (!got || !got->stream) co_return;
        for (;;) {
            auto const piece = co_await store::next_piece(got->stream);
            if (!piece || piece->empty()) break;
            read += piece->size();
            ahead = std::max(ahead, produced.load() - std::min(produced.load(), read));
        }
    }(*client, url() + link, made, taken, furthest));
    EXPECT_EQ(taken, size);
    EXPECT_LT(furthest, slack);
    loops.stop();
}

}  // namespace
}  // namespace cxb::api::test
