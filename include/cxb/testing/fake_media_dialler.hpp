#pragma once
/// @file
/// The telephony side of a call over a media WebSocket (spec 10 §9), against any Core: it opens the
/// socket, speaks the messages of a dialler or of Exotel, and keeps all that the Core sends. For
/// tests of Cores, without a telephone and without a sleep.
///
/// ```cpp
/// testing::fake_media_dialler line({.url = "ws://127.0.0.1:8001/ws/bot-1"});
/// CXB_CHECK(line.call());                                    // connected, start, answer
/// ASSERT_TRUE(line.until("reverse-media"));                  // the bot speaks
/// line.speak(testing::loud_tone(600ms) + testing::silence(1s));
/// ASSERT_TRUE(line.until("reverse-media-stop"));             // interrupted
/// line.hang_up();
/// EXPECT_EQ(line.wait_for_end().code, worker::close_code::normal);
/// EXPECT_THAT(line.faults(), IsEmpty());
/// ```
/// | what it says           | dialler, `/ws/{bot_id}`     | Exotel, `/exotel/{bot_id}`            |
/// |------------------------|-----------------------------|---------------------------------------|
/// | say_connected          | `connected` with variables  | `connected`                           |
/// | say_start              | `start`                     | `start`, variables as its parameters  |
/// | say_answer             | `answer`                    | nothing: Exotel has no such message   |
/// | call                   | connects; the three above   | connects; the two above               |
/// | speak                  | `media` of 20 ms            | likewise, numbered                    |
/// | press                  | nothing: no keys here       | `dtmf`                                |
/// | hang_up                | `hangup-call`               | `stop`                                |
/// | by itself              |                             | sends every `mark` back               |
///
/// Messages are sent in the order of the calls, whatever the Core does: a test may break the order
/// of the protocol. `say` sends any text, also what is no message at all. The contract's own bounds
/// hold for what the double makes itself: `variables` that break them are a bug of the test.
///
/// What the Core sends is read all the time and kept; pings are answered. `next` and `until` go
/// through it from the first message on, each message once; `heard` and the others look at all of
/// it and move nothing.
///
/// Errors: only of `connect` and `call`, see there. What is said on a line that is not open, or not
/// any more, is lost as it is on a telephone. Ownership: the object owns its thread and its
/// connection. Thread-safety: `next`, `until` and `connect` by one thread at a time, all others by
/// any.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/result.hpp"
#include "cxb/contract/media_ws/dialler.hpp"
#include "cxb/wire/json.hpp"
#include "cxb/worker/media_socket.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace testing {

/// Which of the two protocols is spoken.
enum class media_kind { dialler, exotel };

/// Who is on the line, as the messages tell it.
///
/// | field     | meaning                                                                       |
/// |-----------|-------------------------------------------------------------------------------|
/// | stream_id | streamId; Exotel: stream_sid, and with `-call` behind it call_sid             |
/// | caller_id | the far party; callerId, from                                                 |
/// | did       | our number; did, to                                                           |
/// | direction | callDirection; Exotel: not told                                               |
/// | variables | members of `connected`; Exotel: custom_parameters. Reserved flags may be among |
/// |           | them, as strangers may send them                                              |
struct media_caller {
    std::string stream_id = "stream-1";
    std::string caller_id = "+12025550123";
    std::string did = "+12025550100";
    contract::media_ws::dialler::direction direction =
        contract::media_ws::dialler::direction::incoming;
    wire::json_object variables{};
};

/// | field    | unset means        | meaning                                                    |
/// |----------|--------------------|------------------------------------------------------------|
/// | url      | (required)         | `ws://`, `wss://`, `unix:`; with `?t=` where a token is due |
/// | kind     | dialler            | must fit the path, unless a test wants it otherwise        |
/// | caller   | as above           |                                                            |
/// | patience | 20 s               | how long `next`, `until` and the waits wait; `connect`     |
/// |          |                    | at least 5 s                                               |
/// | ca_file  | the system's roots | PEM file for `wss://`                                      |
struct fake_media_dialler_options {
    std::string url;
    media_kind kind = media_kind::dialler;
    media_caller caller{};
    std::chrono::milliseconds patience{20000};
    std::string ca_file{};
};

