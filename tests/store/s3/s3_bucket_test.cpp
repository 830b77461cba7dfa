// A bucket against faults: what the store, the network or somebody else's change may do.
#include "cxb/store/s3/s3_bucket.hpp"

#include <gtest/gtest.h>

#include "cxb/testing/fault_transport.hpp"
#include "cxb/testing/scripted_transport.hpp"
#include "store/object_stores.hpp"
#include "store/run_awaitable.hpp"
#include "support/required.hpp"
#include "support/s3_server.hpp"

namespace cxb::store {
namespace {

using cxb::test::run;

constexpr char const* date = "Fri, 02 Jan 2026 03:04:05 GMT";

std::string fault_body(std::string const& code) {
    return "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>m</Message></Error>";
}

struct S3Bucket : ::testing::Test {
    testing::scripted_transport net;
    s3_address at = make_s3_address({.endpoint = "http://minio:9000",
                                     .bucket = "calls",
                                     .region = {},
                                     .access_key = "k",
                                     .secret_key = secret("s")})
                        .value();
    s3_bucket bucket{at, net, real_clock()};

    [[nodiscard]] wire::http_request sent(std::size_t index) const {
        return net.calls().at(index).request.message;
    }
    static wire::header_list facts() {
        return {{"Content-Length", "10"}, {"ETag", "\"e\""}, {"Last-Modified", date}};
    }
};

TEST_F(S3Bucket, StatReadsTheHead) {
    net.reply(200, "", facts());
    auto const info = run(bucket.stat("a/b")).value();
    ASSERT_TRUE(info);
    EXPECT_EQ(info->size, 10U);
    EXPECT_EQ(info->etag, "\"e\"");
    EXPECT_EQ(format_timestamp(info->modified), "2026-01-02T03:04:05.000Z");
    EXPECT_EQ(sent(0).method, "HEAD");
    EXPECT_EQ(net.calls().at(0).request.url, "http://minio:9000/calls/a/b");
    EXPECT_TRUE(sent(0).headers.get("Authorization").starts_with("AWS4-HMAC-SHA256 Credential=k/"));
    EXPECT_EQ(sent(0).headers.get("X-Amz-Content-Sha256").size(), 64U);
}

TEST_F(S3Bucket, AnswersWithoutFactsAreNoObjects) {
    for (char const* name : {"Content-Length", "ETag", "Last-Modified"}) {
        auto some = facts();
        some.remove(name);
        net.reply(200, "", some);
        EXPECT_EQ(run(bucket.stat("k")).error().code(), errc::corrupt_data) << name;
    }
    auto odd = facts();
    odd.set("Content-Length", "10x");
    net.reply(200, "", odd);
    EXPECT_EQ(run(bucket.stat("k")).error().code(), errc::corrupt_data);
    net.reply(200, "<InitiateMultipartUploadResult/>");
    EXPECT_EQ(run(bucket.begin_upload("k")).error().code(), errc::corrupt_data);
    net.reply(200);
    EXPECT_EQ(run(bucket.put_part("k", "u", 1, "x")).error().code(), errc::corrupt_data);
}

TEST_F(S3Bucket, RefusalsNameTheStoresWord) {
    net.reply(403, fault_body("AccessDenied"));
    auto const denied = run(bucket.put("k", "x"));
    EXPECT_EQ(denied.error().code(), errc::unavailable);
    EXPECT_EQ(denied.error().detail(), "Object store answered 403 AccessDenied");
    EXPECT_EQ(denied.error().status(), 403);
    net.reply(404, fault_body("NoSuchBucket"));
    EXPECT_EQ(run(bucket.put("k", "x")).error().detail(), "Object store answered 404 NoSuchBucket");
    net.reply(403, "not xml at all");
    EXPECT_EQ(run(bucket.put("k", "x")).error().detail(), "Object store answered 403");
    net.reply(403, fault_body(std::string(500, 'a')));
    EXPECT_LT(run(bucket.put("k", "x")).error().detail().size(), 100U);
    EXPECT_EQ(net.calls().size(), 4U);  // none of them is repeated
}

TEST_F(S3Bucket, WhatIsNotThereIsRemoved) {
    net.reply(404, fault_body("NoSuchKey")).reply(404, fault_body("NoSuchBucket"));
    EXPECT_TRUE(run(bucket.remove("k")));
    EXPECT_EQ(run(bucket.remove("k")).error().code(), errc::unavailable);
}

TEST_F(S3Bucket, PassingFaultsAreRepeatedAFewTimes) {
    auto const lost = error{errc::unavailable}
                          .with_reason("connection_lost")
                          .with_request_sent(sent_state::maybe);
    net.reply(503, fault_body("SlowDown")).fail(lost).reply(200);
    EXPECT_TRUE(run(bucket.put("k", "x")));
    EXPECT_EQ(sent(0).body, "x");
    EXPECT_EQ(sent(2).body, "x");
    net.reply(500).reply(500).reply(500);
    EXPECT_EQ(run(bucket.put("k", "x")).error().detail(), "Object store answered 500");
    EXPECT_EQ(net.calls().size(), 6U);
}

TEST_F(S3Bucket, AnUploadIsNotBegunTwiceOnDoubt) {
    net.fail(error{errc::unavailable}.with_request_sent(sent_state::maybe));
    EXPECT_EQ(run(bucket.begin_upload("k")).error().code(), errc::unavailable);
    EXPECT_EQ(net.calls().size(), 1U);
}

TEST_F(S3Bucket, ACompletionMayFailInsideItsSuccess) {
    net.reply(200, fault_body("InternalError"));
    auto const done = run(bucket.finish_upload("k", "u", {"\"a\"", "\"b&c\""}));
    EXPECT_EQ(done.error().detail(), "Object store answered 200 InternalError");
    EXPECT_EQ(sent(0).body,
              "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag>"
              "</Part><Part><PartNumber>2</PartNumber><ETag>&quot;b&amp;c&quot;</ETag></Part>"
              "</CompleteMultipartUpload>");
    net.reply(200, "<R><UploadId>a&amp;b&lt;&quot;&#39;</UploadId></R>");
    EXPECT_EQ(run(bucket.begin_upload("k")).value(), "a&b<\"'");
}

TEST_F(S3Bucket, RangesMustBeKept) {
    net.reply(200, "0123456789");
    s3_read what;
    what.key = "k";
    what.first = 2;
    what.last = 3;
    EXPECT_EQ(run(bucket.read(what)).error().code(), errc::corrupt_data);
    EXPECT_EQ(sent(0).headers.get("Range"), "bytes=2-3");
    net.reply(412);
    what.etag = "\"old\"";
    EXPECT_EQ(run(bucket.read(what)).error().code(), errc::precondition_failed);
    EXPECT_EQ(sent(1).headers.get("If-Match"), "\"old\"");
}

TEST_F(S3Bucket, NoKeyNothingSent) {  // 21-23
    EXPECT_EQ(run(bucket.stat("../x")).error().code(), errc::invalid);
    EXPECT_EQ(run(bucket.read({.key = "/x", .first = 0, .last = {}, .etag = {}})).error().code(),
              errc::invalid);
    EXPECT_EQ(run(bucket.put("a/../b", "")).error().code(), errc::invalid);
    EXPECT_EQ(run(bucket.remove("")).error().code(), errc::invalid);
    EXPECT_EQ(run(bucket.begin_upload("a b")).error().code(), errc::invalid);
    EXPECT_EQ(run(bucket.put_part("..", "u", 1, "")).error().code(), errc::invalid);
    EXPECT_EQ(run(bucket.finish_upload("..", "u", {})).error().code(), errc::invalid);
    EXPECT_EQ(run(bucket.drop_upload("..", "u")).error().code(), errc::invalid);
    EXPECT_TRUE(net.calls().empty());
}

TEST_F(S3Bucket, AProbeThatReadsOtherBytesIsNoProof) {
    net.reply(200).respond([](auto const&) {
        wire::http_response other;
        other.stream = std::make_shared<wire::body_stream>();
        other.stream->next = [](std::string& piece) -> result<bool> {
            piece = "other";
            return false;
        };
        return other;
    });
    net.reply(204);
    EXPECT_EQ(run(bucket.probe("p1")).error().code(), errc::corrupt_data);
    EXPECT_EQ(sent(2).method, "DELETE");  // cleaned up all the same
}

// With the real server.
struct S3Server : ::testing::Test {
    std::unique_ptr<net::http_client> net;
    s3_address at;
    void SetUp() override {
        CXB_SKIP_IF_MISSING(cxb::test::missing_for_s3_server());
        net = net::http_client::create().value();
        at = cxb::test::fresh_bucket();
    }
    [[nodiscard]] std::string of(std::string const& key) const {
        return "/" + at.bucket + "/" + key;
    }
    static cxb::test::s3_server& server() { return cxb::test::shared_s3_server(); }
};

TEST_F(S3Server, WrongKeysAndBucketsAreToldByTheirWord) {
    auto wrong = at;
    wrong.secret_key = secret("other");
    s3_bucket denied(wrong, *net, real_clock());
    EXPECT_EQ(run(denied.put("k", "x")).error().detail(),
              "Object store answered 403 SignatureDoesNotMatch");
    wrong = at;
    wrong.bucket = "no-such-bucket";
    s3_bucket missing(wrong, *net, real_clock());
    EXPECT_EQ(run(missing.put("k", "x")).error().detail(),
              "Object store answered 404 NoSuchBucket");
    EXPECT_FALSE(run(missing.stat("k")).value());
}

TEST_F(S3Server, OthersReadWhatWePutAndWeReadTheirs) {
    s3_bucket bucket(at, *net, real_clock());
    ASSERT_TRUE(run(bucket.put("2026/a!_.*'()-b.wav", "ours")));
    auto const path = object_url(at, "2026/a!_.*'()-b.wav").substr(at.origin.size());
    EXPECT_EQ(server().ask("GET", path).body, "ours");
    ASSERT_EQ(server().ask("PUT", of("theirs.wav"), "0123456789").status, 200);
    s3_object_store objects(at, *net, real_clock());
    std::string piece;
    ASSERT_TRUE(objects.open("theirs.wav", 3).value()->read(piece, 100));
    EXPECT_EQ(piece, "3456789");
}

TEST_F(S3Server, PresignedUrlsNeedNoKeysAndDoOneThing) {
    auto const send = [&](std::string method, secret const& url, std::string body = {}) {
        client::outgoing_request request;
        request.url = url.reveal();
        request.message.method = std::move(method);
        request.message.body = std::move(body);
        request.message.headers.set("Content-Type", "audio/wav");
        return run(net->send(std::move(request), {})).value();
    };
    auto const now = real_clock().now();
    std::chrono::seconds const life{60};
    auto const put = presigned_url(at, "PUT", "2026/s 1.wav", now, life);
    ASSERT_EQ(send("PUT", put, "audio").status, 200);
    auto const get = presigned_url(at, "GET", "2026/s 1.wav", now, life);
    EXPECT_EQ(send("GET", get).bytes(), "audio");
    EXPECT_EQ(send("GET", put).status, 403);
    EXPECT_EQ(send("PUT", get, "other").status, 403);
    EXPECT_EQ(send("GET", presigned_url(at, "GET", "k", now - std::chrono::hours{1}, life)).status,
              403);
    auto altered = get.reveal();
    altered.replace(altered.find("s%201"), 5, "s%202");
    EXPECT_EQ(send("GET", secret(altered)).status, 403);
}

TEST_F(S3Server, PartsOfAnAbandonedObjectAreDropped) {
    s3_object_store objects(at, *net, real_clock());
    auto const uploads = [&] { return server().ask("GET", "/" + at.bucket + "?uploads=").body; };
    auto writer = objects.create("half", 64 * limits::mib).value();
    ASSERT_TRUE(writer->write(std::string(9 * limits::mib, 'x')));
    ASSERT_NE(uploads().find("<Key>half</Key>"), std::string::npos);
    writer.reset();
    EXPECT_TRUE(cxb::test::eventually(
        [&] { return uploads().find("<Key>half</Key>") == std::string::npos; }));
}

TEST_F(S3Server, AProbeLeavesNothing) {
    s3_bucket bucket(at, *net, real_clock());
    ASSERT_TRUE(run(bucket.probe("p1")));
    EXPECT_EQ(server().ask("GET", "/" + at.bucket + "?list-type=2").body.find("<Key>"),
              std::string::npos);
}

TEST_F(S3Server, AnObjectReplacedMeanwhileIsNotMixed) {
    s3_bucket bucket(at, *net, real_clock());
    ASSERT_TRUE(run(bucket.put("k", "old object")));
    auto const before = run(bucket.stat("k")).value();
    ASSERT_TRUE(run(bucket.put("k", "new one")));
    EXPECT_EQ(
        run(bucket.read({.key = "k", .first = 1, .last = 3, .etag = before->etag})).error().code(),
        errc::precondition_failed);
}

TEST_F(S3Server, LostAnswersAreAskedForAgain) {
    testing::fault_transport flaky(*net);
    s3_object_store objects(at, flaky, real_clock());
    flaky.add({.kind = testing::fault_kind::reset_after, .step = 1});
    flaky.add({.kind = testing::fault_kind::refused, .step = 3});
    auto writer = objects.create("k", 100).value();
    ASSERT_TRUE(writer->write("abc"));
    EXPECT_EQ(writer->commit()->size, 3U);
    EXPECT_EQ(flaky.failed(), 2U);
    flaky.clear();
    flaky.add({.kind = testing::fault_kind::refused, .step = 1, .times = 0});
    EXPECT_EQ(objects.stat("k").error().code(), errc::unavailable);
    EXPECT_EQ(objects.open("k", 0).error().code(), errc::unavailable);
    EXPECT_EQ(objects.remove("k").error().code(), errc::unavailable);
    EXPECT_EQ(objects.ping().error().code(), errc::unavailable);
    auto late = objects.create("k", 100).value();
    EXPECT_EQ(late->commit().error().code(), errc::unavailable);
}

// A server of its own, which stops.
TEST(S3ServerStops, AServerThatStandsStillCostsTheLimitAndNoMore) {
    CXB_SKIP_IF_MISSING(cxb::test::missing_for_s3_server());
    cxb::test::s3_server own;
    auto const net = net::http_client::create().value();
    s3_parts parts;
    parts.endpoint = own.url();
    parts.bucket = own.make_bucket();
    parts.access_key = cxb::test::s3_server::access_key;
    parts.secret_key = secret(cxb::test::s3_server::secret_key);
    s3_limits limits;
    limits.total = limits.transfer = std::chrono::milliseconds{300};
    s3_object_store objects(make_s3_address(parts).value(), *net, real_clock(), system_random(),
                            limits);
    ASSERT_TRUE(objects.ping());
    own.pause();
    auto const began = std::chrono::steady_clock::now();
    EXPECT_EQ(objects.stat("k").error().code(), errc::unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{5});
    own.go_on();
    EXPECT_TRUE(cxb::test::eventually([&] { return objects.ping().has_value(); }));
    own.kill();
    EXPECT_EQ(objects.ping().error().code(), errc::unavailable);
    own.start();
    EXPECT_TRUE(objects.ping());
}

}  // namespace
}  // namespace cxb::store
