#pragma once
/// @file
/// A router in memory: a clock moved by hand, a gate that does what the test says, lines and
/// metrics kept for inspection.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "cxb/testing/fake_clock.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/router.hpp"
#include "store/run_awaitable.hpp"

namespace cxb::server {

/// Grants everything to `caller`, or refuses with `refusal`.
class scripted_gate final : public access_gate {
  public:
    principal caller;
    std::optional<error> refusal;
    bool throws = false;
    std::vector<std::string> asked;

    boost::asio::awaitable<result<principal>> authorise(route const& wanted,
                                                        wire::http_request const& head,
                                                        request_context const&) override {
        EXPECT_TRUE(head.body.empty());
        asked.emplace_back(wanted.pattern);
        if (throws) throw std::runtime_error("gate broke");
        if (refusal) co_return *refusal;
        co_return caller;
    }
};

class RouterTest : public ::testing::Test {
  protected:
    void build(std::span<route const> rows, router_options options = {}) {
        if (options.fallback_authority.empty()) options.fallback_authority = "127.0.0.1:8080";
        unit = std::make_unique<router>(
            std::move(options),
            router_parts{time, gate, log, metrics, services, limiter, idempotency},
            router::tables{rows});
    }

    static wire::http_request request(std::string method, std::string target) {
        wire::http_request out;
        out.method = std::move(method);
        auto const mark = target.find('?');
        out.path = target.substr(0, mark);
        if (mark != std::string::npos) out.query_text = target.substr(mark + 1);
        out.headers.add("Host", "api.example.com");
        out.remote_address = "203.0.113.9";
        return out;
    }
    static wire::http_request post(std::string target, std::string body,
                                   std::string type = "application/json") {
        auto out = request("POST", std::move(target));
        if (!type.empty()) out.headers.add("Content-Type", std::move(type));
        out.headers.add("Content-Length", std::to_string(body.size()));
        out.body = std::move(body);
        return out;
    }

    /// As the listener does it: the head is judged first, then the whole request handled.
    wire::http_response send(wire::http_request whole) {
        auto body = std::exchange(whole.body, {});
        verdict = test::run(unit->accept_head(whole));
        if (verdict.refuse) return *verdict.refuse;
        whole.body = std::move(body);
        whole.sink = verdict.sink;
        whole.context = verdict.context;
        verdict.context = nullptr;
        return test::run(unit->handle(std::move(whole)));
    }
    wire::http_response get(std::string target) { return send(request("GET", std::move(target))); }

    static wire::json_object json(wire::http_response const& from) {
        return wire::parse_json(from.bytes()).value().as_object();
    }
    static std::string code(wire::http_response const& from) {
        return std::string(wire::text_at(json(from), "code"));
    }

    testing::fake_clock time;
    scripted_gate gate;
    std::vector<std::string> lines;
    logger log{{.level = log_level::debug},
               [this](std::string_view line) { lines.emplace_back(line); },
               time};
    metrics_registry metrics;
    service_set services;
    rate_limiter* limiter = nullptr;
    idempotency_keeper* idempotency = nullptr;
    std::unique_ptr<router> unit;
    worker::head_verdict verdict;
};

/// Echoes what a handler sees.
inline handler_result echo(request_context& context) {
    wire::json_object out{{"path", context.request.path},
                          {"body", context.request.body},
                          {"actor", context.caller.actor()},
                          {"client", context.client_address},
                          {"origin", context.origin},
                          {"public_base", context.public_base},
                          {"internal_base", context.internal_base},
                          {"remaining_ms", context.remaining().count()}};
    for (auto const& [name, value] : context.params)
        out[std::string(name)] = wire::json_value(value);
    co_return json_response(200, out);
}

}  // namespace cxb::server