/// A message of the Core and when it came. `message` is empty for what is no JSON object.
struct heard_message {
    wire::json_object message;
    std::chrono::steady_clock::time_point at;
};

class fake_media_dialler {
  public:
    explicit fake_media_dialler(fake_media_dialler_options options);
    /// Drops the connection.
    ~fake_media_dialler();
    fake_media_dialler(fake_media_dialler const&) = delete;
    fake_media_dialler& operator=(fake_media_dialler const&) = delete;

    /// Opens the WebSocket; nothing is said yet. One object is one connection: once open, it is not
    /// opened again. Errors: those of web_socket_client.hpp; `status()` is the HTTP status that
    /// came instead of 101.
    [[nodiscard]] result<void> connect();
    /// `connect`, unless it is open, and the whole handshake; does not wait for the Core.
    [[nodiscard]] result<void> call();

    void say_connected();
    void say_start();
    void say_answer();
    /// One text message, sent as it is.
    void say(std::string text);
    /// LINEAR16, 8 kHz, mono, in pieces of 20 ms; the last may be shorter. `every`: time from piece
    /// to piece, 0 = all at once, `contract::media_ws::frame_time` = as telephones do. Returns when
    /// the last was given to the socket, or the line has ended.
    void speak(std::string_view pcm, std::chrono::milliseconds every = {});
    void press(char digit);
    /// The far party leaves, by the message of the protocol; the Core closes then.
    void hang_up(std::string reason = "caller");
    /// A close frame, after what was said before.
    void close(int code = worker::close_code::normal, std::string reason = {});
    /// The connection breaks.
    void drop();

    /// The next message; empty when the line ended, or nothing came in time.
    [[nodiscard]] std::optional<wire::json_object> next();
    /// The next one of that event; those before it are passed over.
    [[nodiscard]] std::optional<wire::json_object> until(std::string_view event);

    /// All messages so far, or those of one event.
    [[nodiscard]] std::vector<heard_message> heard(std::string_view event = {}) const;
    /// The `event` of each message so far.
    [[nodiscard]] std::vector<std::string> events() const;
    /// How many messages of that event have come.
    [[nodiscard]] std::size_t count(std::string_view event) const;
    /// The bot's voice so far, LINEAR16; what was cleared is part of it.
    [[nodiscard]] std::string heard_audio() const;
    /// The event that carries the bot's voice: `reverse-media` or `media`.
    [[nodiscard]] std::string_view voice_event() const noexcept;
    /// What the Core sent against the contract, in order: no JSON, no event, bounds. Events that
    /// nobody knows are none.
    [[nodiscard]] std::vector<error> faults() const;

    /// How the line ended; empty while it is open, or was never.
    [[nodiscard]] std::optional<worker::socket_end> end() const;
    /// Waits for the end; code 0 when it did not come in time.
    [[nodiscard]] worker::socket_end wait_for_end() const;
    /// So many messages of that event have come. False: not in time, or the line ended first.
    [[nodiscard]] bool wait_for(std::string_view event, std::size_t many = 1) const;
    /// Looks at `done` now, after every message and at the end of the line.
    [[nodiscard]] bool wait_until(std::function<bool()> const& done,
                                  std::chrono::milliseconds at_most) const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

/// LINEAR16 of that length, whole samples: a square wave of 400 Hz that any detector takes for a
/// voice.
[[nodiscard]] std::string loud_tone(std::chrono::milliseconds length);
/// The same without a sound.
[[nodiscard]] std::string silence(std::chrono::milliseconds length);

}  // namespace testing
}  // namespace cxb::inline v1
CXB_EXPORT_END
