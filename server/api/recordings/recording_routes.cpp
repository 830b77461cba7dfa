#include "server/api/recordings/recording_routes.hpp"

#include "cxb/base/encoding.hpp"
#include "cxb/contract/recording_token/recording_token.hpp"
#include "cxb/domain/recording_key.hpp"
#include "server/api/audit/audit_trail.hpp"
#include "server/api/calls/call_reading.hpp"
#include "server/api/calls/call_redaction.hpp"
#include "server/api/calls/trace_rows.hpp"
#include "server/api/recordings/recording_docs.hpp"
#include "server/api/recordings/recording_library.hpp"
#include "server/api/recordings/recording_play.hpp"
#include "server/api/recordings/recording_removal.hpp"
#include "server/api/recordings/recording_upload.hpp"
#include "server/api/recordings/upload_link.hpp"
#include "server/api/services.hpp"
#include "server/api/webhooks/webhook_facts.hpp"
#include "server/common/async/keyed_turn.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/request_context.hpp"
#include "server/common/model/collections.hpp"
#include "server/common/process/blocking_pool.hpp"
#include "server/common/settings/process_settings.hpp"
#include "src/base/fail_point.hpp"

namespace cxb::api {
namespace {

using server::access;
using server::handler_result;
using server::request_context;
namespace token_contract = contract::recording_token;
namespace model = server::model;

constexpr int max_notes = 5;

play_ask ask_of(request_context const& context) {
    return {std::string(context.request.headers.get("Range")),
            std::string(context.request.headers.get("If-Range")),
            context.query.get("download").value_or("") == "1", context.request.method == "HEAD"};
}

error not_found() {
    return error{errc::not_found, "Recording not found"};
}

store::async<wire::http_response> play(api_services& api, wire::json_object call, play_ask ask) {
    auto const key = recording_of(call);
    if (!key) co_return not_found();
    CXB_CO_TRY(auto found, co_await api.recordings->find(*key, ask));
    co_return play_answer(std::move(found), *key, call, ask);
}

handler_result play_by_session(request_context& context) {
    auto& api = context.service<api_services>();
    auto call = co_await find_call(*api.store, context.param("session_id"), context.caller);
    if (!call && call.error().code() == errc::not_found) co_return not_found();
    if (!call) co_return call.error();
    co_return co_await play(api, *std::move(call), ask_of(context));
}

handler_result play_by_token(request_context& context) {
    auto& api = context.service<api_services>();
    std::string const& token = context.param("token");
    if (!token_contract::is_token(token)) co_return not_found();
    CXB_CO_TRY(auto call,
               co_await api.store->find_one(
                   model::calls,
                   store::all_of({store::eq("recording_access_token", wire::json_value(token))})));
    if (!call) co_return not_found();
    co_return co_await play(api, *std::move(call), ask_of(context));
}

// A link made before the signing secret was replaced is good as long as the old one is known.
result<void> check_link(request_context const& context, std::string const& session) {
    auto const& secrets = context.service<api_services>().settings->jwt;
    auto const verify = [&](secret const& with) {
        return token_contract::verify_upload(token_contract::upload_key(with), session,
                                             context.query.get("e").value_or(""),
                                             context.query.get("t").value_or(""), context.now());
    };
    auto good = verify(secrets.current);
    if (good || secrets.previous.empty()) return good;
    return verify(secrets.previous);
}

// Judged by the head alone, before a byte of the body is read.
result<std::shared_ptr<wire::body_sink>> open_upload(request_context& context,
                                                     wire::http_request const& head) {
    auto& api = context.service<api_services>();
    std::string const& session = context.param("session_id");
    CXB_CHECK(check_link(context, session));
    constexpr std::string_view audio = "audio/";
    auto const type = head.headers.get("Content-Type").substr(0, audio.size());
    if (!iequals(type, audio)) return error{errc::unsupported_type, "must be audio/*"};
    CXB_TRY(std::string const key,
            upload_target(session, context.query.get("d").value_or(""), context.now()));
    CXB_TRY(auto writer, api.uploads->create(key, upload_sink::max_bytes));
    return std::shared_ptr<wire::body_sink>(std::make_shared<upload_sink>(std::move(writer), key));
}

// What lay under the keys of other days nobody would find to remove.
std::string uploaded_key_of(wire::json_object const& call) {
    auto const began = parse_timestamp(wire::text_at(call, "created_at"));
    return domain::make_recording_key(wire::text_at(call, "session_id"),
                                      began ? *began : time_point{});
}

// Bound to what was read: the call has one token, whoever makes it, since links with it are given
// away at once.
store::async<void> note_recording(api_services& api, std::string session, upload_sink const& sink,
                                  bool named_day, time_point now) {
    auto const by_session = model::of_session(session);
    for (int i = 0; i < max_notes; ++i) {
        CXB_CO_TRY(auto const call, co_await api.store->find_one(model::calls, by_session));
        bool const wanted = call && !is_redacted(*call) && !is_recording_removed(*call);
        if (!wanted || (named_day && sink.key() != uploaded_key_of(*call))) {
            CXB_CO_CHECK(api.objects->remove(sink.key()));
            if (wanted) co_return invalid_upload_link();
            co_return error{errc::not_found, "Recording not found"};
        }
        auto as_read = by_session;
        as_read.all.push_back(store::eq("rev", wire::int_at(*call, "rev")));
        store::update changes;
        changes.set("recording_key", wire::json_value(sink.key()))
            .set("recording_size", static_cast<std::int64_t>(sink.size()))
            .set("has_recording", true)
            .inc("rev", 1);
        if (wire::text_at(*call, "recording_access_token").empty())
            changes.set("recording_access_token",
                        wire::json_value(token_contract::generate(*api.random)));
        store::batch writes;
        if (!wire::bool_at(*call, "has_recording")) {
            auto known = *call;
            changes.apply(known, false);
            add_call_webhooks(writes, *api.endpoints,
                              contract::webhook::event_type::recording_ready,
                              "u" + std::to_string(wire::int_at(known, "rev")), members_of(known),
                              now, *api.random);
        }
        writes.update_one(model::calls, std::move(as_read), std::move(changes));
        trace_rows(session, "api", now)
            .add("recording_uploaded", {{"size", sink.size()}})
            .into(writes, *api.random);
        CXB_CO_TRY(auto const done, co_await api.store->commit(std::move(writes)));
        if (done.applied) co_return result<void>{};
    }
    co_return error{errc::unavailable, "The call keeps changing, send the recording again"}
        .with_retry_after(seconds{1});
}

// The call learns of its recording whatever the order of upload and result.
handler_result finish_upload(request_context& context) {
    auto& api = context.service<api_services>();
    auto const* sink = dynamic_cast<upload_sink const*>(context.request.sink.get());
    if (sink == nullptr) co_return error{errc::malformed, "The upload has no body"};
    std::string const session = context.param("session_id");
    context.session_id = session;
    CXB_FAIL_POINT("upload.before_row");
    auto const turn = co_await api.turns->take("call " + session);
    if (api.uploads != api.objects)
        CXB_CO_CHECK(co_await api.files->submit(
            [&api, key = sink->key()] { return move_object(*api.uploads, *api.objects, key); }));
    bool const named_day = context.query.get("d").has_value();
    CXB_CO_CHECK(co_await note_recording(api, session, *sink, named_day, context.now()));
    co_return server::json_response(201, wire::json_object{{"recording_key", sink->key()},
                                                           {"size", sink->size()},
                                                           {"sha256", sink->sha256_text()}});
}

// The old link is dead with the answer: nobody caches tokens.
handler_result renew_token(request_context& context) {
    auto& api = context.service<api_services>();
    CXB_CO_TRY(auto const call,
               co_await find_call(*api.store, context.param("id"), context.caller));
    std::string const session(wire::text_at(call, "session_id"));
    context.session_id = session;
    if (!recording_of(call)) co_return not_found();
    std::string const token = token_contract::generate(*api.random);
    auto const now = wire::json_value(format_timestamp(context.now()));
    audited_write what;
    what.writes.update_one(model::calls, model::of_session(session),
                           store::update{}
                               .set("recording_access_token", wire::json_value(token))
                               .set("recording_token_renewed_at", now)
                               .set("updated_at", now)
                               .inc("rev", 1));
    what.entry = {"call.recording_token",
                  "call",
                  session,
                  session,
                  {{"recording_access_token", "(secret)", "(secret)"}}};
    auto const turn = co_await api.turns->take("call " + session);
    CXB_CO_CHECK(co_await api.audit->commit(audit_actor::of(context), std::move(what)));
    co_return server::json_response(
        200, wire::json_object{
                 {"session_id", session},
                 {"public_recording_url", token_contract::public_url(context.public_base, token)}});
}

handler_result test_storage(request_context& context) {
    auto const report = co_await context.service<api_services>().recordings->test();
    wire::json_object out{{"ok", report.ok}, {"latency_ms", report.latency.count()}};
    if (!report.ok) out["error"] = report.error;
    co_return server::json_response(200, std::move(out));
}

constexpr server::query_parameter play_parameters[] = {
    {"download", "1: as an attachment, to be saved", "string", false, "1"}};
constexpr server::query_parameter upload_parameters[] = {
    {"e", "End of the link, seconds since 1970", "integer", true, "1795419846"},
    {"t", "Its proof", "string", true, "Om2WjrPjv12Owl6ogVu0rkGuLuSXZkrOBn0TLQW1M"},
    {"d", "Day that stands in the key", "string", false, "2026-11-22"}};

constexpr server::route rows[] = {
    {.method = "GET",
     .pattern = "/api/v1/recordings/{session_id}",
     .who = access::admin,
     .handler = &play_by_session,
     .summary = "Recording of a call, also in ranges",
     .response_type = "audio/wav",
     .query = play_parameters,
     .deadline = server::no_deadline,
     .doc = play_by_session_doc},
    {.method = "GET",
     .pattern = "/api/v1/public/recordings/{token}",
     .who = access::public_,
     .handler = &play_by_token,
     .summary = "Recording behind the link a CRM holds",
     .response_type = "audio/wav",
     .query = play_parameters,
     .deadline = server::no_deadline,
     .doc = play_by_token_doc},
    {.method = "PUT",
     .pattern = "/api/v1/recordings/upload/{session_id}",
     .who = access::signed_link,
     .handler = &finish_upload,
     .summary = "Upload of a recording over the link of its config",
     .body_limit = upload_sink::max_bytes,
     .content_types = {},
     .response_schema = &uploaded_schema,
     .success = 201,
     .query = upload_parameters,
     .deadline = server::no_deadline,
     .open_sink = &open_upload,
     .doc = finish_upload_doc},
    {.method = "POST",
     .pattern = "/api/v1/calls/{id}/recording-token",
     .who = access::super_admin,
     .handler = &renew_token,
     .summary = "New public link of a recording; the old one is dead at once",
     .response_schema = &recording_link_schema,
     .doc = renew_token_doc},
    {.method = "POST",
     .pattern = "/api/v1/settings/minio/test",
     .who = access::super_admin,
     .handler = &test_storage,
     .summary = "Puts, reads and removes a small object in the S3 store of the settings",
     .response_schema = &storage_test_schema,
     .doc = test_storage_doc},
};

}  // namespace

std::span<server::route const> recording_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
