#include "cxb/contract/livekit/token_request.hpp"

#include <array>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace contract::livekit {
namespace {

using wire::field;
using namespace std::chrono_literals;

constexpr std::size_t visitor_bytes = 4;

constexpr wire::field_row video_rows[] = {
    field<&video_grant::roomCreate>("roomCreate").omit_default().doc("Create rooms."),
    field<&video_grant::roomList>("roomList").omit_default().doc("List rooms."),
    field<&video_grant::roomAdmin>("roomAdmin").omit_default().doc("Administer the room."),
    field<&video_grant::roomJoin>("roomJoin").omit_default().doc("Join the room."),
    field<&video_grant::room>("room").bytes(1, 256).doc("The only room it is good for."),
    field<&video_grant::canPublish>("canPublish").doc("Send audio."),
    field<&video_grant::canSubscribe>("canSubscribe").doc("Hear the others."),
    field<&video_grant::canPublishData>("canPublishData").doc("Send messages."),
    field<&video_grant::hidden>("hidden").omit_default().doc("Others do not see the holder."),
};
constexpr wire::field_row sip_rows[] = {
    field<&sip_grant::admin>("admin").omit_default().doc("Manage trunks and rules."),
    field<&sip_grant::call>("call").omit_default().doc("Make calls."),
};
constexpr wire::field_row request_rows[] = {
    field<&token_request::identity>("identity")
        .required()
        .bytes(1, 256)
        .doc("Name of the participant."),
    field<&token_request::name>("name").personal().doc("Name shown to people."),
    field<&token_request::ttl_seconds>("ttl_seconds").range(1, 86400).doc("How long it is good."),
    field<&token_request::video>("video").doc("What it allows with rooms."),
    field<&token_request::sip>("sip").doc("What it allows with SIP."),
    field<&token_request::metadata>("metadata")
        .max_bytes(limits::default_body)
        .personal()
        .doc("Kept at the participant."),
    field<&token_request::attributes>("attributes")
        .omit_default()
        .max_bytes(limits::default_body)
        .personal()
        .doc("Kept at the participant."),
};

void check_video(video_grant const& value, wire::fault_sink& sink) {
    if (value.roomJoin && !value.room) sink.add("/room", "required to join");
}

token_request in_room(std::string identity, std::string_view room, std::chrono::seconds ttl) {
    token_request out;
    out.identity = std::move(identity);
    out.ttl_seconds = ttl;
    auto& video = out.video.emplace();
    video.roomJoin = true;
    video.room = std::string(room);
    return out;
}

token_request speaker(std::string identity, std::string_view room, std::chrono::seconds ttl) {
    auto out = in_room(std::move(identity), room, ttl);
    out.video->canPublish = true;
    out.video->canSubscribe = true;
    out.video->canPublishData = true;
    return out;
}

token_request hidden_listener(std::string identity, std::string_view room,
                              std::chrono::seconds ttl) {
    auto out = in_room(std::move(identity), room, ttl);
    out.video->canPublish = false;
    out.video->canSubscribe = true;
    out.video->canPublishData = false;
    out.video->hidden = true;
    return out;
}

std::string named(std::string_view kind, std::string_view who) {
    return std::string(kind).append(who);
}

}  // namespace

CXB_WIRE_TYPE(video_grant, wire::table<video_grant>("What a token allows with rooms.", video_rows)
                               .check<check_video>())
CXB_WIRE_TYPE(sip_grant, wire::table<sip_grant>("What a token allows with SIP.", sip_rows))
CXB_WIRE_TYPE(token_request,
              wire::table<token_request>("An access token of LiveKit to be made.", request_rows))

token_request worker(std::string_view room) {
    return speaker(named("bot-", room), room, 6h);
}
token_request agent(std::string_view room, std::string_view user) {
    return speaker(named("agent-", user), room, 1h);
}
token_request supervisor_listen(std::string_view room, std::string_view user) {
    return hidden_listener(named("listener-", user), room, 15min);
}
token_request supervisor_barge(std::string_view room, std::string_view user) {
    return speaker(named("supervisor-", user), room, 15min);
}
token_request transcriber(std::string_view room) {
    return hidden_listener(named("bot-", room), room, 6h);
}
token_request whisper(std::string_view side_room, std::string_view user) {
    auto out = in_room(named("whisper-", user), side_room, 15min);
    out.video->canPublish = true;
    out.video->canSubscribe = false;
    return out;
}
token_request whisper_listen(std::string_view side_room, std::string_view user) {
    auto out = in_room(named("agent-", user), side_room, 1h);
    out.video->canPublish = false;
    out.video->canSubscribe = true;
    return out;
}
token_request widget_user(std::string_view room, random_source& random) {
    std::array<char, visitor_bytes> bytes{};
    random.fill(std::as_writable_bytes(std::span{bytes}));
    auto out = in_room(named("widget-user-", to_hex({bytes.data(), bytes.size()})), room, 1h);
    out.name = "Website Visitor";
    out.video->canPublish = true;
    out.video->canSubscribe = true;
    return out;
}
token_request server(std::optional<std::string_view> room) {
    token_request out;
    out.identity = "cxb-server";
    auto& video = out.video.emplace();
    video.roomCreate = video.roomList = video.roomAdmin = true;
    if (room) video.room = std::string(*room);
    out.sip = sip_grant{.admin = true, .call = true};
    return out;
}

}  // namespace contract::livekit
}  // namespace cxb::inline v1
