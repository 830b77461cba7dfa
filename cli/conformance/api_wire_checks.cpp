#include <algorithm>

#include "cli/conformance/api_check_functions.hpp"
#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"
#include "cxb/base/ids.hpp"
#include "cxb/contract/registry.hpp"
#include "cxb/wire/jws.hpp"

namespace cxb::cli::conformance::api {

namespace {

constexpr char const* webhook_target = "/api/v1/livekit/webhook";
constexpr char const* enqueue_target = "/api/v1/agent-desk/enqueue";
constexpr char const* results_target = "/api/v1/call-results";

// A webhook of an event that concerns no call.
struct signed_webhook {
    std::string body = R"({"event":"room_started","id":"conformance","room":{"name":"none"}})";
    std::chrono::seconds life{300};
    std::string token(api_kit const& kit) const {
        auto const now =
            std::chrono::duration_cast<std::chrono::seconds>(real_clock().now().time_since_epoch());
        wire::json_object const claims{{"iss", kit.options().livekit_key},
                                       {"nbf", (now - std::chrono::seconds{600}).count()},
                                       {"exp", (now + life).count()},
                                       {"sha256", to_base64(sha256(body))}};
        auto made =
            wire::jws_sign(wire::jws_algorithm::hs256, kit.options().livekit_secret, claims);
        return made ? *std::move(made) : std::string();
    }
};

answer post_webhook(api_kit& kit, std::string const& token, std::string const& body) {
    wire::header_list headers{{"Content-Type", "application/webhook+json"}};
    if (!token.empty()) headers.set("Authorization", token);
    return kit.send(as::nobody, "POST", webhook_target, body, std::move(headers));
}

outcome refused_webhook(api_kit& kit, std::string_view what, std::string const& token,
                        std::string const& body, std::string_view detail) {
    auto const got = post_webhook(kit, token, body);
    bool const good = got.status == 401 && got.text_at("detail") == detail;
    return expect(good, std::string(what) + ": expected 401 " + std::string(detail) + ", got " +
                            got.summary());
}

// The token's signature cut off and its header replaced.
std::string unsigned_token(std::string const& token) {
    auto const first = token.find('.');
    auto const last = token.rfind('.');
    return to_base64url(R"({"alg":"none","typ":"JWT"})") + token.substr(first, last - first) + ".";
}

outcome expect_problem(answer const& got, int status, std::string_view what) {
    auto const place = std::string(what) + ": ";
    CXB_CHECK(expect(got.status == status,
                     place + "expected " + std::to_string(status) + ", got " + got.summary()));
    CXB_CHECK(
        expect(to_lower(got.headers.get("Content-Type")).starts_with("application/problem+json"),
               place + "Content-Type is " + std::string(got.headers.get("Content-Type"))));
    CXB_CHECK(expect(!got.text_at("detail").empty(), place + "no detail in " + got.summary()));
    return expect(wire::int_at(got.object(), "status", status) == status,
                  place + "member status differs: " + got.summary());
}

std::string nested(int levels) {
    std::string body = R"({"session_id":"deep","ext":)";
    body.append(static_cast<std::size_t>(levels), '[');
    body.append(static_cast<std::size_t>(levels), ']');
    return body + "}";
}

std::string big_result(std::string const& session) {
    return R"({"session_id":")" + session + R"(","ext":")" + std::string(9 * limits::mib, 'x') +
           R"("})";
}

}  // namespace

outcome livekit_webhook(api_kit& kit) {
    signed_webhook const good;
    auto const bare = post_webhook(kit, {}, good.body);
    CXB_CHECK(expect_served(bare, webhook_target));
    if (bare.status == 503) return skips("LiveKit is not set up there (503)");
    CXB_CHECK(refused_webhook(kit, "no token", {}, good.body, "Missing auth"));
    if (!kit.missing(need::livekit).empty()) return skips(kit.missing(need::livekit));
    auto const token = good.token(kit);
    CXB_CHECK(expect_status(post_webhook(kit, token, good.body), {200}));
    CXB_CHECK(expect_status(post_webhook(kit, "Bearer " + token, good.body), {200}));
    constexpr std::string_view refusal = "Invalid signature";
    CXB_CHECK(refused_webhook(kit, "tampered body", token, good.body + " ", refusal));
    CXB_CHECK(refused_webhook(kit, "alg none", unsigned_token(token), good.body, refusal));
    signed_webhook old;
    old.life = std::chrono::seconds{-300};
    return refused_webhook(kit, "expired", old.token(kit), old.body, refusal);
}

outcome enqueue_twice(api_kit& kit) {
    auto const session = api_kit::new_session();
    wire::json_object const body{{"call_id", session},
                                 {"room", "conformance-room"},
                                 {"caller", wire::json_object{{"number", "+12025550123"}}},
                                 {"bot", wire::json_object{{"id", kit.bot()}}}};
    auto const first = kit.send(as::core, "POST", enqueue_target, body);
    CXB_CHECK(expect_served(first, enqueue_target));
    auto const second = kit.send(as::core, "POST", enqueue_target, body);
    (void)kit.send(as::core, "POST",
                   "/api/v1/agent-desk/calls/" + session + "/customer-disconnected",
                   wire::json_object{});
    CXB_CHECK(expect_status(first, {200}));
    CXB_CHECK(expect_status(second, {200}));
    CXB_CHECK(expect(!wire::bool_at(first.object(), "duplicate"), "the first says duplicate"));
    CXB_CHECK(expect(wire::bool_at(second.object(), "duplicate"),
                     "the second must say duplicate:true, got " + second.summary()));
    return expect(first.text_at("session_id") == second.text_at("session_id"),
                  "two entries: " + first.summary() + " and " + second.summary());
}

