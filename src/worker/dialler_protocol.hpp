#pragma once
/// @file
/// `WS /ws/{bot_id}` (spec 10 §9.1). Private to src/worker.

#include "cxb/contract/media_ws/dialler.hpp"
#include "cxb/worker/media_protocol.hpp"

namespace cxb::inline v1 {
namespace worker {

class dialler_protocol final : public media_protocol {
  public:
    explicit dialler_protocol(media_limits limits);

  private:
    void take(std::string_view text) override;
    void send_audio(std::string const& pcm) override;
    void send_clear() override;
    void send_farewell() override;
    bool send_transfer(std::string const& to) override;

    void on(contract::media_ws::dialler::connected_message const& message);
    void on(contract::media_ws::dialler::start_message const& message);
    void on(contract::media_ws::dialler::answer_message const& message);
    void on(contract::media_ws::dialler::media_message const& message);
    void on(contract::media_ws::dialler::hangup_call_message const& message);
    void on(contract::media_ws::unknown_message const& message);

    contract::media_ws::dialler::connected_message who_;
    std::int64_t chunks_ = 0;
};

}  // namespace worker
}  // namespace cxb::inline v1
