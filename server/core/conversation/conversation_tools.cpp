#include <algorithm>
#include <utility>

#include "server/core/conversation/conversation.hpp"
#include "server/core/conversation/tool_arguments.hpp"

namespace cxb::inline v1 {
namespace core {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_calls_a_round = 4;
constexpr int most_rounds = 4;
constexpr milliseconds pre_message_after = 300ms;
constexpr milliseconds last_words_limit = 15s;

std::string error_json(std::string_view word, std::string_view detail = {}) {
    wire::json_object out{{"error", word}};
    if (!detail.empty()) out["detail"] = detail;
    return wire::to_text(out);
}

// What the model wrote, as a value when it is one.
wire::json_value as_value(std::string const& arguments) {
    auto parsed = wire::parse_json(arguments);
    return parsed ? *std::move(parsed) : wire::json_value(arguments);
}

double in_ms(milliseconds value) {
    return static_cast<double>(value.count());
}

void add_to(std::optional<double>& sum, double value) {
    sum = sum.value_or(0) + value;
}

}  // namespace

// Looks a call up and checks its arguments. A refused one has its result already.
conversation::tool_run conversation::prepare(model_tool_call const& call, bool too_many) const {
    tool_run run;
    run.call = call;
    auto const tool = std::find_if(config_.tools.begin(), config_.tools.end(),
                                   [&](auto const& item) { return item.name == call.name; });
    if (tool != config_.tools.end()) run.tool = &*tool;
    if (too_many) {
        run.result_json = error_json("too_many_tool_calls");
        return run;
    }
    if (run.tool == nullptr) {
        run.result_json = error_json("unknown_tool");
        return run;
    }
    auto const parsed = wire::parse_json(call.arguments.empty() ? "{}" : call.arguments);
    if (!parsed) {
        run.result_json = error_json("invalid_arguments", "not JSON");
        return run;
    }
    if (auto const fault = argument_fault(run.tool->parameters, *parsed)) {
        run.result_json = error_json("invalid_arguments", *fault);
        return run;
    }
    run.arguments = parsed->get_object();
    if (run.tool->http)
        run.kind = tool_kind::http;
    else
        run.kind = call.name == "search_knowledge" ? tool_kind::knowledge : tool_kind::builtin;
    return run;
}

void conversation::start_round(std::vector<model_tool_call> const& calls, int number) {
    tool_round round;
    round.number = number;
    round.turn = turn_;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        round.runs.push_back(prepare(calls[i], i >= most_calls_a_round || number > most_rounds));
        round.runs.back().key = ++last_key_;
    }
    round_ = std::move(round);
    for (auto& run : round_->runs)
        if (run.kind != tool_kind::builtin) start_run(run);
    continue_round();
}

void conversation::start_run(tool_run& run) {
    run.started = true;
    run.started_at = now_;
    bool const hidden = run.tool != nullptr && run.tool->sensitive;
    bool cut = false;
    auto arguments = hidden ? wire::json_value("***") : bounded(as_value(run.call.arguments), cut);
    wire::json_object data{{"call_id", run.call.id}, {"arguments", std::move(arguments)}};
    if (cut) data["truncated"] = true;
    log_.event(now_, "tool_call", {.turn = turn_, .name = run.call.name, .data = std::move(data)});
    if (run.kind == tool_kind::refused) {
        auto const error = as_value(run.result_json).as_object().at("error");
        finish_run(run, run.result_json, {{"error", error}}, "error");
    } else if (run.kind == tool_kind::http) {
        if (!run.tool->pre_message.empty()) run.pre_message_at = now_ + pre_message_after;
        out_.emplace_back(ask_tool{run.key, run.call.name, run.call.id, run.arguments});
    } else if (run.kind == tool_kind::knowledge) {
        out_.emplace_back(
            ask_knowledge{run.key, std::string(wire::text_at(run.arguments, "query"))});
    }
}

void conversation::tool_result_event(tool_run const& run, wire::json_object data,
                                     std::string const& status) {
    wire::json_object all{{"call_id", run.call.id}};
    for (auto& [name, value] : data)
        all[name] = std::move(value);
    log_.event(now_, "custom_tool_result",
               {.turn = turn_,
                .name = run.call.name,
                .status = status,
                .duration_ms = in_ms(now_ - run.started_at),
                .data = std::move(all)});
}

void conversation::finish_run(tool_run& run, std::string result_json, wire::json_object data,
                              std::string const& status) {
    run.done = true;
    run.pre_message_at.reset();
    run.result_json = std::move(result_json);
    tool_result_event(run, std::move(data), status);
}

// Built-in tools come after all others, one by one; then the model hears of the results.
void conversation::continue_round() {
    if (!round_ || closing_) return;
    for (auto const& run : round_->runs)
        if (run.kind != tool_kind::builtin && !run.done) return;
    for (auto& run : round_->runs) {
        if (run.kind != tool_kind::builtin || run.done) continue;
        if (run.started) return;
        start_run(run);
        run_builtin(run);
        if (!round_ || phase_ == call_phase::over) return;
        if (!run.done) return;
    }
    auto const finished = *std::exchange(round_, std::nullopt);
    for (auto const& run : finished.runs)
        history_.tool(run.call.id, run.call.name, run.result_json);
    if (finished.ends_call || closing_) return;
    ask(ask_cause::tool_result, finished.number + 1, finished.number <= most_rounds);
}

