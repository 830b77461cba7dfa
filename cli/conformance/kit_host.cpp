#include "cli/conformance/kit_host.hpp"

#include <charconv>

#include "cli/app/exit_code.hpp"
#include "cxb/base/ids.hpp"
#include "cxb/contract/dialout/call_accepted.hpp"
#include "cxb/contract/fleet/fleet_health.hpp"

namespace cxb::cli::conformance {

namespace {

wire::http_response json_answer(int status, std::string body) {
    wire::http_response out;
    out.status = status;
    out.headers.set("Content-Type", "application/json");
    out.body = std::move(body);
    return out;
}

}  // namespace

result<listen_address> listen_address::parse(std::string const& text) {
    listen_address out;
    if (text.empty()) return out;
    auto const colon = text.rfind(':');
    auto const* const end = text.data() + text.size();
    if (colon != std::string::npos && colon > 0) {
        out.host = text.substr(0, colon);
        auto const read = std::from_chars(text.data() + colon + 1, end, out.port);
        if (read.ec == std::errc() && read.ptr == end) return out;
    }
    return usage_error("--listen needs HOST:PORT, for example 127.0.0.1:8090");
}

kit_host::kit_host(listen_address where) : where_(std::move(where)) {}

kit_host::~kit_host() {
    if (loops_) loops_->stop();
    server_.reset();
}

result<void> kit_host::start() {
    loops_ = std::make_unique<net::event_loops>(1);
    net::server_options options;
    options.address = where_.host;
    options.port = where_.port;
    server_ = std::make_unique<net::http_server>(*loops_, *this, std::move(options));
    CXB_CHECK(server_->start());
    loops_->start();
    return {};
}

std::string kit_host::url() const {
    return server_->url();
}

std::vector<wire::json_object> kit_host::dialouts() const {
    std::lock_guard const lock(mutex_);
    return dialouts_;
}

int kit_host::pushes(std::string const& session) const {
    std::lock_guard const lock(mutex_);
    auto const found = pushes_.find(session);
    return found == pushes_.end() ? 0 : found->second;
}

bool kit_host::wait_until(std::function<bool()> const& done,
                          std::chrono::milliseconds at_most) const {
    auto const until = std::chrono::steady_clock::now() + at_most;
    for (;;) {
        std::size_t known = 0;
        {
            std::lock_guard const lock(mutex_);
            known = news_;
        }
        if (done()) return true;
        std::unique_lock lock(mutex_);
        if (!changed_.wait_until(lock, until, [&] { return news_ != known; })) return false;
    }
}

boost::asio::awaitable<worker::head_verdict> kit_host::accept_head(
    wire::http_request const& /*request*/) {
    worker::head_verdict out;
    out.max_body = limits::results_body;
    co_return out;
}

boost::asio::awaitable<wire::http_response> kit_host::handle(wire::http_request request) {
    if (request.path == "/health/fleet")
        co_return json_answer(200, serialize(contract::fleet::make_fleet_health(
                                       {{.id = "1", .calls = 0, .max = 16, .pid = 1}})));
    if (request.method == "POST" && request.path == "/livekit/dialout")
        co_return take_dialout(request.body);
    if (request.path != "/push") co_return json_answer(404, "{}");
    if (auto const body = wire::parse_json(request.body); body && body->is_object()) {
        std::lock_guard const lock(mutex_);
        ++pushes_[std::string(wire::text_at(body->as_object(), "session"))];
        ++news_;
    }
    changed_.notify_all();
    co_return json_answer(200, "{}");
}

wire::http_response kit_host::refusal(int status) {
    return json_answer(status, "{}");
}

wire::http_response kit_host::take_dialout(std::string const& body) {
    auto const parsed = wire::parse_json(body);
    contract::dialout::call_accepted accepted;
    accepted.call_id = new_uuid7();
    accepted.room_name = "dialout-" + accepted.call_id;
    {
        std::lock_guard const lock(mutex_);
        dialouts_.push_back(parsed && parsed->is_object() ? parsed->as_object()
                                                          : wire::json_object{});
        ++news_;
    }
    changed_.notify_all();
    return json_answer(200, serialize(accepted));
}

}  // namespace cxb::cli::conformance
