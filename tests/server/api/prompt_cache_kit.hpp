#pragma once
// Google's `cachedContents` as the Gemini API and Vertex AI speak, and bots that use them.
#include <algorithm>
#include <condition_variable>

#include "cxb/testing/fake_clock.hpp"
#include "server/api/instances_fixture.hpp"
#include "server/api/store_beside.hpp"
#include "support/rsa_key.hpp"

namespace cxb::api::test {

/// Makes, names and deletes caches; holds creations back, or answers what it is told.
class fake_google {
  public:
    explicit fake_google(clock const& time) : time_(time) {}

    [[nodiscard]] std::string url() const { return host_.url(); }
    /// Of the creations alone.
    [[nodiscard]] std::vector<wire::http_request> creations() const {
        return of("POST", "/cachedContents");
    }
    [[nodiscard]] std::vector<wire::http_request> tokens() const { return of("POST", "/token"); }
    [[nodiscard]] std::vector<wire::http_request> deletions() const { return of("DELETE", ""); }
    [[nodiscard]] std::size_t count() const { return creations().size(); }

    /// From now on creations are answered so; status 200: a cache.
    void answer(int status, std::string body = {}, wire::header_list headers = {}) {
        std::scoped_lock const lock(mutex_);
        status_ = status;
        body_ = std::move(body);
        headers_ = std::move(headers);
    }
    void answer_deletions(int status) { deletion_status_ = status; }
    void answer_tokens(int status) { token_status_ = status; }
    /// As recorded of the Gemini API.
    void refuse(int status, std::string const& message, std::string const& word,
                wire::header_list headers = {}) {
        answer(status,
               wire::to_text(json_object{
                   {"error", {{"code", status}, {"message", message}, {"status", word}}}}),
               std::move(headers));
    }
    /// Answers of creations wait until `release`.
    void hold() {
        std::scoped_lock const lock(mutex_);
        held_ = true;
    }
    void release() {
        std::scoped_lock const lock(mutex_);
        held_ = false;
        released_.notify_all();
    }

  private:
    wire::http_response reply(wire::http_request const& request) {
        if (request.method == "DELETE") return json_reply(deletion_status_, "{}");
        if (request.path == "/token")
            return json_reply(token_status_, token_status_ == 200
                                                 ? R"({"access_token":"ya29.t","expires_in":3599,)"
                                                   R"("token_type":"Bearer"})"
                                                 : R"({"error":"invalid_grant",)"
                                                   R"("error_description":"Invalid JWT."})");
        std::unique_lock lock(mutex_);
        released_.wait(lock, [this] { return !held_; });
        if (status_ != 200 || !body_.empty()) {
            auto out = json_reply(status_, body_);
            for (auto const& [name, value] : headers_.items())
                out.headers.set(name, value);
            return out;
        }
        return json_reply(200, created(request));
    }
    std::string created(wire::http_request const& request) {
        auto const body = wire::parse_json(request.body).value().as_object();
        auto const ttl = std::stoll(std::string(wire::text_at(body, "ttl")));
        std::string const now = format_timestamp(time_.now());
        std::string parent = request.path.substr(request.path.find("/v1") + 1);
        parent = parent.starts_with("v1/") ? parent.substr(3) : "cachedContents";
        return wire::to_text(
            json_object{{"name", parent + "/c" + std::to_string(++made_)},
                        {"model", wire::text_at(body, "model")},
                        {"createTime", now},
                        {"updateTime", now},
                        {"expireTime", format_timestamp(time_.now() + seconds{ttl})},
                        {"displayName", wire::text_at(body, "displayName")},
                        {"usageMetadata", {{"totalTokenCount", 4096}}}});
    }
    [[nodiscard]] std::vector<wire::http_request> of(std::string_view method,
                                                     std::string_view ending) const {
        std::vector<wire::http_request> out;
        for (auto& one : host_.requests())
            if (one.method == method && one.path.ends_with(ending)) out.push_back(one);
        return out;
    }

    clock const& time_;
    std::mutex mutex_;
    std::condition_variable released_;
    bool held_ = false;
    int status_ = 200;
    std::string body_;
    wire::header_list headers_;
    int made_ = 0;
    std::atomic<int> deletion_status_{200};
    std::atomic<int> token_status_{200};
    peer host_{[this](wire::http_request const& request, int) { return reply(request); }};
};

/// Bots whose caches are tested; time stands but for what the requests take.
struct prompt_cache_test : api_test {
    testing::fake_clock clock{*parse_timestamp("2026-06-05T04:00:00Z")};
    fake_google google{clock};

