#pragma once
/// @file
/// A bot's conversation policy: the building blocks from which the control plane makes its prompt
/// (spec 20 §7). Bots store it; the runtime config carries it on for information only, because
/// `system_prompt` is already built from it (spec 10 §3.6).
///
/// | field        | type           | absent means  | bounds                                     |
/// |--------------|----------------|---------------|--------------------------------------------|
/// | enabled      | bool           | true          | false: the bot's plain prompt              |
/// | type         | `policy_type`  | plain prompt  | open word; an unknown one: plain prompt    |
/// | language     | `policy_language` | `hi-en`    | `hi`, `en`, `hi-en`                        |
/// | persona      | object         | no names      | each 0–120 bytes, templates                |
/// | fields       | object         | candidates    | per field 0–20 names of 1–128 bytes        |
/// | goal         | template       | of the type   | 0–4000 bytes                               |
/// | rules        | templates      | none          | 0–50 of 1–2000 bytes                       |
/// | scenarios    | list           | built-in ones | 0–50, `id` unique                          |
/// | dispositions | templates      | of scenarios  | 0–60 of 1–120 bytes                        |
///
/// A bot's policy as compact JSON holds at most `limits::policy_json` bytes, which the bot checks.
/// Written by admins, read by `domain/policy_prompt.hpp`.
/// Errors of `wire::read<conversation_policy>`: `malformed`, `invalid` with all faults.
/// Ownership: plain values. Thread-safety: const access from any thread.

#include <optional>
#include <string>
#include <vector>

#include "cxb/base/open_enum.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::runtime_config {

/// What the call is about; decides candidates, built-in scenarios and the default goal.
enum class policy_type {
    collection_recovery,
    collection_early_dpd,
    collection_pre_due,
    insurance_renewal_motor,
};

/// What the bot speaks: Hindi, English, or Hindi mixed with English.
enum class policy_language { hi_en, hi, en };

}  // namespace contract::runtime_config

template <>
struct enum_words<contract::runtime_config::policy_type> {
    using e = contract::runtime_config::policy_type;
    static constexpr std::pair<e, std::string_view> words[] = {
        {e::collection_recovery, "collection_recovery"},
        {e::collection_early_dpd, "collection_early_dpd"},
        {e::collection_pre_due, "collection_pre_due"},
        {e::insurance_renewal_motor, "insurance_renewal_motor"}};
};

template <>
struct enum_words<contract::runtime_config::policy_language> {
    using e = contract::runtime_config::policy_language;
    static constexpr std::pair<e, std::string_view> words[] = {
        {e::hi_en, "hi-en"}, {e::hi, "hi"}, {e::en, "en"}};
};

namespace contract::runtime_config {

/// Whom the bot plays. Both are templates; an empty one is not spoken of.
struct policy_persona {
    std::string agent_name;
    std::string company_name;
    friend bool operator==(policy_persona const&, policy_persona const&) = default;
};

/// Where facts about the customer stand: names of variables, asked in this order and before the
/// built-in candidates. `customer_name` (also written `name`) serves both languages, after the one
/// of the language itself.
struct policy_fields {
    std::vector<std::string> customer_name;
    std::vector<std::string> customer_name_hi;
    std::vector<std::string> customer_name_en;
    std::vector<std::string> amount;
    std::vector<std::string> date;
    std::vector<std::string> days;
    std::vector<std::string> account;
    friend bool operator==(policy_fields const&, policy_fields const&) = default;
};

/// What to do in one situation. One with the id of a built-in scenario takes that one's place.
struct policy_scenario {
    std::string id;                          ///< `[A-Za-z0-9_-]{1,64}`
    std::string label;                       ///< template, 0–120 bytes; "": the id is shown
    bool enabled = true;                     ///< false: never shown, whatever `always` says
    bool always = false;                     ///< shown whatever `flag` says
    std::optional<std::string> flag;         ///< variable that must say yes, 1–128 bytes
    std::string instruction;                 ///< template, 0–4000 bytes; required unless disabled
    std::optional<std::string> say_hi;       ///< template, 0–2000 bytes
    std::optional<std::string> say_en;       ///< template, 0–2000 bytes
    std::optional<std::string> disposition;  ///< template, 0–120 bytes
    friend bool operator==(policy_scenario const&, policy_scenario const&) = default;
};

/// The whole policy, see the table above.
struct conversation_policy {
    bool enabled = true;
    std::optional<open_enum<policy_type>> type;
    policy_language language = policy_language::hi_en;
    policy_persona persona;
    policy_fields fields;
    std::optional<std::string> goal;
    std::vector<std::string> rules;
    std::vector<policy_scenario> scenarios;
    std::vector<std::string> dispositions;
    friend bool operator==(conversation_policy const&, conversation_policy const&) = default;
};

CXB_WIRE_DECLARE_PART(policy_persona);
CXB_WIRE_DECLARE_PART(policy_fields);
CXB_WIRE_DECLARE_PART(policy_scenario);
CXB_WIRE_DECLARE_PART(conversation_policy);

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
CXB_EXPORT_END
