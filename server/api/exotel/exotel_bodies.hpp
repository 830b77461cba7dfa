#pragma once
/// @file
/// Bodies of `/integrations/exotel` (spec 21 §8). Their tables give parser, faults and schema.

#include <optional>
#include <string>
#include <vector>

#include "cxb/wire/field_table.hpp"

namespace cxb::api {

inline constexpr std::string_view exotel_address = "https://api.exotel.com";

/// Changes of the account; what is absent stays. Key and token: a mask stays too, "" removes.
struct exotel_account {
    std::optional<std::string> account_sid;
    std::optional<std::string> api_key;
    std::optional<std::string> api_token;
    std::optional<std::string> api_base_url;
};
/// A new number.
struct exotel_number_body {
    std::string number;
    std::string label;
    std::string bot_id;    ///< "" = none
    std::string flow_url;  ///< "" = none; what a test call plays to who answers it
};
/// Changes of a number; what is absent stays, "" removes.
struct exotel_number_patch {
    std::optional<std::string> label;
    std::optional<std::string> bot_id;
    std::optional<std::string> flow_url;
};
/// Whom to ring.
struct exotel_test_call {
    std::string customer_number;
};

/// A number as it is stored and shown.
struct exotel_number {
    std::string id;
    std::string number;
    std::string label;
    std::string bot_id;
    std::string flow_url;
    std::string websocket_url;  ///< not stored; where Exotel connects to the bot, "" without one
};
/// The integration as super admins see it; key and token are never shown.
struct exotel_view {
    std::string account_sid;
    std::string api_base_url;
    bool credentials_configured = false;
    std::string status;  ///< configured, not_configured
    std::vector<exotel_number> dids;
};
/// A number a test call may begin from.
struct exotel_call_option {
    std::string id;
    std::string number;
    std::string label;
    std::string bot_id;
    bool ready = false;  ///< a test call can be asked for
};
struct exotel_call_options {
    bool configured = false;
    std::vector<exotel_call_option> dids;
};
struct exotel_call_placed {
    std::string status = "ok";
    std::string call_sid;  ///< Exotel's id of the call; "" when its answer names none
};

CXB_WIRE_DECLARE(exotel_account);
CXB_WIRE_DECLARE(exotel_number_body);
CXB_WIRE_DECLARE(exotel_number_patch);
CXB_WIRE_DECLARE(exotel_test_call);
CXB_WIRE_DECLARE(exotel_number);
CXB_WIRE_DECLARE(exotel_view);
CXB_WIRE_DECLARE_PART(exotel_call_option);
CXB_WIRE_DECLARE(exotel_call_options);
CXB_WIRE_DECLARE(exotel_call_placed);

}  // namespace cxb::api
