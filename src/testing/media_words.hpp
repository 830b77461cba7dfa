#pragma once
// What the telephony side of a media WebSocket says, in both protocols. One per connection: what is
// numbered is numbered here.

#include <optional>
#include <string>
#include <string_view>

#include "cxb/testing/fake_media_dialler.hpp"

namespace cxb::inline v1 {
namespace testing {

class media_words {
  public:
    media_words(media_kind kind, media_caller caller) : kind_(kind), caller_(std::move(caller)) {}

    // Text messages; empty where the protocol has none.
    [[nodiscard]] std::string connected();
    [[nodiscard]] std::string start();
    [[nodiscard]] std::string answer() const;
    [[nodiscard]] std::string audio(std::string_view pcm);
    [[nodiscard]] std::string key(char digit);
    [[nodiscard]] std::string goodbye(std::string const& reason);
    // What is sent back for a message of the Core: marks are.
    [[nodiscard]] std::string reply(std::string_view event, wire::json_object const& message);

    [[nodiscard]] std::string_view voice_event() const noexcept;
    // Audio of a message of the Core as base64, if it has any.
    [[nodiscard]] std::string_view payload_of(wire::json_object const& message) const noexcept;
    // Does the text keep the contract of what a Core sends?
    [[nodiscard]] result<void> judge(std::string_view text) const;

  private:
    [[nodiscard]] bool is_dialler() const noexcept { return kind_ == media_kind::dialler; }
    [[nodiscard]] std::string call_sid() const { return caller_.stream_id + "-call"; }

    media_kind kind_;
    media_caller caller_;
    std::int64_t sequence_ = 0;
    std::int64_t chunk_ = 0;
    std::chrono::milliseconds spoken_{0};
};

}  // namespace testing
}  // namespace cxb::inline v1