outcome problem_shapes(api_kit& kit) {
    CXB_CHECK(
        expect_problem(kit.send(as::core, "GET", "/api/v1/no-such-path"), 404, "unknown path"));
    auto const method = kit.send(as::core, "PUT", results_target, std::string("{}"));
    CXB_CHECK(expect_problem(method, 405, "PUT of call results"));
    CXB_CHECK(expect(method.headers.get("Allow").find("POST") != std::string_view::npos,
                     "405 without Allow: POST"));
    CXB_CHECK(expect_problem(
        kit.send(as::core, "POST", "/api/v1/cdr",
                 R"({"streamId":"x","note":")" + std::string(300 * limits::kib, 'x') + R"("})"),
        413, "CDR of 300 KiB"));
    CXB_CHECK(expect_problem(kit.send(as::core, "POST", results_target, big_result("big")), 413,
                             "result of 9 MiB"));
    CXB_CHECK(expect_problem(kit.send(as::core, "POST", results_target, std::string("{}"),
                                      {{"Content-Type", "text/plain"}}),
                             415, "result as text/plain"));
    CXB_CHECK(expect_problem(kit.send(as::core, "POST", results_target, std::string("{\"a\"")), 400,
                             "broken JSON"));
    CXB_CHECK(expect_problem(kit.send(as::core, "POST", results_target, nested(33)), 400,
                             "nesting of 33 levels"));
    auto const wrong = kit.send(
        as::core, "POST", results_target,
        std::string(R"({"session_id":5,"transcript":[{"role":"user","content":"a"},{"role":7,)"
                    R"("content":"b"}]})"));
    CXB_CHECK(expect_problem(wrong, 422, "two faults"));
    for (auto const* const pointer : {"/session_id", "/transcript/1/role"})
        CXB_CHECK(expect_pointer(wrong, pointer));
    return {};
}

outcome refusals_leave_nothing(api_kit& kit) {
    auto const session = api_kit::new_session();
    auto bad = kit.full_result(session);
    bad["call_duration_seconds"] = -5;
    auto const good = wire::to_text(kit.full_result(session));
    answer const refused[] = {
        kit.post_result(bad),
        kit.send(as::nobody, "POST", results_target, good),
        kit.send(as::core, "PUT", results_target, good),
        kit.send(as::core, "POST", results_target, good, {{"Content-Type", "text/plain"}}),
        kit.send(as::core, "POST", results_target, good + "x"),
        kit.send(as::core, "POST", results_target, big_result(session)),
        kit.fetch_config(session, {}, {}, new_hex24())};
    for (auto const& got : refused)
        CXB_CHECK(expect(got.status >= 400 && got.status < 500,
                         "expected a refusal, got " + got.summary()));
    auto const left = kit.send(as::admin, "GET", "/api/v1/calls/" + session);
    return expect(left.status == 404, "a refused request left the call " + left.summary());
}

outcome openapi_schemas(api_kit& kit) {
    auto const got = kit.send(as::nobody, "GET", "/openapi.json");
    CXB_CHECK(expect_status(got, {200}));
    auto const* const schemas = wire::find_path(got.object(), "components.schemas");
    auto const* const paths = got.object().if_contains("paths");
    CXB_CHECK(
        expect(schemas != nullptr && schemas->is_object() && paths != nullptr && paths->is_object(),
               "no components.schemas or no paths"));
    struct row {
        std::string_view path;
        std::vector<std::string_view> types;
    };
    std::vector<row> const rows = {
        {"/api/v1/config/{bot_id}", {"config_request", "runtime_config"}},
        {"/api/v1/call-results", {"call_results", "call_results_ack"}},
        {"/api/v1/cdr", {"cdr", "cdr_ack"}},
        {"/api/v1/sip/dialout", {"dialout_request", "call_accepted"}},
        {"/api/v1/sip/lookup", {"did_binding"}},
        {"/api/v1/sip/outbound-trunk", {"outbound_trunk"}},
        {"/api/v1/knowledge-bases/search", {"knowledge_query", "knowledge_hits"}}};
    for (auto const& [path, types] : rows) {
        if (!paths->get_object().contains(path)) {
            kit.note(std::string(path) + " is not served");
            continue;
        }
        for (auto const name : types) {
            auto const* const schema = schemas->get_object().if_contains(name);
            CXB_CHECK(expect(schema != nullptr && schema->is_object() &&
                                 (schema->get_object().contains("properties") ||
                                  schema->get_object().contains("type")),
                             "components.schemas lacks " + std::string(name)));
        }
    }
    return {};
}

}  // namespace cxb::cli::conformance::api
