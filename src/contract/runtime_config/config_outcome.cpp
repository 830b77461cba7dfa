#include "cxb/contract/runtime_config/config_outcome.hpp"

namespace cxb::inline v1 {
namespace contract::runtime_config {
namespace {

struct detail_row {
    std::string_view prefix;
    config_outcome outcome;
};
constexpr detail_row details_of_503[] = {
    {"outside_active_hours:", config_outcome::outside_hours},
    {"bot_inactive:", config_outcome::bot_inactive},
    {"bot_incomplete:", config_outcome::bot_incomplete},
    {"crm_prefetch_failed:", config_outcome::prefetch_refused},
};

}  // namespace

config_outcome outcome_of(int status, std::string_view detail) noexcept {
    if (status == 200) return config_outcome::ok;
    if (status == 403) return config_outcome::refused;
    if (status == 404) return config_outcome::bot_not_found;
    if (status == 409 && detail.starts_with("session_completed"))
        return config_outcome::session_completed;
    if (status == 503) {
        for (auto const& row : details_of_503)
            if (detail.starts_with(row.prefix)) return row.outcome;
    }
    return config_outcome::unavailable;
}

std::optional<std::string_view> disconnect_word(config_outcome outcome,
                                                transport_kind transport) noexcept {
    if (outcome == config_outcome::ok || outcome == config_outcome::session_completed)
        return std::nullopt;
    if (outcome == config_outcome::outside_hours && transport != transport_kind::widget)
        return "outside_hours";
    return "error";
}

std::string results_url(std::string_view config_url) {
    constexpr std::string_view last = "/config";
    while (config_url.ends_with('/'))
        config_url.remove_suffix(1);
    if (config_url.ends_with(last)) config_url.remove_suffix(last.size());
    return std::string(config_url) + "/call-results";
}

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
