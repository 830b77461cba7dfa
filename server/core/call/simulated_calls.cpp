#include "server/core/call/simulated_calls.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <system_error>

#include "cxb/base/ids.hpp"
#include "cxb/contract/call_results/failure_result.hpp"
#include "cxb/domain/recording_key.hpp"
#include "cxb/version.hpp"
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

constexpr std::string_view live_folder = ".live";
constexpr std::string_view pending_folder = ".pending";
constexpr std::string_view uploaded_folder = ".uploaded";
constexpr milliseconds longest_upload_wait{300000};
constexpr std::chrono::minutes sweep_step{10};
constexpr std::chrono::hours upload_patience{24};

void add_event(cr::call_results& out, cr::event_type type, wire::json_object const& data,
               std::optional<time_point> at) {
    if (!out.events) out.events.emplace();
    if (out.events->size() >= limits::event_items) return;
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
    auto to = root / key;
    std::error_code ec;
    fs::create_directories(to.parent_path(), ec);
    fs::rename(from, to, ec);
    if (ec) return error{errc::unavailable, "Recording cannot be stored"};
    return to;
}

// Complete files below a folder, as keys.
std::vector<std::string> files_below(fs::path const& folder) {
    std::vector<std::string> out;
    std::error_code ec;
    for (fs::recursive_directory_iterator at(folder, ec), end; !ec && at != end; at.increment(ec)) {
        std::error_code kind_ec;
        if (at->is_regular_file(kind_ec) && at->path().extension() != ".part")
            out.push_back(at->path().lexically_relative(folder).generic_string());
    }
    return out;
}

bool goes_to_url(rc::recording_storage const& storage) {
    return storage.kind.is(rc::storage_kind::upload_url) && storage.upload_url;
}

worker::call_end without_speech(worker::call_context const& call, time_point now) {
    cr::result_ids ids;
    ids.session_id = call.config.session_id;
    ids.caller_id = call.start.caller_id;
    if (call.start.direction) ids.call_direction = *call.start.direction;
    ids.started_at = call.accepted_at;
    ids.ended_at = now;
    worker::call_end end;
    end.result =
        cr::make_failure_result(ids, word_of(cr::disconnect_word::error), "unsupported_provider");
    for (auto& event : *end.result.events)
        event.name = "stt";
    return end;
}

// A journal is a file, and a file may hold anything.
bool is_plain_name(std::string const& name) {
    return !name.empty() && name.front() != '.' && name.find('/') == std::string::npos;
}

}  // namespace

void note_warnings(cr::call_results& out, std::vector<fault> const& warnings, time_point at) {
    for (auto const& one : warnings)
        add_event(out, cr::event_type::config_warning,
                  {{"pointer", one.pointer}, {"reason", one.reason}}, at);
}

simulated_calls::simulated_calls(simulated_calls_options options)
    : options_(std::move(options)), orders_(hidden(pending_folder, options_.worker_id)) {}

fs::path simulated_calls::hidden(std::string_view what, std::string_view worker_id) const {
    return options_.recordings_dir / what / worker_id;
}

result<void> simulated_calls::prepare() {
    std::error_code ec;
    fs::create_directories(hidden(live_folder, options_.worker_id), ec);
    if (ec) return error{errc::unavailable, "core.recordings_dir cannot be written"};
    CXB_CHECK(orders_.prepare());
    publish_leftovers(options_.worker_id);
    return {};
}

// Of a worker that is dead: its growing files are repaired, all complete ones get their names.
void simulated_calls::publish_leftovers(std::string const& worker_id) {
    auto const live = hidden(live_folder, worker_id);
    (void)repair_recordings(live);
    for (auto const& key : files_below(live))
        (void)publish(live / key, options_.recordings_dir, key);
}

wire::json_object simulated_calls::remember(worker::call_context const& call) {
    auto const& recording = call.config.recording;
    if (!recording.enabled || recording.storage.kind.is(rc::storage_kind::s3)) return {};
    return {{"recording_key", recording_key_for(call.config)},
            {"recording_worker", options_.worker_id}};
}

