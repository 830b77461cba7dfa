// How recordings come in: presigned PUT, our own signed link, and links for browsers.
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>

#include "cxb/testing/fake_clock.hpp"
#include "server/api/recordings_kit.hpp"

namespace cxb::api::test {
namespace {

namespace fs = std::filesystem;

std::size_t files_in(fs::path const& folder) {
    std::size_t out = 0;
    std::error_code none;
    for (auto const& entry : fs::recursive_directory_iterator(folder, none))
        out += entry.is_regular_file() ? 1 : 0;
    return out;
}

struct RecordingUpload : recording_test {
    wire::header_list const wav{{"Content-Type", "audio/wav"}};
    std::string session;
    std::string link;

    void configure() {
        if (bot_.empty()) bot_ = make_bot();
        auto const got = config(bot_);
        session = got.text("session_id");
        link = got.text("recording.storage.upload_url");
        EXPECT_EQ(got.text("recording.storage.kind"), "upload_url");
    }
    answer put(std::string const& to, std::string const& bytes) {
        return send_to("PUT", to, bytes, wav);
    }
    answer played() { return admin("GET", "/api/v1/recordings/" + session); }
    [[nodiscard]] bool is_ours(std::string const& to) const {
        return to.starts_with(url() + "/api/v1/recordings/upload/");
    }
};

struct RecordingUploadS3 : RecordingUpload {
    void SetUp() override { need_s3(); }
    void use_s3_for_the_process() {
        settings.store.objects_url = "s3://" + bucket_ + "?endpoint=" + shared_s3_server().url();
        settings.store.objects_access_key = secret(s3_server::access_key);
        settings.store.objects_secret_key = secret(s3_server::secret_key);
    }
};

TEST_F(RecordingUploadS3, WorkersPutStraightIntoTheStore) {
    start();
    configure();
    EXPECT_TRUE(is_ours(link));
    ASSERT_EQ(set_minio().status, 200);
    configure();
    auto const got = config(bot_);
    ASSERT_TRUE(link.starts_with(shared_s3_server().url() + "/" + bucket_ + "/")) << link;
    EXPECT_EQ(put(link, audio(100'000)).status, 200);
    std::string const key =
        link.substr((shared_s3_server().url() + "/" + bucket_ + "/").size(),
                    link.find('?') - (shared_s3_server().url() + "/" + bucket_ + "/").size());
    EXPECT_EQ(post_result({{"session_id", session}, {"recording_key", key}}).status, 200);
    EXPECT_TRUE(played().body == audio(100'000));
    EXPECT_TRUE(play(public_path(session)).body == audio(100'000));
    EXPECT_EQ(files_in(objects_folder()), 0U);
    // The link opens this object alone.
    auto other = link;
    other.replace(other.find(session), session.size(), "another-session");
    EXPECT_EQ(put(other, "x").status, 403);
    // A store that is only half set up is not usable.
    ASSERT_EQ(set_minio({{"secret_key", ""}}).status, 200);
    configure();
    EXPECT_TRUE(is_ours(link));
    ASSERT_EQ(set_minio({{"bucket", "ab"}}).status, 200);
    configure();
    EXPECT_TRUE(is_ours(link));
}

TEST_F(RecordingUploadS3, TheUrlLivesAsLongAsTheCallMayAndADay) {
    start();
    ASSERT_EQ(set_minio().status, 200);
    bot_ = make_bot({{"max_call_duration_seconds", 600}});
    configure();
    auto const query = wire::query_list::parse(link.substr(link.find('?') + 1)).value();
    EXPECT_EQ(query.get("X-Amz-Expires"), std::to_string(24 * 3600 + 600));
    EXPECT_EQ(query.get("X-Amz-SignedHeaders"), "host");
    // A preview shows no credential.
    auto const preview = admin("POST", "/api/v1/bots/" + bot_ + "/preview-config",
                               json_object{{"variables", json_object()}});
    EXPECT_EQ(preview.body.find("X-Amz-Signature"), std::string::npos) << preview.body;
}

TEST_F(RecordingUploadS3, BrowsersGetAPresignedLinkOnlyWhereThereIsAPublicEndpoint) {
    start();
    ASSERT_EQ(set_minio().status, 200);
    session = call_with("k.wav");
    auto const shown = [&] {
        return admin("GET", "/api/v1/calls/" + session + "?make_recording_accessible=true")
            .text("recording_url");
    };
    std::string const path = "/api/v1/recordings/" + session;
    put_into_bucket("k.wav", "audio");
    EXPECT_EQ(shown(), path);
    ASSERT_EQ(set_minio({{"public_endpoint", shared_s3_server().url()}}).status, 200);
    auto const open = shown();
    ASSERT_TRUE(open.starts_with(shared_s3_server().url() + "/" + bucket_ + "/k.wav?")) << open;
    EXPECT_NE(open.find("X-Amz-Expires=86400"), std::string::npos);
    EXPECT_EQ(send_to("GET", open).body, "audio");
    EXPECT_EQ(send_to("PUT", open, "x").status, 403);
    // The public name is what is signed, whatever name we ask by ourselves.
    ASSERT_EQ(set_minio({{"public_endpoint", "https://media.example.com"}}).status, 200);
    EXPECT_TRUE(shown().starts_with("https://media.example.com/" + bucket_ + "/k.wav?"));
    EXPECT_EQ(admin("GET", "/api/v1/calls/" + session).text("recording_url"), "");
    session = call_with("missing.wav");
    EXPECT_EQ(shown(), "/api/v1/recordings/" + session);
    ASSERT_EQ(
        set_minio({{"endpoint", "127.0.0.1:1"}, {"public_endpoint", "https://m.example"}}).status,
        200);
    EXPECT_EQ(shown(), "/api/v1/recordings/" + session);
}

TEST_F(RecordingUploadS3, TheProcessStoreMayBeS3) {
    use_s3_for_the_process();
    start();
    configure();
    ASSERT_TRUE(link.starts_with(shared_s3_server().url() + "/" + bucket_ + "/")) << link;
    ASSERT_EQ(put(link, "audio").status, 200);
    auto const ready = send("GET", "/ready");
    EXPECT_TRUE(ready.json.at("checks").at("objects").at("ok").as_bool()) << ready.body;
    // The settings' store comes first.
    auto const second = shared_s3_server().make_bucket();
    ASSERT_EQ(set_minio({{"bucket", second}}).status, 200);
    configure();
    EXPECT_TRUE(link.starts_with(shared_s3_server().url() + "/" + second + "/")) << link;
}

// Links of ours that were given away before stay good: what comes by them is moved on.
TEST_F(RecordingUploadS3, OurOwnLinkLeadsIntoTheBucketToo) {  // 21-24
    use_s3_for_the_process();
    settings.jwt.current = secret(std::string(40, 'j'));
    start();
    configure();
    namespace token = contract::recording_token;
    auto const own = token::upload_url(url(), token::upload_key(settings.jwt.current), session,
                                       real_clock().now() + std::chrono::hours{1});
    auto const done = put(own, audio(200'000));
    ASSERT_EQ(done.status, 201) << done.body;
    auto const stored =
        shared_s3_server().ask("GET", "/" + bucket_ + "/" + done.text("recording_key"));
    EXPECT_TRUE(stored.body == audio(200'000));
    EXPECT_TRUE(played().body == audio(200'000));
    EXPECT_EQ(files_in(settings.data_dir + "/uploads"), 0U);
    EXPECT_EQ(done.json.at("size").to_number<int>(), 200'000);
}

TEST_F(RecordingUploadS3, AProcessStoreThatIsAwayDegradesAndTakesNothing) {
    use_s3_for_the_process();
    settings.store.objects_url = "s3://" + bucket_ + "?endpoint=http://127.0.0.1:1";
    settings.jwt.current = secret(std::string(40, 'j'));
    start();
    configure();
    auto const ready = send("GET", "/ready");
    EXPECT_EQ(ready.status, 200);
    EXPECT_EQ(ready.text("status"), "degraded");
    namespace token = contract::recording_token;
    auto const own = token::upload_url(url(), token::upload_key(settings.jwt.current), session,
                                       real_clock().now() + std::chrono::hours{1});
    EXPECT_EQ(put(own, "audio").status, 503);
    EXPECT_EQ(played().status, 404);
    EXPECT_FALSE(admin("GET", "/api/v1/calls/" + session).json.at("has_recording").as_bool());
}

struct RecordingUploadLink : RecordingUpload {
    testing::fake_clock clock{std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};
    void SetUp() override {
        surroundings.time = &clock;
        start();
        configure();
    }
    void TearDown() override { stop(); }
    [[nodiscard]] answer upload(std::string const& to, std::string const& bytes) {
        return send_text("PUT", to.substr(url().size()), bytes, wav);
    }
};

TEST_F(RecordingUploadLink, GoodIsStoredAndARepeatReplaces) {  // 21-24
    auto const first = upload(link, "first");
    ASSERT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(first.json.at("size").to_number<int>(), 5);
    EXPECT_EQ(first.text("sha256"),
              "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e");
    EXPECT_EQ(played().body, "first");
    EXPECT_EQ(upload(link, "second").text("recording_key"), first.text("recording_key"));
    EXPECT_EQ(played().body, "second");
    EXPECT_EQ(files_in(objects_folder()), 1U);
}

TEST_F(RecordingUploadLink, ExpiredAndAlteredOnesAreRefused) {  // 21-24
    std::string altered = link;
    altered.replace(altered.find(session), session.size(), "another-session");
    EXPECT_EQ(upload(altered, "abc").status, 403);
    EXPECT_EQ(upload(link.substr(0, link.find("&t=")), "abc").status, 403);
    clock.advance(std::chrono::hours{24 * 3});
    forget_token();
    auto const late = upload(link, "abc");
    EXPECT_EQ(late.status, 403);
    EXPECT_EQ(late.text("detail"), "Invalid upload link");
    EXPECT_EQ(played().status, 404);
    EXPECT_EQ(files_in(objects_folder()), 0U);
}

// `t` does not sign the day: under other days objects could be left that nobody finds to remove.
TEST_F(RecordingUploadLink, AnotherDayIsRefusedAndLeavesNothing) {  // 21-24
    ASSERT_EQ(upload(link, "the call").status, 201);
    auto const day = link.find("d=") + 2;
    for (char const* other : {"2025-11-22", "2031-01-01", "2026-02-30", ""}) {
        std::string altered = link;
        altered.replace(day, link.find('&', day) - day, other);
        if (altered.find("d=&") != std::string::npos) clock.advance(std::chrono::hours{24});
        auto const got = upload(altered, "another");
        EXPECT_EQ(got.status, 403) << other;
        EXPECT_EQ(got.text("detail"), "Invalid upload link") << other;
    }
    forget_token();
    EXPECT_EQ(played().body, "the call");
    EXPECT_EQ(files_in(objects_folder()), 1U);
}

TEST_F(RecordingUploadLink, TheTypeIsReadWhateverItsCase) {
    auto const put = [&](char const* type) {
        return send_text("PUT", link.substr(url().size()), "RIFF", {{"Content-Type", type}}).status;
    };
    EXPECT_EQ(put("Audio/WAV"), 201);
    EXPECT_EQ(put("audio/wav; codecs=1"), 201);
    EXPECT_EQ(put("application/octet-stream"), 415);
    EXPECT_EQ(put("audi"), 415);
}

// The sender dies in the middle.
TEST_F(RecordingUploadLink, HalfABodyLeavesNoHalfObject) {  // 21-24
    namespace asio = boost::asio;
    asio::io_context io;
    asio::ip::tcp::socket socket(io);
    auto const host = url().substr(std::string("http://").size());
    auto const port = static_cast<std::uint16_t>(std::stoi(host.substr(host.find(':') + 1)));
    socket.connect({asio::ip::make_address("127.0.0.1"), port});
    std::string const head = "PUT " + link.substr(url().size()) +
                             " HTTP/1.1\r\nHost: x\r\nContent-Type: audio/wav\r\n"
                             "Content-Length: 200000\r\n\r\n";
    asio::write(socket, asio::buffer(head + std::string(100'000, 'h')));
    ASSERT_TRUE(cxb::test::eventually([&] { return files_in(objects_folder()) == 1; }));
    socket.close();
    EXPECT_TRUE(cxb::test::eventually([&] { return files_in(objects_folder()) == 0; }));
    EXPECT_EQ(played().status, 404);
    ASSERT_EQ(upload(link, "whole").status, 201);
    EXPECT_EQ(played().body, "whole");
}

}  // namespace
}  // namespace cxb::api::test
