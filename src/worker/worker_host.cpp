#include "cxb/worker/worker_host.hpp"

#include <unistd.h>

#include <boost/asio/this_coro.hpp>

#include "cxb/base/ids.hpp"
#include "cxb/base/limits.hpp"
#include "src/worker/host_answers.hpp"
#include "src/worker/host_state.hpp"

namespace cxb::inline v1 {
namespace worker {

namespace asio = boost::asio;

namespace {

constexpr std::string_view recordings_prefix = "/recordings/";
constexpr std::string_view calls_prefix = "/calls/";
constexpr std::string_view end_suffix = "/end";
constexpr std::chrono::seconds ending_grace{20};
constexpr std::chrono::seconds flush_time{10};

bool is_public(std::string_view path) {
    return path == "/health" || path == "/health/fleet" || path == "/ready" || path == "/metrics";
}

wire::http_response problem(errc code, std::string detail) {
    return start_refusal(error{code, std::move(detail)}, "");
}

errc code_of(int status) {
    switch (status) {
        case 400:
            return errc::malformed;
        case 413:
        case 431:
            return errc::too_large;
        case 503:
            return errc::unavailable;
        default:
            return errc::deadline_exceeded;
    }
}

}  // namespace

void call_control::on_stop(stop_fn stop) {
    stop_ = std::move(stop);
    if (stop_ && asked_) stop_(asked_->first, asked_->second);
}

void call_control::stop(std::string code, std::string message) {
    if (asked_) return;
    asked_.emplace(std::move(code), std::move(message));
    if (stop_) stop_(asked_->first, asked_->second);
}

worker_host::state::state(host_options given, call_handler& runs)
    : options(std::move(given)),
      handler(runs),
      time(options.time != nullptr ? *options.time : real_clock()),
      random(options.random != nullptr ? *options.random : system_random()),
      slots(options.max_calls, [this](occupancy) {
          if (options.on_change) options.on_change(now());
      }) {
    char name[256] = {};
    if (options.host_name.empty() && ::gethostname(name, sizeof name - 1) == 0)
        options.host_name = name;
}

wire::header_list worker_host::state::headers() const {
    wire::header_list out;
    contract::shared_secret::add_headers(out, *options.keys());
    out.set("X-CXB-Worker", options.host_name + '/' + options.worker_id);
    return out;
}

// One that works ends the time of a failed disk.
bool worker_host::state::written(result<void> const& outcome, std::string_view what) {
    disk_failed = !outcome;
    if (!outcome) note(true, std::string(what) + ": " + outcome.error().to_log_text());
    return outcome.has_value();
}

void worker_host::state::stop_all(std::string const& code) {
    auto const running = calls;
    for (auto const& [id, call] : running)
        call->control->stop(code, "");
}

occupancy worker_host::state::now() const {
    auto out = slots.now();
    if (outbox && outbox->full()) out.max = out.calls;
    return out;
}

result<void> worker_host::state::check_secret(wire::header_list const& given) const {
    return contract::shared_secret::verify(given, *options.keys());
}

wire::http_response worker_host::state::ready() const {
    wire::json_array reasons;
    if (slots.draining()) reasons.emplace_back("draining");
    if (outbox->full() || disk_failed) reasons.emplace_back("outbox_full");
    if (outbox->config_refused()) reasons.emplace_back("config_refused");
    if (options.rooms_expected && !options.room_media) reasons.emplace_back("livekit_unset");
    bool const good = reasons.empty();
    return json_answer(good ? 200 : 503,
                       wire::to_text(wire::json_object{{"status", good ? "ready" : "not_ready"},
                                                       {"reasons", std::move(reasons)}}));
}

std::string worker_host::state::calls_text() const {
    wire::json_array list;
    for (auto const& [id, call] : calls) {
        auto const& view = call->control->view();
        list.push_back(wire::json_object{{"call_id", id},
                                         {"session_id", call->session_id},
                                         {"bot_id", call->start.bot_id},
                                         {"transport", word_of(call->start.transport)},
                                         {"state", view.state},
                                         {"since", format_timestamp(call->since)},
                                         {"turn", view.turn},
                                         {"waiting_for", view.waiting_for},
                                         {"worker_id", options.worker_id}});
    }
    return wire::to_text(wire::json_object{{"calls", std::move(list)}});
}

wire::http_response worker_host::state::end_call(std::string_view call_id, std::string_view body) {
    auto const found = calls.find(std::string(call_id));
    if (found == calls.end()) return problem(errc::not_found, "No such call");
    auto const parsed = wire::parse_json(body.empty() ? "{}" : body);
    if (!parsed || !parsed->is_object()) return problem(errc::malformed, "Body is no JSON object");
    auto const reason = wire::text_at(parsed->as_object(), "reason");
    found->second->control->stop("operator_end", std::string(reason));
    return json_answer(200, R"({"status":"ending"})");
}

asio::awaitable<wire::http_response> worker_host::state::route(wire::http_request request) {
    auto const self = shared_from_this();
    std::string_view const path = request.path;
    bool const get = request.method == "GET" || request.method == "HEAD";
    bool const post = request.method == "POST";
    if (auto const transport = start_route(path)) {
        if (!post) co_return core_route_refusal(path);
        co_return co_await start_call(*transport, std::move(request));
    }
    auto const at = now();
    if (get && path == "/health")
        co_return json_answer(
            200, contract::fleet::serialize(contract::fleet::worker_health{
                     static_cast<std::int64_t>(at.calls), static_cast<std::int64_t>(at.max),
                     options.workers, options.worker_id, ::getpid()}));
    if (get && path == "/health/fleet")
        co_return json_answer(200,
                              contract::fleet::serialize(contract::fleet::make_fleet_health(
                                  {{options.worker_id, true, static_cast<std::int64_t>(at.calls),
                                    static_cast<std::int64_t>(at.max), ::getpid(), at.draining}})));
    if (get && path == "/ready") {
        // The calls whose writes would tell may be kept away by this very answer.
        if (disk_failed && co_await outbox->try_disk()) disk_failed = false;
        co_return ready();
    }
    if (get && path == "/calls") co_return json_answer(200, calls_text());
    if (get && path == "/metrics" && options.metrics_text) {
        auto out = json_answer(200, options.metrics_text());
        out.headers.set("Content-Type", "text/plain; version=0.0.4");
        co_return out;
    }
    if (get && path.starts_with(recordings_prefix))
        co_return recording_answer(options.recordings_dir, path.substr(recordings_prefix.size()),
                                   request);
    if (post && path == "/undrain" && leaving) co_return problem(errc::conflict, "Stopping");
    if (post && path == "/drain") slots.drain();
    if (post && path == "/undrain") slots.undrain();
    if (post && (path == "/drain" || path == "/undrain"))
        co_return json_answer(200, R"({"status":"ok"})");
    if (post && path.starts_with(calls_prefix) && path.ends_with(end_suffix)) {
        auto const id = path.substr(calls_prefix.size());
        if (id.size() > end_suffix.size())
            co_return end_call(id.substr(0, id.size() - end_suffix.size()), request.body);
    }
    if (path == "/metrics" && !options.metrics_text)
        co_return problem(errc::not_found, "Not Found");
    co_return core_route_refusal(path);
}

worker_host::worker_host(host_options options, call_handler& handler)
    : state_(std::make_shared<state>(std::move(options), handler)) {}

worker_host::~worker_host() {
    // Cut calls hold the outbox until their loop, which has stopped, is destroyed.
    if (state_->outbox) state_->outbox->wait_for_disk();
}

result<void> worker_host::open() {
    auto& self = *state_;
    result_outbox::options out;
    out.root = self.options.outbox_dir;
    out.worker_id = self.options.worker_id;
    out.time = &self.time;
    out.random = &self.random;
    out.transport = self.options.transport;
    out.headers = [&self] { return self.headers(); };
    out.crashed = [&self](call_journal const& journal) { return self.crashed(journal); };
    out.log = self.options.log;
    out.disk = self.options.disk;
    CXB_TRY(self.outbox, result_outbox::open(std::move(out)));
    return {};
}

asio::awaitable<void> worker_host::run() {
    auto const self = state_;
    self->executor = co_await asio::this_coro::executor;
    self->take_unfinished();
    co_await self->outbox->run();
}

asio::awaitable<head_verdict> worker_host::accept_head(wire::http_request const& request) {
    head_verdict out;
    out.max_body = limits::call_start_body;
    if (is_public(request.path)) co_return out;
    if (auto const place = media_route(request.path))
        co_return state_->judge_socket(*place, request);
    if (auto const good = state_->check_secret(request.headers); !good)
        out.refuse = start_refusal(good.error(), request.headers.get("X-Request-Id"));
    co_return out;
}

asio::awaitable<wire::http_response> worker_host::handle(wire::http_request request) {
    auto const self = state_;
    auto request_id = std::string(request.headers.get("X-Request-Id"));
    if (request_id.empty()) {
        request_id = make_uuid7(self->time.now(), self->random);
        request.headers.set("X-Request-Id", request_id);
    }
    if (auto const place = media_route(request.path))
        if (auto verdict = self->judge_socket(*place, request); verdict.refuse)
            co_return *std::move(verdict.refuse);
    if (!is_public(request.path))
        if (auto const good = self->check_secret(request.headers); !good)
            co_return start_refusal(good.error(), request_id);
    auto answer = co_await self->route(std::move(request));
    answer.headers.set("X-Request-Id", request_id);
    co_return answer;
}

wire::http_response worker_host::refusal(int status) {
    auto out = problem(code_of(status), "Request refused");
    out.status = status;
    return out;
}

occupancy worker_host::now() const {
    return state_->now();
}

outbox_metrics worker_host::outbox_numbers() const {
    return state_->outbox->metrics();
}

void worker_host::begin_drain() {
    state_->slots.drain();
}

void worker_host::stop_calls(std::string const& code) {
    state_->stop_all(code);
}

asio::awaitable<void> worker_host::drain(std::chrono::milliseconds longest) {
    auto const self = state_;
    self->leaving = true;
    self->slots.drain();
    bool idle = co_await self->slots.wait_idle(std::chrono::steady_clock::now() + longest);
    if (!idle) {
        self->stop_all("drain_deadline");
        idle = co_await self->slots.wait_idle(std::chrono::steady_clock::now() + ending_grace);
    }
    if (!idle) self->note(true, "calls did not end in time; their journals stay");
    (void)co_await self->outbox->flush(std::chrono::steady_clock::now() + flush_time);
    self->outbox->stop();
}

}  // namespace worker
}  // namespace cxb::inline v1
