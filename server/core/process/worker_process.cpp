#include "server/core/process/worker_process.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <iostream>

#include "cxb/net/http_server.hpp"
#include "cxb/worker/worker_host.hpp"
#include "server/common/http/secret_gate.hpp"
#include "server/common/process/exit_code.hpp"
#include "server/common/process/ready_file.hpp"
#include "server/common/process/stop_signals.hpp"
#include "server/core/call/simulated_calls.hpp"
#include "server/core/process/core_metrics.hpp"
#include "server/core/process/worker_table.hpp"
#include "src/net/guarded_http_client.hpp"

namespace cxb::inline v1 {
namespace core {

namespace asio = boost::asio;
using server::exit_code;
using server::to_int;

namespace {

constexpr seconds heartbeat{1};
constexpr seconds socket_grace{2};

class worker_process {
  public:
    worker_process(server::core_settings settings, worker_options options)
        : settings_(std::move(settings)), options_(std::move(options)), log_(settings_.log) {}
    ~worker_process() {
        loops_.stop();
        orphan_ = true;  // what the loop lets go of now reports to nobody
    }
    worker_process(worker_process const&) = delete;
    worker_process& operator=(worker_process const&) = delete;

    result<void> start();
    void wait_for_stop();
    [[nodiscard]] std::string url() const { return http_->url(); }

  private:
    result<void> make_clients();
    void make_host();
    void report();
    void leave_when_idle();
    asio::awaitable<void> beat();
    void reload();
    [[nodiscard]] std::string metrics_text();

