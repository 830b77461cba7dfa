#include "server/api/api_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <condition_variable>
#include <cstdlib>
#include <functional>

#include "support/mongo_server.hpp"
#include "support/required.hpp"

namespace cxb::api::test {

namespace asio = boost::asio;

namespace {

answer to_answer(result<wire::http_response> const& got) {
    answer out;
    if (!got) {
        ADD_FAILURE() << got.error().to_log_text();
        return out;
    }
    out.status = got->status;
    out.headers = got->headers;
    out.body = std::string(got->bytes());
    if (auto const parsed = wire::parse_json(out.body)) out.json = *parsed;
    return out;
}

// "": embedded; `alone` or `replica_set`: MongoDB on the test server.
std::string wanted_store() {
    auto const* const named = std::getenv("CXB_TEST_API_STORE");
    return named == nullptr ? std::string() : named;
}

void choose_store(server::api_settings& settings) {
    auto const wanted = wanted_store();
    if (wanted.empty()) {
        settings.store.url = "sqlite:" + settings.data_dir + "/cxb.db";
        return;
    }
    auto const role =
        wanted == "alone" ? cxb::test::server_role::alone : cxb::test::server_role::replica_set;
    settings.store.url = cxb::test::mongo_url(cxb::test::mongo_server_port(role));
    settings.store.db = "cxb_api_" + std::to_string(std::hash<std::string>()(settings.data_dir));
}

/// Skips all tests of the program, visibly, when the store that is asked for cannot be had.
struct store_is_there final : ::testing::Environment {
    void SetUp() override {
        if (wanted_store().empty()) return;
        CXB_SKIP_IF_MISSING(cxb::test::missing_for_mongo_server());
    }
};
auto const* const environment = ::testing::AddGlobalTestEnvironment(new store_is_there);

}  // namespace

std::string answer::text(std::string_view path) const {
    return json.is_object() ? std::string(wire::text_at(json.as_object(), path)) : "";
}

wire::http_response json_reply(int status, std::string body) {
    wire::http_response out;
    out.status = status;
    out.headers.set("Content-Type", "application/json");
    out.body = std::move(body);
    return out;
}

peer::peer(reply_fn reply, net::server_options where) : reply_(std::move(reply)) {
    server_ = std::make_unique<net::http_server>(loops_, *this, std::move(where));
    EXPECT_TRUE(server_->start());
    loops_.start();
}

peer::~peer() {
    loops_.stop();
    server_.reset();
}

std::vector<wire::http_request> peer::requests() const {
    std::scoped_lock const lock(mutex_);
    return requests_;
}

asio::awaitable<worker::head_verdict> peer::accept_head(wire::http_request const&) {
    worker::head_verdict out;
    out.max_body = limits::results_body;
    co_return out;
}

asio::awaitable<wire::http_response> peer::handle(wire::http_request request) {
    int number = 0;
    {
        std::scoped_lock const lock(mutex_);
        requests_.push_back(request);
        number = static_cast<int>(requests_.size());
    }
    co_return reply_(request, number);
}

wire::http_response peer::refusal(int status) {
    return json_reply(status, "{}");
}

api_test::api_test() {
    settings.data_dir = scratch / "data";
    std::filesystem::create_directories(settings.data_dir);
    settings.core_secret.current = secret("dev-secret");
    settings.http.bind = "127.0.0.1";
    settings.http.threads = 2;
    choose_store(settings);
    settings.store.objects_url = "dir:" + settings.data_dir + "/objects";
    settings.jwt.algorithm = "HS256";
    settings.phone_region = "IN";
    settings.bootstrap = {admin_email, secret(admin_password), "Admin"};
    settings.jobs.poll = std::chrono::milliseconds{20};
    settings.log.level = server::log_level::off;
    settings.push_wait_scale = 0;
    settings.fleet.snapshot_max_age = std::chrono::milliseconds{0};
    client_ = net::http_client::create().value();
    loops_.start();
}

api_test::~api_test() {
    stop();
    loops_.stop();
}

void api_test::start() {
    app_ = std::make_unique<api_app>(settings, surroundings);
    auto const started = app_->start();
    ASSERT_TRUE(started) << started.error().to_log_text();
}

void api_test::stop() {
    if (app_) app_->stop();
    app_.reset();
}

void api_test::restart() {
    stop();
    start();
}

answer api_test::send_text(std::string method, std::string path, std::string body,
                           wire::header_list headers) {
    client::outgoing_request request{url() + path, {}};
    request.message.method = std::move(method);
    request.message.headers = std::move(headers);
    request.message.body = std::move(body);
    result<wire::http_response> got = error{errc::internal};
    client::transport_options how;
    how.max_response_bytes = 16 * limits::mib;
    how.total = std::chrono::milliseconds{60000};
    loops_.run_and_wait([](net::http_client& client, client::outgoing_request what,
                           client::transport_options options,
                           result<wire::http_response>& out) -> asio::awaitable<void> {
        out = co_await client.send(std::move(what), options);
    }(*client_, std::move(request), how, got));
    return to_answer(got);
}

answer api_test::send(std::string method, std::string path, json_value const& body,
                      wire::header_list headers) {
    if (!body.is_null()) headers.set("Content-Type", "application/json");
    return send_text(std::move(method), std::move(path),
                     body.is_null() ? std::string() : wire::to_text(body), std::move(headers));
}

std::string api_test::token() {
    if (token_.empty())
        token_ = send("POST", "/api/v1/auth/login",
                      json_object{{"email", admin_email}, {"password", admin_password}})
                     .text("access_token");
    return token_;
}

answer api_test::admin(std::string method, std::string path, json_value const& body,
                       wire::header_list headers) {
    headers.set("Authorization", "Bearer " + token());
    return send(std::move(method), std::move(path), body, std::move(headers));
}

answer api_test::core(std::string method, std::string path, json_value const& body) {
    return send(std::move(method), std::move(path), body, {{"X-CXB-Core-Secret", "dev-secret"}});
}

std::vector<answer> api_test::at_once(std::size_t count,
                                      std::function<client::outgoing_request(std::size_t)> make) {
    std::vector<answer> out(count);
    std::mutex mutex;
    std::condition_variable all_done;
    std::size_t open = count;
    auto one = [&](std::size_t index, client::outgoing_request request) -> asio::awaitable<void> {
        client::transport_options how;
        how.total = std::chrono::milliseconds{60000};
        auto const got = co_await client_->send(std::move(request), how);
        std::scoped_lock const lock(mutex);
        out[index] = to_answer(got);
        if (--open == 0) all_done.notify_one();
    };
    for (std::size_t i = 0; i < count; ++i)
        asio::co_spawn(loops_.executor(0), one(i, make(i)), asio::detached);
    std::unique_lock lock(mutex);
    all_done.wait(lock, [&] { return open == 0; });
    return out;
}

std::string api_test::make_bot(json_object extra) {
    json_object body{{"name", "Renewals"},
                     {"timezone", "Asia/Kolkata"},
                     {"system_prompt", "You are Asha, calling {{FIRSTNAME}}."},
                     {"opening_message", "Namaste {{FIRSTNAME}} ji"}};
    for (auto& [name, value] : extra)
        body[name] = value;
    auto const made = admin("POST", "/api/v1/bots", body);
    EXPECT_EQ(made.status, 201) << made.body;
    return made.text("id");
}

std::string api_test::make_key(json_object extra) {
    json_object body{{"name", "crm"}};
    for (auto& [name, value] : extra)
        body[name] = value;
    auto const made = admin("POST", "/api/v1/api-keys", body);
    EXPECT_EQ(made.status, 201) << made.body;
    return made.text("key");
}

answer api_test::config(std::string const& bot, std::string const& query) {
    return core("GET", "/api/v1/config/" + bot + (query.empty() ? "" : "?" + query));
}

}  // namespace cxb::api::test
