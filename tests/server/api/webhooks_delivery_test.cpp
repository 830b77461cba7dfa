// Webhooks over days of fake time and over two processes: rotation, switching off, one delivery.
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <set>

#include "server/api/fake_names.hpp"
#include "server/api/instances_fixture.hpp"
#include "server/api/webhooks_fixture.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

struct WebhookDelivery : WebhookFixture {};

TEST_F(WebhookDelivery, RetriesSendTheSameBytesSignedAnew) {
    status = 503;
    auto const made = make_endpoint({"call.completed"});
    auto const id = made.text("id");
    auto const session = finished_call(make_bot());
    ASSERT_TRUE(attempted(id, 1));
    // What changes meanwhile is another fact; this one is sent as it was.
    EXPECT_EQ(admin("PATCH", path_of(id), json_object{{"url", receiver.url() + "/new"}}).status,
              200);
    clock.advance(36s);  // 30 s x 1.2 at most
    ASSERT_TRUE(attempted(id, 2));
    status = 200;
    clock.advance(72s);
    ASSERT_TRUE(attempted(id, 3));
    auto const got = receiver.requests();
    ASSERT_EQ(got.size(), 3U);
    std::set<std::string> signatures;
    for (auto const& one : got) {
        EXPECT_EQ(one.path, "/hook");
        EXPECT_EQ(one.body, got[0].body);
        EXPECT_EQ(one.headers.get("webhook-id"), got[0].headers.get("webhook-id"));
        EXPECT_TRUE(verified(one, made.text("secret")));
        signatures.emplace(one.headers.get("webhook-signature"));
    }
    EXPECT_EQ(signatures.size(), 3U);
    auto const job = deliveries(id, "?state=done").at(0);
    EXPECT_EQ(job.at("history").as_array().size(), 3U);
    EXPECT_EQ(job.at("history").at(0).at("status").to_number<int>(), 503);
    EXPECT_EQ(job.at("max_attempts").to_number<int>(), 10);
    EXPECT_FALSE(job.at("frozen_request").as_object().contains("body"));
    EXPECT_TRUE(deliveries(id, "?state=dead").as_array().empty());
}

TEST_F(WebhookDelivery, ARotatedSecretSignsAlongForADay) {  // 21-42
    auto const made = make_endpoint({"call.completed"});
    auto const old = made.text("secret");
    clock.advance(1h);
    auto const rotated = admin("POST", path_of(made.text("id"), "/rotate-secret"));
    ASSERT_EQ(rotated.status, 200) << rotated.body;
    auto const fresh = rotated.text("secret");
    EXPECT_NE(fresh, old);
    EXPECT_EQ(shown(made.text("id")).text("signing_old_until"),
              format_timestamp(clock.now() + 24h));
    auto const bot = make_bot();
    std::size_t sent = 0;
    auto const next = [&] {
        finished_call(bot);
        // Received is not yet noted; a clock that leaps before it is ends the sender's lease.
        EXPECT_TRUE(ended(made.text("id"), ++sent));
        EXPECT_EQ(receiver.count(), sent);
        return receiver.requests().back();
    };
    auto const both = next();
    EXPECT_TRUE(verified(both, old));
    EXPECT_TRUE(verified(both, fresh));
    clock.advance(24h - 1min);
    forget_token();
    auto const still = next();
    EXPECT_TRUE(verified(still, old));
    clock.advance(2min);
    auto const later = next();
    EXPECT_FALSE(verified(later, old));
    EXPECT_TRUE(verified(later, fresh));
    EXPECT_EQ(later.headers.get("webhook-signature").find(' '), std::string_view::npos);
    auto const audit = rows("select doc from audit_log");
    EXPECT_NE(audit.find("webhook_endpoint.rotate_secret"), std::string::npos);
    EXPECT_EQ(audit.find("whsec_"), std::string::npos);
}

