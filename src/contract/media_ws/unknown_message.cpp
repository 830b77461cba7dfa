#include "cxb/contract/media_ws/unknown_message.hpp"

#include "cxb/base/result.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::inline v1 {
namespace contract::media_ws {

std::string serialize(unknown_message const& value) {
    return value.message.text();
}

void serialize_to(unknown_message const& value, std::string& out) {
    out += value.message.text();
}

result<void> validate(unknown_message const& value) {
    if (!value.message.is_object()) return invalid_member("", "expected object");
    if (wire::text_at(value.message.to_object(), "event") != value.event)
        return invalid_member("/event", "must be the event of the message");
    return {};
}

}  // namespace contract::media_ws
}  // namespace cxb::inline v1
