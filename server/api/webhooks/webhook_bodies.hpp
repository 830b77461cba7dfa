#pragma once
/// @file
/// Bodies of `/webhook-endpoints` (spec 21 §10). Their tables give parser, faults and schema.

#include <optional>
#include <string>
#include <vector>

#include "cxb/wire/field_table.hpp"

namespace cxb::api {

/// A new endpoint. `types` holds words of spec 10 §10, or only `*` for all.
struct webhook_body {
    std::string url;
    std::vector<std::string> types{"*"};
    bool is_active = true;
    std::string description;
};
/// Changes of an endpoint; what is absent stays.
struct webhook_patch {
    std::optional<std::string> url;
    std::optional<std::vector<std::string>> types;
    std::optional<bool> is_active;
    std::optional<std::string> description;
};

CXB_WIRE_DECLARE(webhook_body);
CXB_WIRE_DECLARE(webhook_patch);

}  // namespace cxb::api
