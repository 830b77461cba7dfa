#pragma once
/// @file
/// The call detail record of a dialler: `POST /api/v1/cdr` (spec 10 §5). Any JSON object; all its
/// members are data and are kept. It may come before or after the call's result, and again.
///
/// | field              | absent means   | note                                                   |
/// |--------------------|----------------|--------------------------------------------------------|
/// | streamId           | see stream_id  | string or integer: the call it belongs to              |
/// | stream_id          | no call        | read when streamId gives none                          |
/// | talktime           | not stored     | as `cdr_talktime`                                      |
/// | call_status        | not stored     | as `cdr_call_status`                                   |
/// | recording_filename | not stored     | as `cdr_recording_url`                                 |
/// | all others         | –              | in `others`, kept as they came                         |
///
/// Errors of `parse_cdr`: `malformed`, `too_large` (give `limits::cdr_body`), `invalid` when the
/// document is no object. Thread-safety: plain values, pure functions.

#include <optional>
#include <string>

#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::cdr {

struct cdr {
    std::optional<wire::raw_json> streamId;
    std::optional<wire::raw_json> stream_id;
    std::optional<wire::raw_json> talktime;
    std::optional<wire::raw_json> call_status;
    std::optional<wire::raw_json> recording_filename;
    wire::raw_json others = wire::raw_json::object();
    friend bool operator==(cdr const&, cdr const&) = default;
};
CXB_WIRE_DECLARE(cdr);

/// Which call it belongs to: `streamId`, else `stream_id`, each a text or an integer; "" = none.
[[nodiscard]] std::string stream_key(cdr const& record);

/// What is written on the call: `cdr` (the whole body) and `cdr_talktime`, `cdr_call_status`,
/// `cdr_recording_url`, each only if present.
[[nodiscard]] wire::json_object stored_members(cdr const& record);

enum class cdr_status { ok, not_found, ignored };

/// The three answers, byte for byte as the spec has them.
struct cdr_ack {
    std::string status = "ok";
    std::optional<std::string> reason;
    std::optional<std::string> stream_id;
    friend bool operator==(cdr_ack const&, cdr_ack const&) = default;
};
CXB_WIRE_DECLARE(cdr_ack);

/// `stream_id` is not looked at for `ignored`.
[[nodiscard]] cdr_ack make_cdr_ack(cdr_status status, std::string stream_id = {});

}  // namespace contract::cdr
}  // namespace cxb::inline v1
CXB_EXPORT_END
