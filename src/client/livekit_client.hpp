#pragma once
/// @file
/// Calls of a LiveKit server's own API: Twirp over HTTP, `POST {base}/twirp/livekit.{Service}/
/// {Method}` with JSON, under a server token made for each call (spec 10 §2.3, 21 §7).
///
/// ```cpp
/// livekit_client rooms({.way = &transport, .time = &time, .url = "wss://lk.example.com", ...});
/// auto made = co_await rooms.ask({"SIP", "CreateSIPInboundTrunk", {{"trunk", trunk}}});
/// ```
/// Requests are written with protobuf's own names, which every LiveKit reads; in answers both
/// styles are met (`sip_trunk_id`, `sipTrunkId`): read members with `livekit_member`.
///
/// | failure           | meaning                                                                |
/// |-------------------|------------------------------------------------------------------------|
/// | not_found         | LiveKit says so; detail = its message                                  |
/// | upstream_failed   | any other refusal; detail = its message, `reason` its code             |
/// | unavailable       | not reached: `LiveKit unreachable`                                     |
/// | deadline_exceeded | no answer in time: the same; it may have acted                         |
/// | corrupt_data      | an answer that is no JSON object                                       |
/// | invalid           | no API key or secret                                                   |
///
/// Nothing is repeated by itself. Thread-safety: as the transport.

#include <string>
#include <string_view>

#include "cxb/client/client_options.hpp"
#include "cxb/contract/livekit/access_token.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::inline v1 {
namespace client {

/// `way` and `time` must outlive the client. `url`: `ws`, `wss`, `http` or `https`; "" = none.
struct livekit_options {
    transport* way = nullptr;
    clock const* time = nullptr;
    std::string url;
    contract::livekit::api_credentials credentials;
    std::chrono::milliseconds timeout{5000};
};

/// `timeout` zero: that of the client.
struct livekit_request {
    std::string service;
    std::string method;
    wire::json_object body;
    std::chrono::milliseconds timeout{0};
};

class livekit_client {
  public:
    /// Longest answer that is read: a list of some thousand trunks.
    static constexpr std::size_t longest_answer = 8 * limits::mib;

    explicit livekit_client(livekit_options options);
    [[nodiscard]] bool configured() const noexcept { return !base_.empty(); }
    [[nodiscard]] async<wire::json_object> ask(livekit_request request) const;

  private:
    livekit_options options_;
    std::string base_;
};

/// `http://` for `ws://`, `https://` for `wss://`; without a trailing `/`.
[[nodiscard]] std::string livekit_http_base(std::string_view url);

/// The member under its protobuf name or that name in camel case; null when it is absent.
[[nodiscard]] wire::json_value const* livekit_member(wire::json_object const& from,
                                                     std::string_view name) noexcept;
/// Its text; "" for anything else.
[[nodiscard]] std::string_view livekit_text(wire::json_object const& from,
                                            std::string_view name) noexcept;

/// Detail of an error that came from no answer at all.
inline constexpr char const* livekit_away = "LiveKit unreachable";
/// Was LiveKit not reached at all, so that nothing is known of what it holds?
[[nodiscard]] bool livekit_unreachable(error const& failure) noexcept;

}  // namespace client
}  // namespace cxb::inline v1
