#include "server/api/bots/bot_routes.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "server/api/bots/bot_answers.hpp"
#include "server/api/bots/bot_docs.hpp"
#include "server/api/bots/bot_use.hpp"
#include "server/api/services.hpp"
#include "server/common/http/etag.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/query_reader.hpp"
#include "server/common/http/request_context.hpp"
#include "server/common/settings/process_settings.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;

// Where a bot stands in the list, newest first; stays what it is while others come and go.
std::string place_of(bot_entry const& bot) {
    return std::string(wire::text_at(bot.stored, "created_at")) + " " + bot.id;
}

handler_result list_bots(request_context& context) {
    server::query_reader read(context.query);
    auto const wanted = read.text("q");
    auto const active = read.boolean("is_active");
    auto const asked = read.list();
    CXB_CO_CHECK(read.finish());
    std::string const needle = to_lower(wanted.value_or(""));
    std::vector<bot_ptr> found = bots_of(context).all();
    std::erase_if(found, [&](bot_ptr const& bot) {
        return (active && bot->bot.is_active != *active) ||
               to_lower(bot->bot.name).find(needle) == std::string::npos;
    });
    auto const total = static_cast<std::int64_t>(found.size());
    auto from = found.begin() + std::min((asked.page - 1) * asked.limit, total);
    if (!asked.cursor.empty()) {
        auto const last = from_base64url(asked.cursor);
        if (!last) co_return invalid_member("/cursor", "unreadable cursor");
        from = std::find_if(found.begin(), found.end(),
                            [&](bot_ptr const& bot) { return place_of(*bot) < *last; });
    }
    auto const to = found.end() - from > asked.limit ? from + asked.limit : found.end();
    std::vector<std::string> ids;
    for (auto at = from; at != to; ++at)
        ids.push_back((*at)->id);
    auto& store = *context.service<api_services>().store;
    CXB_CO_TRY(auto const locked, co_await locked_bots(store, std::move(ids)));
    wire::json_array items;
    for (auto at = from; at != to; ++at)
        items.push_back(listed_bot((*at)->stored, locked.contains((*at)->id)));
    std::string const next = to != found.end() ? to_base64url(place_of(**(to - 1))) : "";
    co_return json_response(200, server::list_envelope(std::move(items), total, asked, next));
}

handler_result create_bot(request_context& context) {
    CXB_CO_TRY(wire::json_object sent, context.object_body());
    CXB_CO_TRY(saved_bot const saved,
               co_await bots_of(context).create(std::move(sent), audit_actor::of(context)));
    co_return saved_bot_response(201, saved);
}

handler_result get_bot(request_context& context) {
    CXB_CO_TRY(bot_ptr const bot, co_await bots_of(context).read(context.param("id")));
    auto& store = *context.service<api_services>().store;
    CXB_CO_TRY(auto running, co_await campaigns_running(store, bot->id));
    wire::json_object shown = shown_bot(bot->stored);
    shown["locked"] = !running.empty();
    shown["locked_by"] = std::move(running);
    auto answer = json_response(200, std::move(shown));
    answer.headers.set("ETag", server::version_etag(bot->version));
    co_return answer;
}

// `If-Match: "7"` names a version; anything else that is set cannot match.
result<std::optional<std::int64_t>> expected_version(request_context const& context) {
    std::string_view const header = trim(context.request.headers.get("If-Match"));
    if (header.empty() || header == "*") return std::optional<std::int64_t>{};
    bool const quoted = header.size() > 2 && header.front() == '"' && header.back() == '"';
    auto const version = quoted ? read_version(header.substr(1, header.size() - 2)) : std::nullopt;
    if (!version)
        return error{errc::precondition_failed, "If-Match names no version"}.with_reason(
            "version_conflict");
    return version;
}

handler_result change_bot(request_context& context) {
    CXB_CO_TRY(wire::json_object sent, context.object_body());
    CXB_CO_TRY(auto const version, expected_version(context));
    CXB_CO_TRY(saved_bot const saved,
               co_await bots_of(context).change(context.param("id"), std::move(sent), version,
                                                audit_actor::of(context)));
    co_return saved_bot_response(200, saved);
}

handler_result delete_bot(request_context& context) {
    CXB_CO_CHECK(co_await bots_of(context).remove(context.param("id"), audit_actor::of(context)));
    co_return server::deleted_response();
}

handler_result rotate_push_secret(request_context& context) {
    auto const overlap = context.service<api_services>().settings->push_rotation;
    CXB_CO_TRY(secret const fresh, co_await bots_of(context).rotate_push_secret(
                                       context.param("id"), overlap, audit_actor::of(context)));
    co_return json_response(200, wire::json_object{{"secret", fresh.reveal()}});
}

handler_result end_push_secret(request_context& context) {
    CXB_CO_CHECK(co_await bots_of(context).end_old_push_secret(context.param("id"),
                                                               audit_actor::of(context)));
    co_return server::deleted_response();
}

constexpr server::query_parameter list_parameters[] = {
    {"q", "Part of the name, case ignored", "string", false, "payment"},
    {"is_active", "Only active or only inactive bots", "boolean", false, "true"},
    server::page_parameters[0],
    server::page_parameters[1],
    server::page_parameters[2]};

constexpr server::route rows[] = {
    {.method = "GET",
     .pattern = "/api/v1/bots",
     .who = access::admin,
     .handler = &list_bots,
     .summary = "Bots, newest first",
     .response_schema = &server::page_schema<&listed_bot_schema>,
     .query = list_parameters,
     .doc = list_bots_doc},
    {.method = "POST",
     .pattern = "/api/v1/bots",
     .who = access::admin,
     .handler = &create_bot,
     .summary = "Create a bot",
     .body_limit = limits::bot_body,
     .request_schema = &bot_document_schema,
     .response_schema = &saved_bot_schema,
     .success = 201,
     .doc = create_bot_doc},
    {.method = "GET",
     .pattern = "/api/v1/bots/{id}",
     .who = access::admin,
     .handler = &get_bot,
     .summary = "One bot, secrets masked",
     .response_schema = &shown_bot_schema,
     .doc = get_bot_doc},
    {.method = "PUT",
     .pattern = "/api/v1/bots/{id}",
     .who = access::admin,
     .handler = &change_bot,
     .summary = "Change the members sent; null resets one to its default",
     .body_limit = limits::bot_body,
     .request_schema = &bot_changes_schema,
     .response_schema = &saved_bot_schema,
     .doc = change_bot_doc},
    {.method = "DELETE",
     .pattern = "/api/v1/bots/{id}",
     .who = access::admin,
     .handler = &delete_bot,
     .summary = "Delete a bot; its calls stay",
     .response_schema = &server::deleted_schema,
     .doc = delete_bot_doc},
    {.method = "POST",
     .pattern = "/api/v1/bots/{id}/push-secret/rotate",
     .who = access::admin,
     .handler = &rotate_push_secret,
     .summary = "New signing secret of the push, shown only here",
     .response_schema = &fresh_secret_schema,
     .doc = rotate_push_secret_doc},
    {.method = "DELETE",
     .pattern = "/api/v1/bots/{id}/push-secret/rotate",
     .who = access::admin,
     .handler = &end_push_secret,
     .summary = "Stop signing along with the former secret",
     .response_schema = &server::deleted_schema,
     .doc = end_push_secret_doc},
};

}  // namespace

std::span<server::route const> bot_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
