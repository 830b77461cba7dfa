#pragma once
/// @file
/// Does what the caller says while the bot speaks stop the bot? (spec 10 §3.2, 80 §3.3)
///
/// | # | heard                                             | verdict |
/// |---|---------------------------------------------------|---------|
/// | 1 | nothing, or the bot speaks a final line           | ignore  |
/// | 2 | contains a high-intent phrase (whole words)       | cut     |
/// | 3 | the line is guarded (opening that is not          | ignore  |
/// |   | interruptible, tool pre-message)                  |         |
/// | 4 | back-channels only                                | ignore  |
/// | 5 | at least `min_words` words                        | cut     |
/// | 6 | anything else                                     | ignore  |
///
/// Words are compared in ASCII lower case, without punctuation. `enabled` false: always ignore.
/// Thread-safety: pure functions.

#include <string>
#include <string_view>
#include <vector>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

struct interruption_rule {
    bool enabled = true;
    int min_words = 3;  ///< 0–20
    std::vector<std::string> backchannels{"haan", "hmm", "okay", "ji"};
    std::vector<std::string> high_intent_phrases{"wrong number", "already paid", "agent",
                                                 "settlement",   "galat number", "paise de diye",
                                                 "agent se baat"};
};

/// What kind of line the bot speaks.
enum class bot_line {
    ordinary,
    guarded,     ///< only high-intent phrases cut it
    final_line,  ///< nothing cuts it: last words, pre-transfer message
};

enum class interruption_verdict { ignore, cut };

/// `heard` is the interim text since the bot began to speak.
[[nodiscard]] interruption_verdict judge_interruption(interruption_rule const& rule,
                                                      std::string_view heard, bot_line line);

/// True when the text has words and all of them belong to back-channels.
[[nodiscard]] bool only_backchannels(interruption_rule const& rule, std::string_view heard);

/// The words of a text: ASCII lower case, punctuation (also `।` and `…`) is no part of a word.
[[nodiscard]] std::vector<std::string> spoken_words(std::string_view text);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
