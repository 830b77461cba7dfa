#include "cli/conformance/core_kit.hpp"

#include <stdlib.h>

#include "cxb/base/ids.hpp"

namespace cxb::cli::conformance {

namespace {

constexpr std::chrono::milliseconds look_again{100};
constexpr std::chrono::seconds reach_patience{10};

wire::json_object simulated() {
    return {{"provider", "simulated"}, {"model", "simulated"}};
}

testing::fake_control_plane_options plane_options(core_options const& given) {
    testing::fake_control_plane_options out;
    out.address = given.listen.host;
    out.port = given.listen.port;
    out.keys = {given.core_secret, {}};
    return out;
}

error cannot_run(std::string why) {
    return error{errc::unavailable, std::move(why)};
}

}  // namespace

core_kit::core_kit(client::transport& transport, core_options options)
    : http_(transport), options_(std::move(options)) {
    while (options_.url.ends_with('/'))
        options_.url.pop_back();
    plane_ = std::make_unique<testing::fake_control_plane>(plane_options(options_));
}

core_kit::~core_kit() {
    lines_.clear();
    loops_.stop();
    process_.reset();
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

result<void> core_kit::open() {
    CXB_CHECK(plane_->start());
    loops_.start();
    if (options_.command.empty()) return {};
    std::string pattern =
        (std::filesystem::temp_directory_path() / "cxb-conformance-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) return cannot_run("No temporary folder");
    folder_ = pattern;
    if (options_.previous_secret.empty()) options_.previous_secret = secret(new_uuid7());
    std::map<std::string, std::string> settings;
    for (auto const& [name, value] : environment())
        settings[name] = value;
    process_ =
        std::make_unique<peer_process>(options_.command, std::move(settings), folder_ / "core.log");
    return {};
}

environment_list core_kit::environment() const {
    environment_list out{{"CXB_API_CONFIG_URL", plane_->config_url()},
                         {"CXB_CORE_SECRET", options_.core_secret.reveal()}};
    if (!options_.previous_secret.empty())
        out.emplace_back("CXB_CORE_SECRET_PREVIOUS", options_.previous_secret.reveal());
    if (!folder_.empty()) out.emplace_back("CXB_OUTBOX_DIR", (folder_ / "outbox").string());
    return out;
}

result<void> core_kit::prepare() {
    if (process_) CXB_CHECK(process_->start());
    CXB_CHECK(wait_healthy());
    auto const probe = place_refused(404, "Bot not found");
    if (probe.got.status == 403)
        return cannot_run(
            "The Core refuses the secret; start it with the printed environment, or "
            "name its variable by --secret-env");
    if (probe.got.status != 200)
        no_rooms_ = "no call can be placed by /attach: " + probe.got.summary();
    else if (!plane_->wait_until([&] { return asked_for(probe); }, reach_patience))
        no_rooms_ = "the Core does not reach the kit at " + plane_->url() +
                    ": no config was fetched for an accepted call";
    if (probe.got.status == 503) find_a_way();
    if (!over_socket_) no_calls_ += no_rooms_;
    (void)take_exchanges();
    return {};
}

result<void> core_kit::wait_healthy() {
    answer last;
    bool const up = eventually(
        [&] {
            last = get("/health", std::chrono::seconds{2});
            return last.status == 200 || (process_ && process_->exit_code());
        },
        options_.start_patience);
    if (up && last.status == 200) return {};
    std::string why = "No Core answers at " + options_.url + "/health: " + last.summary();
    if (process_ && process_->exit_code())
        why = "The command ended with " + std::to_string(*process_->exit_code()) +
              " before the Core answered";
    return cannot_run(std::move(why));
}

result<void> core_kit::restart() {
    CXB_CHECK(process_->start());
    return wait_healthy();
}

std::string core_kit::missing(need one) const {
    if (one == need::rooms) return no_rooms_;
    if (one == need::calls) return no_calls_;
    if (one == need::process && !process_)
        return "needs --run COMMAND, so that the kit can stop and start the Core";
    return {};
}

answer core_kit::get(std::string const& path, std::chrono::milliseconds timeout) {
    ask what;
    what.url = options_.url + path;
    what.timeout = timeout;
    return http_.send(std::move(what));
}

answer core_kit::post(std::string const& path, wire::json_object const& body) {
    wire::header_list headers;
    contract::shared_secret::add_headers(headers, {options_.core_secret, {}});
    return post(path, body, std::move(headers));
}

answer core_kit::post(std::string const& path, wire::json_object const& body,
                      wire::header_list headers) {
    ask what;
    what.method = "POST";
    what.url = options_.url + path;
    what.headers = std::move(headers);
    what.body = wire::to_text(body);
    return http_.send(std::move(what));
}

wire::json_object core_kit::config(wire::json_object changes) const {
    wire::json_object out{{"bot_name", "Conformance"},
                          {"system_prompt", "You are a conformance test. Say little."},
                          {"opening_message", "Hello."},
                          {"timezone", "UTC"},
                          {"max_call_duration_seconds", 10},
                          {"stt", simulated()},
                          {"llm", simulated()},
                          {"tts", simulated()},
                          {"recording", wire::json_object{{"enabled", false}}}};
    for (auto const& [name, value] : options_.config)
        out[name] = value;
    for (auto const& [name, value] : changes)
        out[name] = value;
    return out;
}

placed_call core_kit::attach(std::string bot, std::string const& script, wire::json_object event) {
    placed_call out;
    out.bot_id = std::move(bot);
    out.session_id = "conformance-" + new_uuid7();
    event["_campaign_session_id"] = out.session_id;
    event["sim_script"] = script;
    out.got = post("/attach", {{"room_name", "conformance-" + new_uuid7()},
                               {"bot_id", out.bot_id},
                               {"to_number", "+12025550123"},
                               {"from_number", "+12025550100"},
                               {"config_url", plane_->config_url()},
                               {"connected_event", std::move(event)}});
    return out;
}

placed_call core_kit::place(wire::json_object config, std::string const& script,
                            wire::json_object event) {
    if (over_socket_) {
        auto call = open_line(line_kind::dialler, std::move(config));
        begin(call, script, std::move(event));
        return call;
    }
    auto const bot = new_hex24();
    plane_->serve_config(bot, std::move(config));
    return attach(bot, script, std::move(event));
}

placed_call core_kit::place_refused(int status, std::string const& detail) {
    auto const bot = new_hex24();
    plane_->refuse_config(bot, status, detail);
    if (!over_socket_) return attach(bot, "hangup_early", {});
    auto call = connect(line_kind::dialler, bot, {});
    begin(call, "silent", {});
    return call;
}

outcome core_kit::expect_accepted(placed_call const& call) const {
    if (call.got.status == 200 && call.got.text_at("status") == "accepted") return {};
    return fails(
        (call.line ? "/ws: expected a call, got " : "attach: expected 200 accepted, got ") +
        call.got.summary());
}

result<wire::json_object> core_kit::result_of(placed_call const& call) {
    wire::json_object out;
    auto const taken = [&] {
        for (auto const& one : posts_of(call)) {
            if (one.status != 200) continue;
            if (auto body = wire::parse_json(one.request.body); body && body->is_object())
                out = std::move(body->as_object());
            return true;
        }
        return false;
    };
    if (plane_->wait_until(taken, options_.call_patience)) return out;
    auto const tries = posts_of(call);
    return fails(
        "no result of " + call.session_id + " came in " +
        std::to_string(options_.call_patience.count()) + " s" +
        (tries.empty() ? "" : ", the last was answered " + std::to_string(tries.back().status)));
}

bool core_kit::eventually(std::function<bool()> const& done, std::chrono::seconds at_most) {
    auto const until = std::chrono::steady_clock::now() + at_most;
    while (!done())
        if (std::chrono::steady_clock::now() > until || !options_.pause(look_again)) return false;
    return true;
}

std::int64_t core_kit::fleet_number(std::string_view member) {
    return wire::int_at(get("/health/fleet").object(), member, -1);
}

outcome core_kit::wait_idle() {
    if (eventually([&] { return fleet_number("fleet_calls") == 0; }, options_.call_patience))
        return {};
    return fails("calls that have ended still hold slots: " + get("/health/fleet").summary());
}

}  // namespace cxb::cli::conformance
