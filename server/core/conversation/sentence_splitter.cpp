#include "server/core/conversation/sentence_splitter.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "cxb/base/encoding.hpp"
#include "server/core/conversation/text_units.hpp"

namespace cxb::inline v1 {
namespace core {

namespace {

constexpr std::size_t shortest_sentence = 8;
constexpr std::size_t shortest_clause = 30;
constexpr std::size_t longest_piece = 200;
constexpr std::array<std::string_view, 8> abbreviations{"mr", "mrs", "ms", "dr",
                                                        "rs", "no",  "st", "vs"};

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool ends_sentence(char32_t c) {
    return c == U'.' || c == U'!' || c == U'?' || c == U'।' || c == U'…' || c == U'\n';
}

bool closes(char32_t c) {
    return c == U'"' || c == U'\'' || c == U')' || c == U']' || c == U'”' || c == U'’' ||
           c == U'*' || c == U'_';
}

// Is the point at `at` part of an abbreviation or a number?
bool is_inner_point(std::string_view text, std::size_t at) {
    if (text[at] != '.') return false;
    if (at > 0 && at + 1 < text.size() && is_digit(text[at - 1]) && is_digit(text[at + 1]))
        return true;
    std::size_t begin = at;
    while (begin > 0 && static_cast<unsigned char>(text[begin - 1]) < 0x80 &&
           ((text[begin - 1] | 0x20) >= 'a' && (text[begin - 1] | 0x20) <= 'z'))
        --begin;
    auto const word = to_lower(text.substr(begin, at - begin));
    return std::find(abbreviations.begin(), abbreviations.end(), word) != abbreviations.end();
}

// Position behind closing quotes and brackets that follow a full stop.
std::size_t after_closers(std::string_view text, std::size_t at) {
    while (at < text.size()) {
        auto const next = first_code_point(text.substr(at));
        if (!closes(next.value)) break;
        at += next.bytes;
    }
    return at;
}

}  // namespace

// Byte length of the first complete piece, 0 when there is none yet.
std::size_t sentence_splitter::piece_end(bool at_end) const {
    std::string_view const text = text_;
    std::size_t last_blank = 0;
    std::size_t characters = 0;  // without blanks before the first word
    for (std::size_t at = 0; at < text.size();) {
        auto const c = first_code_point(text.substr(at));
        auto const next = at + c.bytes;
        if (characters == 0 && is_blank(text[at])) {
            at = next;
            continue;
        }
        ++characters;
        if (is_blank(text[at])) {
            if (characters > longest_piece) return last_blank != 0 ? last_blank : at;
            last_blank = at;
        }
        bool const clause = (c.value == U',' || c.value == U';') && first_;
        if (ends_sentence(c.value) || clause) {
            auto const behind = c.value == U'\n' ? next : after_closers(text, next);
            bool const at_blank = c.value == U'\n' || (behind < text.size() ? is_blank(text[behind])
                                                                            : at_end && !clause);
            auto const least = clause ? shortest_clause : shortest_sentence;
            if (at_blank && characters >= least && !is_inner_point(text, at)) return behind;
        }
        at = next;
    }
    return characters > longest_piece ? last_blank : 0;
}

void sentence_splitter::drain(bool at_end, std::vector<std::string>& out) {
    while (auto const end = piece_end(at_end)) {
        auto piece = speakable(std::string_view(text_).substr(0, end));
        text_.erase(0, end);
        if (piece.empty()) continue;
        first_ = false;
        out.push_back(std::move(piece));
    }
}

std::vector<std::string> sentence_splitter::push(std::string_view delta) {
    std::vector<std::string> out;
    text_ += delta;
    drain(false, out);
    return out;
}

std::vector<std::string> sentence_splitter::finish() {
    std::vector<std::string> out;
    drain(true, out);
    if (auto rest = speakable(text_); !rest.empty()) out.push_back(std::move(rest));
    clear();
    return out;
}

void sentence_splitter::clear() {
    text_.clear();
    first_ = true;
}

// --- what is spoken ---------------------------------------------------------------------------

namespace {

bool is_emoji(char32_t c) {
    return (c >= 0x1F000 && c <= 0x1FAFF) || (c >= 0x2600 && c <= 0x27BF) ||
           (c >= 0x2B00 && c <= 0x2BFF) || c == 0xFE0F || c == 0x20E3 ||
           (c >= 0xE0020 && c <= 0xE007F);
}

// Signs that open a line: headings, quotes, list bullets.
std::size_t line_prefix(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && (text[at] == '#' || text[at] == '>'))
        ++at;
    if (at > 0 && (at == text.size() || is_blank(text[at]))) return at;
    bool const bullet = text.size() > 1 && (text[0] == '-' || text[0] == '+' || text[0] == '*');
    if (bullet && is_blank(text[1])) return 1;
    return text.starts_with("•") ? std::string_view("•").size() : 0;
}

// `[words](address)` is spoken as its words.
std::size_t link_address(std::string_view text) {
    if (!text.starts_with("](")) return 0;
    auto const end = text.find(')');
    return end == std::string_view::npos ? 0 : end + 1;
}

bool is_letter(char c) {
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_mark(std::string_view text, std::size_t at, char previous) {
    char const c = text[at];
    if (c == '*' || c == '`') return true;
    if (c == '~') return text.substr(at).starts_with("~~") || previous == '~';
    if (c != '_') return false;
    return !(is_letter(previous) && at + 1 < text.size() && is_letter(text[at + 1]));
}

}  // namespace

std::string speakable(std::string_view text) {
    std::string out;
    bool line_start = true;
    bool after_emoji = false;
    bool in_link = false;
    char previous = ' ';
    for (std::size_t at = 0; at < text.size();) {
        auto const rest = text.substr(at);
        if (line_start) {
            if (auto const skip = line_prefix(rest)) {
                at += skip;
                continue;
            }
        }
        auto const c = first_code_point(rest);
        line_start = rest[0] == '\n' || (line_start && is_blank(rest[0]));
        if (in_link && link_address(rest) != 0) {
            at += link_address(rest);
            in_link = false;
            continue;
        }
        at += c.bytes;
        if (is_emoji(c.value) || (after_emoji && c.value == 0x200D)) {
            after_emoji = true;
            continue;
        }
        after_emoji = false;
        if (rest[0] == '[' && rest.find("](") != std::string_view::npos) {
            in_link = true;
        } else if (is_blank(rest[0])) {
            if (!out.empty() && out.back() != ' ') out += ' ';
            previous = ' ';
        } else if (is_mark(text, at - c.bytes, previous)) {
            previous = rest[0];
        } else {
            out += rest.substr(0, c.bytes);
            previous = rest[0];
        }
    }
    return std::string(trim(out));
}

}  // namespace core
}  // namespace cxb::inline v1
