// Prompts of conversation policies and amounts in words, beside a loop that only appends the pieces
// of the same output.
// Names: <subject>/<operation>/<variant>/<size>; report.py makes the ratios.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/support/contract_cases.hpp"
#include "cxb/base/limits.hpp"
#include "cxb/domain/policy_prompt.hpp"
#include "cxb/domain/spoken_amount.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::bench {
namespace {

namespace rc = contract::runtime_config;

// The parts of `text` that end with `end`, and what is left.
std::vector<std::string> pieces_of(std::string_view text, char end) {
    std::vector<std::string> out;
    while (!text.empty()) {
        auto const size = std::min(text.find(end), text.size() - 1) + 1;
        out.emplace_back(text.substr(0, size));
        text.remove_prefix(size);
    }
    return out;
}

std::string joined(std::vector<std::string> const& pieces, std::size_t bytes) {
    std::string out;
    out.reserve(bytes);
    for (auto const& piece : pieces)
        out.append(piece);
    return out;
}

struct policy_case {
    rc::conversation_policy policy;
    std::string system_prompt;
    wire::json_object crm;
    time_point now = *parse_timestamp("2026-06-05T10:15:00Z");
    domain::time_zone zone = *domain::find_time_zone("Asia/Kolkata");

    [[nodiscard]] domain::policy_prompt compiled() const {
        return {*domain::active_policy_type(policy), policy, system_prompt};
    }
    [[nodiscard]] std::string render(domain::policy_prompt const& prompt) const {
        return prompt.render({.crm = &crm}, now, zone);
    }
};

policy_case example() {
    policy_case made;
    made.policy.type = rc::policy_type::collection_early_dpd;
    made.policy.language = rc::policy_language::en;
    made.policy.persona = {"Asha", "Acme Finance"};
    made.policy.rules = {"Never threaten."};
    for (char const* id : {"call_later", "do_not_call", "hardship", "dispute", "promise"}) {
        auto& scenario = made.policy.scenarios.emplace_back();
        scenario.id = id;
        scenario.enabled = false;
    }
    made.system_prompt = "Be brief.";
    made.crm = {{"FIRSTNAME", "Ravi"}, {"AMOUNT_DUE", "1500"}, {"DPD", "12"}};
    return made;
}

policy_case full() {
    policy_case made;
    made.policy.type = rc::policy_type::insurance_renewal_motor;
    made.policy.persona = {"Asha", "Acme Insurance"};
    made.policy.goal = "Renew the policy of {{policy.account}} before {{policy.date_en}}.";
    for (std::size_t i = 0; i < limits::policy_rules; ++i)
        made.policy.rules.push_back("Name the premium of {{policy.amount_en}} only when asked.");
    for (std::size_t i = 0; i < limits::policy_scenarios; ++i) {
        auto& scenario = made.policy.scenarios.emplace_back();
        scenario.id = "situation_" + std::to_string(i);
        scenario.instruction = "Listen, thank {{policy.customer_name_en}} and go on.";
        scenario.say_hi = "जी {{policy.customer_name_hi}}, मैं समझती हूँ।";
        scenario.say_en = "I understand, {{policy.customer_name_en}}.";
        scenario.disposition = "OUTCOME_" + std::to_string(i);
    }
    made.system_prompt = "You speak with customers of a motor insurance. Be brief.";
    made.crm = {{"NAME", "Ravi"},
                {"NAME_HI", "रवि"},
                {"PREMIUM", "₹1,23,456.75"},
                {"EXPIRY_DATE", "2026-06-17"},
                {"VEHICLE_NUMBER", "MH12AB1234"}};
    return made;
}

void prompt(benchmark::State& state, policy_case const& made) {
    auto const compiled = made.compiled();
    auto const bytes = made.render(compiled).size();
    measure(state, bytes, [&] {
        auto const out = made.render(compiled);
        benchmark::DoNotOptimize(out.data());
    });
}

void append_prompt(benchmark::State& state, policy_case const& made) {
    auto const wanted = made.render(made.compiled());
    auto const pieces = pieces_of(wanted, '\n');
    require(joined(pieces, wanted.size()) == wanted, "the yardstick writes another text");
    measure(state, wanted.size(), [&] {
        auto const out = joined(pieces, wanted.size());
        benchmark::DoNotOptimize(out.data());
    });
}

void amount(benchmark::State& state, std::string_view text) {
    require(domain::parse_amount(text).has_value(), "no amount");
    auto const words = domain::spoken_amount(text);
    measure(state, words.hi.size() + words.en.size(), [&] {
        auto const out = domain::spoken_amount(text);
        benchmark::DoNotOptimize(out.hi.data());
        benchmark::DoNotOptimize(out.en.data());
    });
}

void append_amount(benchmark::State& state, std::string_view text) {
    auto const words = domain::spoken_amount(text);
    auto const hindi = pieces_of(words.hi, ' ');
    auto const english = pieces_of(words.en, ' ');
    require(joined(hindi, 0) == words.hi && joined(english, 0) == words.en,
            "the yardstick writes another text");
    measure(state, words.hi.size() + words.en.size(), [&] {
        auto const hi = joined(hindi, words.hi.size());
        auto const en = joined(english, words.en.size());
        benchmark::DoNotOptimize(hi.data());
        benchmark::DoNotOptimize(en.data());
    });
}

struct prompt_row {
    char const* name;
    void (*run)(benchmark::State&, policy_case const&);
    policy_case (*make)();
};
constexpr prompt_row prompts[] = {
    {"policy/prompt/cxb/example", &prompt, &example},
    {"policy/prompt/append/example", &append_prompt, &example},
    {"policy/prompt/cxb/full", &prompt, &full},
    {"policy/prompt/append/full", &append_prompt, &full},
};

struct amount_row {
    char const* name;
    void (*run)(benchmark::State&, std::string_view);
    std::string_view text;
};
constexpr amount_row amounts[] = {
    {"spoken/amount/cxb/short", &amount, "1500"},
    {"spoken/amount/append/short", &append_amount, "1500"},
    {"spoken/amount/cxb/long", &amount, "₹ 98,76,543,21,234.56 /-"},
    {"spoken/amount/append/long", &append_amount, "₹ 98,76,543,21,234.56 /-"},
};

[[maybe_unused]] bool const registered = [] {
    for (auto const& row : prompts)
        benchmark::RegisterBenchmark(row.name, [&row](benchmark::State& state) {
            row.run(state, row.make());
        })->Unit(benchmark::kMicrosecond);
    for (auto const& row : amounts)
        benchmark::RegisterBenchmark(row.name, [&row](benchmark::State& state) {
            row.run(state, row.text);
        })->Unit(benchmark::kMicrosecond);
    return true;
}();

}  // namespace
}  // namespace cxb::bench
