#pragma once
// A worker host whose config answers, number look-ups and results go through one scripted peer.

#include <gtest/gtest.h>

#include <boost/asio/use_future.hpp>
#include <functional>
#include <map>
#include <optional>

#include "cxb/wire/json.hpp"
#include "cxb/worker/worker_host.hpp"
#include "tests/unit/worker/outbox_fixture.hpp"

namespace cxb_test {

// Every call waits until the test ends it.
class gated_handler : public cxb::worker::call_handler {
  public:
    enum class ending { good, failed, thrown };

    boost::asio::awaitable<cxb::result<cxb::worker::call_end>> run(
        cxb::worker::call_context call) override;
    boost::asio::awaitable<void> turn_away(cxb::worker::call_start start) override {
        turned_away.push_back(start.room_name);
        co_return;
    }
    // False when no such call waits here.
    bool end(std::string const& call_id, ending how = ending::good);
    [[nodiscard]] std::vector<std::string> waiting() const;

    std::vector<std::string> turned_away;
    std::vector<std::string> stops;  // codes calls were stopped with

  private:
    struct gate {
        std::function<void()> open;
        std::optional<ending> how;
    };
    std::map<std::string, std::shared_ptr<gate>> gates_;
};

class host_test : public ::testing::Test {
  protected:
    host_test() {
        options_.keys = [] {
            return std::make_shared<cxb::contract::shared_secret::keyring const>(
                cxb::contract::shared_secret::keyring{cxb::secret("s3cret"), {}});
        };
        options_.config_url = "http://a/api/v1/config";
        options_.outbox_dir = folder_.path() / "outbox";
        options_.transport = &peer_;
        options_.room_media = true;
        options_.direct_wait = std::chrono::milliseconds{1};
        options_.on_call_end = [this](cxb::worker::call_summary const& told) {
            ended_.push_back(told);
        };
        peer_.reply = [this](cxb::client::outgoing_request const& request) {
            if (request.url.find("/sip/lookup") != std::string::npos) return lookup_;
            return request.message.method == "POST" ? posted_ : config_;
        };
    }
    void open(cxb::worker::call_handler& handler) {
        host_.emplace(options_, handler);
        ASSERT_TRUE(host_->open());
    }
    static cxb::wire::http_request request(std::string path, std::string body, bool secret = true) {
        cxb::wire::http_request out;
        out.method = body.empty() ? "GET" : "POST";
        out.path = std::move(path);
        out.body = std::move(body);
        if (secret) out.headers.set("X-CXBCore-Secret", "s3cret");
        return out;
    }
    cxb::wire::http_response ask(cxb::wire::http_request what) {
        auto answer =
            boost::asio::co_spawn(loop_, host_->handle(std::move(what)), boost::asio::use_future);
        run_until(
            [&] { return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
        return answer.get();
    }
    cxb::wire::http_response ask(std::string path, std::string body, bool secret = true) {
        return ask(request(std::move(path), std::move(body), secret));
    }
    // Gives the loop work until `done`; a loop that has none left and is not done is a failure.
    void run_until(std::function<bool()> const& done) {
        auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        loop_.restart();
        while (!done() && std::chrono::steady_clock::now() < end)
            if (loop_.run_one_for(std::chrono::seconds(1)) == 0 && loop_.stopped()) break;
        EXPECT_TRUE(done()) << "the loop has nothing more to do";
    }
    // Url and body of each stored result.
    std::vector<std::pair<std::string, cxb::wire::json_object>> stored() {
        std::vector<std::pair<std::string, cxb::wire::json_object>> out;
        auto const folder = options_.outbox_dir / "1" / "new";
        for (auto const& file : std::filesystem::directory_iterator(folder)) {
            auto const text = read_file(file.path());
            auto const end = text.find('\n');
            auto const head = cxb::wire::parse_json(text.substr(0, end)).value().as_object();
            out.emplace_back(cxb::wire::text_at(head, "url"),
                             cxb::wire::parse_json(text.substr(end + 1)).value().as_object());
        }
        return out;
    }
    [[nodiscard]] std::size_t journals() const {
        return files_in(options_.outbox_dir / "1" / "calls").size();
    }

    static constexpr char const* body_ =
        R"({"room_name":"r","bot_id":"b","connected_event":{"_campaign_session_id":"camp-1"}})";
    static constexpr char const* dispatch_ =
        R"({"room_name":"r","caller_number":"1","dialed_number":"+91 2"})";
    scratch_folder folder_;
    scripted_peer peer_;
    cxb::result<cxb::wire::http_response> config_ = scripted_peer::status(
        200, R"({"session_id":"s1","webhook_url":"http://a/r","system_prompt":"p",)"
             R"("opening_message":""})");
    cxb::result<cxb::wire::http_response> lookup_ =
        scripted_peer::status(200, R"({"bot_id":"b1","carrier_id":"c","did_id":"d"})");
    cxb::result<cxb::wire::http_response> posted_ = scripted_peer::status(200);
    cxb::worker::host_options options_;
    std::vector<cxb::worker::call_summary> ended_;
    boost::asio::io_context loop_;
    std::optional<cxb::worker::worker_host> host_;
};

}  // namespace cxb_test
