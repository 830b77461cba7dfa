#pragma once
/// @file
/// A call over a line with real audio: a conversation, and the ear that turns what the line brings
/// (`caller_audio`) into its events. A machine without I/O.
///
/// The ear is the voice detector of spec 80 §3.1 and the recogniser `simulated` of §4.2, which
/// understands no words: a piece of speech reads `[speech 1.4 s]`, also while it lasts. Audio that
/// stops coming counts as silence. The bot's sounds come out as `play_sentence` and `stop_playing`.
/// Thread-safety: one thread at a time.

#include <string>

#include "server/core/media/energy_vad.hpp"
#include "server/core/sim/call_machine.hpp"

namespace cxb::inline v1 {
namespace core {

class media_call final : public call_machine {
  public:
    media_call(conversation_config config, vad_settings ear, std::uint64_t seed, time_point start);

    [[nodiscard]] std::vector<conversation_output> step(time_point now,
                                                        conversation_input const& input) override;
    [[nodiscard]] std::optional<time_point> next_timer() const override;
    [[nodiscard]] conversation const& talk() const noexcept override { return talk_; }
    [[nodiscard]] conversation_record take_record() override {
        return std::move(talk_).take_record();
    }

  private:
    void give(time_point now, conversation_input const& input);
    void hear(time_point now, std::string_view pcm);
    void hear_frame(time_point now, std::string_view frame);
    void speech_stopped(time_point now, milliseconds silence);

    vad_settings settings_;
    conversation talk_;
    energy_vad vad_;
    std::string rest_;  ///< audio of less than a frame
    std::optional<time_point> interim_at_;
    time_point heard_at_;  ///< when audio came last
    std::vector<conversation_output> out_;
};

/// What the simulated synthesis sounds like: a soft tone, 8 kHz LINEAR16.
[[nodiscard]] std::string tone_of(milliseconds length);

}  // namespace core
}  // namespace cxb::inline v1
