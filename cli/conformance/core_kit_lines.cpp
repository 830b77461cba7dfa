// The calls of the kit over media WebSockets.
#include "cli/conformance/core_kit.hpp"
#include "cxb/base/ids.hpp"
#include "cxb/contract/shared_secret/websocket_token.hpp"

namespace cxb::cli::conformance {

namespace {

constexpr std::chrono::seconds reach_patience{10};

std::string socket_form(std::string const& url) {
    return url.starts_with("http") ? "ws" + url.substr(4) : url;
}

// The answer of `/attach` that says the same.
answer accepted() {
    answer out;
    out.status = 200;
    out.text = R"({"status":"accepted"})";
    out.body = wire::json_object{{"status", "accepted"}};
    return out;
}

answer refused(worker::socket_end const& end) {
    answer out;
    if (end.code != worker::close_code::policy) {
        out.failure = "closed " + std::to_string(end.code) + " " + end.reason;
        return out;
    }
    wire::json_object const body{{"error", end.reason}, {"detail", end.reason}};
    out.status = 429;
    out.text = wire::to_text(body);
    out.body = body;
    return out;
}

}  // namespace

// Cores without rooms serve media WebSockets.
void core_kit::find_a_way() {
    over_socket_ = true;
    auto const probe = place_refused(404, "Bot not found");
    over_socket_ = probe.got.status == 200;
    if (!over_socket_) no_calls_ = "nor over /ws: " + probe.got.summary() + "; ";
}

placed_call core_kit::connect(line_kind kind, std::string bot, std::string session) {
    placed_call out;
    out.bot_id = std::move(bot);
    out.session_id = std::move(session);
    out.stream_id = "st-" + new_uuid7();
    line_party who;
    who.stream_id = out.stream_id;
    auto const token = contract::shared_secret::websocket_token(options_.core_secret, out.bot_id);
    std::string const path = kind == line_kind::dialler ? "/ws/" : "/exotel/";
    out.line = std::make_shared<media_line>(
        loops_, kind, socket_form(options_.url) + path + out.bot_id, "?t=" + token, std::move(who));
    lines_.push_back(out.line);
    return out;
}

placed_call core_kit::open_line(line_kind kind, std::optional<wire::json_object> config) {
    auto const bot = new_hex24();
    auto const session = "conformance-" + new_uuid7();
    if (config) {
        (*config)["session_id"] = session;
        plane_->serve_config(bot, *std::move(config));
    }
    return connect(kind, bot, session);
}

// Says what a dialler says, and waits for what comes of it.
void core_kit::begin(placed_call& call, std::string const& script, wire::json_object event) {
    auto& line = *call.line;
    if (line.status() != 101) {
        call.got.status = line.status();
        call.got.failure = call.got.text = line.shown().answer;
        return;
    }
    if (script != "silent") line.leave_soon();
    auto const held = plane_->held_configs();
    line.say_hello(std::move(event));
    std::optional<worker::socket_end> end;
    auto const asked = [&] { return plane_->held_configs() > held || asked_for(call); };
    (void)eventually(
        [&] {
            end = line.end_within(std::chrono::milliseconds{0});
            return end || asked();
        },
        reach_patience);
    // A refused config closes the line too, after it was asked for.
    if (asked())
        call.got = accepted();
    else if (end)
        call.got = refused(*end);
    else
        call.got.failure = "no config was asked for at " + plane_->url();
}

bool core_kit::asked_for(placed_call const& call) {
    for (auto const& one : plane_->requests("/api/v1/config"))
        if (one.request.path.ends_with("/" + call.bot_id) ||
            one.request.query_text.find(call.bot_id) != std::string::npos)
            return true;
    return false;
}

std::vector<testing::seen_request> core_kit::posts_of(placed_call const& call) {
    if (!call.line) return plane_->result_posts(call.session_id);
    auto out = plane_->requests("/api/v1/call-results");
    // A refused call over a socket has no session of ours.
    std::erase_if(out, [&](testing::seen_request const& one) {
        auto const& body = one.request.body;
        bool const names_it =
            (!call.session_id.empty() && body.find(call.session_id) != std::string::npos) ||
            body.find(call.stream_id) != std::string::npos ||
            body.find(call.bot_id) != std::string::npos;
        return !names_it;
    });
    return out;
}

std::vector<exchange> core_kit::take_exchanges() {
    auto out = http_.take_exchanges();
    for (auto const& line : lines_) {
        out.push_back(line->shown());
        line->drop();
    }
    lines_.clear();
    return out;
}

}  // namespace cxb::cli::conformance
