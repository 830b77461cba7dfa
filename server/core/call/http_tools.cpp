#include "server/core/call/http_tools.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "cxb/domain/template_text.hpp"

namespace cxb::inline v1 {
namespace core {

namespace asio = boost::asio;
namespace rc = contract::runtime_config;

namespace {

constexpr std::size_t longest_query = 500;

// Tokens `{{args.x}}` are those of the arguments; they are looked up as `result.x` of the template
// language, whose namespaces are closed.
std::string as_result_tokens(std::string_view text) {
    std::string out(text);
    constexpr std::string_view from = "args.";
    for (auto at = out.find("{{"); at != std::string::npos; at = out.find("{{", at + 2)) {
        auto const name = out.find_first_not_of(' ', at + 2);
        if (name != std::string::npos && out.compare(name, from.size(), from) == 0)
            out.replace(name, from.size(), "result.");
    }
    return out;
}

wire::json_value with_arguments(wire::json_value const& value) {
    if (value.is_string()) return wire::json_value(as_result_tokens(value.as_string()));
    if (value.is_array()) {
        wire::json_array out;
        for (auto const& one : value.as_array())
            out.push_back(with_arguments(one));
        return out;
    }
    if (value.is_object()) {
        wire::json_object out;
        for (auto const& [name, one] : value.as_object())
            out[name] = with_arguments(one);
        return out;
    }
    return value;
}

std::string word_for(error const& cause) {
    switch (cause.code()) {
        case errc::deadline_exceeded:
            return "timeout";
        case errc::blocked:
            return "blocked";
        case errc::too_large:
            return "too_large";
        default:
            return "network";
    }
}

// The part of an answer the model gets: JSON, else the text.
wire::json_value body_of(std::string_view bytes, std::string const& pointer) {
    auto parsed = wire::parse_json(bytes);
    if (!parsed) return wire::json_value(bytes);
    if (pointer.empty()) return *std::move(parsed);
    boost::json::error_code ec;
    auto const* const part = parsed->find_pointer(pointer, ec);
    return part != nullptr ? *part : wire::json_value(nullptr);
}

}  // namespace

client::outgoing_request tool_request(rc::http_tool const& tool,
                                      wire::json_object const& arguments) {
    domain::template_variables values;
    values.result = &arguments;
    auto const empty = domain::unresolved_policy::empty;
    client::outgoing_request out;
    out.message.method = tool.method.text();
    out.url = domain::compiled_template(as_result_tokens(tool.url)).render_url(values, empty);
    wire::query_list query;
    for (auto const& [name, text] : tool.query)
        query.add(name, domain::render_template(as_result_tokens(text), values, empty));
    bool const has_body = tool.method.is(rc::http_method::post) ||
                          tool.method.is(rc::http_method::put) ||
                          tool.method.is(rc::http_method::patch);
    if (has_body) {
        out.message.headers.set("Content-Type", "application/json");
        out.message.body = tool.body ? wire::to_text(domain::render_json(
                                           with_arguments(tool.body->to_value()), values, empty))
                                     : wire::to_text(arguments);
    } else if (tool.query.empty()) {
        for (auto const& [name, value] : arguments)
            query.add(std::string(name), domain::value_as_text(value));
    }
    for (auto const& [name, value] : tool.headers)
        out.message.headers.set(name, value);
    if (auto const text = query.to_text(); !text.empty())
        out.url += (out.url.find('?') == std::string::npos ? '?' : '&') + text;
    return out;
}

asio::awaitable<tool_replied> run_http_tool(client::transport& guarded, shared_config config,
                                            ask_tool ask) {
    tool_replied out;
    out.key = ask.key;
    auto const tool = std::ranges::find_if(
        config->tools, [&](rc::tool const& one) { return one.function.name == ask.name; });
    if (tool == config->tools.end() || !tool->http) {
        out.error = "network";
        co_return out;
    }
    client::transport_options how;
    how.total = std::chrono::round<milliseconds>(tool->http->timeout_seconds);
    how.max_response_bytes = static_cast<std::size_t>(tool->http->max_response_bytes);
    auto const end = std::chrono::steady_clock::now() + how.total;
    auto answer = co_await guarded.send(tool_request(*tool->http, ask.arguments), how);
    how.total = std::chrono::floor<milliseconds>(end - std::chrono::steady_clock::now());
    bool const again = !answer && word_for(answer.error()) == "network" &&
                       tool->http->method.is(rc::http_method::get);
    if (again && how.total > milliseconds::zero())
        answer = co_await guarded.send(tool_request(*tool->http, ask.arguments), how);
    if (!answer) {
        out.http_status = answer.error().status();
        out.error = word_for(answer.error());
        co_return out;
    }
    out.http_status = answer->status;
    out.body = body_of(answer->bytes(), tool->http->response_pointer);
    if (answer->status / 100 != 2) out.error = "status";
    co_return out;
}

asio::awaitable<knowledge_replied> search_knowledge(client::transport& api, shared_config config,
                                                    wire::header_list headers, ask_knowledge ask) {
    knowledge_replied out;
    out.key = ask.key;
    auto const& settings = config->knowledge;
    if (settings.strict) out.say_instead = settings.fallback_message;
    out.ok = false;
    if (!settings.search_url) co_return out;
    wire::json_array ids;
    for (auto const& id : settings.kb_ids)
        ids.emplace_back(id);
    client::outgoing_request request;
    request.url = *settings.search_url;
    request.message.method = "POST";
    request.message.headers = std::move(headers);
    request.message.headers.set("Content-Type", "application/json");
    request.message.body =
        wire::to_text(wire::json_object{{"bot_id", config->bot_id},
                                        {"query", utf8_prefix(ask.query, longest_query)},
                                        {"session_id", config->session_id},
                                        {"kb_ids", std::move(ids)},
                                        {"top_k", settings.top_k},
                                        {"score_threshold", settings.score_threshold}});
    client::transport_options how;
    how.total = settings.timeout_ms;
    auto const answer = co_await api.send(std::move(request), how);
    if (!answer || answer->status != 200) co_return out;
    auto const body = wire::parse_json(answer->bytes());
    if (!body || !body->is_object()) co_return out;
    auto const* const results = body->as_object().if_contains("results");
    if (results == nullptr || !results->is_array()) co_return out;
    out.ok = true;
    for (auto const& hit : results->as_array()) {
        if (!hit.is_object()) continue;
        out.top_score = std::max(out.top_score, wire::number_at(hit.as_object(), "score"));
        out.chunk_ids.emplace_back(wire::text_at(hit.as_object(), "chunk_id"));
        out.results.push_back(hit);
    }
    if (!out.results.empty()) out.say_instead.clear();
    co_return out;
}

}  // namespace core
}  // namespace cxb::inline v1
