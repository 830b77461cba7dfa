#pragma once
// A worker host behind a real server, a control plane that answers when it may, and a handler that
// does what the caller's audio says.

#include <gtest/gtest.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <thread>

#include "cxb/net/http_server.hpp"
#include "cxb/worker/worker_host.hpp"
#include "tests/support/callers.hpp"
#include "tests/unit/worker/outbox_fixture.hpp"

namespace cxb_test {

namespace asio = boost::asio;
namespace worker = cxb::worker;
using namespace std::chrono_literals;
using cxb::testing::fake_media_dialler;

// Greets with 100 ms of sound once answered, then does what the first byte of each audio says.
class line_handler final : public worker::call_handler {
  public:
    asio::awaitable<cxb::result<worker::call_end>> run(worker::call_context call) override {
        worker::call_end end;
        auto& line = *call.media;
        call.control->on_stop([&](auto, auto) { line.hang_up(); });
        std::string word;
        while (word.empty()) {
            auto const event = co_await line.next();
            if (auto const* left = std::get_if<worker::media_left>(&event)) {
                word = left->word;
                end.result.transfer_reason = left->raw_reason;
            } else if (std::holds_alternative<worker::media_answered>(event)) {
                line.play(std::string(1600, 'g'));
            } else if (auto const* moved = std::get_if<worker::media_transferred>(&event)) {
                end.result.transfer_failed_reason = moved->failed_reason;
                end.result.was_transferred = moved->failed_reason.empty();
                line.play(std::string(320, 'f'));
            } else if (auto const* key = std::get_if<worker::media_key>(&event)) {
                end.result.transfer_target = std::string(1, key->digit);
            } else if (auto const* audio = std::get_if<worker::media_audio>(&event)) {
                char const what = audio->pcm.front();
                if (what == 'E') word = "bot";
                if (what == 'S') line.play(std::string(160000, 's'));
                if (what == 'C') line.clear();
                if (what == 'T') line.transfer("4711");
                if (what == 'X') throw std::runtime_error("boom");
            }
        }
        call.control->on_stop({});
        end.result.disconnected_by =
            cxb::open_enum<cxb::contract::call_results::disconnect_word>::from_text(word);
        co_return end;
    }
};

// Answers when the test says so.
class slow_peer final : public cxb::client::transport {
  public:
    asio::awaitable<cxb::result<cxb::wire::http_response>> send(
        cxb::client::outgoing_request request, cxb::client::transport_options) override {
        {
            std::lock_guard const lock(mutex_);
            urls_.push_back(request.url);
        }
        asio::steady_timer timer(co_await asio::this_coro::executor);
        while (held) {
            timer.expires_after(1ms);
            co_await timer.async_wait(asio::use_awaitable);
        }
        if (request.message.method == "POST") co_return scripted_peer::status(503);
        co_return scripted_peer::status(config_status, config_body);
    }
    [[nodiscard]] std::vector<std::string> urls() const {
        std::lock_guard const lock(mutex_);
        return urls_;
    }
    std::atomic<bool> held{false};
    int config_status = 200;
    std::string config_body =
        R"({"session_id":"s1","webhook_url":"http://a/r","system_prompt":"p",)"
        R"("opening_message":"","timezone":"Asia/Kolkata"})";

  private:
    mutable std::mutex mutex_;
    std::vector<std::string> urls_;
};

class media_host_test : public ::testing::Test {
  protected:
    media_host_test() {
        options_.keys = [] {
            return std::make_shared<cxb::contract::shared_secret::keyring const>(
                cxb::contract::shared_secret::keyring{cxb::secret("s3cret"), {}});
        };
        options_.config_url = "http://a/api/v1/config";
        options_.outbox_dir = folder_.path() / "outbox";
        options_.transport = &peer_;
        options_.direct_wait = 1ms;
        options_.on_call_end = [this](worker::call_summary const& told) {
            std::lock_guard const lock(mutex_);
            ended_.push_back(told);
        };
    }
    ~media_host_test() override {
        if (http_)
            loops_.run_and_wait([](cxb::net::http_server& one) -> asio::awaitable<void> {
                (void)co_await one.drain(0ms);
            }(*http_));
        loops_.stop();
    }
    void open() {
        host_.emplace(options_, handler_);
        ASSERT_TRUE(host_->open());
        http_.emplace(loops_, *host_, cxb::net::server_options{});
        ASSERT_TRUE(http_->start());
        loops_.start();
    }
    [[nodiscard]] std::string url(std::string const& path = "/ws/bot-1") const {
        return "ws" + http_->url().substr(4) + path;
    }
    // 101, or what the upgrade was answered instead.
    static int upgrade_status(std::string to) {
        auto const opened = fake_media_dialler(caller_at(std::move(to))).connect();
        return opened ? 101 : opened.error().status();
    }
    // Waits until so many calls have ended.
    bool ended(std::size_t many) {
        return eventually([&] { return count() == many; });
    }
    template <class Condition>
    static bool eventually(Condition const& holds, std::chrono::milliseconds limit = 10s) {
        auto const until = std::chrono::steady_clock::now() + limit;
        while (!holds() && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(1ms);
        return holds();
    }
    std::size_t count() {
        std::lock_guard const lock(mutex_);
        return ended_.size();
    }
    // True once no slot is taken; 10-29 grants a second.
    bool slot_is_free() {
        return eventually([&] { return calls() == 0; }, 1s);
    }
    std::size_t calls() {
        std::size_t out = 0;
        loops_.run_and_wait(
            [](worker::worker_host& host, std::size_t& into) -> asio::awaitable<void> {
                into = host.now().calls;
                co_return;
            }(*host_, out));
        return out;
    }
    std::vector<cxb::wire::json_object> stored() {
        std::vector<cxb::wire::json_object> out;
        for (auto const& name : files_in(options_.outbox_dir / "1" / "new")) {
            auto const text = read_file(options_.outbox_dir / "1" / "new" / name);
            out.push_back(
                cxb::wire::parse_json(text.substr(text.find('\n') + 1)).value().as_object());
        }
        return out;
    }
    [[nodiscard]] std::vector<std::string> journals() const {
        return files_in(options_.outbox_dir / "1" / "calls");
    }
    static std::string audio(char what) { return std::string(320, what); }

    scratch_folder folder_;
    slow_peer peer_;
    line_handler handler_;
    worker::host_options options_;
    std::mutex mutex_;
    std::vector<worker::call_summary> ended_;
    cxb::net::event_loops loops_{1};
    std::optional<worker::worker_host> host_;
    std::optional<cxb::net::http_server> http_;
};

}  // namespace cxb_test
