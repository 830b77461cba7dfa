#pragma once
// The one JSON tokenizer of the project, seen as events. The DOM builder, raw_json and the
// field-table reader each listen to it, from text or from a value that was parsed before.

#include <cstdint>
#include <string>
#include <string_view>

#include "cxb/base/result.hpp"
#include "cxb/wire/json_fwd.hpp"

namespace cxb::inline v1 {
namespace wire::detail {

struct number_token {
    enum class form : unsigned char { signed_whole, unsigned_whole, real };
    std::string_view text;  // as the sender wrote it
    form kind = form::real;
    std::int64_t whole = 0;  // signed_whole; bits of the unsigned number for unsigned_whole
    double real = 0;         // finite, for every kind
};

class json_events {
  public:
    json_events() = default;
    json_events(json_events const&) = delete;
    json_events& operator=(json_events const&) = delete;
    virtual void object_begin() = 0;
    virtual void object_end(std::size_t count) = 0;
    virtual void array_begin() = 0;
    virtual void array_end(std::size_t count) = 0;
    virtual void key(std::string_view name) = 0;
    virtual void string(std::string_view text) = 0;
    virtual void number(number_token const& token) = 0;
    virtual void boolean(bool value) = 0;
    virtual void null() = 0;

  protected:
    ~json_events() = default;
};

// Tokenizes a whole document (spec 10 §1.2). Events before the place of a fault have been sent.
// Errors: `malformed`.
result<void> send_text(std::string_view text, json_events& to);

// Sends a parsed value. Errors: `malformed` when nested deeper than 32.
result<void> send_value(json_value const& value, json_events& to);
result<void> send_object(json_object const& object, json_events& to);
// However deep: what a store gives back wraps documents in members of its own.
void send_whole(json_value const& value, json_events& to);

// Collects events into compact text; numbers keep the sender's spelling.
class text_collector {
  public:
    void clear() { text_.clear(), depth_ = 0; }
    // True when the value is complete.
    bool object_begin() { return open('{'); }
    bool object_end() { return close('}'); }
    bool array_begin() { return open('['); }
    bool array_end() { return close(']'); }
    void key(std::string_view name);
    bool string(std::string_view text);
    bool plain(std::string_view text);  // numbers and words
    // Beyond this size only the structure is followed; `over()` tells.
    void limit(std::size_t bytes) { limit_ = bytes; }
    [[nodiscard]] bool over() const { return text_.size() > limit_; }
    [[nodiscard]] std::string take() { return std::move(text_); }
    [[nodiscard]] std::string const& text() const { return text_; }

  private:
    bool open(char c);
    bool close(char c);
    void separate();
    std::string text_;
    std::size_t depth_ = 0;
    std::size_t limit_ = static_cast<std::size_t>(-1);
};

}  // namespace wire::detail
}  // namespace cxb::inline v1
