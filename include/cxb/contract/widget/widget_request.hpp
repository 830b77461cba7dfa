#pragma once
/// @file
/// A website visitor waits in a room: `POST /livekit/widget` (spec 10 §7). Such calls have neither
/// transfer nor desk; any missing config ends them as error.
///
/// | field     | absent means | note                                                             |
/// |-----------|--------------|------------------------------------------------------------------|
/// | bot_id    | required     |                                                                  |
/// | room_name | required     |                                                                  |
/// | caller_id | widget-user  | `browser-test-…` marks a test call                               |
///
/// Answer: `dialout/call_accepted.hpp`. Unknown members are ignored and named in
/// `parse_options::ignored`. Errors: `malformed`, `too_large` (give `limits::call_start_body`),
/// `invalid`. Thread-safety: plain values.

#include <string>

#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::widget {

struct widget_request {
    std::string bot_id;
    std::string room_name;
    std::string caller_id = "widget-user";
    friend bool operator==(widget_request const&, widget_request const&) = default;
};
CXB_WIRE_DECLARE(widget_request);

}  // namespace contract::widget
}  // namespace cxb::inline v1
CXB_EXPORT_END
