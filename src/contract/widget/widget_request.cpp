#include "cxb/contract/widget/widget_request.hpp"

namespace cxb::inline v1 {
namespace contract::widget {
namespace {

using wire::field;

constexpr wire::field_row rows[] = {
    field<&widget_request::bot_id>("bot_id").required().bytes(1, limits::text).doc("Who speaks."),
    field<&widget_request::room_name>("room_name")
        .required()
        .bytes(1, limits::text)
        .doc("Room the visitor waits in."),
    field<&widget_request::caller_id>("caller_id").personal().doc("Name of the visitor."),
};

}  // namespace

CXB_WIRE_TYPE(widget_request, wire::table<widget_request>("A website visitor waits.", rows))

}  // namespace contract::widget
}  // namespace cxb::inline v1
