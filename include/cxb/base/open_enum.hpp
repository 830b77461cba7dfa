#pragma once
/// @file
/// An enumeration of the wire that survives words it does not know (spec 10 §1.2).
///
/// `open_enum<E>` holds either a known word of E or the original text of 1–64 bytes; writing it
/// gives back exactly what was read. The words of an enum are declared once:
///
/// ```cpp
/// enum class role { assistant, user };
/// template <> struct enum_words<role> {
///     static constexpr std::pair<role, std::string_view> words[] = {
///         {role::assistant, "assistant"}, {role::user, "user"}};
///     static constexpr std::pair<std::string_view, role> aliases[] = {{"bot", role::assistant}};
/// };
/// ```
/// `aliases` is optional and accepted on input only. Comparison is case-sensitive.
/// Thread-safety: a value type.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {

/// Specialise for each enum that travels on the wire.
template <class E>
struct enum_words;

/// The word of a known value; "" for a value outside the table.
template <class E>
[[nodiscard]] constexpr std::string_view word_of(E value) noexcept {
    for (auto const& [known, word] : enum_words<E>::words)
        if (known == value) return word;
    return {};
}

/// The value of a word or input alias; empty when unknown.
template <class E>
[[nodiscard]] constexpr std::optional<E> value_of(std::string_view text) noexcept {
    for (auto const& [known, word] : enum_words<E>::words)
        if (word == text) return known;
    if constexpr (requires { enum_words<E>::aliases; }) {
        for (auto const& [alias, known] : enum_words<E>::aliases)
            if (alias == text) return known;
    }
    return std::nullopt;
}

template <class E>
class open_enum {
  public:
    open_enum() = default;
    open_enum(E value) : text_(word_of(value)) {}  // NOLINT(google-explicit-constructor)
    /// From wire text; an input alias becomes its canonical word.
    [[nodiscard]] static open_enum from_text(std::string_view text) {
        open_enum out;
        auto const known = value_of<E>(text);
        out.text_ = known ? std::string(word_of(*known)) : std::string(text);
        return out;
    }
    /// The known value, or empty for a word of a newer peer.
    [[nodiscard]] std::optional<E> known() const noexcept { return value_of<E>(text_); }
    /// The text as it goes on the wire.
    [[nodiscard]] std::string const& text() const noexcept { return text_; }
    [[nodiscard]] bool is(E value) const noexcept { return text_ == word_of(value); }
    friend bool operator==(open_enum const&, open_enum const&) = default;
    friend bool operator==(open_enum const& a, E b) noexcept { return a.is(b); }

  private:
    std::string text_{enum_words<E>::words[0].second};
};

}  // namespace cxb::inline v1
CXB_EXPORT_END
