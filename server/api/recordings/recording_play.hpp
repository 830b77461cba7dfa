#pragma once
/// @file
/// Playing a recording: headers, ranges, bytes in 64 KiB pieces (spec 21 §4).

#include "cxb/store/object_store.hpp"
#include "cxb/wire/http_message.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::api {

struct play_ask {
    std::string range;     ///< header `Range`
    std::string if_range;  ///< header `If-Range`
    bool download = false;
};

/// `call` is the stored call. Errors: `not_found` `Recording not found` for no key, no object.
[[nodiscard]] result<wire::http_response> play_recording(store::object_store& objects,
                                                         wire::json_object const& call,
                                                         play_ask const& ask);

}  // namespace cxb::api
