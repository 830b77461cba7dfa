#pragma once
/// @file
/// Cuts the model's stream into pieces that can be spoken (spec 80 §4.1).
///
/// | a piece ends                                 | if                                            |
/// |----------------------------------------------|-----------------------------------------------|
/// | at `. ! ? । …` or a line end, before a blank | it has ≥ 8 characters, does not end in an     |
/// |                                              | abbreviation or stand between digits          |
/// | at `,` or `;` before a blank                 | first piece of a turn, ≥ 30 characters        |
/// | at the last blank                            | it would have over 200 characters             |
/// | at the end of the stream                     | anything is left                              |
///
/// Markdown signs, emoji and repeated blanks are removed. Thread-safety: one thread at a time.

#include <string>
#include <string_view>
#include <vector>

#include "cxb/version.hpp"

namespace cxb::inline v1 {
namespace core {

class sentence_splitter {
  public:
    /// Takes a delta (may cut a character) and gives the pieces that are complete now.
    [[nodiscard]] std::vector<std::string> push(std::string_view delta);
    /// The rest, at the end of the stream; the next piece is the first of a turn again.
    [[nodiscard]] std::vector<std::string> finish();
    /// Forgets what waits (interruption).
    void clear();

  private:
    [[nodiscard]] std::size_t piece_end(bool at_end) const;
    void drain(bool at_end, std::vector<std::string>& out);

    std::string text_;
    bool first_ = true;
};

/// The text as it is spoken: without Markdown signs, emoji and repeated blanks.
[[nodiscard]] std::string speakable(std::string_view text);

}  // namespace core
}  // namespace cxb::inline v1
