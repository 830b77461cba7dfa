#include "server/core/sim/scripted_model.hpp"

#include <algorithm>
#include <utility>

namespace cxb::inline v1 {
namespace core {

namespace {

constexpr std::string_view default_script = R"json({
 "rules":[
  {"when":{"match":"leave .{0,12}message|after the (tone|beep)|voice ?mail|mailbox"},
   "tool":{"name":"detected_voicemail","arguments":{}}},
  {"when":{"match":"wrong number|galat number"},"say":"I am sorry for the trouble. Goodbye.",
   "tool":{"name":"end_call","arguments":{}}},
  {"when":{"match":"\\b(agent|human)\\b"},"say":"Of course.",
   "tool":{"name":"transfer_call","arguments":{"reason":"The caller asked for an agent."}}},
  {"when":{"match":"call .*(back|later|tomorrow)"},
   "say":"Of course, I will call you then. Is there anything else?"},
  {"when":{"match":"already paid|paise de diye"},
   "say":"Thank you, I have noted that it is paid. Is there anything else?"},
  {"when":{"match":"\\b(goodbye|good bye|bye|alvida)\\b"},"say":"Thank you for your time. Goodbye.",
   "tool":{"name":"end_call","arguments":{}}},
  {"when":{"tool_result":"transfer_call"},
   "say":"I am sorry, nobody can take the call just now. Is there anything else?"},
  {"when":{"tool_result":true},"say":"I found this: {{result}}."},
  {"when":{"silence":true},"say":"Hello, are you still there?"},
  {"when":{"turn":1},"say":"Hello, thank you for answering. I heard: {{user}}"}],
 "default":"You said: {{user}}"})json";

constexpr std::size_t most_say = 4096;

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

// A tool's answer as it is spoken: the body of an HTTP answer, texts without quotes.
std::string spoken_result(std::string const& json) {
    auto const parsed = wire::parse_json(json);
    if (!parsed) return json;
    wire::json_value const* value = &*parsed;
    if (value->is_object())
        if (auto const* body = value->get_object().if_contains("body")) value = body;
    if (value->is_string()) return std::string(value->get_string());
    return wire::to_text(*value);
}

bool asks_for_callback(std::string const& text) {
    static std::regex const words("call .*(back|later|tomorrow)", std::regex::icase);
    return std::regex_search(text.substr(0, most_say), words);
}

}  // namespace

// Reads a script and gathers all its faults.
class script_reader {
  public:
    explicit script_reader(wire::json_object const& script) : script_(script) {}

    result<scripted_model> read() {
        scripted_model out{scripted_model::empty_tag{}};
        rules(out);
        if (auto const* value = script_.if_contains("default")) {
            if (value->is_string())
                out.default_ = scripted_model::reply{std::string(value->get_string()), {}, {}};
            else if (value->is_object())
                out.default_ = reply(value->get_object(), "/default");
            else
                fault("/default", "expected string or object");
        }
        object("analysis", out.analysis_);
        object("qc", out.qc_);
        if (!faults_.empty()) return invalid_document(std::move(faults_));
        return out;
    }

  private:
    void fault(std::string pointer, std::string reason) {
        if (faults_.size() < 50) faults_.push_back({std::move(pointer), std::move(reason)});
    }

    void object(std::string_view name, std::optional<wire::json_object>& into) {
        auto const* value = script_.if_contains(name);
        if (value == nullptr || value->is_null()) return;
        if (value->is_object())
            into = value->get_object();
        else
            fault("/" + std::string(name), "expected object");
    }

    void rules(scripted_model& out) {
        auto const* list = script_.if_contains("rules");
        if (list == nullptr) return;
        if (!list->is_array() || list->get_array().size() > 200) {
            fault("/rules", "expected list of at most 200");
            return;
        }
        for (std::size_t i = 0; i < list->get_array().size(); ++i) {
            auto const at = "/rules/" + std::to_string(i);
            auto const& item = list->get_array()[i];
            if (item.is_object())
                out.rules_.push_back(one_rule(item.get_object(), at));
            else
                fault(at, "expected object");
        }
    }

    scripted_model::rule one_rule(wire::json_object const& item, std::string const& at) {
        scripted_model::rule out;
        out.once = wire::bool_at(item, "once");
        out.then = reply(item, at);
        auto const* when = item.if_contains("when");
        if (when == nullptr || !when->is_object() || when->get_object().empty()) {
            fault(at + "/when", "expected object with a condition");
            return out;
        }
        for (auto const& [name, value] : when->get_object())
            condition(out, name, value, at + "/when/" + std::string(name));
        return out;
    }

    void condition(scripted_model::rule& out, std::string_view name, wire::json_value const& value,
                   std::string const& at) {
        if (name == "turn" && value.is_number()) {
            out.turn = static_cast<int>(value.to_number<double>());
        } else if (name == "match" && value.is_string()) {
            try {
                out.match.emplace(std::string(value.get_string()), std::regex::icase);
            } catch (std::regex_error const&) {
                fault(at, "is no regular expression");
            }
        } else if (name == "tool_result" && (value.is_string() || value.is_bool())) {
            out.tool_result = !value.is_bool() || value.get_bool();
            if (value.is_string()) out.tool_name = std::string(value.get_string());
        } else if (name == "silence" && value.is_bool()) {
            out.silence = value.get_bool();
        } else if (name == "always" && value.is_bool()) {
            out.always = value.get_bool();
        } else {
            fault(at, "unknown condition or wrong type");
        }
    }

