#pragma once
/// @file
/// Trying a bot without a call: `POST /api/v1/bots/{id}/preview-config` (spec 20 §5.2).
///
/// | field           | absent means | note                                                   |
/// |-----------------|--------------|--------------------------------------------------------|
/// | connected_event | none         | call variables and reserved members, as from a worker  |
/// | caller_id       | ""           | personal                                               |
/// | mock_crm        | none         | stands in for what the CRM would say                   |
/// | skip_prefetch   | true         | the CRM is not asked                                   |
/// | at              | now          | RFC 3339; without a zone UTC                           |
///
/// Errors: `malformed`, `too_large`, `invalid` with all faults. Thread-safety: plain values.

#include <optional>
#include <string>

#include "cxb/contract/runtime_config/request.hpp"

namespace cxb::api {

struct preview_request {
    wire::raw_json connected_event = wire::raw_json::object();
    std::string caller_id;
    std::optional<wire::raw_json> mock_crm;
    bool skip_prefetch = true;
    std::optional<std::string> at;
};
CXB_WIRE_DECLARE(preview_request);

/// The request a worker would send, steered as the preview says.
[[nodiscard]] result<contract::runtime_config::config_request> config_request_of(
    preview_request const& request);

}  // namespace cxb::api