void conversation::run_builtin(tool_run& run) {
    auto const name = run.call.name;
    wire::json_object const done{{"result", "ok"}};
    if (round_->ends_call) {
        finish_run(run, error_json("call_ended"), {{"error", "call_ended"}}, "error");
    } else if (name == "end_call") {
        round_->ends_call = true;
        finish_run(run, R"({"status":"ok"})", done, "ok");
        close("bot", "", last_words_limit);
    } else if (name == "detected_voicemail") {
        round_->ends_call = true;
        finish_run(run, R"({"status":"ok"})", done, "ok");
        log_.event(now_, "voicemail_detected", {.turn = turn_});
        close("voicemail", config_.voicemail.message, last_words_limit);
    } else if (name == "transfer_call") {
        begin_transfer(run);
    } else {
        finish_run(run, error_json("unknown_tool"), {{"error", "unknown_tool"}}, "error");
    }
}

// The turn was given up: what runs will still be noted, but nobody waits for it.
void conversation::detach_round() {
    if (!round_) return;
    for (auto& run : round_->runs) {
        run.pre_message_at.reset();
        if (run.done || !run.started) continue;
        if (run.kind == tool_kind::builtin)
            finish_run(run, error_json("interrupted"), {{"error", "interrupted"}}, "error");
        else
            detached_.emplace(run.key, run);
    }
    // A call without a result would confuse the model, so each gets one.
    for (auto const& run : round_->runs)
        history_.tool(run.call.id, run.call.name,
                      run.done ? run.result_json : error_json("interrupted"));
    round_.reset();
}

conversation::tool_run* conversation::waiting_run(request_key key) {
    if (round_)
        for (auto& run : round_->runs)
            if (run.key == key && run.started && !run.done) return &run;
    auto const at = detached_.find(key);
    return at == detached_.end() ? nullptr : &at->second;
}

bool conversation::pre_messages() {
    if (!round_) return false;
    bool spoken = false;
    for (auto& run : round_->runs) {
        if (!run.pre_message_at || *run.pre_message_at > now_) continue;
        run.pre_message_at.reset();
        if (!std::exchange(spoken, true))
            speak(run.tool->pre_message, domain::bot_line::guarded, purpose::pre_message);
    }
    return spoken;
}

void conversation::on(tool_replied const& event) {
    auto* run = waiting_run(event.key);
    if (run == nullptr) return;
    bool const ok = event.error.empty();
    wire::json_object answer;
    wire::json_object data;
    if (event.http_status != 0) data["http_status"] = event.http_status;
    if (ok) {
        answer = {{"status", event.http_status}, {"body", event.body}};
        bool cut = false;
        data["result"] = run->tool->sensitive ? wire::json_value("***") : bounded(event.body, cut);
        if (cut) data["truncated"] = true;
    } else {
        answer["error"] = event.error;
        if (event.error == "status") answer["status"] = event.http_status;
        data["error"] = event.error;
    }
    add_to(timing_.tool_ms, in_ms(now_ - run->started_at));
    finish_run(*run, wire::to_text(answer), std::move(data), ok ? "ok" : "error");
    if (detached_.erase(event.key) == 0) continue_round();
}

void conversation::on(knowledge_replied const& event) {
    auto* run = waiting_run(event.key);
    if (run == nullptr) return;
    auto const query = wire::text_at(run->arguments, "query");
    log_.event(now_, "knowledge_search",
               {.turn = turn_,
                .data = wire::json_object{{"query", query},
                                          {"hits", event.results.size()},
                                          {"top_score", event.top_score},
                                          {"chunk_ids", event.chunk_ids}}});
    add_to(timing_.rag_ms, in_ms(now_ - run->started_at));
    if (!event.ok) {
        log_.service_error(now_, "knowledge", "failed", "the knowledge search did not answer");
        finish_run(*run, error_json("knowledge_unavailable"), {{"error", "unavailable"}}, "error");
    } else {
        wire::json_object const answer{{"results", event.results}};
        bool cut = false;
        wire::json_object data{{"result", bounded(answer, cut)}};
        if (cut) data["truncated"] = true;
        finish_run(*run, wire::to_text(answer), std::move(data), "ok");
    }
    if (detached_.erase(event.key) != 0) return;
    if (event.say_instead.empty() || round_->runs.size() > 1) return continue_round();
    // Strict knowledge without a hit: the fallback is the answer, the model is not asked.
    auto const finished = *std::exchange(round_, std::nullopt);
    for (auto const& done : finished.runs)
        history_.tool(done.call.id, done.call.name, done.result_json);
    speak(event.say_instead, domain::bot_line::ordinary, purpose::answer);
}

}  // namespace core
}  // namespace cxb::inline v1