    scripted_model::reply reply(wire::json_object const& item, std::string const& at) {
        scripted_model::reply out;
        if (auto const* say = item.if_contains("say")) {
            if (say->is_string() && say->get_string().size() <= most_say)
                out.say = std::string(say->get_string());
            else
                fault(at + "/say", "expected string of at most 4096 bytes");
        }
        if (auto const* delay = item.if_contains("delay_ms")) {
            auto const ms = delay->is_number() ? delay->to_number<double>() : -1;
            if (ms >= 0 && ms <= 60000)
                out.delay = milliseconds(static_cast<long>(ms));
            else
                fault(at + "/delay_ms", "expected number from 0 to 60000");
        }
        if (auto const* tool = item.if_contains("tool")) {
            if (tool->is_array())
                for (std::size_t i = 0; i < tool->get_array().size(); ++i)
                    call(out, tool->get_array()[i], at + "/tool/" + std::to_string(i));
            else
                call(out, *tool, at + "/tool");
        }
        return out;
    }

    void call(scripted_model::reply& out, wire::json_value const& value, std::string const& at) {
        auto const* object = value.if_object();
        if (object == nullptr || wire::text_at(*object, "name").empty()) {
            fault(at, "expected object with a name");
            return;
        }
        model_tool_call made;
        made.name = std::string(wire::text_at(*object, "name"));
        auto const* arguments = object->if_contains("arguments");
        made.arguments = arguments == nullptr ? "{}" : wire::to_text(*arguments);
        out.calls.push_back(std::move(made));
    }

    wire::json_object const& script_;
    std::vector<cxb::fault> faults_;
};

scripted_model::scripted_model() {
    auto const script = wire::parse_json(default_script);
    *this = parse(script.value().as_object()).value();
    only_known_tools_ = true;
}

result<scripted_model> scripted_model::parse(wire::json_object const& script) {
    return script_reader(script).read();
}

bool scripted_model::holds(rule const& r, scripted_ask const& ask) {
    if (r.once && r.used) return false;
    if (r.always) return true;
    switch (ask.cause) {
        case ask_cause::silence:
            return r.silence;
        case ask_cause::tool_result:
            return r.tool_result && (r.tool_name.empty() || r.tool_name == ask.tool);
        case ask_cause::user_turn:
            break;
    }
    if (r.silence || r.tool_result || (!r.turn && !r.match)) return false;
    if (r.turn && *r.turn != ask.turn) return false;
    return !r.match || std::regex_search(ask.user.substr(0, most_say), *r.match);
}

scripted_answer scripted_model::answer(scripted_ask const& ask) {
    for (auto& r : rules_) {
        if (!holds(r, ask)) continue;
        r.used = true;
        return render(r.then, ask);
    }
    if (default_) return render(*default_, ask);
    return {};
}

scripted_answer scripted_model::render(reply const& from, scripted_ask const& ask) {
    scripted_answer out;
    out.say = from.say;
    out.delay = from.delay;
    replace_all(out.say, "{{user}}", ask.user);
    replace_all(out.say, "{{result}}", spoken_result(ask.result_json));
    if (!ask.may_call) return out;
    for (auto call : from.calls) {
        bool const known =
            std::find(ask.tools.begin(), ask.tools.end(), call.name) != ask.tools.end();
        if (only_known_tools_ && !known) continue;
        call.id = "c" + std::to_string(next_call_++);
        out.calls.push_back(std::move(call));
    }
    if (out.say.empty() && out.calls.empty() && !from.calls.empty()) out.say = "I see.";
    return out;
}

std::string scripted_model::analysis(std::vector<std::string> const& user_texts,
                                     bool callback_asked) const {
    wire::json_object out;
    if (analysis_) {
        out = *analysis_;
    } else {
        out["DISPOSITION"] = "SIMULATED";
        out["SUMMARY"] = user_texts.empty() ? "" : user_texts.back();
    }
    if (!callback_asked) return wire::to_text(out);
    auto const wish = std::find_if(user_texts.begin(), user_texts.end(), asks_for_callback);
    bool const wanted = wish != user_texts.end();
    auto const add = [&](std::string_view name, wire::json_value value) {
        if (!out.contains(name)) out[name] = std::move(value);
    };
    add("callback_requested", wanted);
    add("callback_preferred_time_text", wanted ? wire::json_value(*wish) : wire::json_value(""));
    add("callback_reason", wanted ? "The caller asked to be called back." : "");
    add("callback_confidence", wanted ? 0.9 : 0.0);
    return wire::to_text(out);
}

std::string scripted_model::qc() const {
    if (qc_) return wire::to_text(*qc_);
    return R"({"overall_score":8})";
}

}  // namespace core
}  // namespace cxb::inline v1
