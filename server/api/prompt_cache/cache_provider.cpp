#include "server/api/prompt_cache/cache_provider.hpp"

#include <algorithm>

#include "cxb/version.hpp"
#include "cxb/wire/retry_after.hpp"
#include "server/api/config/crm_request.hpp"
#include "server/api/settings/google_account.hpp"
#include "server/api/settings/provider_keys.hpp"
#include "server/common/cut_texts.hpp"

namespace cxb::api {
namespace {

using wire::json_object;

constexpr std::string_view vertex = "google_vertex";
constexpr std::string_view gemini_base = "https://generativelanguage.googleapis.com";
constexpr std::string_view vertex_host = "aiplatform.googleapis.com";
constexpr std::string_view everywhere = "global";
constexpr std::size_t longest_name = 512;
constexpr std::size_t most_told = 400;  // of the provider's message, bytes
constexpr milliseconds connect_patience{3000};

error local_fault(char const* word) {
    return error{errc::invalid, word};
}

// The words go into hosts and paths.
bool is_plain(std::string_view text, std::string_view besides) noexcept {
    return !text.empty() && text.size() <= longest_name && text.find("..") == text.npos &&
           std::all_of(text.begin(), text.end(), [&](char c) {
               bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
               return letter || (c >= '0' && c <= '9') || c == '-' ||
                      besides.find(c) != besides.npos;
           });
}

std::string_view without_slashes(std::string_view base) noexcept {
    while (base.ends_with('/'))
        base.remove_suffix(1);
    return base;
}

// `projects/p/locations/l/cachedContents/1` -> `l`
std::string location_of(std::string_view name) {
    constexpr std::string_view step = "/locations/";
    auto const at = name.find(step);
    if (at == name.npos) return {};
    auto const rest = name.substr(at + step.size());
    return std::string(rest.substr(0, rest.find('/')));
}

bool is_cache_name(std::string_view name, bool of_vertex) noexcept {
    bool const right =
        of_vertex ? name.starts_with("projects/") && name.find("/cachedContents/") != name.npos
                  : name.starts_with("cachedContents/");
    return right && is_plain(name, "/_.:");
}

// `{"error":{"code":400,"message":"...","status":"INVALID_ARGUMENT"}}`
std::string message_of(std::string_view body) {
    auto const document = wire::parse_json(body);
    if (!document || !document->is_object()) return {};
    auto const& members = document->as_object();
    // A token's refusal says it in another way.
    for (char const* path : {"error.message", "error_description"})
        if (auto const text = wire::text_at(members, path); !text.empty()) {
            wire::json_value told(text);
            server::cut_texts(told, most_told);
            return std::string(told.as_string());
        }
    return {};
}

error refusal(wire::http_response const& answer, time_point now) {
    std::string text = "status_" + std::to_string(answer.status);
    if (auto const message = message_of(answer.body); !message.empty()) text += ": " + message;
    auto out = error{errc::upstream_failed, std::move(text)}.with_status(answer.status);
    if (auto const wait = wire::retry_after(answer.headers, now))
        return std::move(out).with_retry_after(*wait);
    return out;
}

error no_answer(error const& cause) {
    auto const word = crm_fault_word(cause);
    if (word == "blocked")
        return error{errc::blocked, "outbound_blocked: " + std::string(cause.reason())};
    return error{errc::upstream_failed, word};
}

error of_token(error const& cause) {
    auto out = error{cause.code(), "token: " + cause.detail()}.with_status(cause.status());
    if (cause.retry_after()) return std::move(out).with_retry_after(*cause.retry_after());
    return out;
}

json_object declaration_of(rc::tool const& tool) {
    json_object out{{"name", tool.function.name}};
    if (!tool.function.description.empty()) out["description"] = tool.function.description;
    if (tool.function.parameters)
        out["parametersJsonSchema"] = tool.function.parameters->to_value();
    return out;
}

result<made_cache> read_made(std::string_view body, bool of_vertex) {
    auto const document = wire::parse_json(body);
    if (!document) return error{errc::upstream_failed, "not_json"};
    if (!document->is_object()) return error{errc::upstream_failed, "shape"};
    auto const& members = document->as_object();
    made_cache out{std::string(wire::text_at(members, "name")), {}};
    auto const end = parse_timestamp(wire::text_at(members, "expireTime"));
    if (!is_cache_name(out.name, of_vertex) || !end) return error{errc::upstream_failed, "shape"};
    out.expires_at = *end;
    return out;
}

}  // namespace

bool is_hopeless(error const& of_provider) noexcept {
    if (of_provider.code() == errc::invalid || of_provider.code() == errc::blocked) return true;
    int const status = of_provider.status();
    return status >= 300 && status < 500 && status != 408 && status != 409 && status != 429;
}

cache_access cache_access_of(bot_entry const& bot, system_settings const& system,
                             std::string_view provider) {
    cache_access out{std::string(provider), {}, {}, {}, {}};
    auto const* const model = talking_model(bot, system);
    if (model != nullptr && model->provider == provider) {
        out.key = model->api_key;
        out.base_url = model->base_url.value_or("");
        json_object const extra = model->extra.to_object();
        out.project = wire::text_at(extra, "project_id");
        out.location = wire::text_at(extra, "location");
    }
    auto const* const key = system_key(
        system, provider, bot.bot.llm ? std::string_view(out.base_url) : std::string_view());
    if (out.key.empty() && key != nullptr) out.key = *key;
    auto const entry = system.providers.find(provider);
    if (out.base_url.empty() && entry != system.providers.end())
        out.base_url = entry->second.base_url;
    if (out.location.empty()) out.location = "us-central1";
    return out;
}

json_object creation_body(cache_order const& order, std::string_view model_name) {
    json_object const text{{"text", order.static_prompt}};
    json_object out{{"model", model_name},
                    {"displayName", order.display_name},
                    {"systemInstruction", {{"parts", wire::json_array{text}}}},
                    {"ttl", std::to_string(order.ttl.count()) + "s"}};
    if (order.tools.empty()) return out;
    wire::json_array declarations;
    for (auto const& tool : order.tools)
        declarations.push_back(declaration_of(tool));
    json_object const group{{"functionDeclarations", std::move(declarations)}};
    out["tools"] = wire::json_array{group};
    return out;
}

// Where the resource is and what opens the door.
struct cache_provider::entrance {
    bool of_vertex = false;
    std::string versioned;  ///< base with the version of the API
    std::string parent;     ///< of vertex: `projects/p/locations/l/`
    wire::header_list headers;
};

store::async<wire::http_response> cache_provider::ask(client::outgoing_request request,
                                                      std::chrono::nanoseconds end) {
    request.message.headers.set("User-Agent", std::string("cxb/") + version_string);
    client::transport_options how;
    how.total =
        std::max(std::chrono::duration_cast<milliseconds>(end - time_.steady()), milliseconds{1});
    how.connect = std::min(connect_patience, how.total);
    how.max_response_bytes = most_cache_answer;
    auto answer = co_await outbound_.send(std::move(request), std::move(how));
    if (!answer) co_return no_answer(answer.error());
    if (answer->status < 200 || answer->status >= 300) co_return refusal(*answer, time_.now());
    co_return *std::move(answer);
}

store::async<cache_provider::entrance> cache_provider::enter(cache_access access,
                                                             std::chrono::nanoseconds end) {
    if (access.key.empty()) co_return local_fault("key_missing");
    entrance out;
    out.of_vertex = access.provider == vertex;
    out.headers = {{"Accept", "application/json"}, {"Content-Type", "application/json"}};
    std::string base(without_slashes(access.base_url));
    if (!out.of_vertex) {
        out.versioned = (base.empty() ? std::string(gemini_base) : base) + "/v1beta/";
        out.headers.set("x-goog-api-key", access.key.reveal());
        co_return out;
    }
    auto const account = read_google_account(access.key.reveal());
    if (!account) co_return local_fault("key_unreadable");
    if (access.project.empty()) access.project = account->project_id;
    if (!is_plain(access.project, ".:")) co_return local_fault("project_unreadable");
    if (!is_plain(access.location, "")) co_return local_fault("location_unreadable");
    if (base.empty())
        base = "https://" + (access.location == everywhere ? "" : access.location + "-") +
               std::string(vertex_host);
    auto request = google_token_request(*account, time_.now());
    if (!request) co_return local_fault("key_unreadable");
    auto const answer = co_await ask(*std::move(request), end);
    if (!answer) co_return of_token(answer.error());
    auto const token = read_google_token(answer->body);
    if (!token) co_return error{errc::upstream_failed, "token: shape"};
    out.versioned = base + "/v1/";
    out.parent = "projects/" + access.project + "/locations/" + access.location + "/";
    out.headers.set("Authorization", "Bearer " + token->reveal());
    co_return out;
}

store::async<made_cache> cache_provider::create(cache_order order) {
    auto const end = time_.steady() + patience_;
    if (order.model.empty()) co_return local_fault("model_missing");
    CXB_CO_TRY(entrance const door, co_await enter(order.access, end));
    std::string model = order.model;
    if (door.of_vertex && model.find('/') == model.npos)
        model = door.parent + "publishers/google/models/" + model;
    else if (!door.of_vertex && !model.starts_with("models/"))
        model = "models/" + model;
    client::outgoing_request request;
    request.url = door.versioned + door.parent + "cachedContents";
    request.message.method = "POST";
    request.message.headers = door.headers;
    request.message.body = wire::to_text(creation_body(order, model));
    CXB_CO_TRY(auto const answer, co_await ask(std::move(request), end));
    co_return read_made(answer.body, door.of_vertex);
}

store::async<void> cache_provider::remove(cache_access access, std::string name) {
    auto const end = time_.steady() + patience_;
    bool const of_vertex = access.provider == vertex;
    if (!is_cache_name(name, of_vertex)) co_return local_fault("name_unreadable");
    // Where it was made, whatever the bot says by now.
    if (of_vertex) access.location = location_of(name);
    CXB_CO_TRY(entrance const door, co_await enter(std::move(access), end));
    client::outgoing_request request;
    request.url = door.versioned + name;
    request.message.method = "DELETE";
    request.message.headers = door.headers;
    auto const answer = co_await ask(std::move(request), end);
    // The Gemini API answers 403 for what it does not know.
    bool const unknown = !answer &&
                         (answer.error().status() == 404 || answer.error().status() == 403) &&
                         !answer.error().detail().starts_with("token: ");
    if (!answer && !unknown) co_return answer.error();
    co_return result<void>{};
}

}  // namespace cxb::api
