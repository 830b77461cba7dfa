#include "cxb/store/s3/s3_address.hpp"

#include <gtest/gtest.h>

namespace cxb::store {
namespace {

result<s3_address> address(std::string endpoint, std::string bucket = "recordings",
                           std::string region = {}, bool secure = true) {
    return make_s3_address({.endpoint = std::move(endpoint),
                            .bucket = std::move(bucket),
                            .region = std::move(region),
                            .access_key = "k",
                            .secret_key = secret("s"),
                            .secure = secure});
}

std::string pointer_of(result<s3_address> const& refused) {
    return refused ? "accepted" : refused.error().faults().at(0).pointer;
}

TEST(S3Address, TheSchemeIsTheEndpointsElseBySecure) {
    EXPECT_EQ(address("localhost:9000", "b-1", "", false)->origin, "http://localhost:9000");
    EXPECT_EQ(address("localhost:9000", "b-1", "", true)->origin, "https://localhost:9000");
    EXPECT_EQ(address("http://minio:9000", "b-1", "", true)->origin, "http://minio:9000");
    EXPECT_EQ(address("https://minio/", "b-1", "", false)->origin, "https://minio");
    EXPECT_EQ(address("https://[::1]:9000")->host, "[::1]:9000");
    EXPECT_EQ(address("HTTPS://S3.Example.com:443")->host, "s3.example.com");
}

TEST(S3Address, TheRegionIsGivenOrInferred) {
    EXPECT_EQ(address("blr1.digitaloceanspaces.com")->region, "blr1");
    EXPECT_EQ(address("https://calls.blr1.digitaloceanspaces.com")->region, "blr1");
    EXPECT_EQ(address("blr1.digitaloceanspaces.com", "b-1", "eu-1")->region, "eu-1");
    EXPECT_EQ(address("minio:9000")->region, "us-east-1");
    EXPECT_EQ(address("digitaloceanspaces.com")->region, "us-east-1");
    EXPECT_EQ(address("", "b-1", "ap-south-1")->origin, "https://s3.ap-south-1.amazonaws.com");
    EXPECT_EQ(address("", "b-1")->origin, "https://s3.us-east-1.amazonaws.com");
}

TEST(S3Address, WhatIsNoStoreIsRefusedWithItsPart) {
    for (char const* endpoint :
         {"http://user:pw@minio:9000", "ftp://minio", "http://minio/path", "minio/path",
          "minio?x=1", "http://169.254.169.254", "169.254.1.1:9000", "http://[fe80::1]:9000",
          "http://[::ffff:169.254.169.254]", "mi nio", "minio:0", "http://"})
        EXPECT_EQ(pointer_of(address(endpoint)), "/endpoint") << endpoint;
    for (char const* bucket : {"", "ab", "..", "../x", "a/b", ".ab", "a b c", "-abc"})
        EXPECT_EQ(pointer_of(address("minio", bucket)), "/bucket") << bucket;
    EXPECT_EQ(pointer_of(address("minio", std::string(64, 'a'))), "/bucket");
    EXPECT_TRUE(address("minio", std::string(63, 'a')));
    EXPECT_EQ(pointer_of(address("minio", "b-1", "a/b")), "/region");
    EXPECT_TRUE(address("http://10.0.0.5:9000"));  // private is usual: operators say so
}

TEST(S3Address, Url) {
    auto const read =
        parse_s3_url("s3://calls?endpoint=http%3A%2F%2Fminio%3A9000&region=in-1", "k", secret("s"));
    ASSERT_TRUE(read) << read.error().to_log_text();
    EXPECT_EQ(read->origin, "http://minio:9000");
    EXPECT_EQ(read->bucket, "calls");
    EXPECT_EQ(read->region, "in-1");
    EXPECT_EQ(read->access_key, "k");
    EXPECT_EQ(parse_s3_url("s3://calls?endpoint=http://minio:9000", "", secret())->origin,
              "http://minio:9000");
    EXPECT_EQ(parse_s3_url("s3://calls/?endpoint=minio", "", secret())->origin, "https://minio");
    EXPECT_EQ(parse_s3_url("s3://calls", "", secret())->host, "s3.us-east-1.amazonaws.com");
    for (char const* bad : {"", "dir:/x", "s3:calls", "s3://", "s3://a/b", "s3://calls?key=x",
                            "s3://calls?endpoint=%zz", "s3://calls?endpoint=http://u@h"})
        EXPECT_FALSE(parse_s3_url(bad, "", secret())) << bad;
}

TEST(S3Address, UrlsOfObjects) {
    auto const at = address("http://minio:9000").value();
    EXPECT_EQ(object_url(at, "2026/a b'.wav"), "http://minio:9000/recordings/2026/a%20b%27.wav");
    auto const now = parse_timestamp("2026-01-02T03:04:05Z").value();
    auto const text = [&](std::chrono::seconds life) {
        return presigned_url(at, "PUT", "k.wav", now, life).reveal();
    };
    EXPECT_TRUE(text(std::chrono::seconds{60}).starts_with("http://minio:9000/recordings/k.wav?"));
    EXPECT_NE(text(std::chrono::seconds{60}).find("X-Amz-Expires=60&"), std::string::npos);
    EXPECT_NE(text(std::chrono::hours{24 * 30}).find("X-Amz-Expires=604800&"), std::string::npos);
    EXPECT_NE(text(std::chrono::seconds{-5}).find("X-Amz-Expires=1&"), std::string::npos);
}

}  // namespace
}  // namespace cxb::store
