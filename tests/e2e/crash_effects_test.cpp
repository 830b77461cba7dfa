// kill -9 of the API in the middle of an effect: a dialout that was handed over, an upload of which
// half has arrived.
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "e2e/installation.hpp"
#include "support/sqlite_shell.hpp"
#include "support/stuck_host.hpp"

namespace cxb::e2e {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

class CrashEffects : public installation {
  protected:
    // The moment a key was claimed lies this much longer ago. Instead of waiting.
    void age_idempotency_rows(int seconds) {
        auto const statement =
            "update idempotency_keys set doc = json_set(doc, '$.at',"
            " strftime('%Y-%m-%dT%H:%M:%fZ', json_extract(doc,'$.at'), '-" +
            std::to_string(seconds) + " seconds'))";
        auto const done = test::run_sqlite((scratch / "data/cxb.db").string(), statement);
        EXPECT_EQ(done.exit_code, 0) << done.errors;
    }

    std::vector<fs::path> objects() {
        std::vector<fs::path> out;
        for (auto const& entry : fs::recursive_directory_iterator(scratch / "data/objects"))
            if (entry.is_regular_file()) out.push_back(entry.path());
        return out;
    }

    // Sends the head of an upload and the first half of its body; the connection stays open.
    void send_half(asio::ip::tcp::socket& to, std::string const& link, std::size_t size) {
        auto const port = api_url.substr(api_url.rfind(':') + 1);
        asio::ip::tcp::resolver names(to.get_executor());
        asio::connect(to, names.resolve("127.0.0.1", port));
        asio::write(to,
                    asio::buffer("PUT " + link.substr(link.find("/api/")) +
                                 " HTTP/1.1\r\nHost: api\r\nContent-Type: audio/wav\r\n"
                                 "Content-Length: " +
                                 std::to_string(size) + "\r\n\r\n" + std::string(size / 2, 'h')));
    }
};

// 21-30: the order had reached the host when the API died. Its key never dials again.
TEST_F(CrashEffects, ADialoutInDoubtIsNeverRepeated) {
    start_api();
    test::stuck_host host;
    auto const body = order_at(host.url());
    std::jthread const client([&] {
        http_caller own;
        auto const got =
            own.call("POST", api_url + "/api/v1/sip/dialout",
                     {{"X-API-Key", api_key}, {"Idempotency-Key", "order-9"}}, wire::to_text(body));
        EXPECT_EQ(got.status, 0) << got.text;
    });
    ASSERT_TRUE(test::eventually([&] { return host.dials() == 1; }));
    kill_api();
    start_api();
    auto const repeat = [&] { return with_key("POST", "/api/v1/sip/dialout", body, "order-9"); };
    auto const early = repeat();
    EXPECT_EQ(early.status, 409) << early.text;
    EXPECT_EQ(wire::text_at(early.body, "code"), "idempotency_in_flight");
    kill_api();
    age_idempotency_rows(121);
    start_api();
    auto const late = repeat();
    EXPECT_EQ(late.status, 409) << late.text;
    EXPECT_EQ(wire::text_at(late.body, "code"), "outcome_unknown");
    EXPECT_EQ(host.dials(), 1);
    auto const rows =
        test::run_sqlite((scratch / "data/cxb.db").string(),
                         "select count(*), min(json_extract(doc,'$.outcome')) from dialouts");
    EXPECT_EQ(rows.output, "1|unknown\n") << rows.errors;
}

// 21-24: half an upload is no recording, neither before nor after the crash; the link still works.
TEST_F(CrashEffects, HalfAnUploadLeavesNoObject) {
    constexpr std::size_t size = 4 << 20;
    start_api();
    auto const config = as_core("GET", api_url + "/api/v1/config/" + make_bot());
    ASSERT_EQ(config.status, 200) << config.text;
    std::string const session(wire::text_at(config.body, "session_id"));
    std::string const link(wire::text_at(config.body, "recording.storage.upload_url"));
    asio::io_context io;
    asio::ip::tcp::socket connection(io);
    send_half(connection, link, size);
    ASSERT_TRUE(test::eventually([&] {
        auto const files = objects();
        return files.size() == 1 && fs::file_size(files.front()) == size / 2;
    }));
    kill_api();
    start_api();
    EXPECT_TRUE(objects().empty()) << objects().front();
    EXPECT_EQ(admin("GET", "/api/v1/recordings/" + session).status, 404);
    EXPECT_FALSE(wire::bool_at(call_of(session), "has_recording"));

    std::string const whole(size, 'w');
    auto const done = http.call("PUT", link, {{"Content-Type", "audio/wav"}}, whole);
    ASSERT_EQ(done.status, 201) << done.text;
    kill_api();
    start_api();
    EXPECT_EQ(admin("GET", "/api/v1/recordings/" + session).text, whole);
    EXPECT_EQ(objects().size(), 1U);
}

}  // namespace
}  // namespace cxb::e2e
