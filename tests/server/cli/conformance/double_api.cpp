#include "server/cli/conformance/double_api.hpp"

#include <stdexcept>

#include "cxb/base/ids.hpp"

namespace cxb_test {

namespace asio = boost::asio;
using namespace cxb;

namespace {

constexpr std::string_view bots_path = "/api/v1/bots";
constexpr std::string_view config_path = "/api/v1/config/";

wire::http_response json_answer(int status, wire::json_object const& body) {
    wire::http_response out;
    out.status = status;
    out.headers.set("Content-Type", "application/json");
    out.body = wire::to_text(body);
    return out;
}

cxb::testing::fake_control_plane_options plane_options() {
    cxb::testing::fake_control_plane_options out;
    out.keys = {secret(std::string(core_secret_text)), {}};
    out.bearer = secret(std::string(admin_token));
    return out;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

// The one variable the kit's bots use.
void render(wire::http_request const& request, wire::http_response& config) {
    auto const query = wire::query_list::parse(request.query_text);
    if (!query) return;
    auto const event = object_of(query->get("connected_event").value_or("{}"));
    replace_all(config.body, "{{CUSTOMER}}", wire::text_at(event, "CUSTOMER"));
}

}  // namespace

wire::json_object object_of(std::string_view text) {
    auto parsed = wire::parse_json(text);
    return parsed && parsed->is_object() ? parsed->as_object() : wire::json_object{};
}

bool is_results_post(wire::http_request const& request) {
    return request.method == "POST" && request.path == "/api/v1/call-results";
}

void change_body(std::string& body, std::function<void(wire::json_object&)> const& change) {
    auto object = object_of(body);
    if (object.empty()) return;
    change(object);
    body = wire::to_text(object);
}

double_api::double_api(api_mutation wrong)
    : wrong_(std::move(wrong)),
      plane_(plane_options()),
      client_(*net::http_client::create()),
      server_(loops_, *this, {}) {
    if (!server_.start()) throw std::runtime_error("no port");
    loops_.start();
}

double_api::~double_api() {
    loops_.stop();
}

asio::awaitable<worker::head_verdict> double_api::accept_head(
    wire::http_request const& /*request*/) {
    worker::head_verdict out;
    out.max_body = 16 * limits::mib;
    co_return out;
}

wire::http_response double_api::refusal(int status) {
    return plane_.handler().refusal(status);
}

asio::awaitable<wire::http_response> double_api::handle(wire::http_request request) {
    auto const asked = request;
    if (wrong_.asked) wrong_.asked(request);
    auto out = co_await answer(request);
    if (is_results_post(asked) && out.status == 200) co_await push(request);
    if (wrong_.answered) wrong_.answered(asked, out);
    co_return out;
}

asio::awaitable<wire::http_response> double_api::answer(wire::http_request request) {
    if (request.path == bots_path) co_return make_bot(request);
    if (request.path.starts_with(bots_path)) co_return json_answer(200, {{"status", "deleted"}});
    auto const verdict = co_await plane_.handler().accept_head(request);
    if (verdict.refuse) co_return *verdict.refuse;
    if (request.body.size() > verdict.max_body) co_return refusal(413);
    auto out = co_await plane_.handler().handle(request);
    if (request.path.starts_with(config_path) && out.status == 200) render(request, out);
    co_return out;
}

wire::http_response double_api::make_bot(wire::http_request const& request) {
    auto const bot = object_of(request.body);
    auto const id = new_hex24();
    if (wire::bool_at(bot, "active_hours.enabled"))
        plane_.refuse_config(id, 503, "outside_active_hours: closed today");
    else
        plane_.serve_config(id, {{"system_prompt", bot.at("system_prompt")},
                                 {"opening_message", bot.at("opening_message")}});
    push_url_ = wire::text_at(bot, "post_call_push.url");
    return json_answer(201, {{"id", id}});
}

// As many pushes as the merge rule has rounds of effects, and what a mutation adds.
asio::awaitable<void> double_api::push(wire::http_request const& request) {
    std::string const session(wire::text_at(object_of(request.body), "session_id"));
    int due = plane_.effects(session) - pushed_[session];
    if (wrong_.effects_again && due == 0) due = 1;
    pushed_[session] = plane_.effects(session);
    for (; due > 0 && !push_url_.empty(); --due) {
        client::outgoing_request out;
        out.url = push_url_;
        out.message.method = "POST";
        out.message.headers.set("Content-Type", "application/json");
        out.message.body = wire::to_text(wire::json_object{{"session", session}});
        (void)co_await client_->send(std::move(out), {});
    }
}

}  // namespace cxb_test
