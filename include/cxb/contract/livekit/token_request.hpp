#pragma once
/// @file
/// What a LiveKit access token allows (spec 10 §2.3), and the tokens our parts need as presets.
/// `mint_token` (`livekit/access_token.hpp`) makes the token of it.
///
/// | preset            | identity              | may                                    | ttl    |
/// |-------------------|-----------------------|----------------------------------------|--------|
/// | worker            | `bot-{room}`          | join, publish, subscribe, publish data | 6 h    |
/// | agent             | `agent-{user}`        | the same                               | 1 h    |
/// | supervisor_listen | `listener-{user}`     | join hidden, subscribe                 | 15 min |
/// | supervisor_barge  | `supervisor-{user}`   | as worker                              | 15 min |
/// | transcriber       | `bot-{room}`          | join hidden, subscribe                 | 6 h    |
/// | whisper           | `whisper-{user}`      | join, publish                          | 15 min |
/// | whisper_listen    | `agent-{user}`        | join, subscribe                        | 1 h    |
/// | widget_user       | `widget-user-{8 hex}` | join, publish, subscribe               | 1 h    |
/// | server            | `cxb-server`          | rooms: create, list, administer; SIP   | 60 s   |
///
/// Every preset but `server` is good for one room only; a widget user is shown as Website Visitor.
/// Thread-safety: plain values, pure functions.

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "cxb/base/random.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::livekit {

/// What the holder may do with rooms; names as LiveKit has them. An absent `can…` leaves LiveKit's
/// own default, which allows it to who may join.
struct video_grant {
    bool roomCreate = false;
    bool roomList = false;
    bool roomAdmin = false;  ///< of `room` only, when it is there
    bool roomJoin = false;   ///< needs `room`
    std::optional<std::string> room;
    std::optional<bool> canPublish;
    std::optional<bool> canSubscribe;
    std::optional<bool> canPublishData;
    bool hidden = false;  ///< others do not see the participant
    friend bool operator==(video_grant const&, video_grant const&) = default;
};
CXB_WIRE_DECLARE(video_grant);

/// What the holder may do with SIP: manage trunks and rules (`admin`), make calls (`call`).
struct sip_grant {
    bool admin = false;
    bool call = false;
    friend bool operator==(sip_grant const&, sip_grant const&) = default;
};
CXB_WIRE_DECLARE(sip_grant);

/// | field       | absent means | bounds and note                                           |
/// |-------------|--------------|-----------------------------------------------------------|
/// | identity    | required     | 1–256: name of the participant, unique in its room        |
/// | name        | none         | shown to people                                           |
/// | ttl_seconds | 60           | 1 s to 24 h                                               |
/// | video, sip  | nothing      | what it allows                                            |
/// | metadata    | none         | ≤ 64 KiB, kept at the participant                         |
/// | attributes  | none         | the same as a map                                         |
struct token_request {
    std::string identity;
    std::optional<std::string> name;
    std::chrono::seconds ttl_seconds{60};
    std::optional<video_grant> video;
    std::optional<sip_grant> sip;
    std::optional<std::string> metadata;
    std::map<std::string, std::string> attributes;
    friend bool operator==(token_request const&, token_request const&) = default;
};
CXB_WIRE_DECLARE(token_request);

[[nodiscard]] token_request worker(std::string_view room);
[[nodiscard]] token_request agent(std::string_view room, std::string_view user);
[[nodiscard]] token_request supervisor_listen(std::string_view room, std::string_view user);
[[nodiscard]] token_request supervisor_barge(std::string_view room, std::string_view user);
[[nodiscard]] token_request transcriber(std::string_view room);
/// The supervisor speaks into a side room that only the agent hears.
[[nodiscard]] token_request whisper(std::string_view side_room, std::string_view user);
[[nodiscard]] token_request whisper_listen(std::string_view side_room, std::string_view user);
[[nodiscard]] token_request widget_user(std::string_view room, random_source& random);
/// For calls to the LiveKit server itself; with a room, administration is bound to it.
[[nodiscard]] token_request server(std::optional<std::string_view> room = {});

}  // namespace contract::livekit
}  // namespace cxb::inline v1
CXB_EXPORT_END