TEST_F(WebhookDelivery, GoneSwitchesTheEndpointOff) {  // 21-42
    status = 410;
    auto const id = make_endpoint({"call.completed"}).text("id");
    auto const bot = make_bot();
    finished_call(bot);
    ASSERT_TRUE(ended(id, 1));
    EXPECT_FALSE(shown(id).json.at("is_active").as_bool());
    EXPECT_EQ(shown(id).text("disabled_reason"), "the endpoint answered 410");
    EXPECT_EQ(rows("select json_extract(doc,'$.actor.type'), json_extract(doc,'$.target.id') from "
                   "audit_log where json_extract(doc,'$.action')='webhook_endpoint.deactivate'"),
              "system|" + id + "\n");
    EXPECT_EQ(deliveries(id).at(0).at("state").as_string(), "dead");
    finished_call(bot);
    EXPECT_EQ(deliveries(id).as_array().size(), 1U);
    // Switched on again it is told of what comes, and nothing is left of its failure.
    status = 200;
    auto const on = admin("PATCH", path_of(id), json_object{{"is_active", true}});
    EXPECT_FALSE(on.json.as_object().contains("disabled_reason"));
    EXPECT_FALSE(on.json.as_object().contains("failing_since"));
    finished_call(bot);
    EXPECT_TRUE(eventually([&] { return receiver.count() == 2; }));
}

TEST_F(WebhookDelivery, FiveDaysOfOnlyFailuresSwitchItOff) {
    status = 400;
    auto const id = make_endpoint({"call.completed"}).text("id");
    auto const bot = make_bot();
    std::size_t sent = 0;
    auto const deliver = [&] {
        forget_token();
        finished_call(bot);
        ++sent;
        EXPECT_TRUE(ended(id, sent));
        return shown(id);
    };
    auto const first = deliver();
    EXPECT_EQ(first.text("failing_since"), format_timestamp(clock.now()));
    clock.advance(4 * 24h);
    EXPECT_TRUE(deliver().json.at("is_active").as_bool());
    // One success, and the days are counted from the next failure on.
    status = 200;
    EXPECT_FALSE(deliver().json.as_object().contains("failing_since"));
    clock.advance(2 * 24h);
    status = 400;
    EXPECT_TRUE(deliver().json.at("is_active").as_bool());
    clock.advance(5 * 24h - 1min);
    EXPECT_TRUE(deliver().json.at("is_active").as_bool());
    clock.advance(1min);
    auto const off = deliver();
    EXPECT_FALSE(off.json.at("is_active").as_bool());
    EXPECT_EQ(off.text("disabled_reason"), "only failures for 5 days");
    EXPECT_EQ(rows("select count(*) from audit_log where "
                   "json_extract(doc,'$.action')='webhook_endpoint.deactivate'"),
              "1\n");
}

TEST_F(WebhookDelivery, WhatWaitsForAnEndpointThatEndedIsNotSent) {
    status = 503;
    auto const off = make_endpoint({"call.completed"}).text("id");
    auto const gone = make_endpoint({"call.completed"}).text("id");
    finished_call(make_bot());
    ASSERT_TRUE(attempted(off, 1) && attempted(gone, 1));
    ASSERT_EQ(receiver.count(), 2U);
    EXPECT_EQ(admin("PATCH", path_of(off), json_object{{"is_active", false}}).status, 200);
    EXPECT_EQ(admin("DELETE", path_of(gone)).status, 200);
    clock.advance(36s);
    auto const errors = [&] {
        return rows(
            "select json_extract(doc,'$.last_error') from jobs where "
            "json_extract(doc,'$.state')='dead' order by 1");
    };
    EXPECT_TRUE(eventually([&] { return errors() == "endpoint_gone\nendpoint_inactive\n"; }))
        << errors();
    EXPECT_EQ(receiver.count(), 2U);
}

TEST_F(WebhookDelivery, WhatWasAcknowledgedIsToldAfterARestart) {
    settings.jobs.workers = 0;
    restart();
    auto const made = make_endpoint({"call.started", "call.completed"});
    finished_call(make_bot());
    EXPECT_EQ(receiver.count(), 0U);
    settings.jobs.workers = 4;
    restart();
    EXPECT_TRUE(eventually([&] { return receiver.count() == 2; }));
    for (auto const& request : receiver.requests())
        EXPECT_TRUE(verified(request, made.text("secret")));
}

// Names of a production set-up resolve to what the test says; `receiver` must never be reached.
struct WebhooksInProduction : WebhookFixture {
    std::shared_ptr<fake_names> names = std::make_shared<fake_names>();

