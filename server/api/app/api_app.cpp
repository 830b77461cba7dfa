#include "server/api/app/api_app.hpp"

#include <future>

#include "server/api/app/api_parts.hpp"
#include "server/api/app/route_tables.hpp"
#include "server/common/process/descriptor_limit.hpp"

namespace cxb::api {
namespace asio = boost::asio;

void signal_watch::start(server::signal_actions actions) {
    signals_.emplace(loop_.get_executor(), std::move(actions));
    thread_ = std::thread([this] { loop_.run(); });
}

void signal_watch::stop() {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
    signals_.reset();
}

api_app::api_app(server::api_settings settings, api_surroundings around)
    : parts_(std::make_unique<parts>(std::move(settings), std::move(around))) {}

api_app::~api_app() {
    parts_->signals.stop();
    parts_->end_work();
}

// A request that was answered at its deadline may still wait for the store, a pool or a CRM, and
// holds turns and places of services: it ends before these do.
void api_app::parts::end_work() {
    loops.stop();
    changes.reset();
    events.reset();
    if (bus) bus->close();
    hashing.close();
    files.close();
    if (store) store->close();
    loops.let_go();
}

result<void> api_app::start() {
    auto& all = *parts_;
    CXB_CHECK(all.open_stores());
    CXB_CHECK(all.open_shared());
    CXB_CHECK(all.open_clients());
    CXB_CHECK(all.make_services());
    all.make_events();
    all.loops.start();
    result<void> prepared;
    all.loops.run_and_wait([](parts& self, result<void>& out) -> asio::awaitable<void> {
        out = co_await self.prepare();
    }(all, prepared));
    CXB_CHECK(std::move(prepared));
    all.make_router();
    all.add_checks();
    net::server_options options;
    options.address = all.settings.http.bind;
    options.port = all.settings.http.port;
    options.tls_certificate = all.settings.http.tls_cert;
    options.tls_key = all.settings.http.tls_key;
    options.write_timeout = all.slow_client;
    options.head_timeout = all.slow_head;
    options.max_connections =
        server::connections_within(server::raise_descriptor_limit(), options.max_connections);
    options.on_handler_exception = [&all](std::exception_ptr const&) {
        all.log.error("a handler ended by an exception");
    };
    all.http.emplace(all.loops, *all.router, std::move(options));
    CXB_CHECK(all.http->start());
    all.start_loops();
    all.health.set_started();
    std::string const at = url();
    all.log.info("ready", {{"url", server::plain(at)}});
    return {};
}

// For commands that work on the store beside a running server, or without one.
result<void> api_app::open_store_only() {
    auto& all = *parts_;
    CXB_CHECK(all.open_stores());
    CXB_CHECK(all.open_clients());
    CXB_CHECK(all.make_services());
    all.loops.start();
    return {};
}

result<void> api_app::reset_password(std::string email, secret fresh) {
    CXB_CHECK(open_store_only());
    auto& all = *parts_;
    result<void> done;
    all.loops.run_and_wait(
        [](parts& self, std::string who, secret with, result<void>& out) -> asio::awaitable<void> {
            out = co_await self.ensure_collections();
            if (out)
                out = co_await self.people->reset_by_email(std::move(who), std::move(with),
                                                           audit_actor::command("reset-password"));
        }(all, std::move(email), std::move(fresh), done));
    return done;
}

result<bool> api_app::create_first_admin() {
    CXB_CHECK(open_store_only());
    auto& all = *parts_;
    result<bool> needed = false;
    result<void> prepared;
    all.loops.run_and_wait(
        [](parts& self, result<bool>& before, result<void>& out) -> asio::awaitable<void> {
            out = co_await self.ensure_collections();
            if (out) before = co_await self.users->bootstrap_needed();
            if (out && before && *before)
                out = co_await self.first_admin(audit_actor::command("bootstrap-admin"));
        }(all, needed, prepared));
    CXB_CHECK(std::move(prepared));
    return needed;
}

result<std::vector<rotated_collection>> api_app::rotate_secrets_key() {
    auto& all = *parts_;
    CXB_CHECK(all.open_stores());
    all.loops.start();
    result<std::vector<rotated_collection>> found;
    all.loops.run_and_wait(
        [](parts& self, result<std::vector<rotated_collection>>& out) -> asio::awaitable<void> {
            if (auto const made = co_await self.ensure_collections(); !made) {
                out = made.error();
                co_return;
            }
            audit_trail trail(*self.store, self.time, self.random);
            out = co_await rotate_secrets(self.store->inner(), self.store->sealer(), trail);
        }(all, found));
    return found;
}

std::string api_app::url() const {
    return parts_->http->url();
}

void api_app::wait_for_stop(settings_source read_again) {
    auto& all = *parts_;
    auto const asked = std::make_shared<std::promise<void>>();
    server::signal_actions actions;
    actions.stop = [asked] { asked->set_value(); };
    actions.reload = [&all, read_again = std::move(read_again)] {
        if (auto const fresh = read_again())
            all.core.reload(fresh->core_secret);
        else
            all.log.error("settings were not read again: they have faults");
        auto const done = all.http->reload_tls();
        if (!done) all.log.error("TLS files", {{"cause", done.error()}});
    };
    auto const stop_asked = asked->get_future();
    // A thread of its own: a second signal must end the process while the first one's stop runs.
    all.signals.start(std::move(actions));
    stop_asked.wait();
}

void api_app::stop() {
    auto& all = *parts_;
    all.health.set_stopping();
    all.log.info("stopping");
    // Streams do not end by themselves, and nobody need wait for them.
    all.events->close();
    all.loops.run_and_wait([](parts& self) -> asio::awaitable<void> {
        co_await self.http->drain(self.settings.http.shutdown_grace);
        co_await self.jobs->stop(std::chrono::milliseconds{5000});
        co_await self.release_leases();
    }(all));
    // A push that outlived its grace may still save a bot and tell it.
    all.end_work();
    all.log.info("stopped");
    all.log.flush();
}

std::string api_openapi() {
    std::vector<server::route const*> rows;
    for (auto const& table : route_tables())
        for (auto const& row : table)
            rows.push_back(&row);
    return server::openapi_document(
        {"CX Bridge API", version_string,
         "Control plane of CX Bridge: bots, calls, dialout, results, recordings."},
        rows);
}

}  // namespace cxb::api
