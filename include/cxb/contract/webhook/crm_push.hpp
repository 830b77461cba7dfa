#pragma once
/// @file
/// One request of a CRM push as it is frozen and sent (spec 10 §10, 21 §3.3). It is not enveloped:
/// the body is the rendered key map. Every attempt sends the same bytes under the same
/// `webhook-id` and `Idempotency-Key`, with a fresh timestamp and, when signed, signature.
///
/// | field   | meaning                                                              |
/// |---------|----------------------------------------------------------------------|
/// | method  | POST, PUT, PATCH or GET                                              |
/// | url     | absolute, fields already in the query for GET                        |
/// | headers | configured ones and Content-Type; no authentication, no `webhook-*`  |
/// | body    | at most 8 MiB; personal, never logged                                |
/// | timeout | whole attempt                                                        |
///
/// Answers: 2xx is success, 3xx failure, 410 switches the push off, Retry-After is kept
/// (`domain/retry_schedule.hpp`). Thread-safety: a plain value.

#include <chrono>
#include <string>

#include "cxb/wire/http_message.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::webhook {

inline constexpr std::string_view idempotency_header = "Idempotency-Key";

struct crm_push {
    std::string method = "POST";
    std::string url;
    wire::header_list headers;
    std::string body;
    std::chrono::seconds timeout{15};
};

}  // namespace contract::webhook
}  // namespace cxb::inline v1
CXB_EXPORT_END
