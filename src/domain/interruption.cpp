#include "cxb/domain/interruption.hpp"

#include <algorithm>
#include <cstddef>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace domain {

namespace {

using words = std::vector<std::string>;

constexpr std::string_view wide_marks[] = {"।", "…", "–", "—", "‘", "“", "”", "¿", "¡"};

// Length of a separator at the start of `text`, 0 when a word character stands there.
std::size_t separator_length(std::string_view text) {
    auto const c = static_cast<unsigned char>(text.front());
    if (c < 0x80) {
        bool const letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                            (c >= 'a' && c <= 'z') || c == '\'' || c == '_';
        return letter ? 0 : 1;
    }
    for (auto const mark : wide_marks)
        if (text.starts_with(mark)) return mark.size();
    return 0;
}

bool stands_at(words const& text, std::size_t at, words const& phrase) {
    return at + phrase.size() <= text.size() &&
           std::equal(phrase.begin(), phrase.end(), text.begin() + static_cast<std::ptrdiff_t>(at));
}

bool contains(words const& text, words const& phrase) {
    if (phrase.empty()) return false;
    for (std::size_t at = 0; at < text.size(); ++at)
        if (stands_at(text, at, phrase)) return true;
    return false;
}

// Back-channels may have several words, so the text is covered piece by piece.
bool covered(words const& text, std::vector<std::string> const& pieces) {
    std::vector<bool> reachable(text.size() + 1, false);
    reachable[0] = true;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (!reachable[at]) continue;
        for (auto const& piece : pieces) {
            auto const phrase = spoken_words(piece);
            if (!phrase.empty() && stands_at(text, at, phrase))
                reachable[at + phrase.size()] = true;
        }
    }
    return !text.empty() && reachable.back();
}

}  // namespace

std::vector<std::string> spoken_words(std::string_view text) {
    words out;
    std::string word;
    auto const close = [&] {
        if (!word.empty()) out.push_back(to_lower(word));
        word.clear();
    };
    while (!text.empty()) {
        if (auto const skip = separator_length(text)) {
            close();
            text.remove_prefix(skip);
        } else {
            word += text.front();
            text.remove_prefix(1);
        }
    }
    close();
    return out;
}

bool only_backchannels(interruption_rule const& rule, std::string_view heard) {
    return covered(spoken_words(heard), rule.backchannels);
}

interruption_verdict judge_interruption(interruption_rule const& rule, std::string_view heard,
                                        bot_line line) {
    auto const text = spoken_words(heard);
    if (!rule.enabled || text.empty() || line == bot_line::final_line)
        return interruption_verdict::ignore;
    auto const urgent = [&](std::string const& phrase) {
        return contains(text, spoken_words(phrase));
    };
    if (std::any_of(rule.high_intent_phrases.begin(), rule.high_intent_phrases.end(), urgent))
        return interruption_verdict::cut;
    if (line == bot_line::guarded || covered(text, rule.backchannels))
        return interruption_verdict::ignore;
    bool const enough = static_cast<long>(text.size()) >= rule.min_words;
    return enough ? interruption_verdict::cut : interruption_verdict::ignore;
}

}  // namespace domain
}  // namespace cxb::inline v1
