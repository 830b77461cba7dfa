// Wrong control planes. One row each; the table of docs/conformance.md is made of them.
#include "cxb/base/ids.hpp"
#include "cxb/contract/recording_token/recording_token.hpp"
#include "server/cli/conformance/double_api.hpp"

namespace cxb_test {

using namespace cxb;

namespace {

using request_t = wire::http_request;
using response_t = wire::http_response;

bool is_config(request_t const& request) {
    return request.path.starts_with("/api/v1/config/");
}
bool is_call_read(request_t const& request) {
    return request.path.starts_with("/api/v1/calls/");
}

// A result is changed before it is stored.
std::function<void(request_t&)> in_result(std::function<void(wire::json_object&)> change) {
    return [change = std::move(change)](request_t& request) {
        if (is_results_post(request)) change_body(request.body, change);
    };
}

// The stored call is shown otherwise than it is.
std::function<void(request_t const&, response_t&)> in_call(
    std::function<void(wire::json_object&)> change) {
    return [change = std::move(change)](request_t const& request, response_t& answer) {
        if (is_call_read(request) && answer.status == 200) change_body(answer.body, change);
    };
}

void drop_query(request_t& request, std::string_view name) {
    auto const query = wire::query_list::parse(request.query_text);
    if (!query) return;
    wire::query_list kept;
    for (auto const& [key, value] : query->items())
        if (key != name) kept.add(key, value);
    request.query_text = kept.to_text();
}

void answer_instead(response_t& answer, int status, std::string_view detail) {
    answer.status = status;
    answer.body = wire::to_text(wire::json_object{{"status", status}, {"detail", detail}});
}

void add_access_mutations(std::vector<api_mutation>& out) {
    out.push_back({"one_spelling", "knows one of the three names of the secret header", "A02",
                   [](request_t& request) {
                       request.headers.remove("X-CXB-Core-Secret");
                       request.headers.remove("X-VoxCore-Secret");
                   }});
    out.push_back({"user_opens_results", "lets a user's token in where the secret is due", "A03",
                   [](request_t& request) {
                       if (request.headers.has("Authorization"))
                           request.headers.set("X-CXBCore-Secret", core_secret_text);
                   }});
    out.push_back(
        {"open_lookups", "answers lookups without a secret", "A04", [](request_t& request) {
             if (request.path.starts_with("/api/v1/sip/"))
                 request.headers.set("X-CXBCore-Secret", core_secret_text);
         }});
}

void add_config_mutations(std::vector<api_mutation>& out) {
    out.push_back({"no_opening",
                   "serves a config without opening_message",
                   "A06",
                   {},
                   [](request_t const& request, response_t& answer) {
                       if (is_config(request) && answer.status == 200)
                           change_body(answer.body,
                                       [](auto& body) { body.erase("opening_message"); });
                   }});
    out.push_back({"closed_as_404",
                   "says 404 outside the hours of a bot",
                   "A08",
                   {},
                   [](request_t const& request, response_t& answer) {
                       if (is_config(request) && answer.status == 503)
                           answer_instead(answer, 404, "Bot not found");
                   }});
    out.push_back({"strict_variables",
                   "refuses a connected_event that is no JSON object",
                   "A09",
                   {},
                   [](request_t const& request, response_t& answer) {
                       auto const query = wire::query_list::parse(request.query_text);
                       auto const event = query ? query->get("connected_event") : std::nullopt;
                       if (is_config(request) && event && !event->starts_with("{\""))
                           answer_instead(answer, 400, "Malformed connected_event");
                   }});
    out.push_back({"fetch_id_ignored", "makes a second call of a repeated fetch", "A10",
                   [](request_t& request) { drop_query(request, "fetch_id"); }});
    out.push_back({"config_after_the_end",
                   "serves a config for a call that has its result",
                   "A10",
                   {},
                   [](request_t const& request, response_t& answer) {
                       if (is_config(request) && answer.status == 409)
                           answer_instead(answer, 200, "ok");
                   }});
}

void add_result_mutations(std::vector<api_mutation>& out) {
    out.push_back({"strict_reader",
                   "refuses a result with a member it does not store (intents)",
                   "A11",
                   {},
                   [](request_t const& request, response_t& answer) {
                       if (is_results_post(request) &&
                           request.body.find("\"intents\"") != std::string::npos)
                           answer_instead(answer, 422, "unknown member");
                   }});
    out.push_back({"null_erases", "takes a null connected_event for an empty one", "A12",
                   in_result([](wire::json_object& body) {
                       auto const* const event = body.if_contains("connected_event");
                       if (event != nullptr && event->is_null())
                           body["connected_event"] = wire::json_object{};
                   })});
    out.push_back({"absent_erases", "takes an absent transcript for an empty one", "A12",
                   in_result([](wire::json_object& body) {
                       auto const* const items = body.if_contains("transcript");
                       if (items == nullptr || items->is_null())
                           body["transcript"] = wire::json_array{};
                   })});
    out.push_back({"unknown_word_fails",
                   "counts an unknown disconnected_by as failed",
                   "A13",
                   {},
                   in_call([](wire::json_object& call) {
                       if (wire::text_at(call, "disconnected_by") == "martian")
                           call["status"] = "failed";
                   })});
    out.push_back({"repeats_effects", "runs the after-effects of a repeated result again", "A14"});
    out.back().effects_again = true;
    out.push_back({"older_wins", "lets an older result_seq overwrite a newer one", "A14",
                   in_result([](wire::json_object& body) {
                       if (wire::int_at(body, "result_seq") == 1) body["result_seq"] = 3;
                   })});
    out.push_back({"minimal_wins", "lets a minimal result replace a full one", "A15",
                   in_result([](wire::json_object& body) {
                       if (wire::number_at(body, "call_duration_seconds", -1) == 0)
                           body["call_duration_seconds"] = 1;
                   })});
}

void add_record_mutations(std::vector<api_mutation>& out) {
    out.push_back({"fifty_stored",
                   "stores each of 50 equal results posted at once",
                   "A16",
                   {},
                   [](request_t const& request, response_t& answer) {
                       if (is_results_post(request) && answer.status == 200)
                           change_body(answer.body, [](auto& body) { body["result"] = "stored"; });
                   }});
    out.push_back({"second_token",
                   "mints another token each time a result comes",
                   "A17",
                   {},
                   in_call([](wire::json_object& call) {
                       if (call.contains("public_recording_url"))
                           call["public_recording_url"] = contract::recording_token::public_url(
                               "http://api", contract::recording_token::generate(system_random()));
                   })});
    out.push_back({"trusts_summary",
                   "stores the worker's own cache summary",
                   "A18",
                   {},
                   in_call([](wire::json_object& call) {
                       if (call.contains("llm_cache_summary"))
                           call["llm_cache_summary"] =
                               wire::json_object{{"cache_read_input_tokens", 1}};
                   })});
    out.push_back(
        {"keeps_money", "stores what a call cost", "A19", {}, in_call([](wire::json_object& call) {
             if (auto* usage = call.if_contains("usage_metrics");
                 usage != nullptr && usage->is_array())
                 for (auto& entry : usage->get_array())
                     entry.as_object()["cost"] = 1.25;
         })});
}

void add_other_mutations(std::vector<api_mutation>& out) {
    auto const is_cdr = [](request_t const& request) { return request.path == "/api/v1/cdr"; };
    out.push_back({"cdr_404",
                   "answers 404 to a CDR whose call it does not know yet",
                   "A20",
                   {},
                   [is_cdr](request_t const& request, response_t& answer) {
                       if (is_cdr(request) && answer.body.find("not_found") != std::string::npos)
                           answer_instead(answer, 404, "not_found");
                   }});
    out.push_back({"early_cdr_lost", "forgets a CDR that comes before its call", "A21",
                   [is_cdr, known = std::make_shared<std::string>()](request_t& request) mutable {
                       if (is_config(request)) *known += request.query_text;
                       std::string const stream(wire::text_at(object_of(request.body), "streamId"));
                       if (is_cdr(request) && known->find(stream) == std::string::npos)
                           request.body = "{}";
                   }});
    out.push_back({"no_allow",
                   "answers 405 without Allow",
                   "A28",
                   {},
                   [](request_t const&, response_t& answer) { answer.headers.remove("Allow"); }});
    out.push_back({"plain_errors",
                   "describes faults in a shape of its own",
                   "A28",
                   {},
                   [](request_t const&, response_t& answer) {
                       if (answer.status >= 400)
                           answer.headers.set("Content-Type", "application/json");
                   }});
    out.push_back({"first_fault_only",
                   "names only the first fault of a document",
                   "A28",
                   {},
                   [](request_t const&, response_t& answer) {
                       change_body(answer.body, [](wire::json_object& body) {
                           if (auto* errors = body.if_contains("errors");
                               errors != nullptr && errors->as_array().size() > 1)
                               errors->as_array().resize(1);
                       });
                   }});
    out.push_back({"row_of_a_refusal",
                   "shows a call that was only ever refused",
                   "A29",
                   {},
                   [](request_t const& request, response_t& answer) {
                       if (is_call_read(request) && answer.status == 404)
                           answer_instead(answer, 200, "empty");
                   }});
}

}  // namespace

std::vector<api_mutation> api_mutations() {
    std::vector<api_mutation> out;
    add_access_mutations(out);
    add_config_mutations(out);
    add_result_mutations(out);
    add_record_mutations(out);
    add_other_mutations(out);
    return out;
}

}  // namespace cxb_test
