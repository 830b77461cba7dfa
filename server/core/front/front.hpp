#pragma once
/// @file
/// The one front door of a host's workers (spec 80 §1): HTTP requests are handed to their Unix
/// sockets.
///
/// | request                                         | goes to                                    |
/// |-------------------------------------------------|--------------------------------------------|
/// | POST /attach, /livekit/dialout, /livekit/widget | free worker of lowest id; its 429 or a     |
/// |                                                 | socket that took no byte: the next one;    |
/// |                                                 | died after the request was written: 502;   |
/// |                                                 | none free: 429                             |
/// | POST /livekit/dispatch                          | one worker, never a second                 |
/// | GET /health/fleet                               | all, 2 s each; reused for ≤ 250 ms         |
/// | GET /health, /recordings/{key}                  | any worker                                 |
/// | GET /ready                                      | all: 200 if one of them is ready           |
/// | GET /calls, /metrics; POST /drain, /undrain     | all, merged                                |
/// | POST /calls/{call_id}/end                       | the one that has the call                  |
/// | WS /ws/{bot_id}, /exotel/{bot_id}               | free worker of lowest id; none: any, which |
/// |                                                 | closes 1008. Messages are carried over     |
///
/// Thread-safety: the supervisor's event loop.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "cxb/client/transport.hpp"
#include "cxb/worker/call_start_memory.hpp"
#include "cxb/worker/listener.hpp"
#include "server/common/http/secret_gate.hpp"
#include "server/core/process/worker_table.hpp"

namespace cxb::inline v1 {
namespace core {

struct front_options {
    std::vector<std::string> config_hosts;
    std::function<std::string()> own_metrics;  ///< exposition of the supervisor itself
    bool socket_token = false;                 ///< media WebSockets need `?t=`
};

class front final : public worker::http_handler {
  public:
    front(front_options options, worker_table& table, client::transport& sockets,
          server::secret_gate& gate)
        : options_(std::move(options)), table_(table), sockets_(sockets), gate_(gate) {}

    boost::asio::awaitable<worker::head_verdict> accept_head(
        wire::http_request const& request) override;
    boost::asio::awaitable<wire::http_response> handle(wire::http_request request) override;
    boost::asio::awaitable<void> serve(wire::http_request request,
                                       std::shared_ptr<worker::media_socket> socket) override;
    wire::http_response refusal(int status) override;

  private:
    using answer = result<wire::http_response>;
    using answers = std::vector<std::pair<std::size_t, wire::http_response>>;

    boost::asio::awaitable<wire::http_response> route(wire::http_request request);
    boost::asio::awaitable<wire::http_response> start(wire::http_request request);
    boost::asio::awaitable<wire::http_response> place(wire::http_request request,
                                                      bool one_worker_only);
    boost::asio::awaitable<wire::http_response> ask_any(wire::http_request request);
    boost::asio::awaitable<wire::http_response> ready(wire::http_request request);
    boost::asio::awaitable<wire::http_response> end_call(wire::http_request request);
    boost::asio::awaitable<answers> ask_all(wire::http_request request);
    boost::asio::awaitable<wire::http_response> fleet();
    boost::asio::awaitable<std::shared_ptr<worker::media_socket>> reach(std::size_t index,
                                                                        std::string target);
    boost::asio::awaitable<answer> forward(std::size_t index, wire::http_request request,
                                           std::chrono::milliseconds total, bool stream = false);

    front_options options_;
    worker_table& table_;
    client::transport& sockets_;
    server::secret_gate& gate_;
    worker::call_start_memory memory_;
    std::shared_ptr<std::string const> fleet_text_;
    std::chrono::steady_clock::time_point fleet_at_;
};

}  // namespace core
}  // namespace cxb::inline v1
