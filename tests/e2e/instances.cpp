#include "e2e/instances.hpp"

#include <csignal>
#include <cstdlib>

#include "cxb/base/ids.hpp"
#include "support/mongo_server.hpp"
#include "support/required.hpp"

namespace cxb::e2e {
namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";
constexpr std::string_view mongo_scheme = "mongodb://";

wire::http_response json_answer(int status, std::string body) {
    wire::http_response out;
    out.status = status;
    out.headers.set("Content-Type", "application/json");
    out.body = std::move(body);
    return out;
}

}  // namespace

dial_host::dial_host() {
    server_ = std::make_unique<net::http_server>(loops_, *this, net::server_options{});
    EXPECT_TRUE(server_->start());
    loops_.start();
}

dial_host::~dial_host() {
    loops_.stop();
    server_.reset();
}

std::vector<seen_dial> dial_host::dials() const {
    std::scoped_lock const lock(mutex_);
    return dials_;
}

boost::asio::awaitable<worker::head_verdict> dial_host::accept_head(wire::http_request const&) {
    co_return worker::head_verdict{};
}

boost::asio::awaitable<wire::http_response> dial_host::handle(wire::http_request request) {
    if (request.path == "/health/fleet")
        co_return json_answer(200, R"({"status":"ok","fleet_calls":0,"fleet_max":90,)"
                                   R"("fleet_available":90,"workers":[]})");
    auto const body = parsed_object(request.body);
    auto const* event = body.if_contains("connected_event");
    seen_dial seen;
    seen.dial_id = wire::text_at(body, "dial_id");
    if (event != nullptr && event->is_object()) {
        seen.order = wire::text_at(event->as_object(), "order");
        seen.session_id = wire::text_at(event->as_object(), "_campaign_session_id");
    }
    std::scoped_lock const lock(mutex_);
    dials_.push_back(std::move(seen));
    co_return json_answer(200, R"({"status":"accepted","call_id":"c","room_name":"r"})");
}

wire::http_response dial_host::refusal(int status) {
    return json_answer(status, "{}");
}

wire::json_array attempt_facts(crm_server const& crm) {
    wire::json_array out;
    for (auto const& each : crm.attempts())
        out.push_back(wire::json_object{{"webhook_id", each.webhook_id},
                                        {"call_id", each.call_id},
                                        {"status", each.status},
                                        {"verified", each.verified},
                                        {"fields", each.fields}});
    return out;
}

wire::json_array dial_facts(dial_host const& host) {
    wire::json_array out;
    for (auto const& each : host.dials())
        out.push_back(wire::json_object{
            {"order", each.order}, {"session", each.session_id}, {"dial_id", each.dial_id}});
    return out;
}

void instances::choose_store() {
    char const* const given = std::getenv("CXB_TEST_STORE_URL");  // NOLINT(concurrency-mt-unsafe)
    std::string const wanted = given == nullptr ? "" : given;
    bool const alone = wanted == "alone";
    if (wanted.empty()) {
        store_url_ = std::string(sqlite_scheme) + (scratch / "shared.db").string();
    } else if (alone || wanted == "replica_set") {
        CXB_SKIP_IF_MISSING(test::missing_for_mongo_server());
        store_url_ = test::mongo_url(test::mongo_server_port(
            alone ? test::server_role::alone : test::server_role::replica_set));
        database_ = "cxb_" + new_uuid7();
    } else {
        store_url_ = wanted;
    }
}

std::string instances::readable_store() const {
    if (store_url_.starts_with(sqlite_scheme)) return store_url_.substr(sqlite_scheme.size());
    if (database_ == "cxb") return {};
    return store_url_.substr(0, store_url_.find('/', mongo_scheme.size())) + "/" + database_;
}

std::filesystem::path instances::ready_file(std::size_t index) const {
    return scratch / ("instance-" + std::to_string(index) + ".ready");
}

std::string instances::url(std::size_t index) const {
    return "http://127.0.0.1:" + std::to_string(members_[index].port.number());
}

void instances::start_all() {
    choose_store();
    if (IsSkipped()) return;
    redis = std::make_unique<test::redis_server>();
    host = std::make_unique<dial_host>();
    jwt_secret = "jwt-" + new_uuid7();
    forbid(jwt_secret);
    for (std::size_t i = 0; i < count; ++i)
        launch(i);
    for (std::size_t i = 0; i < count; ++i)
        wait_for(i);
    api_url = url(0);
}

void instances::launch(std::size_t index) {
    auto& one = members_[index];
    auto const name = "instance-" + std::to_string(index);
    std::filesystem::remove(ready_file(index));
    one.port.release();
    one.process =
        launch_instance(name + "-" + std::to_string(++one.starts), ready_file(index),
                        {{"CXB_HTTP_PORT", std::to_string(one.port.number())},
                         {"CXB_DATA_DIR", (scratch / name).string()},
                         {"CXB_STORE_URL", store_url_},
                         {"CXB_STORE_DB", database_},
                         {"CXB_OBJECTS_URL", "dir:" + (scratch / "objects").string()},
                         {"CXB_REDIS_URL", redis->unix_url()},
                         {"CXB_JWT_SECRET", jwt_secret},
                         {"CXB_HTTP_REQUEST_TIMEOUT_SECONDS", "10"},
                         {"CXB_FLEET_RESERVATION_SECONDS", std::to_string(reservation_seconds)},
                         {"CXB_LOOPS_LEASE_SECONDS", std::to_string(lease_seconds)},
                         {"CXB_JOBS_LEASE_SECONDS", std::to_string(lease_seconds)}});
}

void instances::wait_for(std::size_t index) {
    ASSERT_TRUE(members_[index].process->wait_ready(ready_file(index), std::chrono::seconds{60}));
}

void instances::kill(std::size_t index) {
    auto& one = members_[index];
    one.process->signal(SIGKILL);
    EXPECT_EQ(one.process->wait_exit(), 128 + SIGKILL);
    one.port.hold();
}

void instances::pause(std::size_t index) {
    members_[index].process->signal(SIGSTOP);
}

void instances::go_on(std::size_t index) {
    members_[index].process->signal(SIGCONT);
}

answer instances::caller::insist(std::string const& method, std::string const& path,
                                 wire::header_list headers, std::string const& body, int tries) {
    answer got;
    for (int i = 0; i < tries; ++i) {
        got = http_.call(method, all_.url(next_++ % count) + path, headers, body);
        if (got.status != 0 && got.status < 500) break;
        test::short_pause();
    }
    return got;
}

}  // namespace cxb::e2e
