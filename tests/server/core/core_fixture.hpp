#pragma once
// A real cxb-core with its workers on loopback, and a control plane of a few answers.

#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cxb/net/http_client.hpp"
#include "cxb/net/http_server.hpp"
#include "cxb/wire/json.hpp"
#include "cxb/worker/listener.hpp"
#include "support/child_process.hpp"

namespace cxb_test {

// Serves configs, takes results and recordings; what happened is read from the test's thread.
class control_plane final : public cxb::worker::http_handler {
  public:
    explicit control_plane(cxb::net::event_loops& loops) : http_(loops, *this, {}) {
        EXPECT_TRUE(http_.start());
    }
    [[nodiscard]] std::string url() const { return http_.url(); }

    boost::asio::awaitable<cxb::worker::head_verdict> accept_head(
        cxb::wire::http_request const&) override {
        cxb::worker::head_verdict out;
        out.max_body = 64 * cxb::limits::mib;
        co_return out;
    }
    boost::asio::awaitable<cxb::wire::http_response> handle(
        cxb::wire::http_request request) override {
        std::lock_guard const lock(mutex_);
        co_return answer(request);
    }
    cxb::wire::http_response refusal(int status) override {
        cxb::wire::http_response out;
        out.status = status;
        return out;
    }

    // Overrides the next config answers.
    void refuse_config(int status, std::string body) {
        std::lock_guard const lock(mutex_);
        refusal_ = {status, std::move(body)};
    }
    // Members added to every config.
    void set_config(cxb::wire::json_object extra) {
        std::lock_guard const lock(mutex_);
        extra_ = std::move(extra);
    }
    [[nodiscard]] int config_requests() const {
        std::lock_guard const lock(mutex_);
        return configs_;
    }
    [[nodiscard]] std::vector<cxb::wire::json_object> results() const {
        std::lock_guard const lock(mutex_);
        return results_;
    }
    [[nodiscard]] std::string uploaded() const {
        std::lock_guard const lock(mutex_);
        return uploaded_;
    }
    // So many of the next uploads are refused; -1: all.
    void refuse_uploads(int many) {
        std::lock_guard const lock(mutex_);
        uploads_to_refuse_ = many;
    }
    [[nodiscard]] std::size_t count_of(std::string const& session) const {
        std::size_t many = 0;
        for (auto const& one : results())
            if (cxb::wire::text_at(one, "session_id") == session) ++many;
        return many;
    }
    // Waits for a result of that session.
    [[nodiscard]] std::optional<cxb::wire::json_object> result_of(std::string const& session) {
        std::optional<cxb::wire::json_object> found;
        (void)cxb::test::eventually([&] {
            for (auto const& one : results())
                if (cxb::wire::text_at(one, "session_id") == session) found = one;
            return found.has_value();
        });
        return found;
    }

  private:
    cxb::wire::http_response answer(cxb::wire::http_request const& request) {
        cxb::wire::http_response out;
        out.headers.set("Content-Type", "application/json");
        out.body = R"({"status":"ok"})";
        if (request.path.starts_with("/api/v1/config/")) {
            ++configs_;
            if (refusal_) {
                out.status = refusal_->first;
                out.body = refusal_->second;
            } else {
                out.body = config(request);
            }
        } else if (request.path == "/api/v1/call-results") {
            results_.push_back(cxb::wire::parse_json(request.body).value().as_object());
        } else if (request.path == "/api/v1/sip/lookup") {
            bool const known = request.query_text == "number=%2B911140000001";
            out.status = known ? 200 : 404;
            if (known)
                out.body = R"({"bot_id":"65f000000000000000000001","carrier_id":"c","did_id":"d"})";
        } else if (request.method == "PUT" && uploads_to_refuse_ != 0) {
            if (uploads_to_refuse_ > 0) --uploads_to_refuse_;
            out.status = 503;
        } else if (request.method == "PUT") {
            uploaded_ = request.body;
        }
        return out;
    }
    std::string config(cxb::wire::http_request const& request) {
        auto const query = cxb::wire::query_list::parse(request.query_text).value();
        auto const event =
            cxb::wire::parse_json(query.get("connected_event").value_or("{}")).value();
        std::string session(cxb::wire::text_at(event.as_object(), "_campaign_session_id"));
        cxb::wire::json_object body{
            {"session_id", session.empty() ? "own-" + std::to_string(configs_) : session},
            {"webhook_url", url() + "/api/v1/call-results"},
            {"bot_id", "65f000000000000000000001"},
            {"system_prompt", "You are polite."},
            {"opening_message", "Namaste, am I audible?"},
            {"tools",
             cxb::wire::parse_json(R"([{"type":"function","function":{"name":"end_call"}}])")
                 .value()},
            {"post_call_analysis_prompt", "Analyse."},
            {"recording",
             {{"enabled", true},
              {"key", "2026/01/02/" + session + ".wav"},
              {"storage",
               {{"kind", "upload_url"},
                {"upload_url", url() + "/upload/x"},
                {"expires_at", "2099-01-01T00:00:00Z"}}}}}};
        for (auto const& [name, value] : extra_)
            body[name] = value;
        return cxb::wire::to_text(body);
    }

