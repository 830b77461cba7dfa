#pragma once
/// @file
/// As much of an HTTP answer as a load generator needs: status, end, may the connection go on.

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string>
#include <string_view>

namespace cxb::bench {

/// Reads one answer after the other from a growing buffer. The servers measured here give a
/// Content-Length; an answer without one counts as broken.
class answer_reader {
  public:
    enum class state { more, done, broken };

    /// Looks at everything received for this answer so far.
    state look(std::string_view received) {
        if (head_ == 0) {
            auto const end = received.find("\r\n\r\n");
            if (end == std::string_view::npos) return state::more;
            head_ = end + 4;
            if (!read_head(received.substr(0, head_))) return state::broken;
        }
        if (received.size() > head_ + length_) return state::broken;
        return received.size() == head_ + length_ ? state::done : state::more;
    }

    void restart() { *this = {}; }
    [[nodiscard]] int status() const noexcept { return status_; }
    [[nodiscard]] bool closes() const noexcept { return closes_; }
    [[nodiscard]] std::size_t head_size() const noexcept { return head_; }

  private:
    bool read_head(std::string_view head) {
        if (!head.starts_with("HTTP/1.1 ") || head.size() < 12) return false;
        auto const digits = head.substr(9, 3);
        std::from_chars(digits.data(), digits.data() + 3, status_);
        closes_ = value_of(head, "connection") == "close";
        auto const length = value_of(head, "content-length");
        return std::from_chars(length.data(), length.data() + length.size(), length_).ec ==
               std::errc();
    }

    static bool same_name(std::string_view given, std::string_view lower) {
        return std::ranges::equal(given, lower,
                                  [](unsigned char a, char b) { return std::tolower(a) == b; });
    }

    static std::string_view value_of(std::string_view head, std::string_view lower_name) {
        for (auto at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
            auto const line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
            auto const colon = line.find(':');
            if (colon == std::string_view::npos || !same_name(line.substr(0, colon), lower_name))
                continue;
            auto value = line.substr(colon + 1);
            while (value.starts_with(' '))
                value.remove_prefix(1);
            return value;
        }
        return {};
    }

    std::size_t head_ = 0;
    std::size_t length_ = 0;
    int status_ = 0;
    bool closes_ = false;
};

}  // namespace cxb::bench