void simulated_calls::after_crash(worker::call_journal const& journal, cr::call_results& result) {
    std::string const key(wire::text_at(journal.more, "recording_key"));
    std::string const worker(wire::text_at(journal.more, "recording_worker"));
    if (!domain::is_recording_key(key) || !is_plain_name(worker)) return;
    if (worker != options_.worker_id) publish_leftovers(worker);
    std::error_code ec;
    if (!fs::exists(options_.recordings_dir / key, ec)) return;
    result.recording_key = key;
    result.recording_status = cr::recording_status::uploaded;
    upload_orders of_the_dead(hidden(pending_folder, worker));
    auto order = of_the_dead.find(key);
    if (!order) return;
    result.recording_status = cr::recording_status::pending;
    order->results_to = journal.webhook_url.empty() ? journal.results_url : journal.webhook_url;
    order->result = result;
    if (orders_.keep(*order) && worker != options_.worker_id) of_the_dead.drop(key);
}

std::vector<worker::unfinished_call> simulated_calls::unfinished() {
    std::vector<worker::unfinished_call> out;
    for (auto& order : orders_.list()) {
        if (active_.contains(order.key)) continue;
        if (!order.result) {
            // Of a call that never had a result: nobody asks for its recording.
            if (!drafts_cleared_) orders_.drop(order.key);
            continue;
        }
        worker::unfinished_call one;
        one.url = order.results_to;
        one.end.result = *order.result;
        owe_upload(std::move(order), one.end);
        out.push_back(std::move(one));
    }
    drafts_cleared_ = true;
    return out;
}

void simulated_calls::owe_upload(upload_order order, worker::call_end& end) {
    std::string const key = order.key;
    active_.insert(key);
    end.afterwards = [this, order = std::move(order)] { return upload_later(order); };
    end.settled = [this, key] {
        orders_.drop(key);
        active_.erase(key);
    };
}

sim_ports simulated_calls::ports_for(shared_config const& config) const {
    sim_ports out;
    if (options_.guarded != nullptr)
        out.tool = [this, config](ask_tool ask) {
            return run_http_tool(*options_.guarded, config, std::move(ask));
        };
    if (options_.api != nullptr && config->knowledge.enabled)
        out.knowledge = [this, config](ask_knowledge ask) {
            return search_knowledge(*options_.api, config, options_.headers(), std::move(ask));
        };
    return out;
}

void simulated_calls::choose_party(worker::call_context& call, sim_run& run) const {
    if (call.media) {
        run.line = call.media;
        run.ear = ear_of(call.config);
        return;
    }
    std::string const word(wire::text_at(call.start.connected_event, "sim_script"));
    auto script = find_sim_script(word, options_.scripts_dir);
    if (!script) {
        call.config_warnings.push_back({"/connected_event/sim_script", script.error().detail()});
        script = find_sim_script("polite", {});
    }
    run.script = *std::move(script);
}

asio::awaitable<result<worker::call_end>> simulated_calls::run(worker::call_context call) {
    if (call.media && !options_.serves_lines) co_return without_speech(call, options_.time->now());
    auto const& recording = call.config.recording;
    sim_run run;
    choose_party(call, run);
    run.bot = conversation_of(call.config, std::string(word_of(call.start.transport)));
    run.seed = call_seed(options_.seed, call.config.session_id);
    // Shared: a tool may still run when the call is over.
    run.ports = ports_for(std::make_shared<rc::runtime_config const>(call.config));
    if (recording.enabled) run.recordings = hidden(live_folder, options_.worker_id);
    run.recording_format.channels = recording.channels;
    run.observe = [control = call.control](conversation const& talk) {
        control->show({std::string(state_word(talk.phase())), talk.waiting_for(), talk.turn()});
    };
    if (recording.enabled && goes_to_url(recording.storage))
        (void)orders_.keep({recording_key_for(call.config), recording.storage, "", std::nullopt});
    sim_clock time(*options_.time, options_.fast && !call.media);
    sim_call_runner runner(std::move(run), time);
    call.control->on_stop([&runner](std::string code, std::string message) {
        runner.stop(std::move(code), std::move(message));
    });
    auto outcome = co_await runner.run();
    call.control->on_stop({});
    if (call.media) call.media->hang_up();
    call.control->show({"post_call", "post_call", call.control->view().turn});
    auto const until = options_.time->steady() + options_.post_call;
    auto end = end_of(call, outcome);
    co_await keep_recording(call, outcome, end, until);
    co_return end;
}

