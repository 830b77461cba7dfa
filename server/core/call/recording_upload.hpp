#pragma once
/// @file
/// Bringing a finished recording to where the config wants it (spec 80 §8): one PUT to
/// `storage.upload_url`, up to 3 tries within 30 s or less.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <filesystem>

#include "cxb/base/clock.hpp"
#include "cxb/client/transport.hpp"
#include "cxb/contract/runtime_config/call_end.hpp"

namespace cxb::inline v1 {
namespace core {

/// One PUT of the file within `longest`. Errors: those of the transport, `upstream_failed` for
/// another status than 2xx, `unavailable` for the file.
[[nodiscard]] boost::asio::awaitable<result<void>> put_recording(
    client::transport& net, contract::runtime_config::recording_storage storage,
    std::filesystem::path file, std::chrono::milliseconds longest = std::chrono::seconds{10});

/// Up to 3 tries within 30 s, and not beyond `until` on the steady side of `time`.
[[nodiscard]] boost::asio::awaitable<bool> upload_recording(
    client::transport& net, clock const& time, contract::runtime_config::recording_storage storage,
    std::filesystem::path file, std::chrono::nanoseconds until);

}  // namespace core
}  // namespace cxb::inline v1
