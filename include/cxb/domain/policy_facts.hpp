#pragma once
/// @file
/// What a conversation policy knows about the customer of a call, as it came and in words
/// (spec 20 §7).
///
/// Facts about the customer come from the first variable that is not empty: those named by the
/// policy's `fields`, then the candidates of the type.
/// | fact          | candidates (collection; insurance)                                         |
/// |---------------|----------------------------------------------------------------------------|
/// | name, Hindi   | CUSTOMERNAME_HI, CUSTOMER_NAME_HI, FIRSTNAME_HI, NAME_HI                   |
/// | name, English | FIRSTNAME, FIRST_NAME, CUSTOMERNAME, CUSTOMER_NAME, NAME                   |
/// | amount        | AMOUNT_DUE, TOTAL_DUE, OVERDUE_AMOUNT, EMI_AMOUNT, AMOUNT;                 |
/// |               | PREMIUM_AMOUNT, PREMIUM, AMOUNT                                            |
/// | date          | DUE_DATE, EMI_DUE_DATE, DUEDATE; EXPIRY_DATE, POLICY_EXPIRY_DATE           |
/// | days          | DPD, DAYS_PAST_DUE; counted to the date for pre_due and insurance          |
/// | account       | LOAN_NUMBER, LOAN_ACCOUNT_NUMBER, ACCOUNT_NUMBER (last 4 characters);      |
/// |               | VEHICLE_NUMBER, REGISTRATION_NUMBER                                        |
///
/// A name is looked up as it is written when it says its namespace (`crm.loan.amount`), then in
/// crm, call and system. Objects, lists, null and blank texts count as empty. Of values blanks
/// around are dropped and control characters become blanks, so that a value never makes a line of
/// the prompt. Negative days count as unknown.
///
/// A fact that is nowhere is unknown; a name that is nowhere is `customer`, a name known in one
/// language only serves both.
/// Failures: none. Ownership: values; variables are borrowed. Thread-safety: pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "cxb/contract/runtime_config/conversation_policy.hpp"
#include "cxb/domain/spoken_number.hpp"
#include "cxb/domain/template_text.hpp"
#include "cxb/domain/time_zone.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// A value as it came and in words.
struct spoken_fact {
    std::string raw;
    spoken_text words;
};

/// What is known about the customer of a call.
struct policy_facts {
    spoken_text name;  ///< `customer` when nothing is known
    std::optional<spoken_fact> amount;
    std::optional<spoken_fact> date;
    std::optional<spoken_fact> days;
    std::optional<std::string> account;
};

/// Text of the variable `name`, "" when it is empty or not there.
[[nodiscard]] std::string policy_variable(std::string_view name,
                                          template_variables const& variables);

[[nodiscard]] policy_facts find_policy_facts(contract::runtime_config::policy_type type,
                                             contract::runtime_config::policy_fields const& fields,
                                             template_variables const& variables, time_point now,
                                             time_zone const& zone);

/// The namespace policy: `customer_name_hi`, `customer_name_en`, and of known facts `amount`,
/// `amount_hi`, `amount_en`, the same of `date` and `days`, `account`.
[[nodiscard]] wire::json_object policy_variables(policy_facts const& facts);

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
