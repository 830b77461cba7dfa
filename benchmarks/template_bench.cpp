// Texts with variables: compiled once and rendered for every call, and used a single time, beside
// a loop that only appends the pieces of the same output.
// Names: template/<operation>/<variant>/<size>; report.py makes the ratios.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "benchmarks/support/contract_cases.hpp"
#include "cxb/domain/template_text.hpp"

namespace cxb::bench {
namespace {

constexpr auto when_unresolved = domain::unresolved_policy::literal;

// A text with what its tokens stand for, and its output in pieces.
struct template_case {
    std::string text;
    std::vector<std::string> pieces;
    wire::json_object call;
    wire::json_object crm;
    wire::json_object system;

    void say(std::string_view literal) {
        text += literal;
        pieces.emplace_back(literal);
    }
    void token(std::string_view name, std::string_view written) {
        text.append("{{").append(name).append("}}");
        pieces.emplace_back(written);
    }
    [[nodiscard]] domain::template_variables variables() const {
        return {.call = &call, .crm = &crm, .system = &system};
    }
    [[nodiscard]] std::string appended() const {
        std::string out;
        out.reserve(text.size());
        for (auto const& piece : pieces)
            out.append(piece);
        return out;
    }
};

template_case greeting() {
    template_case made;
    made.crm["NAME"] = "Asha";
    made.system["bot_name"] = "Ravi";
    made.call["amount"] = 4200;
    made.say("Hello ");
    made.token("NAME", "Asha");
    made.say(", this is ");
    made.token("system.bot_name", "Ravi");
    made.say(" calling about ");
    made.token("call.amount", "4200");
    made.say(" rupees.");
    return made;
}

// Texts and numbers from each namespace in turn, found by their key, through nesting and flat.
void add_variable(template_case& made, int index) {
    auto const key = "key_" + std::to_string(10 + index);
    auto const word = "Ravi Shankar " + std::to_string(index);
    switch (index % 4) {
        case 0:
            made.crm[key] = word;
            return made.token("crm." + key, word);
        case 1:
            made.call[key] = 4200 + index;
            return made.token("call." + key, std::to_string(4200 + index));
        case 2:
            made.system[key] = wire::json_object{{"city", word}};
            return made.token("system." + key + ".city", word);
        default:
            made.crm[key] = word;
            return made.token(key, word);
    }
}

template_case prompt() {
    constexpr std::size_t bytes = 2048;
    constexpr int variables = 20;
    template_case made;
    for (int i = 0; i < variables; ++i) {
        made.say("Your premium was due on the fifth of this month; what we know about it is: ");
        add_variable(made, i);
        made.say(".\n");
    }
    made.say(std::string(bytes - made.text.size(), '.'));
    return made;
}

void check(template_case const& made) {
    require(
        domain::render_template(made.text, made.variables(), when_unresolved) == made.appended(),
        "the yardstick writes another text");
}

void render(benchmark::State& state, template_case const& made) {
    check(made);
    domain::compiled_template const compiled{made.text};
    auto const variables = made.variables();
    measure(state, made.text.size(), [&] {
        auto const out = compiled.render(variables, when_unresolved);
        benchmark::DoNotOptimize(out.data());
    });
}

void render_once(benchmark::State& state, template_case const& made) {
    check(made);
    auto const variables = made.variables();
    measure(state, made.text.size(), [&] {
        auto const out = domain::render_template(made.text, variables, when_unresolved);
        benchmark::DoNotOptimize(out.data());
    });
}

void append(benchmark::State& state, template_case const& made) {
    measure(state, made.text.size(), [&] {
        auto const out = made.appended();
        benchmark::DoNotOptimize(out.data());
    });
}

struct template_row {
    char const* name;
    void (*run)(benchmark::State&, template_case const&);
};

constexpr template_row rows[] = {
    {"template/render/cxb", &render},
    {"template/render/append", &append},
    {"template/render_once/cxb", &render_once},
    {"template/render_once/append", &append},
};

void add(template_row const& row, char const* size, template_case (*make)()) {
    benchmark::RegisterBenchmark((std::string(row.name) + '/' + size).c_str(),
                                 [&row, make](benchmark::State& state) { row.run(state, make()); })
        ->Unit(benchmark::kMicrosecond);
}

[[maybe_unused]] bool const registered = [] {
    for (auto const& row : rows) {
        add(row, "short", &greeting);
        add(row, "2k", &prompt);
    }
    return true;
}();

}  // namespace
}  // namespace cxb::bench
