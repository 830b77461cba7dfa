#include "server/core/process/commands.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <future>
#include <iostream>

#include "cxb/net/http_client.hpp"
#include "cxb/net/http_server.hpp"
#include "server/common/process/exit_code.hpp"
#include "server/common/process/ready_file.hpp"
#include "server/common/process/stop_signals.hpp"
#include "server/common/settings/setting_rules.hpp"
#include "server/core/front/front.hpp"
#include "server/core/process/core_metrics.hpp"
#include "server/core/process/supervisor.hpp"
#include "server/core/process/worker_process.hpp"

namespace cxb::inline v1 {
namespace core {

namespace asio = boost::asio;
using server::exit_code;
using server::to_int;

namespace {

constexpr int widest_fleet = 16;
constexpr std::chrono::seconds start_patience{60};
constexpr std::chrono::seconds http_grace{5};

std::optional<server::core_settings> checked(command_options const& options, bool quiet = false) {
    auto found = server::load_core_settings(
        {.config_path = options.config, .environment = server::process_environment()});
    if (!quiet)
        for (auto const& line : found.warnings)
            std::cerr << "warning: " << line << '\n';
    std::cerr << server::problem_text(found.problems);
    return std::move(found.settings);
}

int report(char const* what, error const& cause, exit_code code) {
    std::cerr << "cxb-core: " << what << ": " << cause.to_log_text() << '\n';
    return to_int(code);
}

worker_table make_table(server::core_settings const& settings) {
    worker_table out;
    for (int id = 1; id <= settings.workers; ++id) {
        worker_entry entry;
        entry.id = std::to_string(id);
        entry.socket = socket_path(settings.socket, entry.id);
        out.push_back(std::move(entry));
    }
    return out;
}

net::server_options listen_options(server::core_settings const& settings) {
    net::server_options out;
    auto const colon = settings.listen.rfind(':');
    out.address = settings.listen.substr(0, colon);
    out.port = static_cast<std::uint16_t>(std::stoi(settings.listen.substr(colon + 1)));
    out.tls_certificate = settings.tls_cert;
    out.tls_key = settings.tls_key;
    return out;
}

class serve_process {
  public:
    serve_process(server::core_settings settings, std::string config)
        : settings_(std::move(settings)),
          config_(std::move(config)),
          log_(settings_.log),
          table_(make_table(settings_)) {}
    ~serve_process() { loops_.stop(); }
    serve_process(serve_process const&) = delete;
    serve_process& operator=(serve_process const&) = delete;

    result<void> start() {
        if (settings_.workers > widest_fleet)
            log_.warn("over 16 workers: carriers' health pattern must be widened");
        CXB_TRY(sockets_, net::http_client::create());
        front_.emplace(front_options{settings_.config_hosts, [this] { return metrics_.expose(); },
                                     settings_.ws_token},
                       table_, *sockets_, gate_);
        http_.emplace(loops_, *front_, listen_options(settings_));
        CXB_CHECK(http_->start());
        supervisor_options keeping;
        keeping.config = config_;
        supervisor_.emplace(std::move(keeping), table_, *sockets_, log_, metrics_);
        auto all_up = std::make_shared<std::promise<void>>();
        supervisor_->on_all_up([all_up] { all_up->set_value(); });
        auto run = [](serve_process& self) -> asio::awaitable<void> {
            co_await self.supervisor_->run();
            co_await self.http_->drain(http_grace);
            self.main_loop_.stop();
        };
        loops_.spawn(0, run(*this));
        loops_.start();
        if (all_up->get_future().wait_for(start_patience) == std::future_status::ready) return {};
        asio::post(loops_.executor(0), [this] { supervisor_->drain(); });
        auto const until_all_left = asio::make_work_guard(main_loop_);
        main_loop_.run_for(start_patience);
        return error{errc::unavailable, "Workers did not start"};
    }

    void wait_for_stop() {
        auto const on_loop = [this](auto work) { asio::post(loops_.executor(0), work); };
        server::stop_signals signals(
            main_loop_.get_executor(),
            {.stop = [&] { on_loop([this] { supervisor_->drain(); }); },
             .reload =
                 [&] {
                     reload();
                     on_loop([this] { supervisor_->signal_all(SIGHUP); });
                 },
             .stop_now = [&] { on_loop([this] { supervisor_->drain(); }); }});
        auto const keep_running = asio::make_work_guard(main_loop_);
        main_loop_.run();
        loops_.stop();
        log_.flush();
    }

    [[nodiscard]] std::string url() const { return http_->url(); }

  private:
    void reload() {
        auto found = server::load_core_settings(
            {.config_path = config_, .environment = server::process_environment()});
        if (found.settings)
            gate_.reload(found.settings->core_secret);
        else
            log_.error("settings were not read again: they have faults");
        if (auto const done = http_->reload_tls(); !done)
            log_.error("TLS files", {{"cause", done.error()}});
    }

    server::core_settings settings_;
    std::string config_;
    server::logger log_;
    server::metrics_registry metrics_{{core_metrics()}};
    server::secret_gate gate_{settings_.core_secret};
    worker_table table_;
    net::event_loops loops_{1};
    std::unique_ptr<net::http_client> sockets_;
    std::optional<front> front_;
    std::optional<supervisor> supervisor_;
    std::optional<net::http_server> http_;
    asio::io_context main_loop_;
};

}  // namespace

int run_check_config(command_options const& options) {
    if (!checked(options)) return to_int(exit_code::bad_settings);
    std::cout << "settings are in order\n";
    return to_int(exit_code::done);
}

int run_worker(command_options const& options) {
    auto settings = checked(options, true);
    if (!settings) return to_int(exit_code::bad_settings);
    return run_worker_process(*std::move(settings), {options.worker_id, options.report_fd,
                                                     options.ready_file, options.config});
}

int run_serve(command_options const& options) {
    auto settings = checked(options);
    if (!settings) return to_int(exit_code::bad_settings);
    for (auto const* folder : {&settings->outbox_dir, &settings->recordings_dir})
        if (auto const made = server::prepare_folder(*folder); !made)
            return report("folder", made.error(), exit_code::cannot_create);
    serve_process process(*std::move(settings), options.config);
    if (auto const started = process.start(); !started)
        return report("cannot start", started.error(), exit_code::unavailable);
    {
        auto const ready = server::ready_file::write(options.ready_file, process.url());
        if (!ready) return report("ready file", ready.error(), exit_code::cannot_create);
        process.wait_for_stop();
    }
    return to_int(exit_code::done);
}

}  // namespace core
}  // namespace cxb::inline v1
