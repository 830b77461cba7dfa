#include "cli/conformance/api_check_functions.hpp"
#include "cli/conformance/corpus.hpp"
#include "cxb/base/ids.hpp"
#include "cxb/contract/call_results/call_results.hpp"
#include "cxb/domain/call_status.hpp"

namespace cxb::cli::conformance::api {

namespace cr = contract::call_results;

namespace {

outcome expect_equal(wire::json_object const& call, std::string_view member,
                     wire::json_value const& wanted) {
    auto const* const found = call.if_contains(member);
    std::string const shown = found == nullptr ? "nothing" : wire::to_text(*found);
    bool const equal = found != nullptr && wire::to_canonical(*found) == wire::to_canonical(wanted);
    return expect(equal, std::string(member) + ": expected " + wire::to_text(wanted) +
                             ", the stored call has " + shown);
}

// The word is an addition a peer may not know; a wrong one is a fault.
outcome expect_word(answer const& got, std::string_view wanted) {
    auto const word = got.text_at("result");
    return expect(word.empty() || word == wanted,
                  "result: expected " + std::string(wanted) + ", got " + word);
}

outcome one_effect(api_kit& kit, std::string const& session) {
    if (!kit.sees_pushes()) {
        kit.note("after-effects were not counted: no push reaches " + kit.host().url());
        return {};
    }
    CXB_TRY(int const pushes, kit.settled_pushes(session));
    return expect(pushes == 1,
                  "after-effects ran " + std::to_string(pushes) + " times for " + session);
}

}  // namespace

outcome corpus_accepted(api_kit& kit) {
    for (auto const& [name, text] : corpus_results()) {
        auto const parsed = wire::parse_json(text);
        if (!parsed || !parsed->is_object()) return fails("corpus/" + std::string(name));
        auto body = parsed->as_object();
        auto const session = api_kit::new_session();
        body["session_id"] = session;
        if (body.contains("result_id")) body["result_id"] = new_uuid7();
        auto const got = kit.stored_result(body);
        if (!got) return fails(std::string(name) + ": " + got.error().detail());
    }
    return {};
}

outcome absent_keeps(api_kit& kit) {
    CXB_TRY(auto const session, kit.open_call({{"CUSTOMER", "Ravi"}}));
    auto const full = kit.full_result(session);
    CXB_TRY(auto const first, kit.stored_result(full));
    CXB_TRY(auto const before, kit.call(session));
    wire::json_object const later{{"session_id", session},
                                  {"result_id", new_uuid7()},
                                  {"recording_key", "conformance/" + session + ".wav"},
                                  {"transcript", nullptr},
                                  {"connected_event", nullptr}};
    CXB_TRY(auto const second, kit.stored_result(later));
    CXB_TRY(auto const after, kit.call(session));
    CXB_CHECK(expect_text(after, "status", "completed"));
    for (auto const* const member : {"transcript", "connected_event", "call_duration_seconds",
                                     "disconnected_by", "post_call_analysis", "completed_at"})
        if (auto const* const kept = before.if_contains(member))
            CXB_CHECK(expect_equal(after, member, *kept));
    auto const* const event = after.if_contains("connected_event");
    CXB_CHECK(expect(event != nullptr && event->is_object() &&
                         wire::text_at(event->get_object(), "CUSTOMER") == "Ravi",
                     "connected_event of the config fetch is gone"));
    return expect_text(after, "recording_key", "conformance/" + session + ".wav");
}

outcome status_map(api_kit& kit) {
    struct row {
        std::string_view word;
        std::string_view status;
    };
    constexpr row table[] = {{"error", "failed"},         {"no_answer", "failed"},
                             {"rejected", "failed"},      {"voicemail", "voicemail"},
                             {"bot", "completed"},        {"customer", "completed"},
                             {"timeout", "completed"},    {"RNR", "completed"},
                             {"no_agent", "completed"},   {"outside_hours", "completed"},
                             {"agent", "completed"},      {"transfer_to_agent", "completed"},
                             {"superseded", "completed"}, {"supervisor", "completed"},
                             {"martian", "completed"},    {"", "completed"}};
    for (auto const& [word, status] : table) {
        auto const session = api_kit::new_session();
        auto body = kit.full_result(session);
        if (word.empty())
            body.erase("disconnected_by");
        else
            body["disconnected_by"] = word;
        CXB_TRY(auto const got, kit.stored_result(body));
        CXB_TRY(auto const call, kit.call(session));
        auto const shown = std::string(wire::text_at(call, "status"));
        CXB_CHECK(expect(shown == status, "disconnected_by " + std::string(word) + ": expected " +
                                              std::string(status) + ", got " + shown));
        if (!word.empty()) CXB_CHECK(expect_text(call, "disconnected_by", word));
    }
    return {};
}

outcome repeats(api_kit& kit) {
    CXB_TRY(auto const session, kit.open_call());
    auto second = kit.full_result(session);
    second["result_seq"] = 2;
    CXB_TRY(auto const stored, kit.stored_result(second));
    CXB_CHECK(expect_word(stored, "stored"));
    CXB_TRY(auto const before, kit.call(session));
    CXB_TRY(auto const same, kit.stored_result(second));
    CXB_CHECK(expect_word(same, "duplicate"));
    auto first = second;
    first["result_seq"] = 1;
    first["disconnected_by"] = "error";
    first["call_duration_seconds"] = 1;
    CXB_TRY(auto const older, kit.stored_result(first));
    CXB_CHECK(expect_word(older, "stale"));
    CXB_TRY(auto const after, kit.call(session));
    for (auto const* const member : {"status", "disconnected_by", "call_duration_seconds",
                                     "transcript", "completed_at", "result_seq"})
        if (auto const* const kept = before.if_contains(member))
            CXB_CHECK(expect_equal(after, member, *kept));
    return one_effect(kit, session);
}

outcome minimal_and_full(api_kit& kit) {
    auto const session = api_kit::new_session();
    wire::json_object const minimal{{"session_id", session},
                                    {"result_id", new_uuid7()},
                                    {"disconnected_by", "error"},
                                    {"call_duration_seconds", 0}};
    CXB_TRY(auto const first, kit.stored_result(minimal));
    CXB_TRY(auto const failed, kit.call(session));
    CXB_CHECK(expect_text(failed, "status", "failed"));
    auto const full = kit.full_result(session);
    CXB_TRY(auto const second, kit.stored_result(full));
    CXB_CHECK(expect_word(second, "updated"));
    auto again = minimal;
    again["result_id"] = new_uuid7();
    CXB_TRY(auto const third, kit.stored_result(again));
    CXB_CHECK(expect_word(third, "kept_previous"));
    CXB_TRY(auto const call, kit.call(session));
    CXB_CHECK(expect_text(call, "status", "completed"));
    CXB_CHECK(expect_text(call, "disconnected_by", "customer"));
    auto const* const transcript = call.if_contains("transcript");
    return expect(
        transcript != nullptr && transcript->is_array() && transcript->get_array().size() == 2,
        "the transcript of the full result is gone");
}

outcome fifty_at_once(api_kit& kit) {
    CXB_TRY(auto const session, kit.open_call());
    auto const body = wire::to_text(kit.full_result(session));
    std::vector<ask> all(50, kit.prepared(as::core, "POST", "/api/v1/call-results", body));
    std::size_t stored = 0;
    std::size_t repeated = 0;
    for (auto const& got : kit.send_all(std::move(all))) {
        CXB_CHECK(expect_status(got, {200}));
        stored += got.text_at("result") == "stored" ? 1 : 0;
        repeated += got.text_at("result") == "duplicate" ? 1 : 0;
    }
    if (stored + repeated > 0)
        CXB_CHECK(expect(stored == 1 && repeated == 49,
                         std::to_string(stored) + " answers say stored, " +
                             std::to_string(repeated) + " duplicate; expected 1 and 49"));
    CXB_TRY(auto const call, kit.call(session));
    CXB_CHECK(expect_text(call, "status", "completed"));
    return one_effect(kit, session);
}

outcome token_once(api_kit& kit) {
    auto const session = api_kit::new_session();
    auto body = kit.full_result(session);
    body["recording_key"] = "conformance/" + session + ".wav";
    CXB_TRY(auto const first, kit.stored_result(body));
    CXB_TRY(auto const before, kit.call(session));
    auto const link = std::string(wire::text_at(before, "public_recording_url"));
    CXB_CHECK(expect(link.find("/api/v1/public/recordings/") != std::string::npos,
                     "public_recording_url of the call: " + link));
    CXB_CHECK(expect(!before.contains("recording_access_token"),
                     "the stored call shows recording_access_token"));
    body["result_id"] = new_uuid7();
    body["disconnected_by"] = "bot";
    CXB_TRY(auto const second, kit.stored_result(body));
    CXB_TRY(auto const after, kit.call(session));
    return expect_text(after, "public_recording_url", link);
}

}  // namespace cxb::cli::conformance::api
