#include "cxb/domain/result_payload.hpp"

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"
#include "cxb/base/limits.hpp"
#include "cxb/contract/call_results/privacy.hpp"
#include "cxb/domain/cache_summary.hpp"
#include "cxb/domain/template_text.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

namespace cr = contract::call_results;

std::string hash_of(wire::json_value const& body) {
    return sha256_hex(wire::to_canonical(body));
}

void derive_cache_summary(cr::call_results const& value, result_payload& out) {
    if (!value.usage_metrics) return;
    auto const summary = cache_summary(*value.usage_metrics);
    if (summary) {
        out.members["llm_cache_summary"] = wire::to_object(*summary);
    } else {
        out.members.stable_erase("llm_cache_summary");
        out.cleared.emplace_back("llm_cache_summary");
    }
}

void derive_disposition(wire::json_object& members) {
    auto const* analysis = members.if_contains("post_call_analysis");
    if (analysis == nullptr || !analysis->is_object()) return;
    auto const* given = analysis->get_object().if_contains("DISPOSITION");
    auto const text = given == nullptr ? std::string{} : value_as_text(*given);
    members["disposition"] = utf8_prefix(text, max_disposition_bytes);
}

/// `result_seq` without an id compares with nothing and is not kept.
void derive_members(cr::call_results const& value, result_payload& out) {
    out.members = wire::to_object(value);
    if (!value.result_id) out.members.stable_erase("result_seq");
    if (value.transcript) out.members["has_customer_message"] = cr::has_customer_message(value);
    derive_cache_summary(value, out);
    derive_disposition(out.members);
}

}  // namespace

result<result_payload> read_result(std::string_view body) {
    result_payload out;
    CXB_TRY(auto const document, wire::parse_json(body, limits::results_body));
    CXB_TRY(auto const value, cr::parse_call_results(body, {.max_bytes = limits::results_body,
                                                            .warnings = &out.warnings}));
    out.hash = hash_of(document);
    derive_members(value, out);
    return out;
}

result_payload payload_of(cr::call_results const& value) {
    result_payload out;
    auto clean = value;
    if (clean.pipeline_config)
        clean.pipeline_config = cr::redact_pipeline_config(*clean.pipeline_config);
    out.hash = hash_of(wire::to_object(clean));
    derive_members(clean, out);
    return out;
}

}  // namespace domain
}  // namespace cxb::inline v1
