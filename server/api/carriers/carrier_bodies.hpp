#pragma once
/// @file
/// Bodies of `/carriers` (spec 21 §7). Their tables give parser, faults, defaults and schema; what
/// is stored is the same document with the members of the server beside it.
///
/// A PUT sends some members only: `read_carrier` and `read_did` lay them over what is stored.

#include <optional>
#include <string>
#include <vector>

#include "cxb/domain/masking.hpp"
#include "cxb/wire/field_table.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::api {

/// A number of a carrier. `id` is made here; what is sent is ignored.
struct did_body {
    std::optional<std::string> id;
    std::string number;
    std::string label;
    std::string direction = "both";
    std::optional<std::string> bot_id;
};

struct carrier_body {
    std::string name;
    std::string sip_address;
    std::string transport = "auto";
    std::string destination_country;
    std::string inbound_auth_mode = "credentials";
    std::string inbound_auth_username;
    std::string inbound_auth_password;
    std::vector<std::string> inbound_allowed_addresses;
    std::string outbound_auth_username;
    std::string outbound_auth_password;
    std::string auth_username;
    std::string auth_password;
    std::vector<std::string> allowed_addresses;
    double outbound_cps = 1;
    int outbound_burst = 1;
    int outbound_channels = 10;
    bool enabled = true;
    std::vector<did_body> dids;
};

/// A carrier as people see it.
struct carrier_view : carrier_body {
    std::string id;
    std::int64_t version = 0;
    std::optional<std::string> lk_inbound_trunk_id;
    std::optional<std::string> lk_outbound_trunk_id;
    std::optional<std::string> lk_dispatch_rule_id;
    std::string lk_sync_status;
    std::optional<std::string> lk_sync_error;
    std::optional<time_point> lk_last_synced_at;
    std::string created_by;
    time_point created_at{};
    time_point updated_at{};
};

CXB_WIRE_DECLARE(did_body);
CXB_WIRE_DECLARE(carrier_body);
CXB_WIRE_DECLARE(carrier_view);

/// Members of a stored carrier that are sealed and masked.
[[nodiscard]] bool carrier_secrets(domain::member_path path) noexcept;

/// What was sent over what is stored (null: nothing yet). Absent members stay, null brings the
/// default back, a mask or an absent password keeps the stored one. Errors: `invalid`.
[[nodiscard]] result<carrier_body> read_carrier(wire::json_object const& sent,
                                                wire::json_object const* stored);
/// The same for one number.
[[nodiscard]] result<did_body> read_did(wire::json_object const& sent,
                                        wire::json_object const* stored);

/// The stored document as people may see it: passwords masked, without members of the machinery.
[[nodiscard]] wire::json_object shown_carrier(wire::json_object const& stored);

}  // namespace cxb::api
