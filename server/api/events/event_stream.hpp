#pragma once
/// @file
/// The body of `GET /events/stream`: what a listener hears, as `text/event-stream`, for as long as
/// its user may hear it (spec 21 §10).

#include "server/api/access/user_directory.hpp"
#include "server/api/events/event_hub.hpp"
#include "server/common/http/stream_pump.hpp"

namespace cxb::api {

/// Who listens, as long as they may: an admin whose session holds.
/// Errors: those of `user_directory::authenticate`, `forbidden`.
store::async<server::principal> admit_listener(user_directory& users, user_session session);

/// Asked at each heartbeat; errors as above end the stream.
using listener_check = std::function<store::async<server::principal>()>;

/// Writes until the reader is gone or too slow (`at_capacity`), the user may not listen any more,
/// or the process stops. A store that cannot be asked ends nobody's stream.
server::stream_end write_events(std::shared_ptr<event_listener> listener, listener_check check,
                                milliseconds heartbeat, server::stream_writer out);

}  // namespace cxb::api