    mutable std::mutex mutex_;
    std::optional<std::pair<int, std::string>> refusal_;
    cxb::wire::json_object extra_;
    int configs_ = 0;
    int uploads_to_refuse_ = 0;
    std::vector<cxb::wire::json_object> results_;
    std::string uploaded_;
    cxb::net::http_server http_;
};

class core_test : public ::testing::Test {
  protected:
    void SetUp() override { loops_.start(); }
    void TearDown() override {
        core_.reset();
        loops_.stop();
    }

    // Starts cxb-core with that many workers; again: the next process on the same folders.
    void start(int workers, bool fast = true, std::string media = "simulated",
               std::map<std::string, std::string> more = {}) {
        std::string const bin = std::string(CXB_BINARY_DIR) + "/bin/cxb-core";
        auto const ready = dir_ / ("ready" + std::to_string(++starts_) + ".json");
        std::map<std::string, std::string> environment{
            {"CXBCORE_WORKERS", std::to_string(workers)},
            {"CXB_CORE_LISTEN", "127.0.0.1:0"},
            {"CXB_CORE_SOCKET", (dir_ / "w{id}.sock").string()},
            {"CXB_CORE_MEDIA", media},
            {"CXB_CORE_SIM_FAST", fast ? "true" : "false"},
            {"CXB_OUTBOX_DIR", (dir_ / "outbox").string()},
            {"CXB_CORE_RECORDINGS_DIR", (dir_ / "recordings").string()},
            {"CXB_API_CONFIG_URL", plane_.url() + "/api/v1/config"}};
        for (auto& [name, value] : more)
            environment[name] = value;
        core_.emplace(cxb::test::process_spec{"core" + std::to_string(starts_),
                                              {bin, "serve", "--ready-file", ready.string()},
                                              std::move(environment),
                                              dir_.path()});
        auto const told = core_->wait_ready(ready);
        ASSERT_TRUE(told) << core_->log_text();
        url_ = std::string(cxb::wire::text_at(*told, "url"));
    }

    cxb::wire::http_response ask(std::string method, std::string path, std::string body = {},
                                 cxb::wire::header_list headers = {
                                     {"X-CXBCore-Secret", "dev-secret"}}) {
        cxb::client::outgoing_request request;
        request.url = url_ + path;
        request.message.method = std::move(method);
        request.message.headers = std::move(headers);
        request.message.headers.set("Content-Type", "application/json");
        request.message.body = std::move(body);
        cxb::wire::http_response out;
        out.status = 0;
        loops_.run_and_wait([](cxb::client::transport& net, cxb::client::outgoing_request what,
                               cxb::wire::http_response& into) -> boost::asio::awaitable<void> {
            cxb::client::transport_options how;
            how.max_response_bytes = 16 * cxb::limits::mib;  // a recording
            auto given = co_await net.send(std::move(what), how);
            if (given) into = *std::move(given);
        }(*client_, std::move(request), out));
        return out;
    }
    cxb::wire::http_response attach(std::string const& session, std::string const& script) {
        cxb::wire::json_object body{
            {"room_name", "room-" + session},
            {"bot_id", "65f000000000000000000001"},
            {"to_number", "+919876543210"},
            {"connected_event", {{"_campaign_session_id", session}, {"sim_script", script}}}};
        return ask("POST", "/attach", cxb::wire::to_text(body));
    }
    std::string fleet() { return std::string(ask("GET", "/health/fleet").bytes()); }
    // Process of the worker that runs a call, or of the first one.
    int worker_pid(bool busy) {
        auto const workers = object_of(ask("GET", "/health/fleet")).at("workers").as_array();
        for (auto const& one : workers)
            if (!busy || cxb::wire::int_at(one.as_object(), "calls") == 1)
                return static_cast<int>(cxb::wire::int_at(one.as_object(), "pid"));
        return 0;
    }
    static cxb::wire::json_object object_of(cxb::wire::http_response const& from) {
        return cxb::wire::parse_json(from.bytes()).value().as_object();
    }

    cxb::test::scratch_dir dir_;
    cxb::net::event_loops loops_{1};
    control_plane plane_{loops_};
    std::unique_ptr<cxb::net::http_client> client_ = cxb::net::http_client::create().value();
    std::optional<cxb::test::child_process> core_;
    int starts_ = 0;
    std::string url_;
};

}  // namespace cxb_test
