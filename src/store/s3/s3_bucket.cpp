#include "cxb/store/s3/s3_bucket.hpp"

#include <charconv>

#include "cxb/base/crypto.hpp"
#include "cxb/base/http_date.hpp"
#include "cxb/domain/recording_key.hpp"
#include "src/store/s3/s3_answer.hpp"
#include "src/store/s3/s3_signing.hpp"

namespace cxb::inline v1 {
namespace store {

namespace asio = boost::asio;

namespace {

constexpr std::string_view probe_folder = ".cxb-probe~/";  // `~`: no key is ever met

error bad_key() {
    return invalid_member("/key", "not an object key");
}

client::retrying_options repeats(clock const& time, s3_limits const& limits) {
    client::retrying_options out;
    out.policy.tries = limits.tries;
    out.time = &time;
    return out;
}

std::string range_of(s3_read const& what) {
    if (what.first == 0 && !what.last) return {};
    return "bytes=" + std::to_string(what.first) + "-" +
           (what.last ? std::to_string(*what.last) : std::string());
}

std::shared_ptr<wire::body_stream> no_bytes() {
    auto out = std::make_shared<wire::body_stream>();
    out->length = 0;
    out->next = [](std::string&) -> result<bool> { return false; };
    return out;
}

}  // namespace

struct s3_bucket::exchange {
    std::string method;
    std::string key;  ///< not judged here
    wire::query_list query;
    wire::header_list headers;
    std::string body;
    bool stream = false;
};

s3_bucket::s3_bucket(s3_address at, client::transport& net, clock const& time, s3_limits limits)
    : at_(std::move(at)), time_(time), limits_(limits), net_(net, repeats(time, limits)) {}

// Any answer, whatever its status.
s3_bucket::async<wire::http_response> s3_bucket::send(exchange what) {
    domain::sigv4_request request;
    request.method = std::move(what.method);
    request.path = object_path(at_, what.key);
    request.query = std::move(what.query);
    request.headers = std::move(what.headers);
    request.headers.set("Host", at_.host);
    request.payload = sha256_hex(what.body);
    domain::authorize(request, keys_of(at_), time_.now());
    client::outgoing_request out;
    out.url = at_.origin + domain::canonical_path(request.path);
    if (!request.query.items().empty()) out.url += "?" + request.query.to_text();
    out.message.method = std::move(request.method);
    out.message.headers = std::move(request.headers);
    out.message.body = std::move(what.body);
    client::transport_options how;
    how.connect = limits_.connect;
    how.total = out.message.body.empty() ? limits_.total : limits_.transfer;
    how.stream = what.stream;
    how.max_response_bytes = max_s3_answer;
    co_return co_await net_.send(std::move(out), std::move(how));
}

// An answer of success.
s3_bucket::async<wire::http_response> s3_bucket::ask(exchange what) {
    CXB_CO_TRY(auto answer, co_await send(std::move(what)));
    if (answer.status / 100 != 2) co_return refusal_of(answer.status, answer.bytes());
    co_return answer;
}

s3_bucket::async<std::optional<object_info>> s3_bucket::stat(std::string key) {
    if (!is_object_key(key)) co_return bad_key();
    CXB_CO_TRY(
        auto const answer,
        co_await send(
            {.method = "HEAD", .key = std::move(key), .query = {}, .headers = {}, .body = {}}));
    if (answer.status == 404) co_return std::optional<object_info>{};
    if (answer.status / 100 != 2) co_return refusal_of(answer.status, "");
    object_info out;
    auto const length = answer.headers.get("Content-Length");
    auto const [end, fault] =
        std::from_chars(length.data(), length.data() + length.size(), out.size);
    auto const modified = parse_http_date(answer.headers.get("Last-Modified"));
    out.etag = answer.headers.get("ETag");
    bool const readable = fault == std::errc{} && end == length.data() + length.size();
    if (!readable || !modified || out.etag.empty())
        co_return error{errc::corrupt_data, "Object store tells nothing of its object"};
    out.modified = *modified;
    co_return std::optional(std::move(out));
}

s3_bucket::async<std::shared_ptr<wire::body_stream>> s3_bucket::read(s3_read what) {
    if (!is_object_key(what.key)) co_return bad_key();
    co_return co_await read_at(std::move(what));
}

s3_bucket::async<std::shared_ptr<wire::body_stream>> s3_bucket::read_at(s3_read what) {
    exchange request{
        .method = "GET", .key = what.key, .query = {}, .headers = {}, .body = {}, .stream = true};
    auto const range = range_of(what);
    if (!range.empty()) request.headers.set("Range", range);
    if (!what.etag.empty()) request.headers.set("If-Match", what.etag);
    CXB_CO_TRY(auto const answer, co_await send(std::move(request)));
    if (answer.status == 416) co_return no_bytes();
    if (answer.status == (range.empty() ? 200 : 206)) co_return answer.stream;
    if (answer.status / 100 == 2)
        co_return error{errc::corrupt_data, "Object store does not keep to ranges"};
    std::string body;
    while (answer.stream && body.size() < max_s3_answer) {
        auto const piece = co_await next_piece(answer.stream);
        if (!piece || piece->empty()) break;
        body += *piece;
    }
    co_return refusal_of(answer.status, body);
}

s3_bucket::async<void> s3_bucket::put(std::string key, std::string bytes) {
    if (!is_object_key(key)) co_return bad_key();
    co_return co_await put_at(std::move(key), std::move(bytes));
}

s3_bucket::async<void> s3_bucket::put_at(std::string key, std::string bytes) {
    exchange request{.method = "PUT",
                     .key = std::move(key),
                     .query = {},
                     .headers = {},
                     .body = std::move(bytes)};
    request.headers.set("Content-Type", std::string(domain::audio_content_type(request.key)));
    CXB_CO_CHECK(co_await ask(std::move(request)));
    co_return result<void>{};
}

s3_bucket::async<void> s3_bucket::remove(std::string key) {
    if (!is_object_key(key)) co_return bad_key();
    auto const done = co_await ask(
        {.method = "DELETE", .key = std::move(key), .query = {}, .headers = {}, .body = {}});
    if (!done && done.error().code() != errc::not_found) co_return done.error();
    co_return result<void>{};
}

s3_bucket::async<std::string> s3_bucket::begin_upload(std::string key) {
    if (!is_object_key(key)) co_return bad_key();
    exchange request{
        .method = "POST", .key = std::move(key), .query = {}, .headers = {}, .body = {}};
    request.query.add("uploads", "");
    request.headers.set("Content-Type", std::string(domain::audio_content_type(request.key)));
    CXB_CO_TRY(auto const answer, co_await ask(std::move(request)));
    auto upload = element_text(answer.bytes(), "UploadId");
    if (upload.empty()) co_return error{errc::corrupt_data, "Object store names no upload"};
    co_return upload;
}

s3_bucket::async<std::string> s3_bucket::put_part(std::string key, std::string upload, int number,
                                                  std::string bytes) {
    if (!is_object_key(key)) co_return bad_key();
    exchange request{.method = "PUT",
                     .key = std::move(key),
                     .query = {},
                     .headers = {},
                     .body = std::move(bytes)};
    request.query.add("partNumber", std::to_string(number));
    request.query.add("uploadId", std::move(upload));
    CXB_CO_TRY(auto const answer, co_await ask(std::move(request)));
    std::string etag(answer.headers.get("ETag"));
    if (etag.empty()) co_return error{errc::corrupt_data, "Object store gives a part no ETag"};
    co_return etag;
}

s3_bucket::async<void> s3_bucket::finish_upload(std::string key, std::string upload,
                                                std::vector<std::string> etags) {
    if (!is_object_key(key)) co_return bad_key();
    exchange request{.method = "POST",
                     .key = std::move(key),
                     .query = {},
                     .headers = {},
                     .body = completion_of(etags)};
    request.query.add("uploadId", std::move(upload));
    request.headers.set("Content-Type", "application/xml");
    CXB_CO_TRY(auto const answer, co_await ask(std::move(request)));
    // A store that needs long begins to answer with 200 and says only then that it failed.
    if (!element_text(answer.bytes(), "Code").empty())
        co_return refusal_of(answer.status, answer.bytes());
    co_return result<void>{};
}

s3_bucket::async<void> s3_bucket::drop_upload(std::string key, std::string upload) {
    if (!is_object_key(key)) co_return bad_key();
    exchange request{
        .method = "DELETE", .key = std::move(key), .query = {}, .headers = {}, .body = {}};
    request.query.add("uploadId", std::move(upload));
    CXB_CO_CHECK(co_await ask(std::move(request)));
    co_return result<void>{};
}

s3_bucket::async<void> s3_bucket::probe(std::string name) {
    std::string const key = std::string(probe_folder) + name;
    CXB_CO_CHECK(co_await put_at(key, name));
    s3_read what;
    what.key = key;
    auto const stream = co_await read_at(std::move(what));
    result<std::string> got = stream ? co_await next_piece(*stream) : stream.error();
    auto const removed =
        co_await ask({.method = "DELETE", .key = key, .query = {}, .headers = {}, .body = {}});
    if (!got) co_return got.error();
    if (*got != name) co_return error{errc::corrupt_data, "Object store gives back other bytes"};
    if (!removed) co_return removed.error();
    co_return result<void>{};
}

}  // namespace store
}  // namespace cxb::inline v1
