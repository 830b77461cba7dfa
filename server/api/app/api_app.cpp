#include "server/api/app/api_app.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "server/api/app/api_parts.hpp"
#include "server/api/app/route_tables.hpp"
#include "server/common/process/stop_signals.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;

server::readiness_check store_check(store::document_store& store) {
    return {"store", true, [&store]() -> asio::awaitable<server::check_outcome> {
                auto const began = std::chrono::steady_clock::now();
                auto const answered = co_await store.ping();
                server::check_outcome out;
                out.ok = answered.has_value();
                out.latency = std::chrono::duration_cast<std::chrono::milliseconds>(
                    std::chrono::steady_clock::now() - began);
                if (!answered) out.detail = answered.error().detail();
                co_return out;
            }};
}

server::readiness_check objects_check(store::object_store& objects) {
    return {"objects", false, [&objects]() -> asio::awaitable<server::check_outcome> {
                auto const answered = objects.ping();
                server::check_outcome out;
                out.ok = answered.has_value();
                if (!answered) out.detail = answered.error().detail();
                co_return out;
            }};
}

}  // namespace

api_app::api_app(server::api_settings settings)
    : parts_(std::make_unique<parts>(std::move(settings))) {}

api_app::~api_app() {
    parts_->loops.stop();
    if (parts_->store) parts_->store->close();
}

result<void> api_app::start() {
    auto& all = *parts_;
    CXB_CHECK(all.open_stores());
    CXB_CHECK(all.open_clients());
    CXB_CHECK(all.make_services());
    all.loops.start();
    result<void> prepared;
    all.loops.run_and_wait([](parts& self, result<void>& out) -> asio::awaitable<void> {
        out = co_await self.prepare();
    }(all, prepared));
    CXB_CHECK(std::move(prepared));
    all.make_router();
    all.health.add_check(store_check(*all.store));
    all.health.add_check(objects_check(*all.objects));
    net::server_options options;
    options.address = all.settings.http.bind;
    options.port = all.settings.http.port;
    options.tls_certificate = all.settings.http.tls_cert;
    options.tls_key = all.settings.http.tls_key;
    options.on_handler_exception = [&all](std::exception_ptr) {
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

result<bool> api_app::create_first_admin() {
    auto& all = *parts_;
    CXB_CHECK(all.open_stores());
    CXB_CHECK(all.open_clients());
    CXB_CHECK(all.make_services());
    all.loops.start();
    result<bool> needed = false;
    result<void> prepared;
    all.loops.run_and_wait(
        [](parts& self, result<bool>& before, result<void>& out) -> asio::awaitable<void> {
            out = co_await self.ensure_collections();
            if (out) before = co_await self.users->bootstrap_needed();
            if (out && before && *before) out = co_await self.first_admin();
        }(all, needed, prepared));
    CXB_CHECK(std::move(prepared));
    return needed;
}

std::string api_app::url() const {
    return parts_->http->url();
}

void api_app::wait_for_stop() {
    asio::io_context main_loop;
    std::optional<server::stop_signals> signals;
    signals.emplace(main_loop.get_executor(),
                    server::signal_actions{.stop = [&] { main_loop.stop(); },
                                           .reload =
                                               [this] {
                                                   auto const done = parts_->http->reload_tls();
                                                   if (!done)
                                                       parts_->log.error("TLS files",
                                                                         {{"cause", done.error()}});
                                               },
                                           .stop_now = {}});
    auto const keep_running = asio::make_work_guard(main_loop);
    main_loop.run();
}

void api_app::stop() {
    auto& all = *parts_;
    all.health.set_stopping();
    all.log.info("stopping");
    all.loops.run_and_wait([](parts& self) -> asio::awaitable<void> {
        co_await self.http->drain(self.settings.http.shutdown_grace);
        co_await self.jobs->stop(std::chrono::milliseconds{5000});
    }(all));
    all.loops.stop();
    all.store->close();
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
