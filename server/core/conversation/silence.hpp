#pragma once
/// @file
/// Silence on the line (spec 80 §3.4): when to speak up again, when to give up, and when nobody has
/// been heard for so long that the call is dead. A machine without I/O.
///
/// quiet = time since the later of the end of bot audio and the caller's last voice. It stands
/// still while the caller speaks or the bot thinks, speaks or runs a tool. Dead air counts
/// from the last sound of either side, whatever the bot does meanwhile.
/// Thread-safety: one thread at a time.

#include <optional>

#include "cxb/base/clock.hpp"

namespace cxb::inline v1 {
namespace core {

struct silence_settings {
    bool re_engage = false;  ///< off: only dead air ends the call
    milliseconds timeout{8000};
    int max_attempts = 2;  ///< 0: the first timeout gives up
    milliseconds dead_air{60000};
};

/// What goes on now.
struct line_activity {
    bool caller_speaking = false;
    bool bot_speaking = false;
    bool bot_working = false;      ///< thinks, waits for a tool, or is about to speak
    time_point caller_last_voice;  ///< looked at when the caller falls silent
};

enum class silence_verdict { none, re_engage, give_up, dead_air };

struct silence_decision {
    silence_verdict verdict = silence_verdict::none;
    int attempt = 0;  ///< from 1, with re_engage
};

class silence_machine {
  public:
    /// Counts from `start`, the moment of answer.
    silence_machine(silence_settings settings, time_point start);

    /// Takes the present activity and says what is due. At most one decision a step.
    [[nodiscard]] silence_decision step(time_point now, line_activity const& activity);
    /// A turn of the caller: the attempts count from the start again.
    void user_turn() noexcept { attempts_ = 0; }
    [[nodiscard]] std::optional<time_point> next_timer() const;
    /// How long the line has been quiet.
    [[nodiscard]] milliseconds quiet(time_point now) const noexcept;

  private:
    [[nodiscard]] bool running() const noexcept;

    silence_settings settings_;
    line_activity now_is_;
    milliseconds quiet_{0};  ///< up to `since_`
    time_point since_;
    time_point last_sound_;
    time_point bot_end_;
    int attempts_ = 0;
    bool over_ = false;
};

}  // namespace core
}  // namespace cxb::inline v1
