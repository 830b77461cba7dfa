#pragma once
/// @file
/// The far party of a simulated call: follows a `sim_script`, word by word. A machine without I/O.
///
/// It is told what the bot does (`bot_*`, `notice`) and says through the outputs of `step` what it
/// does itself. Speech runs at 160 words a minute. Thread-safety: one thread at a time.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cxb/base/clock.hpp"
#include "server/core/conversation/conversation_record.hpp"
#include "server/core/sim/sim_script.hpp"

namespace cxb::inline v1 {
namespace core {

struct party_voice_on {
    line_sound::kind what = line_sound::kind::caller_words;
};
/// A word was finished; all words of this piece of speech so far.
struct party_words {
    std::string so_far;
};
/// Silence again; the whole text ("" for a noise).
struct party_voice_off {
    std::string text;
};
struct party_tone {
    double hertz = 0;
    milliseconds length{0};
};
struct party_key {
    char digit = '0';
};
struct party_left {};
struct party_missed {
    std::string pattern;
};
using party_output = std::variant<party_voice_on, party_words, party_voice_off, party_tone,
                                  party_key, party_left, party_missed>;

class sim_party {
  public:
    explicit sim_party(sim_script script) : script_(std::move(script)) {}

    void answered(time_point now);
    void bot_started(time_point at);
    /// A sentence was played to its end.
    void bot_finished(std::string const& sentence, time_point at);
    void bot_was_cut(time_point at);
    /// Does the bot rest (neither speak nor think)?
    void notice(time_point now, bool bot_rests);

    [[nodiscard]] std::vector<party_output> step(time_point now);
    [[nodiscard]] std::optional<time_point> next_timer() const;
    [[nodiscard]] sim_script const& script() const noexcept { return script_; }

  private:
    enum class sound { none, words, beep, noise };
    using outputs = std::vector<party_output>;

    bool run_step(time_point now, outputs& out);
    bool waited_for_bot(time_point now);
    bool time_is_up(time_point now, milliseconds length);
    bool words_heard(time_point now, wait_bot_says const& wait);
    bool speak(time_point now, say_words const& say, outputs& out);
    bool press(time_point now, press_keys const& keys, outputs& out);
    void begin_sound(time_point now, sound what, milliseconds length, outputs& out);
    void begin_words(time_point now, std::string const& text, outputs& out);
    bool run_sound(time_point now, outputs& out);
    void next(time_point now);

    sim_script script_;
    bool on_line_ = false;
    std::size_t index_ = 0;
    time_point step_began_;
    std::optional<time_point> due_;
    std::size_t keys_pressed_ = 0;

    sound sound_ = sound::none;
    std::vector<std::string> words_;
    std::string so_far_;
    std::size_t said_ = 0;
    std::optional<time_point> next_word_;
    time_point sound_end_;
    std::optional<time_point> tone_at_;
    time_point sound_began_;

    std::string bot_text_;  ///< sentences since the party's last words
    bool bot_playing_ = false;
    bool bot_rests_ = false;
    time_point rests_since_;
    time_point last_words_end_;
    std::optional<time_point> bot_began_;  ///< of the running stretch of bot audio
    std::optional<time_point> bot_ended_;
};

}  // namespace core
}  // namespace cxb::inline v1
