#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

#include "cxb/base/ids.hpp"
#include "cxb/worker/config_fetch.hpp"
#include "server/common/process/exit_code.hpp"
#include "server/common/settings/process_settings.hpp"
#include "server/common/settings/setting_rules.hpp"
#include "server/core/call/bot_mapping.hpp"
#include "server/core/call/http_tools.hpp"
#include "server/core/call/result_mapping.hpp"
#include "server/core/process/commands.hpp"
#include "server/core/sim/sim_call_runner.hpp"
#include "src/net/guarded_http_client.hpp"

namespace cxb::inline v1 {
namespace core {

namespace asio = boost::asio;
namespace rc = contract::runtime_config;
using server::exit_code;
using server::to_int;

namespace {

constexpr char const* transport = "livekit_outbound";

// Where a fast call begins, so that two runs with one seed give the same bytes.
class fixed_clock final : public clock {
  public:
    [[nodiscard]] time_point now() const noexcept override {
        return time_point{milliseconds{1'767'323'045'000}};
    }
    [[nodiscard]] std::chrono::nanoseconds steady() const noexcept override {
        return std::chrono::nanoseconds::zero();
    }
};

result<rc::runtime_config> read_config(std::string const& path) {
    std::ifstream file(path);
    if (!file) return error{errc::not_found, "Runtime config cannot be read"};
    std::stringstream text;
    text << file.rdbuf();
    wire::parse_options how;
    how.tolerant_items = true;
    return rc::parse_runtime_config(text.str(), how);
}

asio::awaitable<void> fetch(server::core_settings const& settings, std::string bot_id,
                            client::transport& net, result<rc::runtime_config>& out) {
    worker::config_fetch_options how;
    how.transport = &net;
    how.headers = [&settings] {
        wire::header_list headers;
        contract::shared_secret::add_headers(headers, settings.core_secret);
        return headers;
    };
    worker::config_order order{settings.config_url, std::move(bot_id), {}};
    order.request.transport = rc::transport_kind::livekit_outbound;
    auto fetched = co_await worker::fetch_config(how, std::move(order));
    if (fetched.config)
        out = *std::move(fetched.config);
    else
        out = error{errc::unavailable,
                    "Config: " + std::string(word_of(fetched.outcome)) + ' ' + fetched.detail};
}

result<sim_run> make_run(rc::runtime_config const& config, command_options const& options,
                         server::core_settings const& settings) {
    sim_run run;
    run.bot = conversation_of(config, transport);
    CXB_TRY(run.script, find_sim_script(options.script, settings.sim_scripts_dir));
    run.seed = call_seed(options.seed, config.session_id);
    run.recording_format.channels = config.recording.channels;
    if (!options.wav.empty()) {
        std::filesystem::path const wav(options.wav);
        run.recordings = wav.has_parent_path() ? wav.parent_path() : std::filesystem::path(".");
        run.bot.recording = true;
        run.bot.recording_key = wav.filename().string();
    }
    return run;
}

void print(rc::runtime_config const& config, command_options const& options,
           sim_outcome const& outcome) {
    auto call = result_of(outcome.record);
    call.session_id = config.session_id;
    call.bot_id = config.bot_id;
    seeded_random random(call_seed(options.seed, config.session_id));
    call.result_id = make_uuid7(outcome.record.started_at, random);
    call.pipeline_config =
        wire::raw_json::from_object(pipeline_snapshot(config, transport, "simulate"));
    add_analysis(call, outcome.record, config, outcome.script);
    if (!options.json) std::cout << transcript_text(outcome.record) << '\n';
    std::cout << contract::call_results::serialize(call) << '\n';
}

int failed(error const& cause, exit_code code) {
    std::cerr << "cxb-core: simulate: " << cause.to_log_text() << '\n';
    return to_int(code);
}

}  // namespace

int run_simulate(command_options const& options) {
    auto const found = server::load_core_settings(
        {.config_path = {}, .environment = server::process_environment()});
    std::cerr << server::problem_text(found.problems);
    if (!found.settings) return to_int(exit_code::bad_settings);
    auto const& settings = *found.settings;
    if (settings.production())
        return failed(error{errc::forbidden, "Not in production"}, exit_code::failed);
    auto policy = domain::make_guard_policy(settings.production(), settings.guard_allow);
    if (!policy) return failed(policy.error(), exit_code::bad_settings);
    auto net = net::http_client::create();
    auto guarded = net::guarded_http_client::create(*std::move(policy));
    if (!net || !guarded) return failed(error{errc::internal}, exit_code::internal);

    asio::io_context loop;
    result<rc::runtime_config> config = error{errc::invalid, "--config or --bot-id is needed"};
    if (!options.config.empty()) config = read_config(options.config);
    if (options.config.empty() && !options.bot_id.empty()) {
        asio::co_spawn(loop, fetch(settings, options.bot_id, **net, config), asio::detached);
        loop.run();
        loop.restart();
    }
    if (!config) return failed(config.error(), exit_code::failed);
    auto run = make_run(*config, options, settings);
    if (!run) return failed(run.error(), exit_code::failed);
    run->ports.tool = [&,
                       shared = std::make_shared<rc::runtime_config const>(*config)](ask_tool ask) {
        return run_http_tool(**guarded, shared, std::move(ask));
    };
    fixed_clock const fixed;
    sim_clock time(options.fast ? static_cast<clock const&>(fixed) : real_clock(), options.fast);
    sim_call_runner runner(*std::move(run), time);
    std::optional<sim_outcome> outcome;
    auto call = [](sim_call_runner& one, std::optional<sim_outcome>& out) -> asio::awaitable<void> {
        out = co_await one.run();
    };
    asio::co_spawn(loop, call(runner, outcome), asio::detached);
    loop.run();
    print(*config, options, *outcome);
    return to_int(exit_code::done);
}

}  // namespace core
}  // namespace cxb::inline v1
