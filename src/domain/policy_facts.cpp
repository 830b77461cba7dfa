#include "cxb/domain/policy_facts.hpp"

#include <algorithm>
#include <span>

#include "cxb/domain/policy_scenarios.hpp"
#include "cxb/domain/spoken_amount.hpp"
#include "cxb/domain/spoken_date.hpp"
#include "cxb/wire/json.hpp"
#include "src/domain/one_line.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

namespace rc = contract::runtime_config;
using names = std::span<std::string_view const>;
using enum policy_family;

constexpr std::string_view nobody = "customer";
constexpr std::size_t spoken_account = 4;  // characters of a loan's number that are said

constexpr std::string_view hindi_names[] = {"CUSTOMERNAME_HI", "CUSTOMER_NAME_HI", "FIRSTNAME_HI",
                                            "NAME_HI"};
constexpr std::string_view english_names[] = {"FIRSTNAME", "FIRST_NAME", "CUSTOMERNAME",
                                              "CUSTOMER_NAME", "NAME"};
constexpr std::string_view due_amounts[] = {"AMOUNT_DUE", "TOTAL_DUE", "OVERDUE_AMOUNT",
                                            "EMI_AMOUNT", "AMOUNT"};
constexpr std::string_view premiums[] = {"PREMIUM_AMOUNT", "PREMIUM", "AMOUNT"};
constexpr std::string_view due_dates[] = {"DUE_DATE", "EMI_DUE_DATE", "DUEDATE"};
constexpr std::string_view expiry_dates[] = {"EXPIRY_DATE", "POLICY_EXPIRY_DATE"};
constexpr std::string_view days_past_due[] = {"DPD", "DAYS_PAST_DUE"};
constexpr std::string_view loans[] = {"LOAN_NUMBER", "LOAN_ACCOUNT_NUMBER", "ACCOUNT_NUMBER"};
constexpr std::string_view vehicles[] = {"VEHICLE_NUMBER", "REGISTRATION_NUMBER"};

struct candidate_row {
    rc::policy_type type;
    names amount;
    names date;
    names days;  // empty: counted from today to the date
    names account;
};
constexpr candidate_row candidates[] = {
    {rc::policy_type::collection_recovery, due_amounts, due_dates, days_past_due, loans},
    {rc::policy_type::collection_early_dpd, due_amounts, due_dates, days_past_due, loans},
    {rc::policy_type::collection_pre_due, due_amounts, due_dates, {}, loans},
    {rc::policy_type::insurance_renewal_motor, premiums, expiry_dates, {}, vehicles},
};

std::string scalar_text(wire::json_value const* value) {
    if (value == nullptr || value->is_object() || value->is_array()) return {};
    return one_line(value_as_text(*value));
}

template <class Names>
std::string first_of(Names const& wanted, template_variables const& variables) {
    for (auto const& name : wanted)
        if (auto text = policy_variable(name, variables); !text.empty()) return text;
    return {};
}

std::string find_fact(std::vector<std::string> const& own, names built_in,
                      template_variables const& variables) {
    auto text = first_of(own, variables);
    return text.empty() ? first_of(built_in, variables) : text;
}

spoken_text find_name(rc::policy_fields const& fields, template_variables const& variables) {
    auto const in = [&](std::vector<std::string> own, names built_in) {
        own.insert(own.end(), fields.customer_name.begin(), fields.customer_name.end());
        return find_fact(own, built_in, variables);
    };
    spoken_text out{in(fields.customer_name_hi, hindi_names),
                    in(fields.customer_name_en, english_names)};
    if (out.hi.empty()) out.hi = out.en.empty() ? std::string(nobody) : out.en;
    if (out.en.empty()) out.en = out.hi;
    return out;
}

bool is_negative(std::string_view number) {
    auto const digits = number.substr(std::min<std::size_t>(1, number.size()));
    return number.starts_with('-') && !digits.empty() &&
           std::ranges::all_of(digits, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

std::string last_characters(std::string_view text, std::size_t count) {
    std::string plain(text);
    std::erase_if(plain, [](char c) { return c == ' ' || c == '-' || c == '/'; });
    std::size_t at = plain.size();
    for (; at > 0 && count > 0; --count)
        while (--at > 0 && (static_cast<unsigned char>(plain[at]) & 0xC0U) == 0x80U) {
        }
    return plain.substr(at);
}

std::optional<spoken_fact> find_days(candidate_row const& row, rc::policy_fields const& fields,
                                     std::optional<local_day> day,
                                     template_variables const& variables, time_point now,
                                     time_zone const& zone) {
    auto raw = find_fact(fields.days, row.days, variables);
    if (raw.empty() && row.days.empty() && day) raw = std::to_string(days_until(*day, now, zone));
    if (raw.empty() || is_negative(raw)) return std::nullopt;
    auto words = spoken_days(raw);
    return spoken_fact{std::move(raw), std::move(words)};
}

}  // namespace

std::string policy_variable(std::string_view name, template_variables const& variables) {
    for (std::string_view const space : {"crm.", "call.", "system."})
        if (name.starts_with(space))
            if (auto text = scalar_text(find_variable(name, variables)); !text.empty()) return text;
    for (char const* space : {"crm.", "call.", "system."}) {
        auto text = scalar_text(find_variable(space + std::string(name), variables));
        if (!text.empty()) return text;
    }
    return {};
}

policy_facts find_policy_facts(rc::policy_type type, rc::policy_fields const& fields,
                               template_variables const& variables, time_point now,
                               time_zone const& zone) {
    auto const& row = *std::ranges::find(candidates, type, &candidate_row::type);
    policy_facts out;
    out.name = find_name(fields, variables);
    if (auto raw = find_fact(fields.amount, row.amount, variables); !raw.empty()) {
        auto words = spoken_amount(raw);
        out.amount = {std::move(raw), std::move(words)};
    }
    std::optional<local_day> day;
    if (auto raw = find_fact(fields.date, row.date, variables); !raw.empty()) {
        day = parse_spoken_date(raw, zone);
        auto words = spoken_date(raw, now, zone);
        out.date = {std::move(raw), std::move(words)};
    }
    out.days = find_days(row, fields, day, variables, now, zone);
    if (auto raw = find_fact(fields.account, row.account, variables); !raw.empty())
        out.account =
            family_of(type) == collection ? last_characters(raw, spoken_account) : std::move(raw);
    if (out.account && out.account->empty()) out.account.reset();
    return out;
}

wire::json_object policy_variables(policy_facts const& facts) {
    wire::json_object out{{"customer_name_hi", facts.name.hi}, {"customer_name_en", facts.name.en}};
    auto const add = [&](std::string const& name, std::optional<spoken_fact> const& fact) {
        if (!fact) return;
        out[name] = fact->raw;
        out[name + "_hi"] = fact->words.hi;
        out[name + "_en"] = fact->words.en;
    };
    add("amount", facts.amount);
    add("date", facts.date);
    add("days", facts.days);
    if (facts.account) out["account"] = *facts.account;
    return out;
}

}  // namespace domain
}  // namespace cxb::inline v1
