#pragma once
/// @file
/// A message of a media WebSocket whose `event` nobody here knows (spec 10 §9): a newer peer sends
/// it, receivers count and skip it. It is written back as it came.
/// Thread-safety: a plain value, pure functions.

#include <string>

#include "cxb/wire/raw_json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::media_ws {

/// | field   | meaning                                    |
/// |---------|--------------------------------------------|
/// | event   | its `event` member                         |
/// | message | the whole message, an object               |
struct unknown_message {
    std::string event;
    wire::raw_json message = wire::raw_json::object();
    friend bool operator==(unknown_message const&, unknown_message const&) = default;
};

[[nodiscard]] std::string serialize(unknown_message const& value);
void serialize_to(unknown_message const& value, std::string& out);
/// `invalid` when `message` is no object or its `event` is not `event`.
[[nodiscard]] result<void> validate(unknown_message const& value);

}  // namespace contract::media_ws
}  // namespace cxb::inline v1
CXB_EXPORT_END
