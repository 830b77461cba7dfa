#include "cli/app/wrong_usage.hpp"

#include <algorithm>
#include <numeric>

#include "cli/app/exit_code.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::cli {
namespace {

// Changes of one character that lead from one word to the other.
std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < to.size(); ++j) {
            std::size_t const changed = diagonal + (from[i] == to[j] ? 0U : 1U);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

// One of `known` that a slip of the hand makes `word` of, else "".
std::string meant(std::string const& word, std::vector<std::string> const& known) {
    std::size_t best = word.size() > 6 ? 3 : 2;
    std::string out;
    for (auto const& one : known) {
        auto const far = distance(word, one);
        if (far < best || (far == best && out.empty() && one.starts_with(word))) {
            best = far;
            out = one;
        }
    }
    if (!out.empty()) return out;
    auto const longer = std::find_if(known.begin(), known.end(), [&](std::string const& one) {
        return word.size() > 1 && one.starts_with(word);
    });
    return longer == known.end() ? std::string() : *longer;
}

std::string path_of(CLI::App const& app) {
    auto const* parent = app.get_parent();
    return parent == nullptr ? app.get_name() : path_of(*parent) + " " + app.get_name();
}

std::vector<std::string> commands_of(CLI::App const& app) {
    std::vector<std::string> out;
    for (auto const* sub : app.get_subcommands({}))
        out.push_back(sub->get_name());
    return out;
}

std::vector<std::string> options_of(CLI::App const& app) {
    std::vector<std::string> out;
    for (auto const* at = &app; at != nullptr; at = at->get_parent())
        for (auto const* option : at->get_options({}))
            for (auto const& name : option->get_lnames())
                out.push_back("--" + name);
    return out;
}

// The first word that belongs to nothing; CLI11 puts options behind other words.
std::string stray_word(CLI::App const& app, bool option) {
    for (auto const& word : app.remaining(true))
        if (word.starts_with('-') == option) return word;
    return {};
}

std::string with_guess(std::string const& text, std::string const& guess) {
    return guess.empty() ? text : text + "; did you mean " + guess + "?";
}

std::string told(CLI::App const& app, CLI::App const& named, CLI::ParseError const& fault) {
    auto const option = stray_word(app, true);
    auto const word = stray_word(app, false);
    bool const wants_command = !commands_of(named).empty();
    if (wants_command && !word.empty())
        return with_guess("'" + word + "' is no command of " + path_of(named),
                          meant(word, commands_of(named)));
    if (!option.empty()) {
        auto const name = option.substr(0, option.find('='));
        return with_guess("'" + name + "' is no option of " + path_of(named),
                          meant(name, options_of(named)));
    }
    if (!word.empty()) return "'" + word + "' is one word too many for " + path_of(named);
    return wants_command ? path_of(named) + " wants a command" : fault.what();
}

CLI::App const& named_so_far(CLI::App const& app) {
    auto const deeper = app.get_subcommands();
    return deeper.empty() ? app : named_so_far(*deeper.front());
}

}  // namespace

std::string help_on_unfinished(CLI::App const& app) {
    auto const& named = named_so_far(app);
    if (app.remaining_size(true) != 0 || commands_of(named).empty()) return {};
    return named.help(named.get_parent() == nullptr ? "" : path_of(*named.get_parent()));
}

error wrong_usage(CLI::App const& app, CLI::ParseError const& fault) {
    auto const& named = named_so_far(app);
    return usage_error(told(app, named, fault))
        .with_member("advice",
                     wire::to_text(wire::json_value("See: " + path_of(named) + " --help")));
}

}  // namespace cxb::cli
