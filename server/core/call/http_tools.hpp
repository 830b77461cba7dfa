#pragma once
/// @file
/// HTTP tools and knowledge search of a call (spec 10 §3.4, §3.8; 80 §6).
///
/// A tool's URL was typed by a user: it goes through the guarded transport. The reply's `error` is
/// "", or timeout, network, blocked, too_large, status. A GET is tried twice on a network error,
/// within the tool's time. They may outlive the call that asked: the config is shared.
/// Thread-safety: the call's executor.

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "cxb/client/transport.hpp"
#include "cxb/contract/runtime_config/runtime_config.hpp"
#include "server/core/conversation/conversation_events.hpp"

namespace cxb::inline v1 {
namespace core {

using shared_config = std::shared_ptr<contract::runtime_config::runtime_config const>;

/// The request a tool makes for these arguments.
[[nodiscard]] client::outgoing_request tool_request(contract::runtime_config::http_tool const& tool,
                                                    wire::json_object const& arguments);

/// Runs an HTTP tool of the config.
[[nodiscard]] boost::asio::awaitable<tool_replied> run_http_tool(client::transport& guarded,
                                                                 shared_config config,
                                                                 ask_tool ask);

/// Searches the bot's knowledge; `headers` hold the shared secret.
[[nodiscard]] boost::asio::awaitable<knowledge_replied> search_knowledge(client::transport& api,
                                                                         shared_config config,
                                                                         wire::header_list headers,
                                                                         ask_knowledge ask);

}  // namespace core
}  // namespace cxb::inline v1
