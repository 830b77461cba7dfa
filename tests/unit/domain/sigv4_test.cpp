#include "cxb/domain/sigv4.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"
#include "cxb/wire/json.hpp"
#include "support/vectors.hpp"

namespace {

using namespace cxb;
using namespace cxb::domain;

constexpr std::size_t all_cases = 38;

struct vector_case {
    std::string name;
    wire::json_object context;
    sigv4_request request;
    sigv4_keys keys;
    time_point at;
    std::chrono::seconds lifetime{0};
    bool sign_body = false;

    [[nodiscard]] std::string file(std::string const& what) const {
        return cxb_test::vector_text("sigv4/" + name + "/" + what + ".txt");
    }
};

// `GET /?a=b HTTP/1.1`, header lines (a folded one goes on with blanks), an empty line, the body.
void read_request(vector_case& out) {
    std::istringstream lines(out.file("request"));
    std::string line;
    std::getline(lines, line);
    auto const first = line.find(' ');
    auto const last = line.rfind(' ');
    out.request.method = line.substr(0, first);
    std::string const target = line.substr(first + 1, last - first - 1);
    auto const mark = target.find('?');
    out.request.path = target.substr(0, mark);
    if (mark != std::string::npos)
        out.request.query = wire::query_list::parse(target.substr(mark + 1)).value();
    std::vector<wire::header_list::item> headers;
    while (std::getline(lines, line) && !line.empty()) {
        if (line.front() == ' ') {
            headers.back().second += "\n" + line;
            continue;
        }
        auto const colon = line.find(':');
        headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
    }
    for (auto& [name, value] : headers)
        out.request.headers.add(name, value);
    std::string const body(std::istreambuf_iterator<char>(lines), {});
    if (out.sign_body) out.request.payload = sha256_hex(body);
}

vector_case read_case(std::string const& name) {
    vector_case out;
    out.name = name;
    out.context = wire::parse_json(cxb_test::vector_text("sigv4/" + name + "/context.json"))
                      .value()
                      .as_object();
    auto const text = [&](char const* path) {
        return std::string(wire::text_at(out.context, path));
    };
    out.keys = {.access_key = text("credentials.access_key_id"),
                .secret_key = secret(text("credentials.secret_access_key")),
                .session_token = secret(text("credentials.token")),
                .sign_session_token = !wire::bool_at(out.context, "omit_session_token"),
                .region = text("region"),
                .service = text("service")};
    out.at = parse_timestamp(text("timestamp")).value();
    out.lifetime = std::chrono::seconds(wire::int_at(out.context, "expiration_in_seconds"));
    out.request.normalize_path = wire::bool_at(out.context, "normalize");
    out.sign_body = wire::bool_at(out.context, "sign_body");
    read_request(out);
    return out;
}

std::vector<std::string> case_names() {
    std::vector<std::string> out;
    for (auto const& entry : std::filesystem::directory_iterator(cxb_test::vectors() / "sigv4"))
        out.push_back(entry.path().filename().string());
    std::ranges::sort(out);
    return out;
}

struct Sigv4Vectors : ::testing::TestWithParam<std::string> {};

TEST_P(Sigv4Vectors, HeaderIsSigned) {
    auto made = read_case(GetParam());
    auto unsigned_request = made.request;
    auto const signature = made.file("header-signature");
    authorize(made.request, made.keys, made.at);
    auto const authorization = std::string(made.request.headers.get("Authorization"));
    EXPECT_TRUE(authorization.ends_with("Signature=" + signature)) << authorization;
    // The whole line, as the signed request shows it.
    EXPECT_NE(made.file("header-signed-request").find("Authorization:" + authorization + "\n"),
              std::string::npos);
    made.request.headers.remove("Authorization");
    if (!made.keys.sign_session_token) made.request.headers.remove("X-Amz-Security-Token");
    auto const canonical = canonical_request(made.request);
    EXPECT_EQ(canonical, made.file("header-canonical-request"));
    EXPECT_EQ(string_to_sign(canonical, made.keys, made.at), made.file("header-string-to-sign"));
}

TEST_P(Sigv4Vectors, QueryIsSigned) {
    auto const made = read_case(GetParam());
    auto request = made.request;
    add_presign_parameters(request, made.keys, made.at, made.lifetime);
    auto const canonical = canonical_request(request);
    EXPECT_EQ(canonical, made.file("query-canonical-request"));
    auto const to_sign = string_to_sign(canonical, made.keys, made.at);
    EXPECT_EQ(to_sign, made.file("query-string-to-sign"));
    EXPECT_EQ(sigv4_signature(to_sign, made.keys, made.at), made.file("query-signature"));
    auto const target = presigned_target(made.request, made.keys, made.at, made.lifetime);
    auto const mark = target.reveal().find('?');
    EXPECT_EQ(target.reveal().substr(0, mark),
              canonical_path(request.path, request.normalize_path));
    // The same parameters as the signed request of the vector, in whatever order.
    auto const sorted = [](std::string_view query) {
        auto pairs = wire::query_list::parse(query).value().items();
        std::ranges::sort(pairs);
        return pairs;
    };
    auto const line = made.file("query-signed-request");
    auto const from = line.find('?') + 1;
    EXPECT_EQ(sorted(target.reveal().substr(mark + 1)),
              sorted(line.substr(from, line.find(" HTTP/1.1") - from)));
}

INSTANTIATE_TEST_SUITE_P(All, Sigv4Vectors, ::testing::ValuesIn(case_names()),
                         [](auto const& about) {
                             auto name = about.param;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

TEST(Sigv4, AllVectorsAreThere) {
    EXPECT_EQ(case_names().size(), all_cases);
}

sigv4_keys s3_keys() {
    return {.access_key = "AKIAIOSFODNN7EXAMPLE",
            .secret_key = secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            .session_token = {},
            .region = "us-east-1"};
}

// The example of Amazon's manual, "Authenticating Requests: Using Query Parameters".
TEST(Sigv4, PresignedObjectOfTheManual) {
    sigv4_request request;
    request.path = "/test.txt";
    request.headers.set("Host", "examplebucket.s3.amazonaws.com");
    request.payload = unsigned_payload;
    auto const target =
        presigned_target(request, s3_keys(), parse_timestamp("2013-05-24T00:00:00Z").value(),
                         std::chrono::seconds{86400});
    EXPECT_TRUE(target.reveal().ends_with(
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"));
}

// The same manual, "Signature Calculations for the Authorization Header": GET with a range.
TEST(Sigv4, RangeOfTheManual) {
    sigv4_request request;
    request.path = "/test.txt";
    request.headers.set("Host", "examplebucket.s3.amazonaws.com");
    request.headers.set("Range", "bytes=0-9");
    request.payload = sha256_hex("");
    authorize(request, s3_keys(), parse_timestamp("2013-05-24T00:00:00Z").value());
    EXPECT_EQ(request.headers.get("X-Amz-Date"), "20130524T000000Z");
    EXPECT_TRUE(request.headers.get("Authorization")
                    .ends_with("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));
}

TEST(Sigv4, AnyChangeChangesTheSignature) {
    time_point const at = parse_timestamp("2026-01-02T03:04:05Z").value();
    auto const signed_with = [&](auto change) {
        sigv4_request request;
        request.path = "/recordings/2026/01/02/s.wav";
        request.headers.set("Host", "localhost:9000");
        auto keys = s3_keys();
        change(request, keys);
        return presigned_target(request, keys, at, std::chrono::seconds{60}).reveal();
    };
    auto const plain = signed_with([](auto&, auto&) {});
    auto const tail = [](std::string const& target) { return target.substr(target.rfind('=')); };
    EXPECT_NE(tail(signed_with([](auto& r, auto&) { r.path += "x"; })), tail(plain));
    EXPECT_NE(tail(signed_with([](auto& r, auto&) { r.method = "PUT"; })), tail(plain));
    EXPECT_NE(tail(signed_with([](auto& r, auto&) { r.headers.set("Host", "other"); })),
              tail(plain));
    EXPECT_NE(tail(signed_with([](auto&, auto& k) { k.secret_key = secret("x"); })), tail(plain));
    EXPECT_NE(tail(signed_with([](auto&, auto& k) { k.region = "eu"; })), tail(plain));
    EXPECT_EQ(tail(signed_with([](auto&, auto&) {})), tail(plain));
}

TEST(Sigv4, PathsAreEncodedOnceAndKeptAsTheyAre) {
    EXPECT_EQ(canonical_path("/b/a b/c!_.*'()-9"), "/b/a%20b/c%21_.%2A%27%28%29-9");
    EXPECT_EQ(canonical_path("//a/./b/"), "//a/./b/");
    EXPECT_EQ(canonical_path("/../a/", true), "/a/");
    EXPECT_EQ(canonical_path("", true), "/");
}

}  // namespace
