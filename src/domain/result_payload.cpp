#include "cxb/domain/result_payload.hpp"

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>

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

/// Where a payload's members live: made once, given up together. A DOM takes about four times its
/// text; what is not used is never touched.
boost::json::storage_ptr arena_for(std::size_t bytes) {
    return boost::json::make_shared_resource<boost::json::monotonic_resource>(4 * bytes + 1024);
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
    if (!value.result_id) out.members.stable_erase("result_seq");
    if (value.transcript) out.members["has_customer_message"] = cr::has_customer_message(value);
    derive_cache_summary(value, out);
    derive_disposition(out.members);
}

}  // namespace

result<posted_result> read_posted(std::string_view body) {
    posted_result out;
    std::string canonical;
    canonical.reserve(std::min(body.size(), limits::results_body));
    CXB_TRY(out.value, cr::parse_call_results(body, {.max_bytes = limits::results_body,
                                                     .warnings = &out.warnings,
                                                     .canonical = &canonical}));
    out.hash = sha256_hex(canonical);
    out.bytes = body.size();
    return out;
}

result_payload make_payload(posted_result const& posted) {
    result_payload out{.hash = posted.hash,
                       .members = wire::to_object(posted.value, arena_for(posted.bytes)),
                       .cleared = {},
                       .warnings = posted.warnings};
    derive_members(posted.value, out);
    return out;
}

result<result_payload> read_result(std::string_view body) {
    CXB_TRY(auto const posted, read_posted(body));
    return make_payload(posted);
}

result_payload payload_of(cr::call_results const& value) {
    auto clean = value;
    if (clean.pipeline_config)
        clean.pipeline_config = cr::redact_pipeline_config(*clean.pipeline_config);
    result_payload out;
    out.members = wire::to_object(clean);
    out.hash = sha256_hex(wire::to_canonical(out.members));
    derive_members(clean, out);
    return out;
}

}  // namespace domain
}  // namespace cxb::inline v1
