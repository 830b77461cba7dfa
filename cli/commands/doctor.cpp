#include "cli/commands/doctor_checks.hpp"

#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

std::string_view word_of(verdict judged) {
    switch (judged) {
        case verdict::good:
            return "ok";
        case verdict::warning:
            return "warn";
        case verdict::bad:
            return "FAIL";
        case verdict::skipped:
            return "skip";
    }
    return "";
}

result<exit_code> run(command_context& context) {
    auto const found = examine(context);
    wire::json_array rows;
    std::vector<std::vector<std::string>> cells;
    std::string advice;
    bool sound = true;
    for (auto const& one : found) {
        sound = sound && one.judged != verdict::bad;
        std::string const word(word_of(one.judged));
        rows.push_back(wire::json_object{{"check", one.name},
                                         {"state", one.judged == verdict::bad ? "fail" : word},
                                         {"detail", one.detail},
                                         {"advice", one.advice}});
        cells.push_back({word, one.name, one.detail});
        if (!one.advice.empty()) advice += "- " + one.name + ": " + one.advice + "\n";
    }
    std::string text = format_table({"STATE", "CHECK", "FOUND"}, cells);
    if (!advice.empty()) text += "\nWhat to do\n" + advice;
    context.print(wire::json_object{{"ok", sound}, {"url", context.url()}, {"checks", rows}}, text);
    return sound ? exit_code::done : exit_code::failed;
}

}  // namespace

command const doctor{"doctor",
                     "",
                     "Check the whole installation and say what to fix; exit 1 if "
                     "something fails",
                     "cxb doctor --url https://api.example.com",
                     {},
                     &run};

}  // namespace cxb::cli
