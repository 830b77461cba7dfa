#pragma once
// What stands behind a fake control plane: its routes as a table, and all it knows under one lock.
// Handlers run on the one loop of the plane.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <mutex>
#include <span>

#include "cxb/net/event_loops.hpp"
#include "cxb/net/http_server.hpp"
#include "cxb/testing/fake_control_plane.hpp"
#include "src/testing/control_plane_calls.hpp"
#include "src/testing/control_plane_desk.hpp"
#include "src/testing/request_book.hpp"

namespace cxb::inline v1 {
namespace testing {

inline constexpr std::string_view plane_config_path = "/api/v1/config";
inline constexpr std::string_view plane_results_path = "/api/v1/call-results";
inline constexpr std::string_view plane_desk_path = "/api/v1/agent-desk";

struct fake_control_plane::state final : worker::http_handler {
    // A path as this plane knows it; `prefix` ones have one more step, then `suffix`.
    struct row {
        std::string_view path;
        std::string_view methods;
        std::size_t limit;
        boost::asio::awaitable<wire::http_response> (state::*answer)(wire::http_request const&);
        bool prefix = false;
        bool with_secret = true;
        std::string_view suffix = {};
        [[nodiscard]] bool fits(std::string_view asked) const noexcept;
    };
    static std::span<row const> rows();
    static row const* find_row(std::string_view path);

    explicit state(fake_control_plane_options given)
        : options(std::move(given)),
          calls(options.time != nullptr ? *options.time : real_clock()),
          desk(options.time != nullptr ? *options.time : real_clock()) {}

    boost::asio::awaitable<worker::head_verdict> accept_head(
        wire::http_request const& request) override;
    boost::asio::awaitable<wire::http_response> handle(wire::http_request request) override;
    wire::http_response refusal(int status) override;

    boost::asio::awaitable<wire::http_response> get_config(wire::http_request const& request);
    boost::asio::awaitable<wire::http_response> post_result(wire::http_request const& request);
    boost::asio::awaitable<wire::http_response> post_cdr(wire::http_request const& request);
    boost::asio::awaitable<wire::http_response> look_up(wire::http_request const& request);
    boost::asio::awaitable<wire::http_response> search(wire::http_request const& request);
    boost::asio::awaitable<wire::http_response> post_to_desk(wire::http_request const& request);
    boost::asio::awaitable<wire::http_response> get_call(wire::http_request const& request);
    boost::asio::awaitable<wire::http_response> get_health(wire::http_request const& request);

    boost::asio::awaitable<void> wait_for_release();
    wire::http_response config_for(std::string const& bot_id,
                                   contract::runtime_config::config_request const& asked,
                                   std::string const& reached_as);
    result<void> may_enter(row const& where, wire::http_request const& request) const;

    fake_control_plane_options options;
    mutable std::mutex mutex;
    request_book book;
    control_plane_calls calls;
    control_plane_desk desk;
    std::map<std::string, wire::json_object, std::less<>> configs;
    std::map<std::string, std::pair<int, std::string>, std::less<>> refused_configs;
    std::map<std::string, contract::lookup::did_binding, std::less<>> numbers;
    std::map<std::string, contract::lookup::outbound_trunk, std::less<>> trunks;
    contract::lookup::knowledge_hits knowledge;
    std::string base;
    bool holding = false;
    std::vector<std::shared_ptr<boost::asio::steady_timer>> held;
    std::unique_ptr<net::event_loops> loops;
    std::unique_ptr<net::http_server> server;
};

}  // namespace testing
}  // namespace cxb::inline v1