    void SetUp() override {
        settings.env = server::installation::production;
        settings.jwt.current = secret("a-jwt-secret-of-more-than-32-bytes!!");
        names->known = {{"inside.example", {"127.0.0.1"}}, {"meta.example", {"169.254.169.254"}}};
        surroundings.names = names;
        WebhookFixture::SetUp();
    }
};

TEST_F(WebhooksInProduction, APrivateTargetIsNeverReached) {
    auto const port = receiver.url().substr(receiver.url().rfind(':'));
    for (auto const& literal : {"https://127.0.0.1" + port, std::string("https://10.1.2.3/"),
                                std::string("http://crm.example/"), "https://[::1]" + port})
        EXPECT_EQ(admin("POST", endpoints_path, json_object{{"url", literal}}).status, 422)
            << literal;
    for (auto const& name :
         {"https://inside.example" + port, std::string("https://meta.example")}) {
        auto const made = admin("POST", endpoints_path,
                                json_object{{"url", name}, {"types", {"call.completed"}}});
        ASSERT_EQ(made.status, 201) << made.body;
        auto const probe = admin("POST", path_of(made.text("id"), "/test"));
        EXPECT_EQ(probe.json.at("status").to_number<int>(), 0);
        EXPECT_EQ(probe.text("error"), "blocked") << name;
    }
    EXPECT_EQ(post_result({{"session_id", "s-1"}, {"disconnected_by", "customer"}}).status, 200);
    auto const dead = [&] {
        return rows(
            "select json_extract(doc,'$.last_error') from jobs where "
            "json_extract(doc,'$.state')='dead'");
    };
    EXPECT_TRUE(eventually([&] { return dead() == "blocked\nblocked\n"; })) << dead();
    EXPECT_EQ(receiver.connections(), 0U);
}

struct WebhooksOfInstances : Instances {};

// 21-42: both take jobs of one store, and every one is delivered by one of them.
TEST_F(WebhooksOfInstances, TwoProcessesShareTheJobs) {
    peer receiver([](wire::http_request const&, int) { return json_reply(200, "{}"); });
    ASSERT_NO_FATAL_FAILURE(start_alone());
    auto const made = a.admin("POST", endpoints_path,
                              json_object{{"url", receiver.url()}, {"types", {"call.completed"}}});
    ASSERT_EQ(made.status, 201) << made.body;
    // The other learns of the endpoint by its poll; until then its results tell nobody.
    int tried = 0;
    ASSERT_TRUE(eventually([&] {
        b.post_result(
            {{"session_id", "first-" + std::to_string(++tried)}, {"disconnected_by", "customer"}});
        return eventually([&] { return receiver.count() > 0; }, 200ms);
    }));
    constexpr std::size_t calls = 120;
    auto const got = a.at_once(calls, [&](std::size_t i) {
        auto& to = i % 2 == 0 ? a : b;
        client::outgoing_request request{to.url() + "/api/v1/call-results", {}};
        request.message.method = "POST";
        request.message.headers = {{"X-CXB-Core-Secret", "dev-secret"},
                                   {"Content-Type", "application/json"}};
        request.message.body = wire::to_text(json_object{
            {"session_id", "call-" + std::to_string(i)}, {"disconnected_by", "customer"}});
        return request;
    });
    for (auto const& one : got)
        EXPECT_EQ(one.status, 200) << one.body;
    // Asking this often may meet the rate limit; that answer only means: ask again.
    auto const none = [&](char const* state) {
        auto const path = endpoints_path + ("/" + made.text("id")) + "/deliveries?state=" + state;
        auto const list = a.admin("GET", path);
        return list.status == 200 && list.json.at("total").to_number<int>() == 0;
    };
    ASSERT_TRUE(eventually([&] { return none("queued") && none("running"); }));
    std::map<std::string, int> times;
    for (auto const& request : receiver.requests())
        ++times[std::string(wire::text_at(read_event(request).data, "session_id"))];
    std::size_t of_the_storm = 0;
    for (auto const& [session, count] : times) {
        EXPECT_EQ(count, 1) << session;
        of_the_storm += session.rfind("call-", 0) == 0 ? 1 : 0;
    }
    EXPECT_EQ(of_the_storm, calls);
}

