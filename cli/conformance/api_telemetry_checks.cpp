#include "cli/conformance/api_check_functions.hpp"
#include "cxb/base/encoding.hpp"
#include "cxb/base/ids.hpp"

namespace cxb::cli::conformance::api {

namespace {

wire::json_object usage_of_example() {
    return {{"kind", "post_call"},
            {"prompt_tokens", 5200},
            {"cache_read_input_tokens", 4096},
            {"completion_tokens", 310},
            {"cache_status", "hit"}};
}

outcome expect_number(wire::json_object const& object, std::string_view path, std::int64_t wanted) {
    auto const* const found = wire::find_path(object, path);
    return expect(
        found != nullptr && found->is_number() && wire::int_at(object, path, wanted + 1) == wanted,
        std::string(path) + ": expected " + std::to_string(wanted) + ", got " +
            (found == nullptr ? "nothing" : wire::to_text(*found)));
}

bool is_money(std::string_view name) {
    auto const lower = to_lower(name);
    return lower.starts_with("cost") || lower.starts_with("price") || lower.starts_with("amount");
}

// First money member below a value, "" when there is none.
std::string money_in(wire::json_value const& value) {
    if (value.is_array())
        for (auto const& item : value.get_array())
            if (auto found = money_in(item); !found.empty()) return found;
    if (value.is_object())
        for (auto const& member : value.get_object()) {
            if (is_money(member.key())) return std::string(member.key());
            if (auto found = money_in(member.value()); !found.empty()) return found;
        }
    return {};
}

wire::json_object cdr_of(std::string const& stream) {
    return {{"streamId", stream},
            {"talktime", 92},
            {"call_status", "ANSWERED"},
            {"recording_filename", "https://dialler.example.com/rec/881.wav"},
            {"hangup_cause", "16"}};
}

outcome expect_body(answer const& got, wire::json_object const& wanted) {
    CXB_CHECK(expect_status(got, {200}));
    return expect(wire::to_canonical(got.body) == wire::to_canonical(wanted),
                  "expected exactly " + wire::to_text(wanted) + ", got " + got.summary());
}

answer post_cdr(api_kit& kit, wire::json_object const& body) {
    return kit.send(as::core, "POST", "/api/v1/cdr", body);
}

result<std::string> call_of_stream(api_kit& kit, std::string const& stream) {
    wire::query_list query;
    query.add("stream_id", stream);
    return kit.open_call({}, std::move(query));
}

// What must be equal whatever came first, without what differs from call to call.
result<std::string> record_of(api_kit& kit, std::string const& session, std::string const& stream) {
    CXB_TRY(auto const call, kit.call(session));
    wire::json_object kept;
    for (auto const* const member :
         {"status", "disconnected_by", "call_duration_seconds", "transcript", "cdr", "cdr_talktime",
          "cdr_call_status", "cdr_recording_url", "post_call_analysis"})
        if (auto const* const value = call.if_contains(member)) kept[member] = *value;
    auto text = wire::to_canonical(kept);
    for (auto at = text.find(stream); at != std::string::npos; at = text.find(stream))
        text.replace(at, stream.size(), "STREAM");
    return text;
}

}  // namespace

outcome cache_numbers(api_kit& kit) {
    auto const session = api_kit::new_session();
    auto body = kit.full_result(session);
    body["usage_metrics"] = wire::json_array{
        usage_of_example(),
        wire::json_object{{"kind", "qc"},
                          {"prompt_tokens", 3000},
                          {"cache_creation_input_tokens", 2048},
                          {"completion_tokens", 150},
                          {"cache_status", "created"}},
        wire::json_object{{"kind", "llm"}, {"prompt_tokens", 9}, {"completion_tokens", 9}}};
    // What a worker says of it does not count: it is computed again.
    body["llm_cache_summary"] = wire::json_object{{"cache_read_input_tokens", 1}};
    CXB_TRY(auto const got, kit.stored_result(body));
    CXB_TRY(auto const call, kit.call(session));
    CXB_CHECK(expect_number(call, "llm_cache_summary.cache_read_input_tokens", 4096));
    CXB_CHECK(expect_number(call, "llm_cache_summary.cache_creation_input_tokens", 2048));
    CXB_CHECK(expect_number(call, "llm_cache_summary.fresh_prompt_tokens", 2056));
    CXB_CHECK(expect_number(call, "llm_cache_summary.completion_tokens", 460));
    CXB_CHECK(expect(wire::bool_at(call, "llm_cache_summary.enabled"), "enabled must be true"));
    CXB_CHECK(expect(wire::bool_at(call, "llm_cache_summary.worked"), "worked must be true"));
    auto const* const statuses = wire::find_path(call, "llm_cache_summary.statuses");
    return expect(statuses != nullptr && wire::to_text(*statuses) == R"(["hit","created"])",
                  "statuses must be [\"hit\",\"created\"]");
}

outcome no_money(api_kit& kit) {
    auto const session = api_kit::new_session();
    auto body = kit.full_result(session);
    auto entry = usage_of_example();
    entry["cost"] = 1.25;
    entry["cost_usd"] = 1.25;
    entry["price_per_token"] = 0.1;
    entry["amount"] = 3;
    body["usage_metrics"] = wire::json_array{entry};
    CXB_TRY(auto const got, kit.stored_result(body));
    CXB_TRY(auto const call, kit.call(session));
    auto const* const usage = call.if_contains("usage_metrics");
    CXB_CHECK(expect(usage != nullptr && usage->is_array() && !usage->get_array().empty(),
                     "usage_metrics was not stored"));
    auto const found = money_in(*usage);
    return expect(found.empty(), "usage_metrics holds " + found);
}

outcome cdr_bodies(api_kit& kit) {
    CXB_CHECK(expect_body(post_cdr(kit, {{"talktime", 3}}),
                          {{"status", "ignored"}, {"reason", "no streamId"}}));
    CXB_CHECK(expect_body(post_cdr(kit, {{"streamId", ""}}),
                          {{"status", "ignored"}, {"reason", "no streamId"}}));
    auto const stream = api_kit::new_session();
    CXB_CHECK(expect_body(post_cdr(kit, {{"stream_id", stream}}),
                          {{"status", "not_found"}, {"stream_id", stream}}));
    CXB_TRY(auto const session, call_of_stream(kit, stream));
    CXB_CHECK(
        expect_body(post_cdr(kit, cdr_of(stream)), {{"status", "ok"}, {"stream_id", stream}}));
    return expect_status(kit.send(as::core, "POST", "/api/v1/cdr", std::string("[1]")), {422});
}

outcome cdr_order(api_kit& kit) {
    std::string first_record;
    constexpr std::string_view orders[] = {"result, CDR", "CDR, result", "CDR before the call"};
    for (int order = 0; order < 3; ++order) {
        auto const stream = api_kit::new_session();
        if (order == 2) CXB_CHECK(expect_status(post_cdr(kit, cdr_of(stream)), {200}));
        CXB_TRY(auto const session, call_of_stream(kit, stream));
        if (order == 1) CXB_CHECK(expect_status(post_cdr(kit, cdr_of(stream)), {200}));
        CXB_TRY(auto const got, kit.stored_result(kit.full_result(session)));
        if (order == 0) CXB_CHECK(expect_status(post_cdr(kit, cdr_of(stream)), {200}));
        CXB_TRY(auto const record, record_of(kit, session, stream));
        CXB_CHECK(expect(record.find("\"cdr_talktime\":92") != std::string::npos,
                         std::string(orders[order]) + ": the call lacks cdr_talktime"));
        if (order == 0) first_record = record;
        CXB_CHECK(expect(record == first_record, std::string(orders[order]) + " gives " + record +
                                                     ", result, CDR gave " + first_record));
    }
    return {};
}

}  // namespace cxb::cli::conformance::api
