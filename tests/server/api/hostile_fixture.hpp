#pragma once
// A cxb-api whose clients are rude, and one well-behaved client beside them that must not notice.

#include <condition_variable>
#include <thread>

#include "server/api/people_fixture.hpp"
#include "support/raw_client.hpp"
#include "support/sanitized.hpp"

namespace cxb::api::test {

using cxb::test::body_of;
using cxb::test::header_of;
using cxb::test::raw_client;
using cxb::test::sized;
using cxb::test::status_of;

/// Asks for `/health` again and again on one connection.
class bystander {
  public:
    explicit bystander(std::uint16_t port) : client_(port, std::chrono::seconds{30}) {
        thread_ = std::thread([this] { run(); });
    }
    ~bystander() {
        {
            std::scoped_lock const lock(mutex_);
            ended_ = true;
        }
        wake_.notify_one();
        thread_.join();
        EXPECT_EQ(failed_, 0) << "a normal client was not served";
        EXPECT_GT(served_, 0);
        EXPECT_LT(longest_, sized(std::chrono::seconds{5}, std::chrono::seconds{20}));
    }
    bystander(bystander const&) = delete;
    bystander& operator=(bystander const&) = delete;

  private:
    void run() {
        std::unique_lock lock(mutex_);
        do {
            lock.unlock();
            auto const began = std::chrono::steady_clock::now();
            client_.send("GET /health HTTP/1.1\r\nHost: h\r\n\r\n");
            auto const status = status_of(client_.read_response());
            auto const took = std::chrono::steady_clock::now() - began;
            lock.lock();
            longest_ = std::max(longest_, took);
            ++(status == 200 ? served_ : failed_);
            wake_.wait_for(lock, std::chrono::milliseconds{20}, [this] { return ended_; });
        } while (!ended_ && failed_ == 0);
    }

    raw_client client_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool ended_ = false;
    int served_ = 0;
    int failed_ = 0;
    std::chrono::steady_clock::duration longest_{};
    std::thread thread_;
};

class hostile_test : public people_test {
  protected:
    void serve() {
        start();
        // Long-lived, so that the clock of rate limits may run ahead.
        bearer_ = token();
        beside_.emplace(port());
    }
    void TearDown() override { beside_.reset(); }

    [[nodiscard]] std::uint16_t port() const { return cxb::test::port_of_url(url()); }
    /// Sends bytes on a new connection; everything until the server closes it.
    std::string exchange(std::string_view bytes) {
        clock.advance(std::chrono::milliseconds{200});  // rate limits are not the subject
        raw_client client(port());
        client.send(bytes);
        return client.read_all();
    }
    /// One whole request on a connection of its own.
    std::string request(std::string_view method, std::string_view target,
                        std::string_view headers = {}, std::string_view body = {}) {
        return exchange(text_of(method, target, headers, body));
    }
    static std::string text_of(std::string_view method, std::string_view target,
                               std::string_view headers, std::string_view body) {
        std::string out;
        out.append(method).append(" ").append(target).append(
            " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n");
        out.append(headers);
        if (!body.empty())
            out.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
        return out.append("\r\n").append(body);
    }
    [[nodiscard]] std::string as_admin() const {
        return "Authorization: Bearer " + bearer_ + "\r\n";
    }
    static std::string json_header() { return "Content-Type: application/json\r\n"; }
    /// A problem that its reader can read.
    static void expect_problem(std::string const& got, int status, std::string_view code) {
        EXPECT_EQ(status_of(got), status) << got;
        auto const body = wire::parse_json(body_of(got));
        ASSERT_TRUE(body && body->is_object()) << ::testing::PrintToString(got);
        EXPECT_EQ(wire::text_at(body->as_object(), "code"), code) << got;
        EXPECT_FALSE(wire::text_at(body->as_object(), "request_id").empty()) << got;
    }

  private:
    std::string bearer_;
    std::optional<bystander> beside_;
};

}  // namespace cxb::api::test
