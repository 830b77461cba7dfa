#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "cxb/domain/http_url.hpp"
#include "cxb/domain/template_text.hpp"
#include "server/api/bots/bot_document.hpp"

namespace cxb::api {

using wire::field;
namespace patterns = wire::patterns;

namespace {

constexpr std::string_view fetch_methods[] = {"GET", "POST", "PUT"};
constexpr std::string_view push_methods[] = {"POST", "PUT", "PATCH", "GET"};
constexpr std::string_view push_formats[] = {"json", "form"};
constexpr std::string_view auth_types[] = {"none", "basic", "bearer", "api_key", oauth_auth};
constexpr std::string_view failure_words[] = {"continue", "reject"};
constexpr std::string_view retention_words[] = {"in_memory", "24h"};
constexpr std::size_t max_headers = 32;
constexpr std::size_t max_mapper_keys = 200;
constexpr std::size_t auth_bytes = 4096;
constexpr std::size_t scope_bytes = 1024;

// Headers that belong to the connection or to us (spec 20 §9).
constexpr std::string_view refused_headers[] = {
    "host",    "content-length",    "connection",          "keep-alive", "proxy-authenticate",
    "trailer", "transfer-encoding", "proxy-authorization", "upgrade",    "te",
};

void check_header_name(std::string const& at, std::string const& name, wire::fault_sink& sink) {
    std::string const lower = to_lower(name);
    bool const ours = lower.starts_with("x-cxb");
    bool const refused = std::find(std::begin(refused_headers), std::end(refused_headers), lower) !=
                         std::end(refused_headers);
    if (ours || refused) sink.add(at, "must not be set");
    bool const clean = std::all_of(lower.begin(), lower.end(), [](char c) {
        return c > ' ' && c < 127 &&
               std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
    });
    if (name.empty() || !clean) sink.add(at, "is no header name");
}

void check_headers(std::map<std::string, std::string> const& headers, outbound_auth const& auth,
                   wire::fault_sink& sink) {
    if (auth.type == "api_key") check_header_name("/auth/header", auth.header, sink);
    for (auto const& [name, value] : headers) {
        check_header_name(wire::append_pointer("/headers", name), name, sink);
        if (value.find_first_of("\r\n") != std::string::npos)
            sink.add(wire::append_pointer("/headers", name), "must not hold line breaks");
    }
}

void check_mapper(std::string const& at, wire::json_value const& value, wire::fault_sink& sink) {
    if (value.is_string()) {
        // It would reach the CRM as literal text.
        if (domain::has_unclosed_token(value.as_string())) sink.add(at, "has an unclosed {{");
    } else if (value.is_object()) {
        for (auto const& [name, item] : value.as_object())
            check_mapper(wire::append_pointer(at, name), item, sink);
    } else if (value.is_array()) {
        for (std::size_t i = 0; i < value.as_array().size(); ++i)
            check_mapper(at + "/" + std::to_string(i), value.as_array()[i], sink);
    }
}

// Whoever waits for a caller cannot wait for a token too.
void check_no_oauth(outbound_auth const& auth, wire::fault_sink& sink) {
    if (auth.type == oauth_auth) sink.add("/auth/type", "is for post_call_push only");
}

void check_oauth(outbound_auth const& auth, wire::fault_sink& sink) {
    if (auth.type != oauth_auth) return;
    if (auth.token_url.empty())
        sink.add("/auth/token_url", "is required for this type");
    else if (!domain::parse_http_url(auth.token_url))
        sink.add("/auth/token_url", "is no http or https URL");
    else if (auth.token_url.find("{{") != std::string::npos)
        sink.add("/auth/token_url", "is no template");
    if (auth.client_id.empty()) sink.add("/auth/client_id", "is required for this type");
    if (auth.client_secret.empty()) sink.add("/auth/client_secret", "is required for this type");
}

void check_fetch(pre_call_fetch_block const& block, wire::fault_sink& sink) {
    check_no_oauth(block.auth, sink);
    check_headers(block.headers, block.auth, sink);
}

void check_push(post_call_push_block const& block, wire::fault_sink& sink) {
    check_oauth(block.auth, sink);
    check_headers(block.headers, block.auth, sink);
    auto const mapper = block.key_mapper.to_object();
    if (mapper.size() > max_mapper_keys) sink.add("/key_mapper", "at most 200 keys");
    for (auto const& [name, value] : mapper)
        check_mapper(wire::append_pointer("/key_mapper", name), value, sink);
}

void check_header_config(sip_header_block const& block, wire::fault_sink& sink) {
    for (std::size_t i = 0; i < block.headers.size(); ++i)
        if (!to_lower(block.headers[i].header).starts_with("x-"))
            sink.add("/headers/" + std::to_string(i) + "/header", "must start with X-");
}

}  // namespace

constexpr wire::field_row hours_rows[] = {
    field<&active_hours_block::enabled>("enabled").doc("False: always open."),
    field<&active_hours_block::days>("days").max_items(7).doc("mon to sun."),
    field<&active_hours_block::start_time>("start_time")
        .pattern(patterns::clock_time)
        .doc("HH:MM in the bot's zone."),
    field<&active_hours_block::end_time>("end_time")
        .pattern(patterns::clock_time)
        .doc("HH:MM, also 24:00; before the start: over midnight."),
};
CXB_WIRE_PART(active_hours_block,
              wire::table<active_hours_block>("When the bot takes calls.", hours_rows))

constexpr wire::field_row header_line_rows[] = {
    field<&sip_header_line::header>("header").required().bytes(3, 64).doc("X-..., case ignored."),
    field<&sip_header_line::name>("name").bytes(1, 64).doc("Variable sip_header_<name>."),
};
CXB_WIRE_PART(sip_header_line, wire::table<sip_header_line>("One SIP header.", header_line_rows))

constexpr wire::field_row header_rows[] = {
    field<&sip_header_block::enabled>("enabled").doc("Are headers taken over?"),
    field<&sip_header_block::headers>("headers").max_items(max_headers).doc("Which ones."),
};
CXB_WIRE_PART(sip_header_block,
              wire::table<sip_header_block>("SIP headers as variables.", header_rows)
                  .check<check_header_config>())

constexpr wire::field_row auth_rows[] = {
    field<&outbound_auth::type>("type")
        .words(auth_types)
        .doc("none, basic, bearer, api_key; of pushes also oauth2_client_credentials."),
    field<&outbound_auth::username>("username").doc("For basic."),
    field<&outbound_auth::password>("password").max_bytes(auth_bytes).secret().doc("For basic."),
    field<&outbound_auth::token>("token").max_bytes(auth_bytes).secret().doc("For bearer."),
    field<&outbound_auth::header>("header").max_bytes(64).doc("For api_key: header name."),
    field<&outbound_auth::value>("value").max_bytes(auth_bytes).secret().doc("For api_key."),
    field<&outbound_auth::token_url>("token_url")
        .max_bytes(limits::url)
        .doc("For oauth2_client_credentials: where tokens are asked for; no template."),
    field<&outbound_auth::client_id>("client_id")
        .max_bytes(auth_bytes)
        .doc("For oauth2_client_credentials."),
    field<&outbound_auth::client_secret>("client_secret")
        .max_bytes(auth_bytes)
        .secret()
        .doc("For oauth2_client_credentials."),
    field<&outbound_auth::scope>("scope")
        .max_bytes(scope_bytes)
        .doc("For oauth2_client_credentials: words with blanks between; empty: not asked for."),
};
CXB_WIRE_PART(outbound_auth, wire::table<outbound_auth>("Credentials of a request.", auth_rows))

constexpr wire::field_row fetch_rows[] = {
    field<&pre_call_fetch_block::enabled>("enabled").doc("Ask before each call?"),
    field<&pre_call_fetch_block::url>("url").required().bytes(1, limits::url).doc("Template."),
    field<&pre_call_fetch_block::method>("method").words(fetch_methods).doc("GET, POST, PUT."),
    field<&pre_call_fetch_block::headers>("headers")
        .max_items(max_headers)
        .secret()
        .doc("Templates."),
    field<&pre_call_fetch_block::query>("query").max_items(max_headers).doc("Templates."),
    field<&pre_call_fetch_block::auth>("auth").doc("Credentials."),
    field<&pre_call_fetch_block::body>("body")
        .max_bytes(limits::policy_json)
        .doc("JSON whose texts are templates; absent: ids and variables."),
    field<&pre_call_fetch_block::timeout_ms>("timeout_ms").range(100, 4000).doc("Whole fetch."),
    field<&pre_call_fetch_block::retries>("retries").range(0, 2).doc(
        "On connect failure or 5xx, inside the same time."),
    field<&pre_call_fetch_block::response_path>("response_path")
        .pattern(patterns::json_pointer)
        .doc("Object, or list whose first element is taken."),
    field<&pre_call_fetch_block::mapping>("mapping")
        .max_items(max_mapper_keys)
        .doc("crm name to pointer below response_path."),
    field<&pre_call_fetch_block::defaults>("defaults")
        .object()
        .max_bytes(limits::policy_json)
        .doc("Used when the fetch fails."),
    field<&pre_call_fetch_block::on_failure>("on_failure")
        .words(failure_words)
        .doc("continue, or reject the call."),
    field<&pre_call_fetch_block::cache_ttl_seconds>("cache_ttl_seconds")
        .range(0, 3600)
        .doc("0 = not cached."),
    field<&pre_call_fetch_block::stale_if_error_seconds>("stale_if_error_seconds")
        .range(0, 86400)
        .doc("An old answer may serve this long after a failure."),
};
CXB_WIRE_PART(pre_call_fetch_block,
              wire::table<pre_call_fetch_block>("Asking the CRM before the call.", fetch_rows)
                  .check<check_fetch>())

constexpr wire::field_row push_rows[] = {
    field<&post_call_push_block::enabled>("enabled").doc("Tell the CRM?"),
    field<&post_call_push_block::url>("url").required().bytes(1, limits::url).doc("Template."),
    field<&post_call_push_block::method>("method")
        .words(push_methods)
        .doc("POST, PUT, PATCH, GET."),
    field<&post_call_push_block::format>("format").words(push_formats).doc("json or form."),
    field<&post_call_push_block::headers>("headers")
        .max_items(max_headers)
        .secret()
        .doc("Templates."),
    field<&post_call_push_block::auth>("auth").doc("Credentials."),
    field<&post_call_push_block::key_mapper>("key_mapper")
        .object()
        .max_bytes(limits::analysis_json)
        .doc("CRM key to template; empty: a default body."),
    field<&post_call_push_block::timeout_seconds>("timeout_seconds")
        .range(1, 30)
        .doc("One attempt."),
    field<&post_call_push_block::max_attempts>("max_attempts").range(1, 20).doc("Then dead."),
    field<&post_call_push_block::include_agent_calls>("include_agent_calls")
        .doc("Also calls of people."),
    field<&post_call_push_block::send_updates>("send_updates").doc("Also corrected results."),
    field<&post_call_push_block::sign>("sign").doc("Sign each attempt."),
};
CXB_WIRE_PART(post_call_push_block,
              wire::table<post_call_push_block>("Telling the CRM after the call.", push_rows)
                  .check<check_push>())

constexpr wire::field_row post_cache_rows[] = {
    field<&post_call_cache_block::enabled>("enabled").doc("Cache the post-call prompts."),
    field<&post_call_cache_block::version_override>("version_override")
        .range(0, 1000000)
        .doc("Raised by a refresh."),
};
CXB_WIRE_PART(post_call_cache_block,
              wire::table<post_call_cache_block>("Cache of the post-call prompts.",
                                                 post_cache_rows))

constexpr wire::field_row live_cache_rows[] = {
    field<&live_prompt_cache_block::enabled>("enabled").doc("Live prompt cache."),
    field<&live_prompt_cache_block::retention>("retention")
        .words(retention_words)
        .doc("in_memory or 24h."),
};
CXB_WIRE_PART(live_prompt_cache_block,
              wire::table<live_prompt_cache_block>("Live prompt cache.", live_cache_rows))

constexpr wire::field_row bot_desk_rows[] = {
    field<&bot_desk_block::enabled>("enabled").doc("May the bot hand the call to people?"),
    field<&bot_desk_block::queue>("queue").pattern(patterns::queue_name).doc("Queue."),
    field<&bot_desk_block::language>("language").max_bytes(35).doc("Language asked for."),
    field<&bot_desk_block::priority>("priority").range(0, 10).doc("Higher is served first."),
    field<&bot_desk_block::hold_message>("hold_message").doc("Spoken while the caller waits."),
    field<&bot_desk_block::hold_audio_url>("hold_audio_url")
        .pattern(patterns::url)
        .doc("Played while the caller waits."),
    field<&bot_desk_block::timeout_seconds>("timeout_seconds").range(10, 3600).doc("Longest wait."),
};
CXB_WIRE_PART(bot_desk_block, wire::table<bot_desk_block>("Hand-off to people.", bot_desk_rows))

constexpr wire::field_row bot_recording_rows[] = {
    field<&bot_recording_block::enabled>("enabled").doc("Are calls recorded?"),
    field<&bot_recording_block::channels>("channels").range(1, 2).doc("1 mixed, 2 apart."),
    field<&bot_recording_block::announcement>("announcement").doc("Spoken first."),
};
CXB_WIRE_PART(bot_recording_block,
              wire::table<bot_recording_block>("Recording of calls.", bot_recording_rows))

}  // namespace cxb::api
