#pragma once
/// @file
/// The far side of a media WebSocket (spec 10 §9) as the kit plays it: a blocking face for the
/// checks; reading goes on by itself, so that pings are answered and moments of arrival are true.
/// Everything said and heard is kept for the report, audio as a count.
/// Thread-safety: one thread uses it; the loops outlive it.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/conformance/http_peer.hpp"
#include "cxb/net/event_loops.hpp"
#include "cxb/worker/media_socket.hpp"

namespace cxb::cli::conformance {

enum class line_kind { dialler, exotel };

/// Who is on the line: the ids that the kit's messages carry.
struct line_party {
    std::string stream_id;
    std::string caller_id = "+12025550123";
    std::string did = "+12025550100";
};

/// A message of the Core and when it came.
struct heard_message {
    wire::json_object frame;
    std::chrono::steady_clock::time_point at;
};

class media_line {
  public:
    /// Connects and waits for the answer to the upgrade. `query` (`?t=…`) is left out of reports.
    media_line(net::event_loops& loops, line_kind kind, std::string url, std::string query,
               line_party party);
    /// Drops the connection.
    ~media_line();
    media_line(media_line const&) = delete;
    media_line& operator=(media_line const&) = delete;

    /// 101, or the status of what came instead.
    [[nodiscard]] int status() const;
    [[nodiscard]] line_party const& party() const noexcept { return party_; }

    void say(wire::json_object const& message);
    /// `connected` with these variables, `start`, `answer`; Exotel: `start` with them.
    void say_connected(wire::json_object variables = {});
    void say_start(wire::json_object variables = {});
    void say_answer();
    /// All of them in order.
    void say_hello(wire::json_object variables = {});
    /// The far party hangs up, by the message of the protocol.
    void say_goodbye(std::string const& reason = "conformance");
    /// A loud tone, then silence; in real time, returns at its end.
    void speak(std::chrono::milliseconds loud, std::chrono::milliseconds quiet);
    /// Hangs up by itself shortly after the bot's first sound.
    void leave_soon();
    void close(int code);
    void drop();

    [[nodiscard]] std::vector<heard_message> heard() const;
    [[nodiscard]] std::vector<wire::json_object> heard(std::string_view event) const;
    /// So many messages of that event have come. False: not in time, or the line ended first.
    [[nodiscard]] bool wait_for(std::string_view event, std::size_t many,
                                std::chrono::milliseconds at_most) const;
    /// How the line ended; empty: it has not, in that time.
    [[nodiscard]] std::optional<worker::socket_end> end_within(
        std::chrono::milliseconds at_most) const;
    /// `reverse-media` or `media`.
    [[nodiscard]] std::string_view voice_event() const noexcept;
    /// What was said and heard, for the report.
    [[nodiscard]] exchange shown() const;

  private:
    struct state;
    [[nodiscard]] wire::json_object audio(std::string const& pcm) const;
    [[nodiscard]] wire::json_object goodbye(std::string const& reason) const;

    net::event_loops& loops_;
    line_kind kind_;
    std::string url_;
    line_party party_;
    std::shared_ptr<state> state_;
};

}  // namespace cxb::cli::conformance
