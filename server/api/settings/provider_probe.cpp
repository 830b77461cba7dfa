#include "server/api/settings/provider_probe.hpp"

#include <algorithm>

#include "server/api/config/crm_request.hpp"
#include "server/api/settings/google_account.hpp"

namespace cxb::api {
namespace {

using wire::field;

// How a known provider is asked; the key goes into `header` behind `prefix`.
struct known_provider {
    std::string_view name;
    std::string_view method;
    std::string_view url;
    std::string_view header;
    std::string_view prefix;
    std::string_view body;
};

constexpr std::string_view vertex = "google_vertex";
constexpr known_provider known_providers[] = {
    {"soniox", "GET", "https://api.soniox.com/v1/models", "Authorization", "Bearer ", ""},
    {"deepgram", "GET", "https://api.deepgram.com/v1/projects", "Authorization", "Token ", ""},
    {"openai", "GET", "https://api.openai.com/v1/models", "Authorization", "Bearer ", ""},
    {"google", "GET", "https://generativelanguage.googleapis.com/v1beta/models", "x-goog-api-key",
     "", ""},
    {vertex, "POST", google_token_url, "", "", ""},
    {"elevenlabs", "GET", "https://api.elevenlabs.io/v1/user", "xi-api-key", "", ""},
    {"sarvam", "POST", "https://api.sarvam.ai/text-lid", "api-subscription-key", "",
     R"({"input":"namaste"})"},
};

constexpr std::size_t most_answer = limits::mib;  // a list of models is some 100 KiB

error no_key(char const* reason) {
    return error{errc::invalid, reason}.with_reason(reason);
}

std::string outcome_word(error const& cause) {
    auto const word = crm_fault_word(cause);
    return word == "blocked" ? "outbound_blocked: " + std::string(cause.reason()) : word;
}

}  // namespace

constexpr wire::field_row outcome_rows[] = {
    field<&probe_outcome::ok>("ok").doc("It answered as it should."),
    field<&probe_outcome::latency_ms>("latency_ms").doc("Time until its answer."),
    field<&probe_outcome::error>("error").doc("What went wrong, in a word."),
};
CXB_WIRE_TYPE(probe_outcome,
              wire::table<probe_outcome>("Outcome of a connection test.", outcome_rows))

result<client::outgoing_request> probe_request(system_settings const& settings,
                                               std::string_view provider, time_point now) {
    auto const* const known = std::ranges::find(known_providers, provider, &known_provider::name);
    auto const entry = settings.providers.find(provider);
    bool const custom = entry != settings.providers.end();
    if (!custom && known == std::end(known_providers))
        return error{errc::not_found, "Unknown provider"};
    auto const key = settings.api_keys.find(std::string(provider));
    if (key == settings.api_keys.end()) return no_key("key_missing");
    auto const& text = key->second.reveal();
    client::outgoing_request out;
    auto& message = out.message;
    message.headers.set("Accept", "application/json");
    if (custom) {
        std::string_view base = entry->second.base_url;
        while (base.ends_with('/'))
            base.remove_suffix(1);
        out.url = std::string(base) + "/models";
        message.method = "GET";
        message.headers.set("Authorization", "Bearer " + text);
        return out;
    }
    out.url = known->url;
    message.method = known->method;
    if (known->name == vertex) {
        CXB_TRY(auto const account, read_google_account(text));
        return google_token_request(account, now);
    }
    message.headers.set(std::string(known->header), std::string(known->prefix) + text);
    message.body = known->body;
    if (!known->body.empty()) message.headers.set("Content-Type", "application/json");
    return out;
}

boost::asio::awaitable<result<probe_outcome>> probe_provider(
    client::transport& outbound, clock const& time, std::shared_ptr<system_settings const> settings,
    std::string provider, milliseconds patience) {
    probe_outcome out;
    auto request = probe_request(*settings, provider, time.now());
    if (!request && request.error().code() == errc::not_found) co_return request.error();
    if (!request) {
        out.error = request.error().reason();
        co_return out;
    }
    client::transport_options how;
    how.connect = std::min(how.connect, patience);
    how.total = patience;
    how.max_response_bytes = most_answer;
    auto const began = time.steady();
    auto const answer = co_await outbound.send(*std::move(request), how);
    out.latency_ms = std::chrono::duration_cast<milliseconds>(time.steady() - began);
    if (!answer)
        out.error = outcome_word(answer.error());
    else if (answer->status < 200 || answer->status >= 300)
        out.error = "status_" + std::to_string(answer->status);
    out.ok = !out.error;
    co_return out;
}

}  // namespace cxb::api
