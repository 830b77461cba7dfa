#pragma once
/// @file
/// The audio line of a call that came over a media WebSocket (spec 10 §9), as a `call_handler` sees
/// it: what the far party does, and what the bot does to it. Which of the two protocols it speaks
/// makes no difference here, except that only a dialler's line can be transferred.
///
/// ```cpp
/// auto& line = *call.media;
/// for (;;) {
///     auto const event = co_await line.next();
///     if (std::holds_alternative<worker::media_left>(event)) break;  // nothing comes after it
///     if (std::holds_alternative<worker::media_answered>(event)) line.play(greeting);
///     if (auto const* audio = std::get_if<worker::media_audio>(&event)) listen(audio->pcm);
/// }
/// ```
/// Audio is LINEAR16 (little-endian), 8 kHz, mono. The line paces what is played: a whole sentence
/// may be given at once. Of audio that nobody takes from `next` the newest 2 s are kept.
/// A handler that returns without `hang_up` has its line hung up by the host.
/// A whole handler: `tests/unit/worker/media_host_fixture.hpp`. Thread-safety: the host's executor.

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "cxb/worker/media_protocol.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace worker {

using media_event =
    std::variant<media_answered, media_audio, media_key, media_transferred, media_left>;

class media_leg {
  public:
    media_leg() = default;
    media_leg(media_leg const&) = delete;
    media_leg& operator=(media_leg const&) = delete;
    virtual ~media_leg() = default;

    /// The next event in order. After the end: `media_left`, again and again (its word is `bot`
    /// when it was we who hung up).
    virtual boost::asio::awaitable<media_event> next() = 0;
    virtual void play(std::string_view pcm) = 0;
    /// Silences the bot at once, here and at the far side.
    virtual void clear() = 0;
    /// Gives the caller away to an extension, number or SIP address. The outcome comes as
    /// `media_transferred`; on success the line is gone with it.
    virtual void transfer(std::string to) = 0;
    virtual void hang_up() = 0;
    /// Pieces of audio that were dropped because nobody took them.
    [[nodiscard]] virtual std::size_t overruns() const noexcept = 0;
};

}  // namespace worker
}  // namespace cxb::inline v1
CXB_EXPORT_END
