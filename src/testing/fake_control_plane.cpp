#include "cxb/testing/fake_control_plane.hpp"

#include <boost/asio/post.hpp>

#include "src/testing/control_plane_state.hpp"

namespace cxb::inline v1 {
namespace testing {

namespace asio = boost::asio;

fake_control_plane::fake_control_plane(fake_control_plane_options options)
    : state_(std::make_unique<state>(std::move(options))) {}

fake_control_plane::~fake_control_plane() {
    stop();
}

result<void> fake_control_plane::start() {
    stop();
    auto loops = std::make_unique<net::event_loops>(1);
    net::server_options listen;
    listen.address = state_->options.address;
    listen.port = state_->options.port;
    auto server = std::make_unique<net::http_server>(*loops, *state_, std::move(listen));
    CXB_CHECK(server->start());
    {
        std::lock_guard const lock(state_->mutex);
        state_->options.port = server->port();
        state_->base = server->url();
        state_->loops = std::move(loops);
        state_->server = std::move(server);
    }
    state_->loops->start();
    return {};
}

void fake_control_plane::stop() {
    if (!state_->loops) return;
    state_->loops->stop();
    state_->server.reset();
    // Timers go before the loop they wait on.
    std::vector<std::shared_ptr<asio::steady_timer>> waiting;
    {
        std::lock_guard const lock(state_->mutex);
        waiting.swap(state_->held);
    }
    waiting.clear();
    state_->loops.reset();
}

std::uint16_t fake_control_plane::port() const noexcept {
    std::lock_guard const lock(state_->mutex);
    return state_->options.port;
}

std::string fake_control_plane::url() const {
    std::lock_guard const lock(state_->mutex);
    return state_->base;
}

std::string fake_control_plane::config_url() const {
    return url() + std::string(plane_config_path);
}

std::string fake_control_plane::desk_url() const {
    return url() + std::string(plane_desk_path);
}

worker::http_handler& fake_control_plane::handler() noexcept {
    return *state_;
}

void fake_control_plane::serve_config(std::string bot_id, wire::json_object config) {
    std::lock_guard const lock(state_->mutex);
    state_->refused_configs.erase(bot_id);
    state_->configs.insert_or_assign(std::move(bot_id), std::move(config));
}

void fake_control_plane::refuse_config(std::string bot_id, int status, std::string detail) {
    std::lock_guard const lock(state_->mutex);
    state_->refused_configs.insert_or_assign(std::move(bot_id), std::pair(status, detail));
}

void fake_control_plane::hold_configs() {
    std::lock_guard const lock(state_->mutex);
    state_->holding = true;
}

void fake_control_plane::release_configs() {
    std::lock_guard const lock(state_->mutex);
    state_->holding = false;
    // A timer belongs to the loop that waits on it.
    for (auto& timer : state_->held)
        asio::post(timer->get_executor(), [timer] { timer->cancel(); });
    state_->held.clear();
}

std::size_t fake_control_plane::held_configs() const {
    std::lock_guard const lock(state_->mutex);
    return state_->held.size();
}

void fake_control_plane::fail(scripted_failure rule) {
    state_->book.fail(std::move(rule));
}

void fake_control_plane::clear_failures() {
    state_->book.clear_failures();
}

void fake_control_plane::add_number(std::string number, contract::lookup::did_binding binding) {
    std::lock_guard const lock(state_->mutex);
    state_->numbers.insert_or_assign(std::move(number), std::move(binding));
}

void fake_control_plane::add_trunk(std::string from_number,
                                   contract::lookup::outbound_trunk trunk) {
    std::lock_guard const lock(state_->mutex);
    state_->trunks.insert_or_assign(std::move(from_number), std::move(trunk));
}

void fake_control_plane::serve_knowledge(contract::lookup::knowledge_hits hits) {
    std::lock_guard const lock(state_->mutex);
    state_->knowledge = std::move(hits);
}

void fake_control_plane::set_desk(desk_conditions conditions) {
    std::lock_guard const lock(state_->mutex);
    state_->desk.conditions = conditions;
}

std::vector<seen_request> fake_control_plane::requests(std::string_view path) const {
    return state_->book.requests(path);
}

std::vector<seen_request> fake_control_plane::result_posts(std::string_view session_id) const {
    auto out = requests(plane_results_path);
    std::erase_if(out, [session_id](seen_request const& one) {
        auto const body = wire::parse_json(one.request.body);
        return !body || !body->is_object() ||
               wire::text_at(body->as_object(), "session_id") != session_id;
    });
    return out;
}

std::optional<wire::json_object> fake_control_plane::call(std::string_view session_id) const {
    std::lock_guard const lock(state_->mutex);
    auto const* const found = state_->calls.find(session_id);
    return found == nullptr ? std::nullopt : std::optional(*found);
}

int fake_control_plane::effects(std::string_view session_id) const {
    std::lock_guard const lock(state_->mutex);
    return state_->calls.effects(session_id);
}

std::optional<desk_entry> fake_control_plane::desk_call(std::string_view call_id) const {
    std::lock_guard const lock(state_->mutex);
    auto const* const found = state_->desk.find(call_id);
    return found == nullptr ? std::nullopt : std::optional(*found);
}

std::vector<std::string> fake_control_plane::desk_queue() const {
    std::lock_guard const lock(state_->mutex);
    return state_->desk.waiting();
}

bool fake_control_plane::wait_until(std::function<bool()> const& done,
                                    std::chrono::milliseconds at_most) const {
    return state_->book.wait_until(done, at_most);
}

}  // namespace testing
}  // namespace cxb::inline v1
