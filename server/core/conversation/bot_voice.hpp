#pragma once
/// @file
/// The bot's side of the line as time: sentences wait for their audio, play one after the other and
/// can be cut. A machine without I/O; it never looks at the text but to know its length.
///
/// A line is one utterance (opening, answer, message) of sentences that may still be arriving; it
/// is over when it was closed and all its sentences were played.
/// Thread-safety: one thread at a time.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/domain/interruption.hpp"
#include "server/core/conversation/conversation_config.hpp"

namespace cxb::inline v1 {
namespace core {

using line_id = std::uint64_t;

// --- what happened ---
struct sentence_started {
    line_id line = 0;
    std::string text;
    time_point at;
    milliseconds length{0};
    bool first = false;    ///< of its line
    milliseconds wait{0};  ///< from text to audio
};
struct sentence_played {
    line_id line = 0;
    std::string text;
    time_point at;
};
struct line_played {
    line_id line = 0;
    std::string text;  ///< all its sentences that were played
    time_point at;
};
/// Nothing is left to say, and no line is open.
struct voice_rests {
    time_point at;
};
using voice_event = std::variant<sentence_started, sentence_played, line_played, voice_rests>;

/// What was heard of a line that was cut.
struct cut_line {
    line_id line = 0;
    std::string heard;
    std::optional<time_point> started_at;  ///< absent: no audio of it was played
};

class bot_voice {
  public:
    bot_voice(speech_timing timing, random_source& random) : timing_(timing), random_(random) {}

    [[nodiscard]] line_id begin(domain::bot_line kind);
    void add(time_point now, line_id line, std::string sentence);
    void close(line_id line);
    /// Stops everything at `at`. Lines in the order they were begun.
    [[nodiscard]] std::vector<cut_line> cut(time_point at);
    /// Drops all but the sentence that plays.
    void keep_running_sentence();

    [[nodiscard]] std::vector<voice_event> step(time_point now);
    [[nodiscard]] std::optional<time_point> next_timer() const;

    /// Audio is on the line now.
    [[nodiscard]] bool playing() const noexcept { return playing_.has_value(); }
    /// Something plays, waits, or may still come on an open line.
    [[nodiscard]] bool busy() const noexcept { return !lines_.empty(); }
    /// A sentence waits for its audio and none plays.
    [[nodiscard]] bool preparing() const noexcept { return !playing_ && !queue_.empty(); }
    [[nodiscard]] std::optional<time_point> playing_until() const;
    /// Kind of the line that plays or comes next; ordinary when none.
    [[nodiscard]] domain::bot_line kind() const;
    /// From now on nothing cuts what is being said.
    void make_final();
    [[nodiscard]] milliseconds length_of(std::string const& sentence) const;

  private:
    struct waiting {
        line_id line = 0;
        std::string text;
        time_point given_at;
        time_point ready_at;
    };
    struct running {
        line_id line = 0;
        std::string text;
        time_point start;
        milliseconds length{0};
    };
    struct line_state {
        domain::bot_line kind = domain::bot_line::ordinary;
        bool closed = false;
        std::vector<std::string> played;
        std::optional<time_point> started_at;
    };
    void end_lines(time_point at, std::vector<voice_event>& out);
    [[nodiscard]] bool has_sentences(line_id line) const;

    speech_timing timing_;
    random_source& random_;
    line_id last_line_ = 0;
    std::map<line_id, line_state> lines_;
    std::deque<waiting> queue_;
    std::optional<running> playing_;
    time_point free_at_;  ///< end of the last sentence
};

}  // namespace core
}  // namespace cxb::inline v1
