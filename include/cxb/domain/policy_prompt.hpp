#pragma once
/// @file
/// From a conversation policy and the variables of a call to the bot's prompt (spec 20 §7).
///
/// | section              | lines                                                               |
/// |----------------------|---------------------------------------------------------------------|
/// | none                 | the bot's system_prompt                                             |
/// | `# Role`             | `You are {agent} calling for {company}. Speak Hindi.`               |
/// | `# Customer facts`   | `- name: {hi} / {en}`, `- amount: {raw} \| {hi} \| {en}`, date, days |
/// |                      | `- account: {account}`                                              |
/// | `# Goal`             | that of the policy, else that of the type                           |
/// | `# Rules`            | `1. {rule}`                                                         |
/// | `# Situations`       | `- {label or id}: {instruction}`, below it `  Hindi: {say_hi}`,     |
/// |                      | `  English: {say_en}`                                               |
/// | `# Dispositions`     | those of the policy, else of the scenarios shown: `A, B`            |
///
/// Sections are joined by one empty line, empty ones left out. All texts of bot and policy are
/// templates, blanks around what they become are dropped; in them the facts
/// (`domain/policy_facts.hpp`) are also there as `policy.*`. The languages `hi` and `en` leave the
/// columns and sentences of the other one out.
/// Ownership: `policy_prompt` keeps its own texts; variables are borrowed while it renders.
/// Failures: none. Thread-safety: const use from any thread.

#include <optional>
#include <string>
#include <vector>

#include "cxb/contract/runtime_config/conversation_policy.hpp"
#include "cxb/domain/policy_facts.hpp"
#include "cxb/domain/template_text.hpp"
#include "cxb/domain/time_zone.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// The type of a policy that makes the prompt; empty: the bot's plain prompt is used (no policy,
/// `enabled:false`, type missing or unknown).
[[nodiscard]] std::optional<contract::runtime_config::policy_type> active_policy_type(
    std::optional<contract::runtime_config::conversation_policy> const& policy) noexcept;

/// The prompt of a policy with its texts read once, to be rendered for every call.
class policy_prompt {
  public:
    policy_prompt(contract::runtime_config::policy_type type,
                  contract::runtime_config::conversation_policy const& policy,
                  std::string system_prompt);

    /// `variables.policy` is ignored. Tokens without a value stay and are told in `unresolved`.
    [[nodiscard]] std::string render(template_variables variables, time_point now,
                                     time_zone const& zone,
                                     unresolved_list* unresolved = nullptr) const;

  private:
    struct rendering;
    /// A scenario that may be shown.
    struct situation {
        contract::runtime_config::policy_scenario rule;
        compiled_template label;
        compiled_template instruction;
        compiled_template say_hi;
        compiled_template say_en;
        compiled_template disposition;
    };
    contract::runtime_config::policy_type type_;
    contract::runtime_config::policy_language language_;
    contract::runtime_config::policy_fields fields_;
    compiled_template system_prompt_;
    compiled_template agent_name_;
    compiled_template company_name_;
    compiled_template goal_;
    std::vector<compiled_template> rules_;
    std::vector<situation> situations_;
    std::vector<compiled_template> dispositions_;
};

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
