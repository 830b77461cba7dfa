#include "cli/conformance/api_check_functions.hpp"
#include "cxb/base/ids.hpp"
#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/contract/runtime_config/runtime_config.hpp"

namespace cxb::cli::conformance::api {

namespace rc = contract::runtime_config;

outcome config_members(api_kit& kit) {
    auto const session = api_kit::new_session();
    auto const got = kit.fetch_config(session, {{"CUSTOMER", "Ravi"}});
    CXB_CHECK(expect_status(got, {200}));
    auto const config = rc::parse_runtime_config(got.text);
    if (!config) {
        error const broken = config.error();
        std::string why = broken.detail();
        for (auto const& one : broken.faults())
            why += " " + one.pointer + ": " + one.reason + ";";
        return fails("the config breaks its contract: " + why);
    }
    CXB_CHECK(expect_text(got.object(), "session_id", session));
    CXB_CHECK(expect(config->webhook_url.ends_with("/call-results"),
                     "webhook_url is no address for call results: " + config->webhook_url));
    if (!kit.own_bot()) {
        kit.note("variables were not looked for: the bot is not the kit's");
        return {};
    }
    CXB_CHECK(expect(config->system_prompt.find("[Ravi]") != std::string::npos,
                     "system_prompt lacks the value of {{CUSTOMER}}: " + config->system_prompt));
    return expect_text(got.object(), "opening_message", "Hello Ravi.");
}

outcome unknown_bot(api_kit& kit) {
    for (std::string const& id : {new_hex24(), std::string("no-such-bot")}) {
        auto const got = kit.fetch_config(api_kit::new_session(), {}, {}, id);
        CXB_CHECK(expect_status(got, {404}));
    }
    return {};
}

outcome closed_hours(api_kit& kit) {
    if (kit.closed_bot().empty()) return skips("no bot with active hours could be made");
    auto const got = kit.fetch_config(api_kit::new_session(), {}, {}, kit.closed_bot());
    CXB_CHECK(expect_status(got, {503}));
    return expect(got.text_at("detail").starts_with("outside_active_hours:"),
                  "detail must start outside_active_hours:, got " + got.summary());
}

namespace {

outcome no_reserved_variables(api_kit& kit, answer const& got) {
    auto const* const call = wire::find_path(got.object(), "variables.call");
    if (call != nullptr && call->is_object())
        for (auto const& member : call->get_object())
            CXB_CHECK(expect(!rc::is_reserved(member.key()),
                             "variables.call holds " + std::string(member.key())));
    if (!kit.own_bot()) return {};
    auto const prompt = got.text_at("system_prompt");
    return expect(prompt.find("conformance-campaign") == std::string::npos,
                  "a reserved member was rendered into the prompt: " + prompt);
}

}  // namespace

outcome odd_variables(api_kit& kit) {
    std::string const target = "/api/v1/config/" + kit.bot() + "?connected_event=";
    for (char const* const event : {"%7Bbroken", "%5B1%5D", "%22text%22", "null", ""})
        CXB_CHECK(expect_status(kit.send(as::core, "GET", target + event), {200}));
    auto const got = kit.fetch_config(api_kit::new_session(),
                                      {{"CUSTOMER", "Ravi"},
                                       {"_skip_prefetch", "true"},
                                       {"_campaign_id", "conformance-campaign"},
                                       {"_campaign_attempt", "1"},
                                       {"_cxb_unknown", "1"},
                                       {"_mock_crm", wire::json_object{{"city", "Pune"}}}});
    CXB_CHECK(expect_status(got, {200}));
    return no_reserved_variables(kit, got);
}

outcome one_call_per_id(api_kit& kit) {
    CXB_TRY(auto const session, kit.open_call());
    auto const again = kit.fetch_config(session);
    CXB_CHECK(expect_status(again, {200}));
    CXB_CHECK(expect_text(again.object(), "session_id", session));

    wire::query_list fetch;
    fetch.add("fetch_id", new_uuid7());
    auto const first = kit.fetch_config({}, {}, fetch);
    auto const second = kit.fetch_config({}, {}, fetch);
    CXB_CHECK(expect_status(first, {200}));
    CXB_CHECK(expect_status(second, {200}));
    CXB_CHECK(expect(first.text_at("session_id") == second.text_at("session_id"),
                     "one fetch_id gave two calls: " + first.text_at("session_id") + " and " +
                         second.text_at("session_id")));

    CXB_TRY(auto const taken, kit.stored_result(kit.full_result(session)));
    auto const late = kit.fetch_config(session);
    CXB_CHECK(expect_status(late, {409}));
    return expect(late.text_at("code") == "session_completed" ||
                      late.text_at("detail") == "session_completed",
                  "409 must say session_completed, got " + late.summary());
}

}  // namespace cxb::cli::conformance::api
