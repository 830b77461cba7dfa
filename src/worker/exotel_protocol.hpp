#pragma once
/// @file
/// `WS /exotel/{bot_id}` (spec 10 §9.2). Private to src/worker.

#include "cxb/contract/media_ws/exotel.hpp"
#include "cxb/worker/media_protocol.hpp"

namespace cxb::inline v1 {
namespace worker {

class exotel_protocol final : public media_protocol {
  public:
    explicit exotel_protocol(media_limits limits);

  private:
    void take(std::string_view text) override;
    void send_audio(std::string const& pcm) override;
    void send_clear() override;

    void begin_call(contract::media_ws::exotel::start_message const& message);
    void live(contract::media_ws::exotel::inbound_message const& message);
};

}  // namespace worker
}  // namespace cxb::inline v1
