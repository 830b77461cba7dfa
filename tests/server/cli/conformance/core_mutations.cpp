// Wrong Cores. One row each; the table of docs/conformance.md is made of them.
#include "cxb/base/ids.hpp"
#include "cxb/contract/shared_secret/shared_secret.hpp"
#include "server/cli/conformance/double_api.hpp"
#include "server/cli/conformance/double_core.hpp"
#include "server/cli/conformance/line_mutations.hpp"

namespace cxb_test {

using namespace cxb;

namespace {

using request_t = wire::http_request;
using response_t = wire::http_response;
using outgoing_t = client::outgoing_request;

bool is_result(outgoing_t const& request) {
    return request.url.ends_with("/call-results");
}
bool is_fetch(outgoing_t const& request) {
    return request.url.find("/api/v1/config/") != std::string::npos;
}

void replace_first(std::string& text, std::string_view from, std::string_view to) {
    if (auto const at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
}

std::function<void(request_t const&, response_t&)> in_answer(
    std::string path, std::function<void(std::string&)> change) {
    return [path = std::move(path), change = std::move(change)](request_t const& request,
                                                                response_t& answer) {
        if (request.path != path) return;
        answer.body = std::string(answer.bytes());
        answer.shared.reset();
        change(answer.body);
    };
}

std::function<void(outgoing_t&)> in_result_sent(std::function<void(wire::json_object&)> change) {
    return [change = std::move(change)](outgoing_t& request) {
        if (is_result(request)) change_body(request.message.body, change);
    };
}

// A config with this text in it is one the Core cannot read.
std::function<void(outgoing_t const&, reply&)> cannot_read(std::string text) {
    return [text = std::move(text)](outgoing_t const& request, reply& got) {
        if (is_fetch(request) && got && got->bytes().find(text) != std::string_view::npos)
            got->body = "{}";
    };
}

// Every answer of this status to a result is taken for another one.
std::function<void(outgoing_t const&, reply&)> takes_for(int status, int other) {
    return [status, other](outgoing_t const& request, reply& got) {
        if (is_result(request) && got && got->status == status) got->status = other;
    };
}

std::function<void(outgoing_t&)> says_instead(std::string word, std::string other) {
    return in_result_sent([word = std::move(word), other = std::move(other)](auto& body) {
        if (wire::text_at(body, "disconnected_by") == word) body["disconnected_by"] = other;
    });
}

void add_health_mutations(std::vector<core_mutation>& out) {
    auto const fleet = [&](std::string_view name, std::string_view fault, std::string_view id,
                           std::string from, std::string to) {
        core_mutation row{name, fault, id};
        row.answered = in_answer("/health/fleet",
                                 [from, to](std::string& text) { replace_first(text, from, to); });
        out.push_back(std::move(row));
    };
    core_mutation number{"worker_id_number", "writes worker_id as a number", "C01"};
    number.answered = in_answer("/health", [](std::string& text) {
        replace_first(text, "\"worker_id\":\"1\"", "\"worker_id\":1");
    });
    out.push_back(std::move(number));
    core_mutation order{"fleet_key_order", "writes fleet_max before fleet_calls", "C02"};
    order.answered = in_answer("/health/fleet", [](std::string& text) {
        replace_first(text, "\"fleet_max\":1,", "");
        replace_first(text, "\"fleet_calls\"", "\"fleet_max\":1,\"fleet_calls\"");
    });
    out.push_back(std::move(order));
    fleet("fleet_blanks", "puts blanks after colons in /health/fleet", "C02",
          "\"fleet_available\":", "\"fleet_available\": ");
    fleet("fleet_sums", "counts a slot too many in fleet_max", "C03", "\"fleet_max\":1",
          "\"fleet_max\":2");
}

void add_start_mutations(std::vector<core_mutation>& out) {
    core_mutation one{"one_spelling", "knows one of the three names of the secret header", "C05"};
    one.asked = [](request_t& request) {
        request.headers.remove("X-CXB-Core-Secret");
        request.headers.remove("X-VoxCore-Secret");
    };
    out.push_back(one);
    core_mutation open{"open_dialout", "takes a dialout without any secret", "C07"};
    open.asked = [](request_t& request) {
        if (request.path == "/livekit/dialout")
            request.headers.set("X-CXBCore-Secret", core_secret_text);
    };
    out.push_back(open);
    core_mutation silent{"no_pointers", "refuses a body without saying what is missing", "C08"};
    silent.answered = in_answer("/livekit/widget", [](std::string& text) {
        change_body(text, [](auto& body) { body.erase("errors"); });
    });
    out.push_back(silent);
    core_mutation twice{"dispatch_twice", "repeats a dispatch, and with it all its side effects",
                        "C06"};
    twice.lookups_sent = 2;
    out.push_back(twice);
    core_mutation early{"accepts_before_slot", "answers 200 before it looks for a slot", "C09"};
    early.answered = [](request_t const& request, response_t& answer) {
        if (request.path != "/attach" || answer.status != 429) return;
        answer.status = 200;
        answer.body = R"({"status":"accepted","call_id":"c","room_name":"r"})";
    };
    out.push_back(early);
    core_mutation words{"busy_in_other_words", "says busy in words of its own", "C09"};
    words.answered =
        in_answer("/attach", [](std::string& text) { replace_first(text, "At capacity", "Busy"); });
    out.push_back(words);
    core_mutation leak{"leaks_a_slot", "does not give a slot back after its second call", "C10"};
    leak.answered = [told = std::make_shared<int>(0)](request_t const& request,
                                                      response_t& answer) {
        if (request.path == "/attach" && answer.status == 200) ++*told;
        if (request.path != "/health/fleet" || *told < 3) return;
        answer.body = std::string(answer.bytes());
        answer.shared.reset();
        replace_first(answer.body, "\"fleet_available\":1", "\"fleet_available\":0");
    };
    out.push_back(leak);
}

void add_config_mutations(std::vector<core_mutation>& out) {
    core_mutation bare{"fetch_without_secret", "asks for the config without a secret", "C11"};
    bare.sends = [](outgoing_t& request) {
        if (!is_fetch(request)) return;
        for (auto const name : contract::shared_secret::core_surface().headers)
            request.message.headers.remove(name);
    };
    out.push_back(bare);
    core_mutation raw{"query_not_encoded", "puts variables into the query without encoding", "C11"};
    raw.sends = [](outgoing_t& request) {
        if (is_fetch(request)) replace_first(request.url, "%26", "&");
    };
    out.push_back(raw);
    core_mutation lost{"no_word_of_404", "tells nobody about a call without a config", "C12"};
    lost.sends = in_result_sent([](auto& body) {
        if (wire::text_at(body, "disconnected_by") == "error") body["session_id"] = "lost";
    });
    out.push_back(lost);
    core_mutation closed{"closed_as_error", "says error where the bot is closed", "C13"};
    closed.sends = says_instead("outside_hours", "error");
    out.push_back(closed);
    core_mutation whole{"refused_call_lasts", "gives a rejected call a length", "C14"};
    whole.sends = in_result_sent([](auto& body) {
        if (wire::text_at(body, "disconnected_by") == "error") body["call_duration_seconds"] = 3;
    });
    out.push_back(whole);
    core_mutation strict{"strict_reader", "cannot read a config with unknown members", "C15"};
    strict.hears = cannot_read("invented_member");
    out.push_back(strict);
    core_mutation nulls{"null_is_a_fault", "cannot read a config with null members", "C16"};
    nulls.hears = cannot_read(":null");
    out.push_back(nulls);
    core_mutation tools{"one_tool_loses_the_call", "gives a call up for one unreadable tool",
                        "C17"};
    tools.hears = cannot_read("\"name\":7");
    out.push_back(tools);
}

void add_result_mutations(std::vector<core_mutation>& out) {
    core_mutation twice{"posts_twice", "posts every result twice", "C26"};
    twice.results_sent = 2;
    out.push_back(twice);
    core_mutation loses{"loses_a_result", "gives a result up when it is answered 500", "C27"};
    loses.hears = takes_for(500, 200);
    out.push_back(loses);
    core_mutation poison{"repeats_422", "posts a result again that was refused for good", "C29"};
    poison.hears = takes_for(422, 500);
    out.push_back(poison);
    core_mutation ids{"new_id_each_try", "gives each try of a result a result_id of its own",
                      "C30"};
    ids.sends = in_result_sent([](auto& body) { body["result_id"] = new_uuid7(); });
    out.push_back(ids);
    core_mutation timeout{"timeout_as_bot", "says bot where the longest time was reached", "C33"};
    timeout.sends = says_instead("timeout", "bot");
    out.push_back(timeout);
    core_mutation silent{"silence_as_customer", "says customer where nobody spoke", "C34"};
    silent.sends = says_instead("RNR", "customer");
    out.push_back(silent);
}

}  // namespace

std::vector<core_mutation> core_mutations() {
    std::vector<core_mutation> out;
    add_health_mutations(out);
    add_start_mutations(out);
    add_config_mutations(out);
    add_result_mutations(out);
    add_line_mutations(out);
    return out;
}

}  // namespace cxb_test
