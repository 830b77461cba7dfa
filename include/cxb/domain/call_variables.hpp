#pragma once
/// @file
/// The variables a call starts with: which SIP headers are kept, what the namespaces call and crm
/// hold (spec 20 §8 steps 8–10).
///
/// | set    | built from                                                                    |
/// |--------|-------------------------------------------------------------------------------|
/// | call.* | connected_event without reserved members, then `sip_header_<name>`, then the  |
/// |        | ids (caller_id, stream_id, session_id) where absent                           |
/// | crm.*  | connected_event, overlaid by `_mock_crm`, overlaid by pre-fetch               |
///
/// Limits: 64 SIP headers, names up to 64 bytes, values cut at 512 bytes.
/// Thread-safety: value types and pure functions.

#include <string>
#include <string_view>
#include <vector>

#include "cxb/wire/json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

inline constexpr std::size_t max_sip_headers = 64;
inline constexpr std::size_t max_sip_header_name = 64;
inline constexpr std::size_t max_sip_header_value = 512;

/// One line of `bot.sip_header_config.headers`.
struct sip_header_rule {
    std::string header;  ///< `X-Acct-Id`, matched without case
    std::string name;    ///< variable is `sip_header_<name>`
};

/// `X-Acct-Id` → `x_acct_id`: lower case, everything but `[a-z0-9]` becomes `_`.
[[nodiscard]] std::string sip_variable_name(std::string_view header);

/// The rules of a bot's `sip_header_config`; empty unless `enabled` is true. Lines without a
/// header text are skipped.
[[nodiscard]] std::vector<sip_header_rule> sip_header_rules(wire::json_value const& config);

/// What of `sip_candidate_headers` is kept, as stored in `sip_headers_raw`: names that begin `X-`
/// (any case, also written `sip.h.x-…`, which loses its prefix), control characters removed. Of
/// names that differ only in case the first counts.
[[nodiscard]] wire::json_object kept_sip_headers(wire::json_object const& candidates);

struct sip_variables {
    wire::json_object headers;    ///< `sip_context.headers`: lower-case names
    wire::json_object variables;  ///< `sip_header_<name>`, to be laid over `call.*`
};

/// The kept headers that the bot asked for.
[[nodiscard]] sip_variables select_sip_headers(wire::json_object const& kept,
                                               std::vector<sip_header_rule> const& rules);

/// Ids that become `call.*` members where connected_event lacks them.
struct call_ids {
    std::string caller_id;
    std::string stream_id;
    std::string session_id;
};

/// `call.*` of a call.
[[nodiscard]] wire::json_object call_namespace(wire::json_object const& connected_event,
                                               wire::json_object const& sip_header_variables,
                                               call_ids const& ids);

/// Lays `over` on `base`, member by member: the later one wins whole.
void overlay(wire::json_object& base, wire::json_object const& over);

/// `crm.*` of a call; null pointers are left out.
[[nodiscard]] wire::json_object effective_crm(wire::json_object const& connected_event,
                                              wire::json_object const* mock_crm,
                                              wire::json_object const* prefetched);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
