#pragma once
/// @file
/// Takes answers piece by piece instead of whole: exports of any size in constant memory.

#include <functional>
#include <string_view>

#include "cxb/client/transport.hpp"

namespace cxb::cli {

/// Gets the bytes of a 2xx answer in order; an error ends the transfer with it.
using piece_sink = std::function<result<void>(std::string_view piece)>;

/// A layer around a transport for one request: bodies of 2xx answers go to the sink, those of
/// others stay in the answer (cut at 64 KiB). What breaks after the first piece is
/// `upstream_failed`, so that nobody repeats it into the same sink.
class streaming_transport final : public client::transport {
  public:
    streaming_transport(client::transport& inner, piece_sink sink)
        : inner_(inner), sink_(std::move(sink)) {}
    boost::asio::awaitable<result<wire::http_response>> send(
        client::outgoing_request request, client::transport_options options) override;

  private:
    client::transport& inner_;
    piece_sink sink_;
};

}  // namespace cxb::cli
