#include <algorithm>

#include "cli/conformance/core_check_functions.hpp"
#include "cxb/base/encoding.hpp"
#include "cxb/contract/registry.hpp"
#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/contract/shared_secret/shared_secret.hpp"
#include "cxb/domain/result_merge.hpp"

namespace cxb::cli::conformance::core {

namespace rc = contract::runtime_config;

namespace {

// The call was rejected: told once, as minimal, with one of these words and the session we set.
outcome told_as(core_kit& kit, placed_call const& call,
                std::initializer_list<std::string_view> words) {
    CXB_CHECK(kit.expect_accepted(call));
    CXB_TRY(auto const told, kit.result_of(call));
    auto const word = wire::text_at(told, "disconnected_by");
    CXB_CHECK(expect(
        std::ranges::find(words, word) != words.end(),
        "disconnected_by: expected " + std::string(*words.begin()) + ", got " + std::string(word)));
    CXB_CHECK(expect(domain::is_minimal(told),
                     "the result of a rejected call must be minimal: " + wire::to_text(told)));
    CXB_CHECK(expect(wire::number_at(told, "call_duration_seconds", -1) == 0,
                     "call_duration_seconds must be 0: " + wire::to_text(told)));
    if (!call.line) return {};
    return expect_line_end(call, worker::close_code::internal);
}

// The call ran: its result is a whole one and does not end in a fault.
outcome ran(core_kit& kit, wire::json_object config) {
    auto const call = kit.place(std::move(config));
    CXB_CHECK(kit.expect_accepted(call));
    CXB_TRY(auto const told, kit.result_of(call));
    auto const word = std::string(wire::text_at(told, "disconnected_by"));
    CXB_CHECK(expect(word != "error" && word != "outside_hours",
                     "the call did not run: disconnected_by " + word));
    return expect(!domain::is_minimal(told), "the call did not run: " + wire::to_text(told));
}

bool has_secret(wire::header_list const& headers, std::string const& value) {
    auto const names = contract::shared_secret::core_surface().headers;
    return std::ranges::any_of(names, [&](auto const name) { return headers.get(name) == value; });
}

wire::json_object tool(wire::json_value name) {
    return {{"type", "function"},
            {"function", wire::json_object{{"name", std::move(name)}, {"description", "x"}}}};
}

}  // namespace

result<rc::config_request> config_asked(core_kit& kit, placed_call const& call) {
    auto const fetches = kit.plane().requests("/api/v1/config");
    auto const ours = std::ranges::find_if(fetches, [&](auto const& one) {
        return one.request.path == "/api/v1/config/" + call.bot_id ||
               one.request.query_text.find(call.bot_id) != std::string::npos;
    });
    CXB_CHECK(expect(ours != fetches.end(), "no config was asked for under " +
                                                kit.plane().config_url() + "/" + call.bot_id));
    CXB_CHECK(expect(has_secret(ours->request.headers, kit.options().core_secret.reveal()),
                     "the config request carries no secret header"));
    auto const query = wire::query_list::parse(ours->request.query_text);
    CXB_CHECK(expect(query.has_value(), "the query is no query: " + ours->request.query_text));
    bool const by_post = ours->request.method == "POST";
    auto asked = by_post ? rc::parse_config_request(ours->request.body) : rc::from_query(*query);
    CXB_CHECK(expect(asked.has_value(), "the config request breaks its contract"));
    return *std::move(asked);
}

outcome config_request_shape(core_kit& kit) {
    wire::json_object const event{{"CUSTOMER", "Ravi & Söhne = 50% + 1"},
                                  {"amount", 4200},
                                  {"plan", wire::json_object{{"code", "G1/#?"}}}};
    auto const call = kit.place(kit.config(), "hangup_early", event);
    CXB_CHECK(kit.expect_accepted(call));
    CXB_CHECK(kit.result_of(call));
    CXB_TRY(auto const asked, config_asked(kit, call));
    CXB_CHECK(expect(asked.caller_id == "+12025550123",
                     "caller_id must be the far party, got " + asked.caller_id));
    // Of strangers on a socket no flag is taken.
    if (!call.line)
        CXB_CHECK(expect(asked.connected_event.flags.campaign_session_id == call.session_id,
                         "_campaign_session_id did not come through"));
    auto const variables = asked.connected_event.variables.to_object();
    for (auto const& [name, value] : event) {
        auto const* const sent = variables.if_contains(name);
        CXB_CHECK(expect(sent != nullptr && wire::to_canonical(*sent) == wire::to_canonical(value),
                         "connected_event." + std::string(name) + " was sent as " +
                             (sent == nullptr ? "nothing" : wire::to_text(*sent))));
    }
    return {};
}

// A Core that cannot tell the reasons apart says outside_hours.
outcome config_not_found(core_kit& kit) {
    return told_as(kit, kit.place_refused(404, "Bot not found"), {"error", "outside_hours"});
}

outcome config_closed(core_kit& kit) {
    return told_as(kit, kit.place_refused(503, "outside_active_hours: opens at 09:00"),
                   {"outside_hours"});
}

outcome config_broken(core_kit& kit) {
    return told_as(kit, kit.place_refused(500, "Broken"), {"error", "outside_hours"});
}

outcome unknown_members(core_kit& kit) {
    wire::json_object const strange{{"of", "a later version"}, {"list", wire::json_array{1, 2}}};
    auto config = kit.config({{"invented_member", strange}, {"opening", strange}});
    for (auto const* const block : {"stt", "llm", "tts", "recording"})
        if (auto* const part = config.if_contains(block); part != nullptr && part->is_object())
            part->get_object()["invented_member"] = strange;
    auto listed = tool("end_call");
    listed["invented_member"] = strange;
    config["tools"] = wire::json_array{listed};
    return ran(kit, std::move(config));
}

outcome null_members(core_kit& kit) {
    auto config = kit.config();
    for (auto const& field : contract::find_document_type("runtime_config")->table().fields())
        if (field.presence != wire::presence_kind::required && !config.contains(field.name))
            config[field.name] = nullptr;
    return ran(kit, std::move(config));
}

outcome odd_provider_and_tool(core_kit& kit) {
    auto config = kit.config();
    for (auto const* const block : {"stt", "tts"}) {
        auto const good = config.at(block);
        config[block] = wire::json_object{
            {"provider", "a_word_of_tomorrow"}, {"model", "x"}, {"fallback", good}};
    }
    config["tools"] = wire::json_array{tool("end_call"), tool(7)};
    return ran(kit, std::move(config));
}

}  // namespace cxb::cli::conformance::core
