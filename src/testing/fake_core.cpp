#include "cxb/testing/fake_core.hpp"

#include <atomic>
#include <fstream>

#include "cxb/net/event_loops.hpp"
#include "cxb/net/http_client.hpp"
#include "cxb/net/http_server.hpp"
#include "cxb/testing/builders.hpp"
#include "cxb/testing/temp_folder.hpp"
#include "cxb/worker/worker_host.hpp"
#include "src/testing/handler_transport.hpp"
#include "src/testing/request_book.hpp"
#include "src/testing/short_calls.hpp"

namespace cxb::inline v1 {
namespace testing {

namespace asio = boost::asio;

namespace {

constexpr char const* plane_origin = "http://control-plane.test";

}  // namespace

struct fake_core::state final : worker::http_handler {
    explicit state(fake_core_options given) : options(std::move(given)) {
        plane.serve_config("",
                           make_config().without("session_id", "bot_id", "webhook_url").object());
        plane.add_number("", {make_config().value().bot_id, "carrier-1", "did-1"});
    }

    asio::awaitable<worker::head_verdict> accept_head(wire::http_request const& request) override;
    asio::awaitable<wire::http_response> handle(wire::http_request request) override;
    asio::awaitable<void> serve(wire::http_request request,
                                std::shared_ptr<worker::media_socket> socket) override {
        if (options.line) socket = options.line(std::move(socket));
        return host->serve(std::move(request), std::move(socket));
    }
    wire::http_response refusal(int status) override { return host->refusal(status); }
    asio::awaitable<wire::http_response> answer(wire::http_request request);
    worker::host_options for_host();

    fake_core_options options;
    temp_folder folder;
    request_book book;
    fake_control_plane plane;
    std::unique_ptr<net::http_client> client;
    std::unique_ptr<handler_transport> bridge;
    short_calls calls{options.call_time, [this] { book.tell(); }};
    std::unique_ptr<worker::worker_host> host;
    std::unique_ptr<net::event_loops> loops;
    std::unique_ptr<net::http_server> server;
    std::atomic<std::uint16_t> port = 0;
};

worker::host_options fake_core::state::for_host() {
    worker::host_options out;
    out.max_calls = options.max_calls;
    out.workers = 1;
    out.room_media = options.room_media;
    auto const keys = std::make_shared<contract::shared_secret::keyring const>(options.keys);
    out.keys = [keys] { return keys; };
    out.config_url = options.config_url.empty() ? std::string(plane_origin) + "/api/v1/config"
                                                : options.config_url;
    out.outbox_dir = folder.path() / "outbox";
    out.recordings_dir = folder.path() / "recordings";
    out.transport = bridge.get();
    return out;
}

asio::awaitable<worker::head_verdict> fake_core::state::accept_head(
    wire::http_request const& request) {
    // A hook sees requests whole, so all are judged in `handle` then.
    if (options.asked && !worker::asks_for_socket(request)) {
        worker::head_verdict all;
        all.max_body = limits::call_start_body;
        co_return all;
    }
    auto out = co_await host->accept_head(request);
    if (out.refuse) book.note(request, out.refuse->status);
    co_return out;
}

asio::awaitable<wire::http_response> fake_core::state::answer(wire::http_request request) {
    if (options.asked) {
        auto verdict = co_await host->accept_head(request);
        if (verdict.refuse) co_return *std::move(verdict.refuse);
    }
    if (auto scripted = book.scripted(request)) co_return *std::move(scripted);
    co_return co_await host->handle(std::move(request));
}

asio::awaitable<wire::http_response> fake_core::state::handle(wire::http_request request) {
    if (options.asked) options.asked(request);
    auto const asked = request;
    auto out = co_await answer(std::move(request));
    if (options.answered) options.answered(asked, out);
    book.note(asked, out.status);
    co_return out;
}

fake_core::fake_core(fake_core_options options)
    : state_(std::make_unique<state>(std::move(options))) {
    state_->port = state_->options.port;
}

fake_core::~fake_core() {
    stop();
}

result<void> fake_core::start() {
    stop();
    auto& my = *state_;
    std::filesystem::create_directories(my.folder.path() / "recordings");
    if (my.options.transport == nullptr && !my.client) {
        CXB_TRY(my.client, net::http_client::create());
    }
    auto& others = my.options.transport != nullptr ? *my.options.transport : *my.client;
    my.bridge = std::make_unique<handler_transport>(plane_origin, my.plane.handler(), others);
    worker::call_handler& calls = my.options.calls != nullptr ? *my.options.calls : my.calls;
    my.host = std::make_unique<worker::worker_host>(my.for_host(), calls);
    CXB_CHECK(my.host->open());
    my.loops = std::make_unique<net::event_loops>(1);
    net::server_options listen;
    listen.address = my.options.address;
    listen.port = my.port;
    my.server = std::make_unique<net::http_server>(*my.loops, my, std::move(listen));
    if (auto const listening = my.server->start(); !listening) {
        stop();
        return listening;
    }
    my.port = my.server->port();
    my.loops->spawn(0, my.host->run());
    my.loops->start();
    return {};
}

void fake_core::stop() {
    auto& my = *state_;
    if (my.loops) my.loops->stop();
    my.calls.forget();
    my.server.reset();
    my.host.reset();  // its calls hold sockets of the loops
    my.loops.reset();
}

std::uint16_t fake_core::port() const noexcept {
    return state_->port;
}

std::string fake_core::url() const {
    return "http://" + state_->options.address + ':' + std::to_string(port());
}

std::string fake_core::socket_url(std::string_view bot_id, std::string_view route) const {
    return "ws" + url().substr(4) + '/' + std::string(route) + '/' + std::string(bot_id);
}

void fake_core::set_control_plane(std::string config_url, contract::shared_secret::keyring keys) {
    state_->options.config_url = std::move(config_url);
    state_->options.keys = std::move(keys);
}

fake_control_plane& fake_core::plane() noexcept {
    return state_->plane;
}

void fake_core::hold_calls() {
    state_->calls.hold();
}

void fake_core::release_calls() {
    state_->calls.release();
}

std::size_t fake_core::held_calls() const {
    return state_->calls.waiting();
}

void fake_core::drain() {
    state_->loops->run_and_wait([](worker::worker_host& host) -> asio::awaitable<void> {
        host.begin_drain();
        co_return;
    }(*state_->host));
}

void fake_core::fail(scripted_failure rule) {
    state_->book.fail(std::move(rule));
}

void fake_core::clear_failures() {
    state_->book.clear_failures();
}

void fake_core::add_recording(std::string const& key, std::string_view bytes) {
    auto const path = state_->folder.path() / "recordings" / key;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
}

std::vector<seen_request> fake_core::requests(std::string_view path) const {
    return state_->book.requests(path);
}

bool fake_core::wait_until(std::function<bool()> const& done,
                           std::chrono::milliseconds at_most) const {
    return state_->book.wait_until(done, at_most);
}

}  // namespace testing
}  // namespace cxb::inline v1
