#include "cxb/domain/policy_scenarios.hpp"

#include <algorithm>
#include <string>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

namespace rc = contract::runtime_config;

constexpr builtin_scenario built_in[] = {
    {"wrong_person", "Say sorry once, reveal nothing about the account, end.", "WRONG_NUMBER", true,
     true},
    {"call_later", "Ask day and time, repeat them, end.", "CALLBACK", true, true},
    {"do_not_call", "Confirm that calls will stop, end.", "DO_NOT_CALL", true, true},
    {"already_paid", "Ask date, mode and reference, do not press.", "ALREADY_PAID", true, false},
    {"hardship", "Ask the reason, offer only options named in the rules.", "HARDSHIP", true, false},
    {"dispute", "Note what is disputed, do not argue.", "DISPUTE", true, false},
    {"promise", "Get one date and amount, repeat both.", "PTP", true, false},
    {"already_renewed", "Ask insurer and new expiry.", "RENEWED", false, true},
    {"vehicle_sold", "Note it, end.", "VEHICLE_SOLD", false, true},
    {"price", "Name the premium once, explain only facts in the rules.", "PRICE_OBJECTION", false,
     true},
};

constexpr std::string_view yes_words[] = {"1", "true", "yes", "y", "on", "haan"};

rc::policy_scenario made_of(builtin_scenario const& row) {
    rc::policy_scenario out;
    out.id = row.id;
    out.instruction = row.instruction;
    out.disposition = std::string(row.disposition);
    return out;
}

}  // namespace

policy_family family_of(rc::policy_type type) noexcept {
    return type == rc::policy_type::insurance_renewal_motor ? policy_family::insurance
                                                            : policy_family::collection;
}

std::span<builtin_scenario const> builtin_scenarios() noexcept {
    return built_in;
}

std::vector<rc::policy_scenario> scenarios_of(rc::policy_type type,
                                              std::span<rc::policy_scenario const> own) {
    bool const insurance = family_of(type) == policy_family::insurance;
    std::vector<rc::policy_scenario> out;
    for (auto const& row : built_in)
        if (insurance ? row.insurance : row.collection) out.push_back(made_of(row));
    for (auto const& each : own) {
        auto const same = std::ranges::find(out, each.id, &rc::policy_scenario::id);
        if (same != out.end())
            *same = each;
        else
            out.push_back(each);
    }
    return out;
}

bool says_yes(std::string_view text) noexcept {
    return std::ranges::any_of(yes_words,
                               [&](std::string_view word) { return iequals(trim(text), word); });
}

bool is_shown(rc::policy_scenario const& scenario, bool flag_says_yes) noexcept {
    if (!scenario.enabled) return false;
    return scenario.always || !scenario.flag || flag_says_yes;
}

}  // namespace domain
}  // namespace cxb::inline v1