worker::call_end simulated_calls::end_of(worker::call_context const& call,
                                         sim_outcome const& outcome) const {
    worker::call_end end;
    end.result = result_of(outcome.record);
    end.result.session_id = call.config.session_id;
    end.result.result_id = make_uuid7(options_.time->now(), system_random());
    end.result.bot_id = call.start.bot_id;
    end.result.worker_id = options_.worker_id;
    end.result.core_version = version_string;
    bool const inbound = call.start.transport == rc::transport_kind::livekit_inbound ||
                         call.start.transport == rc::transport_kind::widget;
    end.result.call_direction = call.start.direction.value_or(
        inbound ? cr::call_direction::inbound : cr::call_direction::outbound);
    if (!call.start.caller_id.empty()) end.result.caller_id = call.start.caller_id;
    if (!call.start.from_number.empty()) end.result.from_number = call.start.from_number;
    end.result.pipeline_config = wire::raw_json::from_object(pipeline_snapshot(
        call.config, std::string(word_of(call.start.transport)), options_.worker_id));
    note_warnings(end.result, call.config_warnings, outcome.record.started_at);
    add_analysis(end.result, outcome.record, call.config, outcome.script);
    return end;
}

asio::awaitable<void> simulated_calls::keep_recording(worker::call_context const& call,
                                                      sim_outcome const& outcome,
                                                      worker::call_end& end,
                                                      std::chrono::nanoseconds until) {
    auto const key = recording_key_for(call.config);
    auto const& storage = call.config.recording.storage;
    if (!outcome.recording) {
        orders_.drop(key);
        end.result.recording_status = cr::recording_status::none;
        co_return;
    }
    auto const file = publish(*outcome.recording, options_.recordings_dir, key);
    if (file) end.result.recording_key = key;
    // Nothing here signs requests to a store of its own kind; the file can be fetched from us.
    if (!file || storage.kind.is(rc::storage_kind::s3)) {
        orders_.drop(key);
        end.result.recording_status = cr::recording_status::failed;
        add_event(end.result, cr::event_type::recording_failed, {{"key", key}},
                  end.result.call_end_time);
        co_return;
    }
    if (!goes_to_url(storage)) {
        // It stays here and is fetched through GET /recordings/{key}.
        end.result.recording_status = cr::recording_status::uploaded;
        co_return;
    }
    if (co_await upload_recording(*options_.api, *options_.time, storage, *file, until)) {
        orders_.drop(key);
        note_uploaded(key);
        end.result.recording_status = cr::recording_status::uploaded;
        add_event(end.result, cr::event_type::recording_uploaded, {{"key", key}},
                  end.result.call_end_time);
        co_return;
    }
    end.result.recording_status = cr::recording_status::pending;
    upload_order order{key, storage, call.config.webhook_url, end.result};
    (void)orders_.keep(order);
    owe_upload(std::move(order), end);
}

asio::awaitable<std::optional<cr::call_results>> simulated_calls::upload_later(upload_order order) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    auto const file = options_.recordings_dir / order.key;
    auto const end = order.storage.expires_at.value_or(options_.time->now() + upload_patience);
    auto result = *std::move(order.result);
    result.result_seq += 1;
    result.recording_status = cr::recording_status::failed;
    for (auto wait = options_.first_upload_wait; options_.time->now() + wait < end;
         wait = std::min<milliseconds>(wait * 2, longest_upload_wait)) {
        timer.expires_after(wait);
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        auto const done = co_await put_recording(*options_.api, order.storage, file);
        if (!done) continue;
        result.recording_status = cr::recording_status::uploaded;
        note_uploaded(order.key);
        break;
    }
    bool const done = result.recording_status->is(cr::recording_status::uploaded);
    add_event(result, done ? cr::event_type::recording_uploaded : cr::event_type::recording_failed,
              {{"key", order.key}}, options_.time->now());
    co_return result;
}

void simulated_calls::note_uploaded(std::string const& key) {
    auto const mark = hidden(uploaded_folder, options_.worker_id) / key;
    std::error_code ec;
    fs::create_directories(mark.parent_path(), ec);
    fs::create_hard_link(options_.recordings_dir / key, mark, ec);
}

void simulated_calls::sweep() {
    auto const now = options_.time->steady();
    if (swept_at_ && now - *swept_at_ < sweep_step) return;
    swept_at_ = now;
    auto const marks = hidden(uploaded_folder, options_.worker_id);
    for (auto const& key : files_below(marks)) {
        std::error_code ec;
        auto const written = fs::last_write_time(marks / key, ec);
        if (ec || fs::file_time_type::clock::now() - written < options_.recordings_keep) continue;
        fs::remove(options_.recordings_dir / key, ec);
        fs::remove(marks / key, ec);
    }
}

}  // namespace core
}  // namespace cxb::inline v1
