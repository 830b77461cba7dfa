#include "server/core/call/simulated_calls.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <system_error>

#include "server/core/call/bot_mapping.hpp"
#include "server/core/call/http_tools.hpp"
#include "server/core/call/recording_upload.hpp"
#include "server/core/call/result_mapping.hpp"

namespace cxb::inline v1 {
namespace core {

namespace asio = boost::asio;
namespace fs = std::filesystem;
namespace cr = contract::call_results;
namespace rc = contract::runtime_config;

namespace {

constexpr seconds first_upload_wait{5};
constexpr seconds longest_upload_wait{300};
constexpr std::chrono::hours upload_patience{24};

void add_event(cr::call_results& out, cr::event_type type, wire::json_object data,
               std::optional<time_point> at) {
    if (!out.events) out.events.emplace();
    cr::event_item event;
    event.type = type;
    event.timestamp = at;
    event.data = wire::raw_json::from_object(data);
    out.events->push_back(std::move(event));
}

std::string_view state_word(call_phase phase) {
    switch (phase) {
        case call_phase::ringing:
            return "ringing";
        case call_phase::opening:
            return "opening";
        case call_phase::talking:
            return "talking";
        case call_phase::ending:
            return "ending";
        case call_phase::over:
            break;
    }
    return "post_call";
}

// Not yet uploaded files become visible under their key only when they are complete.
result<fs::path> publish(fs::path const& from, fs::path const& root, std::string const& key) {
    auto const to = root / key;
    std::error_code ec;
    fs::create_directories(to.parent_path(), ec);
    fs::rename(from, to, ec);
    if (ec) return error{errc::unavailable, "Recording cannot be stored"};
    return to;
}

}  // namespace

void note_warnings(cr::call_results& out, std::vector<fault> const& warnings, time_point at) {
    for (auto const& one : warnings)
        add_event(out, cr::event_type::config_warning,
                  {{"pointer", one.pointer}, {"reason", one.reason}}, at);
}

fs::path simulated_calls::live_folder() const {
    return options_.recordings_dir / ".live" / options_.worker_id;
}

result<void> simulated_calls::prepare() {
    std::error_code ec;
    fs::create_directories(live_folder(), ec);
    if (ec) return error{errc::unavailable, "core.recordings_dir cannot be written"};
    for (auto const& key : repair_recordings(live_folder()))
        if (publish(live_folder() / key, options_.recordings_dir, key)) repaired_.insert(key);
    return {};
}

wire::json_object simulated_calls::remember(worker::call_context const& call) {
    if (!call.config.recording.enabled) return {};
    return {{"recording_key", recording_key_for(call.config)}};
}

void simulated_calls::after_crash(worker::call_journal const& journal, cr::call_results& result) {
    std::string const key(wire::text_at(journal.more, "recording_key"));
    if (repaired_.contains(key)) result.recording_key = key;
}

sim_ports simulated_calls::ports_for(rc::runtime_config const& config) const {
    sim_ports out;
    if (options_.guarded != nullptr)
        out.tool = [this, &config](ask_tool ask) {
            return run_http_tool(*options_.guarded, config, std::move(ask));
        };
    if (options_.api != nullptr && config.knowledge.enabled)
        out.knowledge = [this, &config](ask_knowledge ask) {
            return search_knowledge(*options_.api, config, options_.headers(), std::move(ask));
        };
    return out;
}

asio::awaitable<result<worker::call_end>> simulated_calls::run(worker::call_context call) {
    std::string const transport(word_of(call.start.transport));
    std::string const word(wire::text_at(call.start.connected_event, "sim_script"));
    auto script = find_sim_script(word, options_.scripts_dir);
    if (!script) {
        call.config_warnings.push_back({"/connected_event/sim_script", script.error().detail()});
        script = find_sim_script("polite", {});
    }
    sim_run run;
    run.bot = conversation_of(call.config, transport);
    run.script = *std::move(script);
    run.seed = call_seed(options_.seed, call.config.session_id);
    run.ports = ports_for(call.config);
    if (call.config.recording.enabled) run.recordings = live_folder();
    run.recording_format.channels = call.config.recording.channels;
    run.observe = [control = call.control](conversation const& talk) {
        control->show({std::string(state_word(talk.phase())), talk.waiting_for(), talk.turn()});
    };
    sim_clock time(*options_.time, options_.fast);
    sim_call_runner runner(std::move(run), time);
    call.control->on_stop([&runner](std::string code, std::string message) {
        runner.stop(std::move(code), std::move(message));
    });
    auto outcome = co_await runner.run();
    call.control->on_stop({});
    call.control->show({"post_call", "post_call", call.control->view().turn});

    worker::call_end end;
    end.result = result_of(outcome.record);
    end.result.session_id = call.config.session_id;
    bool const inbound = call.start.transport == rc::transport_kind::livekit_inbound ||
                         call.start.transport == rc::transport_kind::widget;
    end.result.call_direction =
        inbound ? cr::call_direction::inbound : cr::call_direction::outbound;
    if (!call.start.caller_id.empty()) end.result.caller_id = call.start.caller_id;
    if (!call.start.from_number.empty()) end.result.from_number = call.start.from_number;
    end.result.pipeline_config =
        wire::raw_json::from_object(pipeline_snapshot(call.config, transport, options_.worker_id));
    note_warnings(end.result, call.config_warnings, outcome.record.started_at);
    add_analysis(end.result, outcome.record, call.config, outcome.script);
    co_await keep_recording(call, outcome, end);
    co_return end;
}

asio::awaitable<void> simulated_calls::keep_recording(worker::call_context const& call,
                                                      sim_outcome const& outcome,
                                                      worker::call_end& end) {
    if (!outcome.recording) {
        end.result.recording_status = cr::recording_status::none;
        co_return;
    }
    auto const key = recording_key_for(call.config);
    auto const file = publish(*outcome.recording, options_.recordings_dir, key);
    if (!file) {
        end.result.recording_status = cr::recording_status::failed;
        add_event(end.result, cr::event_type::recording_failed, {{"key", key}},
                  end.result.call_end_time);
        co_return;
    }
    end.result.recording_key = key;
    auto const storage = call.config.recording.storage;
    if (!storage.kind.is(rc::storage_kind::upload_url) || !storage.upload_url) {
        // It stays here and is fetched through GET /recordings/{key}.
        end.result.recording_status = cr::recording_status::uploaded;
        co_return;
    }
    if (co_await upload_recording(*options_.api, storage, *file)) {
        end.result.recording_status = cr::recording_status::uploaded;
        add_event(end.result, cr::event_type::recording_uploaded, {{"key", key}},
                  end.result.call_end_time);
        co_return;
    }
    end.result.recording_status = cr::recording_status::pending;
    end.afterwards = [this, storage, path = *file, result = end.result]() {
        return upload_later(storage, path, result);
    };
}

asio::awaitable<std::optional<cr::call_results>> simulated_calls::upload_later(
    rc::recording_storage storage, fs::path file, cr::call_results result) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    auto const end = storage.expires_at.value_or(options_.time->now() + upload_patience);
    result.result_seq += 1;
    result.recording_status = cr::recording_status::failed;
    for (auto wait = first_upload_wait; options_.time->now() + wait < end;
         wait = std::min(wait * 2, longest_upload_wait)) {
        timer.expires_after(wait);
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (!co_await put_recording(*options_.api, storage, file)) continue;
        result.recording_status = cr::recording_status::uploaded;
        break;
    }
    bool const done = result.recording_status->is(cr::recording_status::uploaded);
    add_event(result, done ? cr::event_type::recording_uploaded : cr::event_type::recording_failed,
              {{"key", *result.recording_key}}, options_.time->now());
    co_return result;
}

}  // namespace core
}  // namespace cxb::inline v1
