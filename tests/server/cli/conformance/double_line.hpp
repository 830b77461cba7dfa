#pragma once
// How the double Core talks over a media WebSocket.

#include "cxb/worker/call_handler.hpp"

namespace cxb_test {

// Plays the opening, hears loud from quiet, lets itself be interrupted, transfers the call when
// the simulated model of the config says so, and gives up long before anybody else would.
[[nodiscard]] boost::asio::awaitable<cxb::result<cxb::worker::call_end>> talk_on_line(
    cxb::worker::call_context call);

}  // namespace cxb_test
