#pragma once
/// @file
/// Structured logs: one JSON object (or one readable line) per event (spec 20 §3.6).
///
/// ```cpp
/// log.info("job finished", {{"kind", plain(job.kind)}, {"ms", took}, {"phone", last4(number)}});
/// ```
/// A value must be one of the approved kinds; everything else does not compile. In particular a
/// `std::string` is not a value: who logs a text says `plain(text)` and thereby vouches that it is
/// no secret, no personal datum, no body and no query value. A `secret` cannot be wrapped at all.
///
/// | value                       | written as                                     |
/// |-----------------------------|------------------------------------------------|
/// | string literal, `plain(t)`  | text, cut at 1024 bytes, bad UTF-8 replaced    |
/// | integers, `bool`, `double`  | JSON number or boolean                         |
/// | `std::chrono` durations     | milliseconds as a number                       |
/// | `time_point`                | RFC 3339 text                                  |
/// | `last4(number)`             | `…3210`: phone numbers, never in full          |
/// | `error`                     | its log text (private note included)           |
///
/// Every line has `ts`, `level`, `msg`. Request lines add `request_id, trace_id, route, method,
/// status, ms, actor` and, when known, `session_id` and `code`; the router writes them.
///
/// Thread-safety: a logger may be used from any thread. With a queue a burst beyond its bound
/// drops the oldest lines and counts them; without one a call returns once the line is written.

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "cxb/base/clock.hpp"
#include "cxb/base/secret.hpp"

namespace cxb::server {

enum class log_level : std::uint8_t { debug, info, warn, error, off };
enum class log_format : std::uint8_t { json, text };

/// A text the author vouches for. Views are kept, so it must outlive the log call.
struct plain_text {
    std::string_view text;
};
[[nodiscard]] constexpr plain_text plain(std::string_view text) noexcept {
    return {text};
}
plain_text plain(secret const&) = delete;

/// The last four characters of a phone number.
struct last4_text {
    std::string_view tail;
};
[[nodiscard]] constexpr last4_text last4(std::string_view number) noexcept {
    return {number.size() > 4 ? number.substr(number.size() - 4) : std::string_view{}};
}
last4_text last4(secret const&) = delete;

class log_value {
  public:
    template <std::size_t N>
    consteval log_value(char const (&literal)[N])  // NOLINT(google-explicit-constructor)
        : value_(std::string_view(literal, N - 1)) {}
    log_value(plain_text text) : value_(text.text) {}  // NOLINT(google-explicit-constructor)
    log_value(last4_text text) : value_(text) {}       // NOLINT(google-explicit-constructor)
    template <class Flag>
        requires std::is_same_v<Flag, bool>            // no pointer may become true
    log_value(Flag flag) : value_(flag) {}             // NOLINT(google-explicit-constructor)
    log_value(double number) : value_(number) {}       // NOLINT(google-explicit-constructor)
    log_value(time_point at) : value_(at) {}           // NOLINT(google-explicit-constructor)
    log_value(error const& cause) : value_(&cause) {}  // NOLINT(google-explicit-constructor)
    template <class Int>
        requires(std::is_integral_v<Int> && !std::is_same_v<Int, bool> &&
                 !std::is_same_v<Int, char>)
    log_value(Int number)  // NOLINT(google-explicit-constructor)
        : value_(static_cast<std::int64_t>(number)) {}
    template <class Rep, class Period>
    log_value(std::chrono::duration<Rep, Period> span)  // NOLINT(google-explicit-constructor)
        : value_(std::chrono::duration<double, std::milli>(span).count()) {}
    log_value(secret const&) = delete;

    /// Appends the value as JSON.
    void append_json(std::string& out) const;
    /// Appends the value as readable text.
    void append_text(std::string& out) const;

  private:
    std::variant<std::string_view, last4_text, bool, double, std::int64_t, time_point, error const*>
        value_;
};

struct log_field {
    std::string_view name;
    log_value value;
};

struct log_options {
    log_level level = log_level::info;
    log_format format = log_format::json;
    std::size_t queue = 8192;  ///< lines waiting for the writing thread; 0 = written by the caller
};

class logger {
  public:
    using fields = std::initializer_list<log_field>;

    /// Writes to standard error.
    explicit logger(log_options options = {}, clock const& time = real_clock());
    /// Hands each line, without its line end, to `sink` on the calling thread; for tests.
    logger(log_options options, std::function<void(std::string_view)> sink,
           clock const& time = real_clock());
    ~logger();
    logger(logger const&) = delete;
    logger& operator=(logger const&) = delete;

    void write(log_level level, std::string_view message, fields values = {});
    void write(log_level level, std::string_view message, log_field const* first,
               std::size_t count);
    void debug(std::string_view message, fields values = {});
    void info(std::string_view message, fields values = {});
    void warn(std::string_view message, fields values = {});
    void error(std::string_view message, fields values = {});

    [[nodiscard]] bool would_write(log_level level) const noexcept;
    void set_level(log_level level) noexcept;
    /// Writes out what waits; call before the process ends.
    void flush();
    /// Lines lost to a full queue since the start.
    [[nodiscard]] std::uint64_t dropped() const noexcept;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

/// Words of the settings `log.level` and `log.format`; unknown words give the defaults.
[[nodiscard]] log_level log_level_of(std::string_view word) noexcept;
[[nodiscard]] log_format log_format_of(std::string_view word) noexcept;
[[nodiscard]] std::string_view word_for(log_level level) noexcept;

}  // namespace cxb::server
