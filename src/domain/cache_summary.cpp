#include "cxb/domain/cache_summary.hpp"

#include <algorithm>
#include <limits>

namespace cxb::inline v1 {
namespace domain {
namespace {

namespace cr = contract::call_results;

using count = std::optional<std::int64_t>;

/// Counts come from a peer: a sum stays at the end of the range rather than wrap. Both ≥ 0.
std::int64_t sum(std::int64_t a, std::int64_t b) {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    return a > most - b ? most : a + b;
}

void add(std::int64_t& total, count const& value) {
    total = sum(total, std::max<std::int64_t>(0, value.value_or(0)));
}

std::int64_t fresh_tokens(cr::usage_entry const& entry) {
    if (entry.fresh_prompt_tokens) return *entry.fresh_prompt_tokens;
    std::int64_t cached = 0;
    add(cached, entry.cache_read_input_tokens);
    add(cached, entry.cache_creation_input_tokens);
    auto const prompt = std::max<std::int64_t>(0, entry.prompt_tokens.value_or(0));
    return std::max<std::int64_t>(0, prompt - cached);
}

}  // namespace

std::optional<cr::cache_summary> cache_summary(std::span<cr::usage_entry const> usage) {
    std::optional<cr::cache_summary> out;
    for (auto const& entry : usage) {
        if (!entry.kind.is(cr::usage_kind::post_call) && !entry.kind.is(cr::usage_kind::qc))
            continue;
        if (!out) out.emplace();
        add(out->cache_read_input_tokens, entry.cache_read_input_tokens);
        add(out->cache_creation_input_tokens, entry.cache_creation_input_tokens);
        add(out->completion_tokens, entry.completion_tokens);
        add(out->fresh_prompt_tokens, fresh_tokens(entry));
        bool const used = entry.cache_status && !entry.cache_status->is(cr::cache_status::disabled);
        out->enabled = out->enabled || used || entry.cache_enabled.value_or(false);
        if (entry.cache_status) out->statuses.push_back(entry.cache_status->text());
    }
    if (out) out->worked = out->cache_read_input_tokens > 0;
    return out;
}

}  // namespace domain
}  // namespace cxb::inline v1