// Answers the first request when it is told to, and with a refusal; all others at once.
class slow_once final : public worker::http_handler {
  public:
    slow_once() {
        server_ = std::make_unique<net::http_server>(loops_, *this, net::server_options{});
        EXPECT_TRUE(server_->start());
        loops_.start();
    }
    ~slow_once() override {
        released = true;
        loops_.stop();
        server_.reset();
    }
    std::string url() const { return server_->url(); }
    std::vector<std::string> ids() const {
        std::scoped_lock const lock(mutex_);
        return ids_;
    }
    std::atomic<bool> released{false};

    asio::awaitable<worker::head_verdict> accept_head(wire::http_request const&) override {
        worker::head_verdict out;
        out.max_body = limits::default_body;
        co_return out;
    }
    asio::awaitable<wire::http_response> handle(wire::http_request request) override {
        bool first = false;
        {
            std::scoped_lock const lock(mutex_);
            ids_.emplace_back(request.headers.get("webhook-id"));
            first = ids_.size() == 1;
        }
        if (!first) co_return json_reply(200, "{}");
        asio::steady_timer timer(co_await asio::this_coro::executor);
        while (!released) {
            timer.expires_after(1ms);
            co_await timer.async_wait(asio::use_awaitable);
        }
        co_return json_reply(400, "{}");
    }
    wire::http_response refusal(int status) override { return json_reply(status, "{}"); }

  private:
    mutable std::mutex mutex_;
    std::vector<std::string> ids_;
    net::event_loops loops_{1};
    std::unique_ptr<net::http_server> server_;
};

// 21-42: a process that stood still for longer than its lease finds the job with another holder,
// and what it has to say about it changes nothing.
TEST_F(WebhooksOfInstances, OneThatWakesAfterItsLeaseCannotFinishTheJob) {
    testing::fake_clock later{std::chrono::floor<milliseconds>(std::chrono::system_clock::now()) +
                              10min};
    slow_once receiver;
    b.settings.jobs.workers = 0;
    b.surroundings.time = &later;
    ASSERT_NO_FATAL_FAILURE(start_alone());
    auto const made = a.admin("POST", endpoints_path,
                              json_object{{"url", receiver.url()}, {"types", {"call.completed"}}});
    EXPECT_EQ(a.post_result({{"session_id", "s-1"}, {"disconnected_by", "customer"}}).status, 200);
    ASSERT_TRUE(eventually([&] { return receiver.ids().size() == 1; }));
    b.stop();
    b.settings.jobs.workers = 4;
    ASSERT_NO_FATAL_FAILURE(b.start());
    auto const path = endpoints_path + ("/" + made.text("id"));
    ASSERT_TRUE(eventually([&] {
        auto const done = a.admin("GET", path + "/deliveries?state=done");
        return done.status == 200 && done.json.at("total").to_number<int>() == 1;
    }));
    b.stop();  // by its clock every lease of the first has ended
    receiver.released = true;
    EXPECT_EQ(a.post_result({{"session_id", "s-2"}, {"disconnected_by", "customer"}}).status, 200);
    ASSERT_TRUE(eventually([&] { return receiver.ids().size() == 3; }));
    a.stop();  // waits for what it runs
    ASSERT_NO_FATAL_FAILURE(a.start());
    auto const all = a.admin("GET", path + "/deliveries").json.at("items").as_array();
    ASSERT_EQ(all.size(), 2U);
    auto const row = all.at(1).as_object();
    EXPECT_EQ(wire::text_at(row, "session_id"), "s-1");
    EXPECT_EQ(wire::text_at(row, "state"), "done");
    EXPECT_EQ(wire::int_at(row, "fence"), 2);
    for (auto const& attempt : row.at("history").as_array())
        EXPECT_NE(attempt.at("status").to_number<int>(), 400);
    auto const ids = receiver.ids();
    EXPECT_EQ(ids[0], ids[1]) << "the receiver can tell the repeat";
    EXPECT_NE(ids[0], ids[2]);
    EXPECT_FALSE(a.admin("GET", path).json.as_object().contains("failing_since"));
}

}  // namespace
}  // namespace cxb::api::test
