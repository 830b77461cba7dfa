#include "cxb/contract/agent_desk/desk_recording.hpp"

namespace cxb::inline v1 {
namespace contract::agent_desk {
namespace {

using wire::field;
namespace patterns = wire::patterns;

constexpr wire::field_row rows[] = {
    field<&desk_recording::recording_key>("recording_key")
        .pattern(patterns::recording_key)
        .doc("Object key of the recording."),
    field<&desk_recording::recording_url>("recording_url")
        .pattern(patterns::url)
        .doc("Where it can be fetched."),
    field<&desk_recording::recording_access_token>("recording_access_token")
        .pattern(patterns::recording_token)
        .secret()
        .doc("Opens the public recording link; absent: one is made."),
    field<&desk_recording::duration_seconds>("duration_seconds").min(0).doc("Its length."),
};
constexpr wire::field_row ack_rows[] = {
    field<&desk_recording_ack::status>("status").doc("ok."),
    field<&desk_recording_ack::recording_access_token>("recording_access_token")
        .required()
        .secret()
        .doc("Opens the public recording link."),
};

void check_recording(desk_recording const& value, wire::fault_sink& sink) {
    if (!value.recording_key && !value.recording_url)
        sink.add("/recording_key", "needed unless recording_url is given");
}

}  // namespace

CXB_WIRE_TYPE(desk_recording, wire::table<desk_recording>("Where a recording is.", rows)
                                  .collect_unknown<&desk_recording::ext>("ext", limits::ext_json)
                                  .check<check_recording>())
CXB_WIRE_TYPE(desk_recording_ack, wire::table<desk_recording_ack>("It was stored.", ack_rows))

}  // namespace contract::agent_desk
}  // namespace cxb::inline v1
