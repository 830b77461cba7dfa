#include "server/api/bots/bot_answers.hpp"
#include "server/api/bots/bot_docs.hpp"
#include "server/api/bots/bot_routes.hpp"
#include "server/api/bots/bot_rules.hpp"
#include "server/api/bots/bot_versions.hpp"
#include "server/api/bots/document_diff.hpp"
#include "server/api/services.hpp"
#include "server/common/http/etag.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/query_reader.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::json_response;
using server::request_context;
using wire::json_object;

constexpr std::int64_t newest_possible = std::numeric_limits<std::int64_t>::max();

store::document_store& store_of(request_context& context) {
    return *context.service<api_services>().store;
}

std::vector<std::string> listed_members() {
    return {"version", "changed_by", "changed_at", "note", "changed_paths"};
}

handler_result list_versions(request_context& context) {
    server::query_reader read(context.query);
    auto const asked = read.list();
    CXB_CO_CHECK(read.finish());
    CXB_CO_TRY(bot_ptr const bot, co_await bots_of(context).read(context.param("id")));
    auto const view = [](json_object row) {
        json_object out;
        for (auto const& name : listed_members())
            if (auto* const value = row.if_contains(name)) out[name] = std::move(*value);
        return out;
    };
    CXB_CO_TRY(
        json_object page,
        co_await server::fetch_list(store_of(context), server::model::bot_versions,
                                    store::all_of({store::eq("bot_id", wire::json_value(bot->id))}),
                                    asked, {{"version", true}}, view, listed_members()));
    co_return json_response(200, std::move(page));
}

// The version that the path names; a bot must still be there.
store::async<json_object> named_version(request_context& context, std::string text) {
    CXB_CO_TRY(bot_ptr const bot, co_await bots_of(context).read(context.param("id")));
    auto const version = read_version(text);
    if (!version) co_return error{errc::not_found, "Version not found"};
    co_return co_await find_version(store_of(context), bot->id, *version);
}

handler_result get_version(request_context& context) {
    CXB_CO_TRY(json_object const document, co_await named_version(context, context.param("n")));
    auto answer = json_response(200, shown_bot(document));
    answer.headers.set("ETag", server::version_etag(wire::int_at(document, "version")));
    co_return answer;
}

handler_result get_diff(request_context& context) {
    server::query_reader read(context.query);
    auto const from = read.integer("from", 0, newest_possible);
    auto const to = read.integer("to", 0, newest_possible);
    for (auto const& [name, value] : {std::pair("from", from), std::pair("to", to)})
        if (!value && context.query.get(name).value_or("").empty())
            read.add_fault(name, "is required");
    CXB_CO_CHECK(read.finish());
    CXB_CO_TRY(auto const older, co_await named_version(context, std::to_string(from.value_or(0))));
    CXB_CO_TRY(auto const newer, co_await named_version(context, std::to_string(to.value_or(0))));
    wire::json_array out;
    for (auto const& change : bot_diff(older, newer))
        out.push_back(to_json(change));
    co_return json_response(200, wire::json_value(std::move(out)));
}

handler_result restore_version(request_context& context) {
    auto const version = read_version(context.param("n"));
    if (!version) co_return error{errc::not_found, "Version not found"};
    CXB_CO_TRY(saved_bot const saved, co_await bots_of(context).restore(
                                          context.param("id"), *version, audit_actor::of(context)));
    co_return saved_bot_response(200, saved);
}

handler_result clone_bot(request_context& context) {
    std::optional<std::string> name;
    if (!context.request.body.empty()) {
        CXB_CO_TRY(json_object const body, context.object_body());
        auto const* const given = body.if_contains("name");
        if (given != nullptr && !given->is_null()) {
            if (!given->is_string()) co_return invalid_member("/name", "expected string");
            name = std::string(given->get_string());
        }
    }
    CXB_CO_TRY(saved_bot const saved,
               co_await bots_of(context).clone(context.param("id"), std::move(name),
                                               audit_actor::of(context)));
    co_return saved_bot_response(201, saved);
}

constexpr server::query_parameter diff_parameters[] = {
    {"from", "Version to compare", "integer", true, "1"},
    {"to", "Version to compare it with", "integer", true, "2"}};

constexpr server::route rows[] = {
    {.method = "GET",
     .pattern = "/api/v1/bots/{id}/versions",
     .who = access::admin,
     .handler = &list_versions,
     .summary = "What was changed when and by whom, newest first",
     .response_schema = &server::page_schema<&bot_version_schema>,
     .query = server::page_parameters,
     .doc = list_versions_doc},
    {.method = "GET",
     .pattern = "/api/v1/bots/{id}/versions/{n}",
     .who = access::admin,
     .handler = &get_version,
     .summary = "The bot as it was in a version, secrets masked",
     .response_schema = &bot_schema,
     .doc = get_version_doc},
    {.method = "GET",
     .pattern = "/api/v1/bots/{id}/diff",
     .who = access::admin,
     .handler = &get_diff,
     .summary = "What differs between two versions, secrets masked",
     .response_schema = &server::list_schema<&bot_change_schema>,
     .query = diff_parameters,
     .doc = get_diff_doc},
    {.method = "POST",
     .pattern = "/api/v1/bots/{id}/versions/{n}/restore",
     .who = access::admin,
     .handler = &restore_version,
     .summary = "Make the bot what it was; keys and states stay",
     .response_schema = &saved_bot_schema,
     .doc = restore_version_doc},
    {.method = "POST",
     .pattern = "/api/v1/bots/{id}/clone",
     .who = access::admin,
     .handler = &clone_bot,
     .summary = "A new bot with the same content",
     .request_schema = &clone_body_schema,
     .response_schema = &saved_bot_schema,
     .success = 201,
     .doc = clone_bot_doc},
};

}  // namespace

std::span<server::route const> bot_version_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
