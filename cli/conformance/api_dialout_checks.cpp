#include "cli/conformance/api_check_functions.hpp"
#include "cxb/base/encoding.hpp"
#include "cxb/base/ids.hpp"

namespace cxb::cli::conformance::api {

namespace {

constexpr char const* dialout_target = "/api/v1/sip/dialout";
// A number of a range kept for fiction: should a host ring it after all, nobody answers.
constexpr char const* number = "+12025550123";

outcome expect_refusal(answer const& got, int status, std::string_view text) {
    CXB_CHECK(expect_status(got, {status}));
    return expect_text(got.object(), "detail", text);
}

answer with_key(api_kit& kit, std::string const& key) {
    return kit.send(as::nobody, "POST", dialout_target, wire::json_object{},
                    key.empty() ? wire::header_list{} : wire::header_list{{"X-API-Key", key}});
}

struct made_key {
    std::string text;
    std::string target;
};

result<made_key> make_key(api_kit& kit, wire::json_object changes) {
    wire::json_object body{{"name", "conformance " + new_uuid7()},
                           {"scopes", wire::json_array{"dialout"}}};
    for (auto const& [name, value] : changes)
        body[name] = value;
    auto const got = kit.send(as::admin, "POST", "/api/v1/api-keys", body);
    CXB_CHECK(expect_served(got, "/api/v1/api-keys"));
    CXB_CHECK(expect_status(got, {201, 200}));
    return made_key{got.text_at("key"), "/api/v1/api-keys/" + percent_encode(got.text_at("id"))};
}

outcome inactive_key(api_kit& kit) {
    CXB_TRY(auto const key, make_key(kit, {}));
    auto const changed =
        kit.send(as::admin, "PATCH", key.target, wire::json_object{{"is_active", false}});
    auto const got = with_key(kit, key.text);
    (void)kit.send(as::admin, "DELETE", key.target);
    CXB_CHECK(expect_status(changed, {200}));
    return expect_refusal(got, 403, "API key is inactive");
}

outcome expired_key(api_kit& kit) {
    auto const past = format_timestamp(real_clock().now() - std::chrono::hours{1});
    auto key = make_key(kit, {{"expires_at", past}});
    if (!key) {
        kit.note("an expired key was not tried: this API makes none");
        return {};
    }
    auto const got = with_key(kit, key->text);
    (void)kit.send(as::admin, "DELETE", key->target);
    return expect_refusal(got, 403, "API key has expired");
}

wire::json_object order(api_kit const& kit) {
    return {{"bot_id", kit.bot()}, {"to_number", number}};
}

// Does the API list no host at all now? Only then a dialout is safe from ringing somebody.
bool fleet_is_empty(api_kit& kit) {
    auto const got = kit.send(as::admin, "GET", "/api/v1/fleet/status");
    if (got.status != 200) return false;
    for (auto const* const member : {"workers", "hosts"})
        if (auto const* list = got.object().if_contains(member))
            return list->is_array() && list->get_array().empty();
    return false;
}

outcome no_fleet(api_kit& kit) {
    if (!kit.missing(need::fleet).empty()) {
        kit.note("an empty fleet was not tried: " + kit.missing(need::fleet));
        return {};
    }
    CXB_CHECK(kit.empty_fleet());
    if (!fleet_is_empty(kit)) {
        kit.note("an empty fleet was not tried: the API has hosts from elsewhere");
        return {};
    }
    return expect_refusal(kit.send(as::key, "POST", dialout_target, order(kit)), 503,
                          "No fleet servers configured");
}

// The one order that the kit's host got for a dialout, or a fault.
result<wire::json_object> passed_on(api_kit& kit, std::size_t before, answer const& got) {
    CXB_CHECK(expect_status(got, {200}));
    CXB_CHECK(expect_text(got.object(), "status", "accepted"));
    auto const orders = kit.host().dialouts();
    CXB_CHECK(expect(orders.size() == before + 1,
                     "the host got " + std::to_string(orders.size() - before) + " orders"));
    return orders.back();
}

}  // namespace

outcome key_states(api_kit& kit) {
    auto const nobody = with_key(kit, {});
    CXB_CHECK(expect_served(nobody, dialout_target));
    CXB_CHECK(expect_refusal(nobody, 401, "Missing credentials"));
    CXB_CHECK(expect_refusal(with_key(kit, "vx_conformance-unknown-key-0000000"), 401,
                             "Invalid API key"));
    CXB_CHECK(inactive_key(kit));
    return expired_key(kit);
}

outcome dialout_refusals(api_kit& kit) {
    CXB_CHECK(kit.dialout_key());
    auto both = order(kit);
    both["variables"] = wire::json_object{{"CUSTOMER", "Ravi"}};
    both["connected_event"] = wire::json_object{{"CUSTOMER", "Ravi"}};
    auto const got = kit.send(as::key, "POST", dialout_target, both);
    CXB_CHECK(expect_served(got, dialout_target));
    CXB_CHECK(expect_status(got, {422}));
    for (auto const* const pointer : {"/variables", "/connected_event"})
        CXB_CHECK(expect_pointer(got, pointer));
    return no_fleet(kit);
}

outcome flags_stripped(api_kit& kit) {
    CXB_CHECK(kit.dialout_key());
    CXB_CHECK(kit.become_fleet());
    auto const before = kit.host().dialouts().size();
    auto body = order(kit);
    body["connected_event"] = wire::json_object{{"CUSTOMER", "Ravi"},
                                                {"plan", wire::json_object{{"code", "G1"}}},
                                                {"_campaign_session_id", "stolen"},
                                                {"_campaign_id", "stolen"},
                                                {"_skip_post_push", true}};
    auto const got = kit.send(as::key, "POST", dialout_target, body);
    CXB_TRY(auto const passed, passed_on(kit, before, got));
    CXB_CHECK(expect(wire::to_text(passed).find("stolen") == std::string::npos &&
                         wire::find_path(passed, "connected_event._skip_post_push") == nullptr,
                     "reserved members were passed on: " + wire::to_text(passed)));
    CXB_CHECK(expect_text(passed, "connected_event.CUSTOMER", "Ravi"));
    CXB_CHECK(expect_text(passed, "connected_event.plan", R"({"code":"G1"})"));
    auto const ignored = std::string(got.headers.get("X-CXB-Ignored-Fields"));
    return expect(ignored.empty() || ignored.find("_campaign_session_id") != std::string::npos,
                  "X-CXB-Ignored-Fields does not name _campaign_session_id: " + ignored);
}

outcome dialled_once(api_kit& kit) {
    CXB_CHECK(kit.dialout_key());
    CXB_CHECK(kit.become_fleet());
    auto const before = kit.host().dialouts().size();
    wire::header_list const once{{"Idempotency-Key", "conformance-" + new_uuid7()}};
    auto const first = kit.send(as::key, "POST", dialout_target, order(kit), once);
    CXB_CHECK(passed_on(kit, before, first));
    auto const second = kit.send(as::key, "POST", dialout_target, order(kit), once);
    CXB_CHECK(expect_status(second, {200}));
    CXB_CHECK(expect(second.text == first.text, "the repeat was answered " + second.summary() +
                                                    ", the first " + first.summary()));
    auto const orders = kit.host().dialouts().size() - before;
    return expect(orders == 1, "the host was asked to dial " + std::to_string(orders) + " times");
}

}  // namespace cxb::cli::conformance::api
