#include "server/api/events/event_routes.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "server/api/access/gate.hpp"
#include "server/api/events/event_stream.hpp"
#include "server/api/services.hpp"
#include "server/common/http/problem.hpp"
#include "server/common/http/query_reader.hpp"
#include "server/common/http/request_context.hpp"
#include "server/common/log.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
using server::access;
using server::handler_result;
using server::request_context;

constexpr std::string_view stream_type = "text/event-stream";
constexpr std::size_t longest_id = 64;
constexpr std::size_t longest_ticket = 128;

handler_result make_ticket(request_context& context) {
    auto const& api = context.service<api_services>();
    CXB_CO_TRY(auto session, co_await api.users->session_of(bearer_of(context.request)));
    CXB_CO_TRY(auto const ticket, co_await api.events->tickets().issue(std::move(session)));
    co_return server::json_response(
        201, wire::json_object{{"ticket", ticket}, {"expires_in", event_tickets::life.count()}});
}

// `calls,jobs`; nothing: all.
std::set<std::string, std::less<>> read_topics(server::query_reader& read) {
    std::set<std::string, std::less<>> out;
    std::string const given = read.text("topics").value_or("");
    for (std::string_view rest = given; !rest.empty();) {
        auto const word = rest.substr(0, rest.find(','));
        if (std::ranges::find(event_topics, word) == std::end(event_topics)) {
            read.add_fault("topics",
                           "must be calls, fleet, jobs, settings, campaigns or knowledge");
            return {};
        }
        out.emplace(word);
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    }
    return out;
}

// Either way in leads to a session; what it may hear is asked by one rule.
store::async<user_session> session_of(request_context const& context, std::string ticket) {
    auto const& api = context.service<api_services>();
    if (!ticket.empty()) co_return co_await api.events->tickets().take(std::move(ticket));
    std::string token = bearer_of(context.request);
    if (token.empty()) co_return error{errc::unauthenticated, "Not authenticated"};
    co_return co_await api.users->session_of(std::move(token));
}

handler_result open_stream(request_context& context) {
    auto const& api = context.service<api_services>();
    server::query_reader read(context.query);
    event_wish wish;
    wish.topics = read_topics(read);
    wish.last_id = read.text("last_event_id", longest_id).value_or("");
    if (auto const header = context.request.headers.get("Last-Event-ID"); !header.empty())
        wish.last_id = header.substr(0, longest_id);
    auto ticket = read.text("ticket", longest_ticket).value_or("");
    CXB_CO_CHECK(read.finish());
    CXB_CO_TRY(auto const session, co_await session_of(context, std::move(ticket)));
    CXB_CO_TRY(context.caller, co_await admit_listener(*api.users, session));
    auto const executor = co_await asio::this_coro::executor;
    CXB_CO_TRY(auto const listener, api.events->listen(executor, context.caller.id, wish));
    server::stream_options how;
    how.on_failure = [log = api.log](error const& cause) {
        log->info("event stream ended", {{"cause", cause}});
    };
    wire::http_response answer;
    answer.headers.set("Content-Type", std::string(stream_type));
    answer.headers.set("Cache-Control", "no-store");
    answer.headers.set("X-Accel-Buffering", "no");
    listener_check check = [session, users = api.users] { return admit_listener(*users, session); };
    answer.stream = server::pump_stream(
        executor,
        [listener, check, beat = api.events->bounds().heartbeat](server::stream_writer& out) {
            return write_events(listener, check, beat, out);
        },
        std::move(how));
    co_return answer;
}

std::string_view ticket_schema() {
    return R"({"title":"event_ticket","type":"object","required":["ticket","expires_in"],
"properties":{
"ticket":{"type":"string","description":"To be sent as ?ticket=, once."},
"expires_in":{"type":"integer","description":"Seconds."}}})";
}

constexpr server::query_parameter stream_parameters[] = {
    {"topics", "calls, fleet, jobs, settings, campaigns, knowledge, with commas; absent: all"},
    {"ticket", "Of POST /events/ticket, instead of a bearer token"},
    {"last_event_id", "As the header Last-Event-ID, for clients that cannot send it"}};

constexpr server::route_error stream_errors[] = {
    {401, "unauthenticated", "no token, or a token or ticket that is not good any more"},
    {403, "forbidden", "the user is no admin"},
    {403, "password_change_required", "the user must change the password first"},
    {429, "too_many_streams", "the user has 10 streams open in this process"},
    {503, "too_many_streams", "the process has 500 streams open"}};

constexpr server::route rows[] = {
    {.method = "POST",
     .pattern = "/api/v1/events/ticket",
     .who = access::admin,
     .handler = &make_ticket,
     .summary = "A ticket that opens one event stream within 30 s",
     .response_schema = &ticket_schema,
     .success = 201,
     .doc = {.description = "For browsers, whose event streams cannot carry a bearer token. The "
                            "ticket works once, at any instance on the same store. The stream ends "
                            "when the token that asked for the ticket expires.",
             .response_example = R"({"ticket":"q1Zb0yJ3cX8n4mTt5vE2sR7uKpWfLhGdOaIiNjBzYxk",)"
                                 R"("expires_in":30})"}},
    {.method = "GET",
     .pattern = "/api/v1/events/stream",
     .who = access::signed_link,
     .handler = &open_stream,
     .summary = "News of calls, pushes, hosts, jobs and settings, as server-sent events",
     .response_type = stream_type,
     .query = stream_parameters,
     .deadline = server::no_deadline,
     .doc = {.description =
                 "For admins, by bearer token or ticket. News hold ids and states; what they are "
                 "about is to be read. Each has an id `{generation}.{seq}`: a client that comes "
                 "back with the last one it saw as Last-Event-ID within 10 minutes misses nothing, "
                 "else it gets `snapshot_needed` and reads anew what it shows. `: hb` comes each "
                 "15 s; then the stream also ends when the user may not listen any more. A reader "
                 "with 256 news waiting is cut off.",
             .response_example = "id: 01jd3k5q2v9wz8.42\nevent: call.updated\n"
                                 R"(data: {"session_id":"0193a1b2-7c3d-7e4f-8a9b-0c1d2e3f4a5b",)"
                                 R"("status":"completed","at":"2026-11-22T09:00:00.000Z"})"
                                 "\n\n",
             .errors = stream_errors}},
};

}  // namespace

std::span<server::route const> event_routes() noexcept {
    return rows;
}

}  // namespace cxb::api