    prompt_cache_test() { surroundings.time = &clock; }
    ~prompt_cache_test() override {
        google.release();
        stop();
    }
    // No rate limit is met, and no lease ends while a test looks.
    answer admin(std::string method, std::string path, json_value const& body = nullptr) {
        clock.advance(milliseconds{20});
        return api_test::admin(std::move(method), std::move(path), body);
    }
    void pass(std::chrono::nanoseconds time) {
        clock.advance(time);
        forget_token();
    }
    store_beside& beside() {
        if (!beside_) beside_.emplace(settings);
        return *beside_;
    }
    json_object llm(std::string const& provider = "google") {
        return {{"provider", provider},
                {"model", "gemini-2.5-flash"},
                {"api_key", "sk-key"},
                {"base_url", google.url()}};
    }
    json_object direct(json_object extra = {}) {
        json_object out{{"system_prompt", ""},
                        {"static_system_prompt", "You are Asha."},
                        {"dynamic_runtime_prompt", "Customer: {{NAME}}."},
                        {"llm", llm()},
                        {"live_prompt_cache", {{"enabled", true}}}};
        for (auto& [name, value] : extra)
            out[name] = value;
        return out;
    }
    std::string direct_bot(json_object extra = {}) {
        clock.advance(milliseconds{20});
        return make_bot(direct(std::move(extra)));
    }
    /// Id of a bot whose cache is ready.
    std::string cached_bot(json_object extra = {}) {
        auto id = direct_bot(std::move(extra));
        EXPECT_TRUE(comes_to(id, "ready"));
        return id;
    }
    static std::string at(std::string const& id) { return "/api/v1/bots/" + id; }
    answer act(std::string const& id, std::string const& step) {
        return admin("POST", at(id) + "/live-prompt-cache/" + step, json_object{});
    }
    answer change(std::string const& id, json_object sent) {
        return admin("PUT", at(id), std::move(sent));
    }
    /// As stored; reading it takes no time and meets no limit.
    json_object state(std::string const& id) {
        auto const bot = beside().find(model::bots, store::by_id(id));
        auto const* const found = bot ? bot->if_contains("live_prompt_cache_state") : nullptr;
        return found != nullptr && found->is_object() ? found->as_object() : json_object{};
    }
    json_value shown_state(std::string const& id) {
        return admin("GET", at(id)).json.at("live_prompt_cache_state");
    }
    std::string status(std::string const& id) {
        return std::string(wire::text_at(state(id), "status"));
    }
    // Showing the bot reads it anew, so that calls are told what is stored by now.
    bool comes_to(std::string const& id, std::string const& wanted) {
        return eventually([&] { return status(id) == wanted; }) && !shown_state(id).is_null();
    }
    /// What calls are told.
    std::string told(std::string const& id) {
        return config(id).text("prompt_parts.cached_content_name");
    }
    answer recreate(std::string const& id, std::string const& gone = {}) {
        json_object body{{"static_version", "10dffe6735a30912"}};
        if (!gone.empty()) body["cached_content_name"] = gone;
        return core("POST", at(id) + "/live-prompt-cache/recreate", body);
    }
    client::outgoing_request recreation(std::string const& base, std::string const& id,
                                        std::string const& gone = {}) {
        json_object body{{"static_version", "10dffe6735a30912"}};
        if (!gone.empty()) body["cached_content_name"] = gone;
        client::outgoing_request request{base + at(id) + "/live-prompt-cache/recreate", {}};
        request.message.method = "POST";
        request.message.headers = {{"X-CXB-Core-Secret", "dev-secret"},
                                   {"Content-Type", "application/json"}};
        request.message.body = wire::to_text(body);
        return request;
    }
    /// Rows of `live_prompt_cache_events` in order, `event` of each.
    std::vector<std::string> events(std::string const& bot = {}) {
        std::vector<std::string> out;
        for (auto const& row : event_rows(bot))
            out.emplace_back(wire::text_at(row, "event"));
        return out;
    }
    std::vector<json_object> event_rows(std::string const& bot = {}) {
        store::find_options options;
        options.sort = {{"at", false}};
        options.limit = 0;
        store::filter where;
        if (!bot.empty()) where = store::all_of({store::eq("bot_id", json_value(bot))});
        auto work = (*beside()).find(model::live_prompt_cache_events, where, options);
        auto found = beside().run(std::move(work)).value().items;
        // The clock stands, so several are of one moment.
        std::sort(found.begin(), found.end(), [](auto const& one, auto const& other) {
            auto const key = [](json_object const& row) {
                return std::pair(wire::text_at(row, "at"), wire::int_at(row, "state_rev"));
            };
            return key(one) < key(other);
        });
        return found;
    }
    /// State and last error of the jobs that refresh this bot's cache.
    std::vector<std::string> jobs_of(std::string const& bot) {
        std::vector<std::string> out;
        auto const page = admin("GET", "/api/v1/ops/jobs?kind=live_cache_refresh&limit=200");
        for (auto const& row : page.json.at("items").as_array())
            if (wire::text_at(row.as_object(), "bot_id") == bot)
                out.emplace_back(wire::text_at(row.as_object(), "state"));
        return out;
    }

  private:
    std::optional<store_beside> beside_;
};

}  // namespace cxb::api::test
