#include "e2e/crm_server.hpp"

#include <gtest/gtest.h>

#include <array>

#include "cxb/contract/webhook/signature.hpp"

namespace cxb::e2e {

namespace {

wire::http_response json_answer(int status, std::string body) {
    wire::http_response out;
    out.status = status;
    out.headers.set("Content-Type", "application/json");
    out.body = std::move(body);
    return out;
}

boost::asio::awaitable<void> close_of(net::http_server& server) {
    (void)co_await server.drain(std::chrono::milliseconds{500});
}

}  // namespace

crm_server::crm_server() {
    come_back();
}

crm_server::~crm_server() {
    go_away();
}

void crm_server::go_away() {
    if (!server_) return;
    // While the loop runs: it is the one to close the sockets.
    loops_->run_and_wait(close_of(*server_));
    loops_->stop();
    server_.reset();
    loops_.reset();
    port_.hold();
}

void crm_server::come_back() {
    loops_ = std::make_unique<net::event_loops>(1);
    net::server_options options;
    options.port = port_.number();
    port_.release();
    server_ = std::make_unique<net::http_server>(*loops_, *this, options);
    auto const started = server_->start();
    loops_->start();
    ASSERT_TRUE(started) << started.error().detail();
}

void crm_server::answer_with(int status, std::size_t each) {
    std::scoped_lock const lock(mutex_);
    status_ = status;
    each_ = each;
}

void crm_server::use_secret(secret value) {
    std::scoped_lock const lock(mutex_);
    secret_ = std::move(value);
}

void crm_server::believe_timestamps() {
    std::scoped_lock const lock(mutex_);
    believes_ = true;
}

std::string crm_server::url() const {
    return "http://127.0.0.1:" + std::to_string(port_.number());
}

std::vector<push_attempt> crm_server::attempts() const {
    std::scoped_lock const lock(mutex_);
    return attempts_;
}

std::map<std::string, std::map<std::string, int>> crm_server::accepted() const {
    std::map<std::string, std::map<std::string, int>> out;
    for (auto const& attempt : attempts())
        if (attempt.status == 200) ++out[attempt.call_id][attempt.webhook_id];
    return out;
}

boost::asio::awaitable<worker::head_verdict> crm_server::accept_head(
    wire::http_request const& /*request*/) {
    co_return worker::head_verdict{};
}

boost::asio::awaitable<wire::http_response> crm_server::handle(wire::http_request request) {
    if (request.method == "POST" && request.path == "/calls") co_return take_push(request);
    if (request.method == "GET" && request.path.starts_with("/customers/"))
        co_return json_answer(200, R"({"customer":{"FIRSTNAME":"Ravi","policy":"P-77",)"
                                   R"("AMOUNT_DUE":"7391846","city":"Quartzgarh"}})");
    co_return json_answer(404, "{}");
}

wire::http_response crm_server::refusal(int status) {
    return json_answer(status, "{}");
}

wire::http_response crm_server::take_push(wire::http_request const& request) {
    std::scoped_lock const lock(mutex_);
    push_attempt attempt;
    attempt.webhook_id = std::string(request.headers.get("webhook-id"));
    if (auto const json = wire::parse_json(request.body); json && json->is_object())
        attempt.fields = json->as_object();
    attempt.call_id = std::string(wire::text_at(attempt.fields, "call_id"));
    std::array const secrets{secret_};
    auto at = real_clock().now();
    if (believes_)
        at = time_point{seconds{std::stoll(std::string(request.headers.get("webhook-timestamp")))}};
    attempt.verified =
        !secret_.empty() &&
        contract::webhook::verify(request.headers, request.body, secrets, at).has_value();
    attempt.status = attempts_.size() % each_ == 0 ? status_ : 200;
    attempts_.push_back(attempt);
    return json_answer(attempt.status, "{}");
}

}  // namespace cxb::e2e
