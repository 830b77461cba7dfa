#include "server/api/settings/settings_document.hpp"

#include <algorithm>
#include <set>

#include "cxb/domain/outbound_guard.hpp"
#include "cxb/domain/time_zone.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::api {

using wire::field;
namespace patterns = wire::patterns;

namespace {

constexpr std::size_t max_keys = 64;
constexpr std::size_t key_bytes = 8192;  // a service account is a whole JSON document
constexpr std::size_t max_provider_bytes = 40;
constexpr std::size_t max_providers = 32;
constexpr std::size_t max_fleet = 200;
constexpr std::size_t model_bytes = 128;
constexpr std::string_view provider_kinds[] = {"openai_compatible"};
constexpr std::string_view bad_name = "provider names are [a-z0-9_]{1,40}";

// Google's key is a whole service account.
bool is_service_account(std::string_view text) {
    auto const parsed = wire::parse_json(text);
    return parsed && parsed->is_object() &&
           !wire::text_at(parsed->as_object(), "project_id").empty();
}

void check_keys(settings_document const& settings, wire::fault_sink& sink) {
    for (auto const& [provider, key] : settings.api_keys) {
        auto const at = wire::append_pointer("/api_keys", provider);
        if (!is_provider_name(provider))
            sink.add(at, std::string(bad_name));
        else if (provider == "google_vertex" && !is_service_account(key))
            sink.add(at, "must be a service account JSON with project_id");
    }
}

void check_providers(settings_document const& settings, wire::fault_sink& sink) {
    auto const entries = settings.providers.to_object();
    if (entries.size() > max_providers)
        sink.add("/providers", "at most " + std::to_string(max_providers) + " members");
    for (auto const& [name, entry] : entries) {
        auto const at = wire::append_pointer("/providers", name);
        if (!is_provider_name(name)) sink.add(at, std::string(bad_name));
        auto const read = parse_provider_entry(entry);
        if (read) continue;
        auto const cause = read.error();
        for (auto const& one : cause.faults())
            sink.add(at + one.pointer, one.reason);
    }
}

void cut_slashes(settings_document& settings, wire::fault_sink&) {
    for (auto& url : settings.cxbcore_fleet)
        url.erase(url.find_last_not_of('/') + 1);
}

void check_fleet(settings_document const& settings, wire::fault_sink& sink) {
    domain::guard_policy policy;
    policy.mode = domain::guard_mode::operator_fleet;
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < settings.cxbcore_fleet.size(); ++i) {
        auto const& url = settings.cxbcore_fleet[i];
        auto const at = "/cxbcore_fleet/" + std::to_string(i);
        if (auto const good = domain::check_url(policy, url); !good)
            sink.add(at, "must be an http or https base URL (" +
                             std::string(good.error().reason()) + ")");
        else if (url.find_first_of("?#") != url.npos)
            sink.add(at, "must be an http or https base URL (query)");
        else if (!seen.insert(url).second)
            sink.add(at, "is there twice");
    }
}

void check_settings(settings_document const& settings, wire::fault_sink& sink) {
    check_keys(settings, sink);
    check_providers(settings, sink);
    check_fleet(settings, sink);
    if (!domain::is_time_zone(settings.display_timezone))
        sink.add("/display_timezone", "unknown time zone");
}

}  // namespace

bool is_provider_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= max_provider_bytes &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
}

constexpr wire::field_row provider_rows[] = {
    field<&provider_entry::kind>("kind").required().words(provider_kinds).doc("Its protocol."),
    field<&provider_entry::base_url>("base_url")
        .required()
        .pattern(patterns::url)
        .doc("Without the operation: https://host/v1."),
    field<&provider_entry::chat_model>("chat_model").max_bytes(model_bytes).doc("Language model."),
    field<&provider_entry::embedding_model>("embedding_model")
        .max_bytes(model_bytes)
        .doc("Model of embeddings."),
};
CXB_WIRE_TYPE(provider_entry,
              wire::table<provider_entry>("A provider that is not built in.", provider_rows))

constexpr wire::field_row settings_rows[] = {
    field<&settings_document::api_keys>("api_keys")
        .max_items(max_keys)
        .max_bytes(key_bytes)
        .secret()
        .doc("One key per provider name; an empty text or null removes it."),
    field<&settings_document::providers>("providers")
        .object()
        .max_bytes(limits::policy_json)
        .doc("Providers that are not built in; null removes one."),
    field<&settings_document::minio>("minio").doc("S3 store of recordings."),
    field<&settings_document::agent_assist>("agent_assist").doc("Suggestions for people."),
    field<&settings_document::knowledge>("knowledge").doc("Knowledge bases."),
    field<&settings_document::dialler>("dialler").doc("The dialler."),
    field<&settings_document::display_timezone>("display_timezone")
        .max_bytes(64)
        .doc("IANA zone in which people see times."),
    field<&settings_document::cxbcore_fleet>("cxbcore_fleet")
        .alias("core_fleet")
        .max_items(max_fleet)
        .max_bytes(limits::url)
        .doc("Base URLs of the worker hosts, each once."),
    field<&settings_document::voice_defaults>("voice_defaults")
        .doc("For bots without such a block."),
    field<&settings_document::retention>("retention").doc("How long things are kept."),
    field<&settings_document::version>("version").doc("Raised by each change."),
    field<&settings_document::updated_at>("updated_at").doc("Last change; null: none yet."),
    field<&settings_document::updated_by>("updated_by").doc("Who made it."),
};
CXB_WIRE_TYPE(settings_document, wire::table<settings_document>("System settings.", settings_rows)
                                     .keep_unknown<&settings_document::unknown>(limits::ext_json)
                                     .after_read<cut_slashes>()
                                     .check<check_settings>())

}  // namespace cxb::api
