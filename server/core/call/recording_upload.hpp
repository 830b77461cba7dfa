#pragma once
/// @file
/// Bringing a finished recording to where the config wants it (spec 80 §8): one PUT to
/// `storage.upload_url`, up to 3 tries within 30 s.

#include <boost/asio/awaitable.hpp>
#include <filesystem>

#include "cxb/client/transport.hpp"
#include "cxb/contract/runtime_config/call_end.hpp"

namespace cxb::inline v1 {
namespace core {

/// One PUT of the file. Errors: those of the transport, `upstream_failed` for another status than
/// 2xx, `unavailable` for the file.
[[nodiscard]] boost::asio::awaitable<result<void>> put_recording(
    client::transport& net, contract::runtime_config::recording_storage const& storage,
    std::filesystem::path file);

/// Up to 3 tries within 30 s.
[[nodiscard]] boost::asio::awaitable<bool> upload_recording(
    client::transport& net, contract::runtime_config::recording_storage const& storage,
    std::filesystem::path file);

}  // namespace core
}  // namespace cxb::inline v1
