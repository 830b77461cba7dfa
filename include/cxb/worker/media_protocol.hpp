#pragma once
/// @file
/// The media WebSockets of spec 10 §9 from the worker's side, as machines without I/O: order of the
/// handshake, its deadlines, pacing and numbering of the bot's audio, hang-up and transfer.
///
/// Text frames, commands of the call and the passing of time go in; actions come out: frames to
/// send, the close to make, and events for the call. `next_timer` says when to call `tick`.
///
/// | protocol | speaks                    | pieces of audio   | clear              | transfer |
/// |----------|---------------------------|-------------------|--------------------|----------|
/// | dialler  | connected, start, answer  | 20 ms, numbered   | reverse-media-stop | yes      |
/// | exotel   | (connected,) start        | 200 ms            | clear              | no       |
///
/// | fault                                                        | close                   |
/// |--------------------------------------------------------------|-------------------------|
/// | handshake message not there in time, or out of order         | 1002                    |
/// | audio format that is not LINEAR16, 8 kHz, mono               | 1002                    |
/// | unreadable frame, unknown event, audio that is no base64     | none: counted, skipped  |
///
/// Audio is LINEAR16 (little-endian), 8 kHz, mono, as raw bytes. What is played is sent so that the
/// far side holds at most 100 ms more than it needs; the last piece of a pause is filled up with
/// silence. Thread-safety: one thread at a time.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/contract/call_results/call_results.hpp"
#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/domain/time_zone.hpp"
#include "cxb/wire/json.hpp"
#include "cxb/worker/media_socket.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace worker {

/// A moment on both clocks: deadlines count on the steady one, texts show the other.
struct media_moment {
    std::chrono::nanoseconds steady{0};
    time_point wall;
};

struct media_limits {
    std::chrono::milliseconds handshake{10000};  ///< for each message before `answer`
    std::chrono::milliseconds answer{60000};
    std::chrono::milliseconds transfer{10000};  ///< for the peer to close
    std::chrono::milliseconds lead{100};        ///< how long before its need audio is sent
    std::chrono::seconds waiting_audio{30};     ///< more than that is dropped
};

/// Who is on the line, from the handshake.
struct media_party {
    std::string stream_id;  ///< key for a later CDR
    std::string caller_id;  ///< the far party; personal
    std::string did;        ///< our number
    contract::call_results::call_direction direction =
        contract::call_results::call_direction::inbound;
    wire::json_object variables;  ///< connected_event, without reserved members
};

// --- events for the call ----------------------------------------------------------------------
/// The handshake is far enough for the config to be fetched.
struct media_started {
    media_party party;
};
/// The bot may speak.
struct media_answered {};
/// Audio of the far party.
struct media_audio {
    std::string pcm;
};
struct media_key {
    char digit = '0';
};
/// A transfer ended; `failed_reason` is "" (the far side took the call), `timeout` or
/// `not_supported`.
struct media_transferred {
    std::string failed_reason;
};
/// The line is gone. Last event; none follows an end that the call asked for.
struct media_left {
    /// `customer`; `no_answer` when nobody picked up in time; `error` for a fault of the line.
    std::string word;
    std::string raw_reason;  ///< the peer's own word, or what was wrong
};

// --- what to do -------------------------------------------------------------------------------
struct media_send {
    std::string text;
};
/// Close the socket once everything was sent.
struct media_close {
    int code = close_code::normal;
    std::string reason;
};

using media_action = std::variant<media_send, media_close, media_started, media_answered,
                                  media_audio, media_key, media_transferred, media_left>;
using media_actions = std::vector<media_action>;

class media_pace;

class media_protocol {
  public:
    /// `kind` is `websocket` (dialler) or `exotel`.
    [[nodiscard]] static std::unique_ptr<media_protocol> make(
        contract::runtime_config::transport_kind kind, media_limits limits = {});
    media_protocol(media_protocol const&) = delete;
    media_protocol& operator=(media_protocol const&) = delete;
    virtual ~media_protocol();

    /// The socket is open: deadlines begin.
    [[nodiscard]] media_actions begin(media_moment now);
    [[nodiscard]] media_actions received(media_moment now, std::string_view text);
    /// The socket has ended.
    [[nodiscard]] media_actions ended(media_moment now, socket_end const& how);
    [[nodiscard]] media_actions tick(media_moment now);
    /// On the steady clock; empty: nothing is due.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> next_timer() const;

    // Commands of the call; after the end they do nothing.
    /// Appends audio of the bot.
    [[nodiscard]] media_actions play(media_moment now, std::string_view pcm);
    /// Forgets audio that was not sent and has the far side forget its own; only if there is any.
    [[nodiscard]] media_actions clear(media_moment now);
    [[nodiscard]] media_actions transfer(media_moment now, std::string to);
    /// The bot ends the call.
    [[nodiscard]] media_actions hang_up(media_moment now);
    /// There will be no call.
    [[nodiscard]] media_actions refuse(media_moment now, int code, std::string reason);

    /// Zone of the timestamps sent; UTC until told.
    void speak_in(domain::time_zone zone) { zone_ = std::move(zone); }
    [[nodiscard]] bool over() const noexcept { return stage_ == stage::over; }
    /// Frames and payloads that were not understood.
    [[nodiscard]] std::size_t skipped() const noexcept { return skipped_; }

  protected:
    enum class stage { first, second, answer, live, over };
    media_protocol(media_limits limits, std::size_t piece_bytes);

    virtual void take(std::string_view text) = 0;
    virtual void send_audio(std::string const& pcm) = 0;
    virtual void send_clear() = 0;
    virtual void send_farewell() {}
    /// False: this protocol cannot.
    virtual bool send_transfer(std::string const& /*to*/) { return false; }

    void tell(media_action action) { out_.push_back(std::move(action)); }
    void enter(stage next, std::chrono::milliseconds limit);
    /// Enters a stage under the deadline that runs.
    void go_on(stage next) { stage_ = next; }
    void start(media_party party);
    void answer();
    void hear(std::string_view payload);
    void fault(std::string what, std::string_view word = "error");
    void leave(std::string_view word, std::string raw_reason);
    void skip() noexcept { ++skipped_; }
    [[nodiscard]] stage at() const noexcept { return stage_; }
    [[nodiscard]] media_limits const& limits() const noexcept { return limits_; }
    [[nodiscard]] media_party const& party() const noexcept { return party_; }
    /// Wall clock of the bot's zone.
    [[nodiscard]] std::string timestamp() const;

  private:
    media_actions done(media_moment now);
    void close(int code, std::string reason);
    void send_due();

    media_limits limits_;
    std::unique_ptr<media_pace> pace_;
    domain::time_zone zone_;
    media_party party_;
    media_moment now_;
    stage stage_ = stage::first;
    bool started_ = false;
    std::optional<std::chrono::nanoseconds> deadline_;  ///< of the handshake
    std::optional<std::chrono::nanoseconds> transfer_until_;
    std::size_t skipped_ = 0;
    media_actions out_;
};

}  // namespace worker
}  // namespace cxb::inline v1
CXB_EXPORT_END
