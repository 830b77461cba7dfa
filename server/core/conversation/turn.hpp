#pragma once
/// @file
/// When a caller's turn is over (spec 80 §3.2), as a machine without I/O.
///
/// | strategy | a turn ends                                                                    |
/// |----------|--------------------------------------------------------------------------------|
/// | silence  | silence since the last voice frame ≥ max(stop, end_silence) and a final text   |
/// |          | with no interim after it; the recogniser late: at last voice + max_wait with   |
/// |          | what is there; no text at all: noise                                           |
/// | provider | with the recogniser's own end-of-turn event                                    |
///
/// Text ending in and, but, so, … waits `conjunction_wait` longer. Keypad digits gathered until `#`
/// or `keypad_gap` after the last one become a turn `[keypad] 123#` of their own.
/// Thread-safety: one thread at a time.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cxb/base/clock.hpp"

namespace cxb::inline v1 {
namespace core {

enum class turn_strategy { silence, provider };

struct turn_settings {
    turn_strategy strategy = turn_strategy::silence;
    milliseconds stop{800};         ///< `vad.stop_secs`
    milliseconds end_silence{800};  ///< `turn.end_silence_ms`
    milliseconds max_wait{3000};    ///< `turn.max_wait_ms`
    milliseconds conjunction_wait{600};
    milliseconds keypad_gap{2000};
};

// --- events ---
struct turn_voice_started {};
/// Reported when the silence is long enough to be sure; `last_voice` lies before it.
struct turn_voice_stopped {
    time_point last_voice;
};
struct turn_interim {
    std::string text;  ///< of the part not yet final
};
struct turn_final {
    std::string text;
};
struct turn_keypad {
    char digit = '0';
};
/// The recogniser believes the turn is over (provider strategy).
struct turn_eager_end {
    std::string text;
};
struct turn_resumed {};
struct turn_provider_end {
    std::string text;
};
struct turn_tick {};
using turn_event =
    std::variant<turn_voice_started, turn_voice_stopped, turn_interim, turn_final, turn_keypad,
                 turn_eager_end, turn_resumed, turn_provider_end, turn_tick>;

// --- actions ---
struct turn_ended {
    std::string text;
    time_point started_at;  ///< first voice of the turn
    time_point last_voice;
    time_point stopped_at;  ///< when the stop was known: latency counts from here
    time_point text_at;     ///< when the text used was there
    bool keypad = false;
};
/// Voice without words.
struct turn_noise {};
/// The model may start on this text; nothing is spoken before the turn ended.
struct turn_eager {
    std::string text;
};
struct turn_eager_dropped {};
using turn_action = std::variant<turn_ended, turn_noise, turn_eager, turn_eager_dropped>;

class turn_machine {
  public:
    explicit turn_machine(turn_settings settings) : settings_(settings) {}

    [[nodiscard]] std::vector<turn_action> step(time_point now, turn_event const& event);
    [[nodiscard]] std::optional<time_point> next_timer() const;

    /// All text of the running turn, finals and interim together.
    [[nodiscard]] std::string heard() const;
    [[nodiscard]] bool speaking() const noexcept { return speaking_; }
    /// A turn has begun and is not over.
    [[nodiscard]] bool open() const noexcept { return open_; }
    [[nodiscard]] time_point last_voice() const noexcept { return last_voice_; }
    [[nodiscard]] time_point started_at() const noexcept { return started_at_; }
    /// Forgets the running turn.
    void reset();

  private:
    void voice(time_point now);
    void text(time_point now, std::string const& words, bool final);
    void keypad(time_point now, char digit, std::vector<turn_action>& out);
    void end_keypad(time_point now, std::vector<turn_action>& out);
    void finish(std::string words, std::vector<turn_action>& out);
    [[nodiscard]] std::optional<time_point> speech_deadline() const;

    turn_settings settings_;
    bool open_ = false;
    bool speaking_ = false;
    bool eager_ = false;
    std::string finals_;
    std::string interim_;
    std::string digits_;
    time_point started_at_;
    time_point last_voice_;
    time_point stopped_at_;
    time_point text_at_;
    time_point last_digit_;
};

}  // namespace core
}  // namespace cxb::inline v1
