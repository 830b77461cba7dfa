#include "cxb/contract/runtime_config/config_outcome.hpp"

#include <gtest/gtest.h>

namespace cxb::contract::runtime_config {
namespace {

TEST(ConfigOutcome, EveryRowOfTheTable) {
    struct row {
        int status;
        char const* detail;
        config_outcome outcome;
        char const* word;
    };
    row const rows[] = {
        {200, "", config_outcome::ok, nullptr},
        {403, "Invalid core secret", config_outcome::refused, "error"},
        {404, "Bot not found", config_outcome::bot_not_found, "error"},
        {409, "session_completed", config_outcome::session_completed, nullptr},
        {409, "other", config_outcome::unavailable, "error"},
        {503, "outside_active_hours: x is closed", config_outcome::outside_hours, "outside_hours"},
        {503, "bot_inactive: x", config_outcome::bot_inactive, "error"},
        {503, "bot_incomplete: stt", config_outcome::bot_incomplete, "error"},
        {503, "crm_prefetch_failed: timeout", config_outcome::prefetch_refused, "error"},
        {503, "store_unavailable", config_outcome::unavailable, "error"},
        {408, "", config_outcome::unavailable, "error"},
        {429, "", config_outcome::unavailable, "error"},
        {500, "", config_outcome::unavailable, "error"}};
    for (auto const& [status, detail, outcome, word] : rows) {
        EXPECT_EQ(outcome_of(status, detail), outcome) << status << detail;
        auto const said = disconnect_word(outcome, transport_kind::attach);
        EXPECT_EQ(said.has_value(), word != nullptr);
        if (word != nullptr) EXPECT_EQ(*said, word);
    }
    EXPECT_EQ(disconnect_word(config_outcome::outside_hours, transport_kind::widget), "error");
}

TEST(ConfigOutcome, ResultsUrl) {
    EXPECT_EQ(results_url("http://a/api/v1/config/"), "http://a/api/v1/call-results");
    EXPECT_EQ(results_url("http://a/api/v1/config"), "http://a/api/v1/call-results");
    EXPECT_EQ(results_url("http://a/api/v1"), "http://a/api/v1/call-results");
    EXPECT_EQ(results_url("http://a/config/config//"), "http://a/config/call-results");
}

}  // namespace
}  // namespace cxb::contract::runtime_config