    server::core_settings settings_;
    worker_options options_;
    server::logger log_;
    server::metrics_registry metrics_{{core_metrics()}};
    server::secret_gate gate_{settings_.core_secret};
    net::event_loops loops_{1};
    std::unique_ptr<net::http_client> api_;
    std::unique_ptr<net::guarded_http_client> guarded_;
    std::unique_ptr<simulated_calls> calls_;
    std::unique_ptr<worker::worker_host> host_;
    std::unique_ptr<net::http_server> http_;
    asio::io_context main_loop_;
    bool orphan_ = false;  ///< nobody reads the reports
    bool leaving_ = false;
};

result<void> worker_process::make_clients() {
    CXB_TRY(api_, net::http_client::create());
    CXB_TRY(auto policy, domain::make_guard_policy(settings_.production(), settings_.guard_allow));
    CXB_TRY(guarded_, net::guarded_http_client::create(std::move(policy)));
    return {};
}

void worker_process::make_host() {
    simulated_calls_options calls;
    calls.time = &real_clock();
    calls.guarded = guarded_.get();
    calls.api = api_.get();
    calls.headers = [this] {
        wire::header_list out;
        contract::shared_secret::add_headers(out, *gate_.keys());
        return out;
    };
    calls.recordings_dir = settings_.recordings_dir;
    calls.scripts_dir = settings_.sim_scripts_dir;
    calls.worker_id = options_.id;
    calls.seed = settings_.sim_seed;
    calls.fast = settings_.sim_fast;
    calls.post_call = settings_.post_call;
    calls.serves_lines = settings_.media == server::media_kind::simulated;
    calls.recordings_keep = settings_.recordings_keep;
    calls_ = std::make_unique<simulated_calls>(std::move(calls));

    worker::host_options host;
    host.worker_id = options_.id;
    host.workers = settings_.workers;
    host.max_calls = static_cast<std::size_t>(settings_.max_concurrent_calls);
    host.room_media = settings_.media == server::media_kind::simulated;
    host.rooms_expected = settings_.media == server::media_kind::livekit;
    if (host.rooms_expected) host.no_media_detail = "Room media is not available on this host";
    host.keys = [this] { return gate_.keys(); };
    host.socket_token = settings_.ws_token;
    host.config_url = settings_.config_url;
    host.config_hosts = settings_.config_hosts;
    host.outbox_dir = settings_.outbox_dir;
    host.recordings_dir = settings_.recordings_dir;
    host.transport = api_.get();
    host.on_change = [this](worker::occupancy) { report(); };
    host.on_call_end = [this](worker::call_summary const& told) {
        metrics_.get_counter("cxb_core_calls_total", {told.transport, told.disconnected_by}).add();
        log_.info("call ended", {{"call_id", server::plain(told.call_id)},
                                 {"session_id", server::plain(told.session_id)},
                                 {"disconnected_by", server::plain(told.disconnected_by)},
                                 {"config", server::plain(told.config_outcome)}});
    };
    host.metrics_text = [this] { return metrics_text(); };
    host.log = [this](bool error, std::string const& text) {
        if (error)
            log_.error("worker", {{"what", server::plain(text)}});
        else
            log_.info("worker", {{"what", server::plain(text)}});
    };
    host_ = std::make_unique<worker::worker_host>(std::move(host), *calls_);
}

std::string worker_process::metrics_text() {
    auto const outbox = host_->outbox_numbers();
    metrics_.get_gauge("cxb_outbox_entries").set(static_cast<double>(outbox.entries));
    metrics_.get_gauge("cxb_outbox_oldest_seconds").set(static_cast<double>(outbox.oldest_seconds));
    auto const raise = [this](char const* name, auto total) {
        auto const sum = metrics_.get_counter(name);
        sum.add(std::max(0.0, static_cast<double>(total) - sum.value()));
    };
    raise("cxb_outbox_dead_total", outbox.dead_total);
    raise("cxb_outbox_delivered_total", outbox.delivered_total);
    metrics_.get_gauge("cxb_core_calls", {"running"}).set(static_cast<double>(host_->now().calls));
    return metrics_.expose();
}

// A line is shorter than PIPE_BUF, so it goes whole or not at all.
void worker_process::report() {
    if (options_.report_fd < 0 || orphan_) return;
    auto const now = host_->now();
    std::string const line = std::to_string(now.calls) + ' ' + std::to_string(now.max) + ' ' +
                             (now.draining ? "1\n" : "0\n");
    if (::write(options_.report_fd, line.data(), line.size()) >= 0 || errno != EPIPE) return;
    orphan_ = true;
    log_.warn("the supervisor is gone, no new calls");
    host_->begin_drain();
}

// Its calls end by themselves; a stop signal would cut them at the drain deadline.
void worker_process::leave_when_idle() {
    if (!orphan_ || leaving_ || host_->now().calls > 0) return;
    leaving_ = true;
    (void)::kill(::getpid(), SIGTERM);
}

asio::awaitable<void> worker_process::beat() {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;) {
        report();
        leave_when_idle();
        calls_->sweep();
        timer.expires_after(heartbeat);
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

result<void> worker_process::start() {
    CXB_CHECK(make_clients());
    make_host();
    CXB_CHECK(calls_->prepare());
    CXB_CHECK(host_->open());
    net::server_options options;
    options.unix_path = socket_path(settings_.socket, options_.id);
    options.unix_mode = 0660;
    options.on_handler_exception = [this](std::exception_ptr const&) {
        log_.error("a handler ended by an exception");
    };
    http_ = std::make_unique<net::http_server>(loops_, *host_, std::move(options));
    CXB_CHECK(http_->start());
    if (options_.report_fd >= 0) {
        ::fcntl(options_.report_fd, F_SETFL, O_NONBLOCK);
        ::fcntl(options_.report_fd, F_SETFD, FD_CLOEXEC);
    }
    loops_.spawn(0, host_->run());
    loops_.spawn(0, beat());
    loops_.start();
    return {};
}

void worker_process::reload() {
    auto found = server::load_core_settings(
        {.config_path = options_.config, .environment = server::process_environment()});
    if (found.settings)
        gate_.reload(found.settings->core_secret);
    else
        log_.error("settings were not read again: they have faults");
}

void worker_process::wait_for_stop() {
    auto drain = [](worker_process& self) -> asio::awaitable<void> {
        co_await self.host_->drain(self.settings_.drain);
        co_await self.http_->drain(socket_grace);
        self.main_loop_.stop();
    };
    server::stop_signals signals(
        main_loop_.get_executor(),
        {.stop = [&] { loops_.spawn(0, drain(*this)); },
         .reload = [this] { reload(); },
         .stop_now =
             [this] { asio::post(loops_.executor(0), [this] { host_->stop_calls("stopped"); }); }});
    auto const keep_running = asio::make_work_guard(main_loop_);
    main_loop_.run();
    loops_.stop();
    log_.flush();
}

}  // namespace

int run_worker_process(server::core_settings settings, worker_options options) {
    (void)std::signal(SIGPIPE, SIG_IGN);
    for (auto const* folder : {&settings.outbox_dir, &settings.recordings_dir})
        if (auto const made = server::prepare_folder(*folder); !made) {
            std::cerr << "cxb-core: folder: " << made.error().to_log_text() << '\n';
            return to_int(exit_code::cannot_create);
        }
    std::string const ready_path = options.ready_file;
    worker_process process(std::move(settings), std::move(options));
    if (auto const started = process.start(); !started) {
        std::cerr << "cxb-core: cannot start worker: " << started.error().to_log_text() << '\n';
        return to_int(exit_code::unavailable);
    }
    auto const ready = server::ready_file::write(ready_path, process.url());
    if (!ready) return to_int(exit_code::cannot_create);
    process.wait_for_stop();
    return to_int(exit_code::done);
}

}  // namespace core
}  // namespace cxb::inline v1
