#include "server/api/recordings_kit.hpp"

#include <filesystem>
#include <fstream>

#include "cxb/domain/byte_range.hpp"

namespace cxb::api::test {

namespace fs = std::filesystem;

std::string audio(std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        out[i] = static_cast<char>((i * 7 + i / 251) % 256);
    return out;
}

peer::reply_fn host_with(std::string key, std::string bytes, bool ranges) {
    return [path = "/recordings/" + key, bytes = std::move(bytes), ranges](
               wire::http_request const& request, int) {
        wire::http_response out;
        if (request.path != path || !request.headers.has("X-CXB-Core-Secret")) {
            out.status = 404;
            return out;
        }
        auto const range =
            domain::parse_range(ranges ? request.headers.get("Range") : "", bytes.size());
        out.headers.set("Content-Type", "audio/wav");
        if (range.kind != domain::range_kind::whole)
            out.headers.set("Content-Range", domain::content_range(range, bytes.size()));
        out.status = 200;
        if (range.kind == domain::range_kind::unsatisfiable) {
            out.status = 416;
        } else if (range.kind == domain::range_kind::partial) {
            out.status = 206;
            out.body = bytes.substr(range.first, range.length());
        } else {
            out.body = bytes;
        }
        return out;
    };
}

void recording_test::need_s3() {
    CXB_SKIP_IF_MISSING(cxb::test::missing_for_s3_server());
    bucket_ = shared_s3_server().make_bucket();
}

answer recording_test::set_minio(json_object extra) {
    json_object body{{"endpoint", shared_s3_server().endpoint()},
                     {"access_key", s3_server::access_key},
                     {"secret_key", s3_server::secret_key},
                     {"bucket", bucket_},
                     {"secure", false},
                     {"region", ""},
                     {"public_endpoint", ""}};
    for (auto& [name, value] : extra)
        body[name] = value;
    return admin("PUT", "/api/v1/settings/minio", body);
}

void recording_test::set_fleet(std::vector<std::string> urls) {
    EXPECT_EQ(admin("PUT", "/api/v1/settings/fleet",
                    json_object{{"core_fleet", wire::json_array(urls.begin(), urls.end())}})
                  .status,
              200);
}

std::string recording_test::call_with(std::string const& key) {
    if (bot_.empty()) bot_ = make_bot();
    std::string const session = config(bot_).text("session_id");
    auto const posted = post_result({{"session_id", session},
                                     {"disconnected_by", "customer"},
                                     {"call_duration_seconds", 42},
                                     {"recording_key", json_value(key)}});
    EXPECT_EQ(posted.status, 200) << posted.body;
    return session;
}

std::string recording_test::public_path(std::string const& session) {
    auto const link = admin("GET", "/api/v1/calls/" + session).text("public_recording_url");
    EXPECT_TRUE(link.starts_with(url() + "/api/v1/public/recordings/")) << link;
    return link.substr(std::min(link.size(), url().size()));
}

answer recording_test::play(std::string const& path, wire::header_list headers,
                            std::string const& method) {
    return send_text(method, path, "", std::move(headers));
}

answer recording_test::send_to(std::string const& method, std::string const& url, std::string body,
                               wire::header_list headers) {
    if (!std::exchange(out_runs_, true)) out_loops_.start();
    client::outgoing_request request{url, {}};
    request.message.method = method;
    request.message.headers = std::move(headers);
    request.message.body = std::move(body);
    answer out;
    out_loops_.run_and_wait([](net::http_client& client, client::outgoing_request what,
                               answer& to) -> boost::asio::awaitable<void> {
        client::transport_options how;
        how.max_response_bytes = 16 * limits::mib;
        auto const got = co_await client.send(std::move(what), how);
        if (!got) {
            ADD_FAILURE() << got.error().to_log_text();
            co_return;
        }
        to.status = got->status;
        to.headers = got->headers;
        to.body = std::string(got->bytes());
        if (auto const parsed = wire::parse_json(to.body)) to.json = *parsed;
    }(*out_, std::move(request), out));
    return out;
}

void recording_test::put_into_bucket(std::string const& key, std::string const& bytes) {
    EXPECT_EQ(shared_s3_server().ask("PUT", "/" + bucket_ + "/" + key, bytes).status, 200);
}

void recording_test::put_into_folder(std::string const& key, std::string const& bytes) {
    fs::path const file = fs::path(objects_folder()) / key;
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
}

}  // namespace cxb::api::test
