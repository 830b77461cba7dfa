#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cxb/base/encoding.hpp"
#include "src/testing/control_plane_state.hpp"

namespace cxb::inline v1 {
namespace testing {

namespace asio = boost::asio;
namespace rc = contract::runtime_config;

namespace {

constexpr std::string_view call_path = "/api/v1/calls/";
constexpr std::string_view enqueue_path = "/api/v1/agent-desk/enqueue";
constexpr std::string_view desk_call_path = "/api/v1/agent-desk/calls/";
constexpr std::size_t desk_body = limits::enqueue_body;

wire::http_response json_answer(std::string body) {
    wire::http_response out;
    out.headers.set("Content-Type", "application/json");
    out.body = std::move(body);
    return out;
}

wire::http_response answered(result<std::string> body) {
    return body ? json_answer(*std::move(body)) : refused(body.error());
}

std::string last_step(std::string_view path) {
    auto const step = path.substr(path.rfind('/') + 1);
    auto decoded = percent_decode(step);
    return decoded ? *std::move(decoded) : std::string(step);
}

}  // namespace

std::span<fake_control_plane::state::row const> fake_control_plane::state::rows() {
    static constexpr std::array<row, 14> all{{
        {plane_config_path, "GET", limits::default_body, &state::get_config},
        {"/api/v1/config/", "GET, POST", limits::call_start_body, &state::get_config, true},
        {plane_results_path, "POST", limits::results_body, &state::post_result},
        {"/api/v1/cdr", "POST", limits::cdr_body, &state::post_cdr},
        {"/api/v1/sip/lookup", "GET", limits::default_body, &state::look_up},
        {"/api/v1/sip/outbound-trunk", "GET", limits::default_body, &state::look_up},
        {"/api/v1/knowledge-bases/search", "POST", limits::default_body, &state::search},
        {enqueue_path, "POST", desk_body, &state::post_to_desk},
        {desk_call_path, "POST", desk_body, &state::post_to_desk, true, true, "/events"},
        {desk_call_path, "POST", desk_body, &state::post_to_desk, true, true, "/transcript"},
        {desk_call_path, "POST", desk_body, &state::post_to_desk, true, true, "/recording"},
        {desk_call_path, "POST", desk_body, &state::post_to_desk, true, true,
         "/customer-disconnected"},
        {call_path, "GET", limits::default_body, &state::get_call, true, false},
        {"/health", "GET", limits::default_body, &state::get_health, false, false},
    }};
    return all;
}

bool fake_control_plane::state::row::fits(std::string_view asked) const noexcept {
    if (!prefix) return asked == path;
    if (!asked.starts_with(path) || !asked.ends_with(suffix)) return false;
    if (asked.size() <= path.size() + suffix.size()) return false;
    auto const step = asked.substr(path.size(), asked.size() - path.size() - suffix.size());
    return step.find('/') == std::string_view::npos;
}

fake_control_plane::state::row const* fake_control_plane::state::find_row(std::string_view path) {
    auto const all = rows();
    auto const found = std::ranges::find_if(all, [path](row const& one) { return one.fits(path); });
    return found == all.end() ? nullptr : &*found;
}

result<void> fake_control_plane::state::may_enter(row const& where,
                                                  wire::http_request const& request) const {
    bool const takes_body = request.method == "POST";
    if (where.methods.find(request.method) == std::string_view::npos)
        return error{errc::method_not_allowed, "Method Not Allowed"};
    if (where.with_secret)
        CXB_CHECK(contract::shared_secret::verify(request.headers, options.keys));
    if (takes_body &&
        !to_lower(request.headers.get("Content-Type")).starts_with("application/json"))
        return error{errc::unsupported_type, "Send application/json"};
    return {};
}

asio::awaitable<worker::head_verdict> fake_control_plane::state::accept_head(
    wire::http_request const& request) {
    worker::head_verdict out;
    auto const* const where = find_row(request.path);
    if (where == nullptr) {
        out.refuse = refused(error{errc::not_found, "Not Found"});
    } else if (auto const entered = may_enter(*where, request); !entered) {
        out.refuse = refused(entered.error());
        if (entered.error().code() == errc::method_not_allowed)
            out.refuse->headers.set("Allow", std::string(where->methods));
    } else {
        out.max_body = where->limit;
    }
    if (out.refuse) book.note(request, out.refuse->status);
    co_return out;
}

wire::http_response fake_control_plane::state::refusal(int status) {
    return refused(error{status == 413 ? errc::too_large : errc::malformed, "Refused"}, status);
}

asio::awaitable<wire::http_response> fake_control_plane::state::handle(wire::http_request request) {
    auto const* const where = find_row(request.path);
    auto answer = book.scripted(request);
    if (!answer) answer = co_await (this->*where->answer)(request);
    book.note(std::move(request), answer->status);
    co_return *std::move(answer);
}

asio::awaitable<void> fake_control_plane::state::wait_for_release() {
    auto const timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor,
                                                            asio::steady_timer::time_point::max());
    {
        std::lock_guard const lock(mutex);
        if (!holding) co_return;
        held.push_back(timer);
    }
    book.tell();
    co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<wire::http_response> fake_control_plane::state::get_config(
    wire::http_request const& request) {
    auto const query = wire::query_list::parse(request.query_text);
    if (!query) co_return refused(query.error());
    bool const by_path = request.path.size() > plane_config_path.size();
    std::string const bot =
        by_path ? last_step(request.path) : std::string(query->get("bot_id").value_or(""));
    auto const asked =
        request.method == "POST" ? rc::parse_config_request(request.body) : rc::from_query(*query);
    if (!asked) co_return refused(asked.error());
    co_await wait_for_release();
    co_return config_for(bot, *asked, "http://" + std::string(request.headers.get("Host")));
}

wire::http_response fake_control_plane::state::config_for(std::string const& bot_id,
                                                          rc::config_request const& asked,
                                                          std::string const& reached_as) {
    std::lock_guard const lock(mutex);
    if (auto const refusal = refused_configs.find(bot_id); refusal != refused_configs.end())
        return refused(error{errc::unavailable, refusal->second.second}, refusal->second.first);
    auto found = configs.find(bot_id);
    if (found == configs.end()) found = configs.find("");
    if (found == configs.end()) return refused(error{errc::not_found, "Bot not found"});
    auto const session = calls.open(bot_id, asked);
    if (!session) return refused(session.error());
    auto const here = base.empty() ? reached_as : base;
    auto config = found->second;
    config.insert({{"session_id", *session},
                   {"bot_id", bot_id},
                   {"webhook_url", here + std::string(plane_results_path)}});
    if (wire::bool_at(config, "agent_desk.enabled"))
        config["agent_desk"].as_object().emplace("base_url", here + std::string(plane_desk_path));
    auto out = json_answer(wire::to_text(config));
    out.headers.set("Cache-Control", "no-store");
    return out;
}

asio::awaitable<wire::http_response> fake_control_plane::state::post_result(
    wire::http_request const& request) {
    std::lock_guard const lock(mutex);
    co_return answered(calls.take_result(request.body));
}

asio::awaitable<wire::http_response> fake_control_plane::state::post_cdr(
    wire::http_request const& request) {
    std::lock_guard const lock(mutex);
    co_return answered(calls.take_cdr(request.body));
}

asio::awaitable<wire::http_response> fake_control_plane::state::look_up(
    wire::http_request const& request) {
    auto const query = wire::query_list::parse(request.query_text);
    if (!query) co_return refused(query.error());
    std::lock_guard const lock(mutex);
    if (request.path.ends_with("/lookup")) {
        auto found = numbers.find(query->get("number").value_or(""));
        if (found == numbers.end()) found = numbers.find("");
        if (found != numbers.end()) co_return json_answer(serialize(found->second));
    } else {
        auto const found = trunks.find(query->get("from_number").value_or(""));
        if (found != trunks.end()) co_return json_answer(serialize(found->second));
    }
    co_return refused(error{errc::not_found, "Number not found"});
}

asio::awaitable<wire::http_response> fake_control_plane::state::search(
    wire::http_request const& request) {
    auto const asked = contract::lookup::parse_knowledge_query(request.body);
    if (!asked) co_return refused(asked.error());
    std::lock_guard const lock(mutex);
    co_return json_answer(serialize(knowledge));
}

asio::awaitable<wire::http_response> fake_control_plane::state::post_to_desk(
    wire::http_request const& request) {
    std::lock_guard const lock(mutex);
    if (request.path == enqueue_path) co_return answered(desk.enqueue(request.body));
    auto const end = request.path.rfind('/');
    auto const call_id = last_step(std::string_view(request.path).substr(0, end));
    co_return answered(desk.update(call_id, request.path.substr(end + 1), request.body));
}

asio::awaitable<wire::http_response> fake_control_plane::state::get_call(
    wire::http_request const& request) {
    auto const expected = "Bearer " + std::string(options.bearer.reveal());
    if (options.bearer.empty() || request.headers.get("Authorization") != expected)
        co_return refused(error{errc::unauthenticated, "Not authenticated"}, 401);
    std::lock_guard const lock(mutex);
    auto const* const call = calls.find(last_step(request.path));
    if (call == nullptr) co_return refused(error{errc::not_found, "Call not found"});
    auto shown = *call;
    if (auto const token = wire::text_at(shown, "recording_access_token"); !token.empty())
        shown["public_recording_url"] = base + "/api/v1/public/recordings/" + std::string(token);
    shown.erase("recording_access_token");
    co_return json_answer(wire::to_text(shown));
}

asio::awaitable<wire::http_response> fake_control_plane::state::get_health(
    wire::http_request const& /*request*/) {
    co_return json_answer(R"({"status":"ok"})");
}

}  // namespace testing
}  // namespace cxb::inline v1
