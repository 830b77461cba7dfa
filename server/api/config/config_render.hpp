#pragma once
/// @file
/// From a bot and the variables of one call to its runtime config: steps 12 and 13 of spec 20 §8,
/// without I/O. Equal input gives equal output.

#include <string>
#include <vector>

#include "cxb/contract/runtime_config/runtime_config.hpp"
#include "cxb/domain/template_text.hpp"
#include "server/api/bots/bot_directory.hpp"
#include "server/api/settings/settings_directory.hpp"

namespace cxb::api {

/// The three namespaces of a call.
struct call_namespaces {
    wire::json_object call;
    wire::json_object crm;
    wire::json_object system;
};

struct render_input {
    bot_entry const& bot;
    call_namespaces const& names;
    wire::json_object const& sip_headers;  ///< `sip_context.headers`
    system_settings const& system;
    std::string session_id;
    std::string base;  ///< scheme and host for links of the worker
    time_point now;
    time_point call_began;  ///< of the call's first config; names its recording
    bool production = false;
    secret upload_key;
};

struct render_output {
    rc::runtime_config config;
    std::vector<std::string> notes;      ///< `provider_key_missing:deepgram`, ...
    domain::unresolved_list unresolved;  ///< tokens that stayed literal
};

/// Errors: `unavailable` `bot_incomplete: <block>` (production only).
[[nodiscard]] result<render_output> render_config(render_input const& input);

}  // namespace cxb::api
