// The public link over HTTP, wherever the recording lies (21-21), and who may close it (21-25).
#include "server/api/recordings_kit.hpp"

namespace cxb::api::test {
namespace {

constexpr char const* key = "2026/01/02/s'1.wav";
constexpr char const* encoded_key = "2026/01/02/s%271.wav";

enum class place { folder, settings_s3, process_s3, host, host_without_ranges };

struct place_row {
    char const* name;
    place where;
    bool tells_etag;
};

struct RecordingPlay : recording_test, ::testing::WithParamInterface<place_row> {
    std::string bytes = audio(300'000);
    std::unique_ptr<peer> worker;
    std::string session;
    std::string link;

    void SetUp() override {
        auto const where = GetParam().where;
        if (where == place::settings_s3 || where == place::process_s3) need_s3();
        if (IsSkipped()) return;
        if (where == place::process_s3) {
            settings.store.objects_url =
                "s3://" + bucket_ + "?endpoint=" + shared_s3_server().url();
            settings.store.objects_access_key = secret(s3_server::access_key);
            settings.store.objects_secret_key = secret(s3_server::secret_key);
        }
        start();
        if (where == place::settings_s3) EXPECT_EQ(set_minio().status, 200);
        if (where == place::folder)
            put_into_folder(key, bytes);
        else if (!bucket_.empty())
            put_into_bucket(encoded_key, bytes);
        else
            worker = std::make_unique<peer>(host_with(encoded_key, bytes, where == place::host));
        if (worker) set_fleet({worker->url()});
        session = call_with(key);
        link = public_path(session);
    }
    void expect_part(std::string const& range, std::uint64_t first, std::uint64_t last) {
        auto const got = play(link, {{"Range", range}});
        EXPECT_EQ(got.status, 206) << range;
        EXPECT_TRUE(got.body == bytes.substr(first, last - first + 1)) << range;
        EXPECT_EQ(got.headers.get("Content-Range"),
                  "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/300000");
    }
};

TEST_P(RecordingPlay, WholeAndInRanges) {  // 21-21
    auto const whole = play(link);
    EXPECT_EQ(whole.status, 200);
    EXPECT_TRUE(whole.body == bytes);
    expect_part("bytes=0-99", 0, 99);
    expect_part("bytes=-100", 299'900, 299'999);
    expect_part("bytes=100-", 100, 299'999);
    expect_part("bytes=200000-900000", 200'000, 299'999);
    auto const beyond = play(link, {{"Range", "bytes=300000-"}});
    EXPECT_EQ(beyond.status, 416);
    EXPECT_EQ(beyond.headers.get("Content-Range"), "bytes */300000");
    EXPECT_TRUE(beyond.body.empty());
    for (char const* unread : {"bytes=0-1,5-6", "bytes=5-1", "seconds=1-2", "bytes=x"}) {
        auto const got = play(link, {{"Range", unread}});
        EXPECT_EQ(got.status, 200) << unread;
        EXPECT_TRUE(got.body == bytes) << unread;
    }
    EXPECT_EQ(play("/api/v1/public/recordings/AAAAAAAAAAAAAAAAAAAAAAAA").status, 404);
    EXPECT_EQ(play("/api/v1/public/recordings/short").text("detail"), "Recording not found");
}

TEST_P(RecordingPlay, HeadTellsTheSameWithoutBytes) {  // 21-21
    auto const head = play(link, {}, "HEAD");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.headers.get("Content-Length"), "300000");
    EXPECT_TRUE(head.body.empty());
    auto const part = play(link, {{"Range", "bytes=10-19"}}, "HEAD");
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.headers.get("Content-Length"), "10");
    EXPECT_EQ(part.headers.get("Content-Range"), "bytes 10-19/300000");
    EXPECT_EQ(play(link, {{"Range", "bytes=300000-"}}, "HEAD").status, 416);
}

TEST_P(RecordingPlay, HeadersOfTheChapter) {
    auto const got = play(link);
    EXPECT_EQ(got.headers.get("Accept-Ranges"), "bytes");
    EXPECT_EQ(got.headers.get("Content-Type"), "audio/wav");
    EXPECT_EQ(got.headers.get("Content-Disposition"), "inline; filename=\"" + session + ".wav\"");
    EXPECT_EQ(got.headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(got.headers.get("Cache-Control"), "private, no-store");
    EXPECT_EQ(got.headers.has("ETag"), GetParam().tells_etag);
    EXPECT_EQ(got.headers.has("Last-Modified"), GetParam().tells_etag);
    EXPECT_EQ(play(link + "?download=1").headers.get("Content-Disposition"),
              "attachment; filename=\"" + session + ".wav\"");
    auto const own = admin("GET", "/api/v1/recordings/" + session);
    EXPECT_EQ(own.status, 200);
    EXPECT_TRUE(own.body == bytes);
    EXPECT_EQ(send("GET", "/api/v1/recordings/" + session).status, 401);
}

TEST_P(RecordingPlay, IfRangeGuardsThePart) {
    auto const first = play(link);
    wire::header_list part{{"Range", "bytes=0-9"}};
    if (GetParam().tells_etag) {
        part.set("If-Range", std::string(first.headers.get("ETag")));
        EXPECT_EQ(play(link, part).status, 206);
        part.set("If-Range", std::string(first.headers.get("Last-Modified")));
        EXPECT_EQ(play(link, part).status, 206);
    }
    for (char const* other : {"\"other\"", "W/\"x\"", "Fri, 02 Jan 1970 00:00:00 GMT"}) {
        part.set("If-Range", other);
        auto const got = play(link, part);
        EXPECT_EQ(got.status, 200) << other;
        EXPECT_TRUE(got.body == bytes) << other;
    }
}

constexpr place_row places[] = {{"folder", place::folder, true},
                                {"settings_s3", place::settings_s3, true},
                                {"process_s3", place::process_s3, true},
                                {"host", place::host, false},
                                {"host_without_ranges", place::host_without_ranges, false}};
INSTANTIATE_TEST_SUITE_P(From, RecordingPlay, ::testing::ValuesIn(places),
                         [](auto const& about) { return about.param.name; });

struct RecordingLinks : recording_test {
    void SetUp() override { start(); }
    answer renew(std::string const& session) {
        return admin("POST", "/api/v1/calls/" + session + "/recording-token");
    }
};

TEST_F(RecordingLinks, ARenewedTokenClosesTheOldLink) {  // 21-25
    std::string const session = call_with("k.wav");
    put_into_folder("k.wav", "audio");
    auto const before = public_path(session);
    ASSERT_EQ(play(before).body, "audio");
    auto const renewed = renew(session);
    ASSERT_EQ(renewed.status, 200) << renewed.body;
    EXPECT_EQ(play(before).status, 404);
    auto const after = renewed.text("public_recording_url").substr(url().size());
    EXPECT_NE(after, before);
    EXPECT_EQ(play(after).body, "audio");
    EXPECT_EQ(public_path(session), after);
    EXPECT_EQ(admin("GET", "/api/v1/recordings/" + session).body, "audio");
}

// A worker that sends its result again, or corrects it, still names the token of then.
TEST_F(RecordingLinks, NoLaterResultOpensTheOldLink) {  // 21-25
    bot_ = make_bot();
    std::string const session = config(bot_).text("session_id");
    std::string const given = "AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHH";
    json_object result{{"session_id", session},
                       {"disconnected_by", "customer"},
                       {"recording_key", "k.wav"},
                       {"recording_access_token", given}};
    ASSERT_EQ(post_result(result).status, 200);
    put_into_folder("k.wav", "audio");
    auto const before = public_path(session);
    ASSERT_TRUE(before.ends_with(given));
    auto const after = renew(session).text("public_recording_url").substr(url().size());
    result["result_seq"] = 2;
    result["remarks"] = "corrected";
    ASSERT_EQ(post_result(result).status, 200);
    EXPECT_EQ(play(before).status, 404);
    EXPECT_EQ(play(after).body, "audio");
}

// The recording comes before the result: a token that the result brings must not close it again.
TEST_F(RecordingLinks, TheFirstResultKeepsARenewedLink) {  // 21-25
    bot_ = make_bot();
    auto const got = config(bot_);
    std::string const session = got.text("session_id");
    std::string const upload = got.text("recording.storage.upload_url").substr(url().size());
    ASSERT_EQ(send_text("PUT", upload, "audio", {{"Content-Type", "audio/wav"}}).status, 201);
    auto const before = public_path(session);
    auto const after = renew(session).text("public_recording_url").substr(url().size());
    ASSERT_EQ(post_result({{"session_id", session},
                           {"disconnected_by", "customer"},
                           {"recording_access_token", "AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHH"}})
                  .status,
              200);
    EXPECT_EQ(play(after).body, "audio");
    EXPECT_EQ(play(before).status, 404);
    EXPECT_EQ(play("/api/v1/public/recordings/AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHH").status, 404);
}

TEST_F(RecordingLinks, OnlyASuperAdminRenews) {
    std::string const session = call_with("k.wav");
    auto const before = public_path(session);
    ASSERT_EQ(admin("POST", "/api/v1/auth/register",
                    json_object{{"email", "a@example.com"},
                                {"password", "another-long-one"},
                                {"name", "A"},
                                {"role", "admin"}})
                  .status,
              201);
    auto const signed_in =
        send("POST", "/api/v1/auth/login",
             json_object{{"email", "a@example.com"}, {"password", "another-long-one"}})
            .text("access_token");
    std::string const path = "/api/v1/calls/" + session + "/recording-token";
    EXPECT_EQ(send("POST", path, nullptr, {{"Authorization", "Bearer " + signed_in}}).status, 403);
    EXPECT_EQ(send("POST", path).status, 401);
    EXPECT_EQ(public_path(session), before);
    EXPECT_EQ(renew("no-such-session").text("detail"), "Call not found");
}

TEST_F(RecordingLinks, ACallWithoutARecordingHasNoLinkToRenew) {
    bot_ = make_bot();
    std::string const session = config(bot_).text("session_id");
    EXPECT_EQ(renew(session).text("detail"), "Recording not found");
}

}  // namespace
}  // namespace cxb::api::test
