#include "cli/app/run.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <iostream>

#include "cli/app/wrong_usage.hpp"
#include "cxb/version.hpp"

namespace cxb::cli {
namespace {

constexpr char const* footer =
    "Access: CXB_TOKEN, CXB_API_KEY, or cxb login. Worker routes: CXB_CORE_SECRET or its _FILE.\n"
    "Exit codes: 0 done, 1 refused or failed, 2 wrong usage or cannot run,\n"
    "3 not signed in or not allowed, 4 not found, 5 unreachable or timed out.\n"
    "Begin: cxb login --email YOU, then cxb doctor. Help of each: cxb bots --help, cxb help bots "
    "list\n"
    "Example: cxb --json bots list";

// Where CLI11 puts what it read for one command.
struct binding {
    command const* row = nullptr;
    CLI::App* app = nullptr;
    std::deque<std::vector<std::string>> values;
    std::vector<CLI::Option*> options;
};

// A list keeps all it is given; anything else takes exactly one word, so that the next argument
// gets the next word.
CLI::Option* add_valued(CLI::App& app, parameter const& one, std::vector<std::string>& values) {
    std::string const name(one.name);
    std::string const help(one.help);
    if (one.many) return app.add_option(name, values, help);
    if (one.kind == parameter_kind::list)
        return app.add_option(name, values, help)->allow_extra_args(false);
    return app.add_option_function<std::string>(
        name, [&values](std::string const& given) { values = {given}; }, help);
}

bool takes_json(command const& row) {
    return std::any_of(row.parameters.begin(), row.parameters.end(), [](parameter const& one) {
        return one.name == "FILE" && one.help.starts_with("JSON of");
    });
}

void bind(binding& into, CLI::App& app, command const& row) {
    into.row = &row;
    into.app = &app;
    app.fallthrough();
    std::string const where = takes_json(row) ? "Which members there are: /docs of cxb-api.\n" : "";
    app.footer(where + "Example: " + std::string(row.example));
    for (auto const& one : row.parameters) {
        auto& values = into.values.emplace_back();
        std::string const name(one.name);
        CLI::Option* option = nullptr;
        if (one.kind == parameter_kind::flag) {
            option = app.add_flag(name)->description(std::string(one.help));
        } else {
            option = add_valued(app, one, values);
            if (one.required) option->required();
        }
        into.options.push_back(option);
    }
}

arguments read_arguments(binding const& from) {
    arguments out;
    for (std::size_t i = 0; i < from.options.size(); ++i)
        if (from.options[i]->count() > 0)
            out.set(std::string(from.row->parameters[i].name), from.values[i]);
    return out;
}

std::string base_url(std::string const& given, surroundings const& around) {
    if (!given.empty()) return given;
    std::string const set = around.environment("CXB_URL");
    return set.empty() ? "http://127.0.0.1:8080" : set;
}

int run_command(command const& row, arguments given, global_options global,
                surroundings const& around) {
    command_context context(around, std::move(global), std::move(given));
    auto done = row.run(context);
    // Who reads has half of it at most, and a script must not take that for the whole.
    if (done && *done == exit_code::done && !context.out().flush())
        done = error{errc::internal, "Cannot write to standard output"};
    if (done) return static_cast<int>(*done);
    print_error(context, done.error());
    return static_cast<int>(exit_code_of(done.error()));
}

std::string_view noun_summary(std::string_view noun) {
    constexpr std::pair<std::string_view, std::string_view> texts[] = {
        {"users", "People who sign in"},
        {"audit", "Who changed what, and whether the trail is whole"},
        {"bots", "Bots: make, change, compare, try, copy"},
        {"keys", "API keys for CRMs"},
        {"fleet", "Hosts that run calls"},
        {"settings", "System settings: show, set, test"},
        {"calls", "Calls and what happened in them"},
        {"config", "Runtime config of a bot"},
        {"results", "Call results"},
        {"carriers", "Carriers: how calls get to and from telephone networks"},
        {"dids", "Numbers of carriers"},
        {"exotel", "Exotel: account, numbers, test calls"},
        {"sip", "What SIP edges ask"},
        {"events", "What happens, as it happens"},
        {"analytics", "Counts over calls"},
        {"ops", "How the installation does: loops, jobs, dead letters"},
        {"webhooks", "Endpoints that are told of calls"},
        {"contract", "Documents of the wire contracts"},
        {"conformance", "Does an implementation keep the contracts? Any, in any language"},
        {"outbox", "Results of a worker on this machine that are not delivered"}};
    for (auto const& [name, text] : texts)
        if (name == noun) return text;
    return {};
}

void bind_all(CLI::App& app, std::deque<binding>& bound) {
    std::map<std::string_view, CLI::App*> nouns;
    for (command const* row : all_commands()) {
        CLI::App* parent = &app;
        std::string_view name = row->noun;
        if (!row->verb.empty()) {
            auto& noun = nouns[row->noun];
            if (noun == nullptr) {
                noun = app.add_subcommand(std::string(row->noun),
                                          std::string(noun_summary(row->noun)));
                noun->require_subcommand(1);
                noun->fallthrough();
            }
            parent = noun;
            name = row->verb;
        }
        auto* const sub = parent->add_subcommand(std::string(name), std::string(row->summary));
        bind(bound.emplace_back(), *sub, *row);
    }
}

// `cxb help bots list` asks what `cxb bots list --help` does.
void take_help_word(std::vector<std::string>& arguments) {
    if (arguments.empty() || arguments.front() != "help") return;
    arguments.erase(arguments.begin());
    arguments.emplace_back("--help");
}

// Help and version are thrown as well, as what they are: no failure.
int parse_ended(CLI::App const& app, CLI::ParseError const& fault, global_options global,
                surroundings const& around) {
    if (fault.get_exit_code() == 0) return app.exit(fault, *around.out, *around.err);
    command_context const context(around, std::move(global), {});
    if (auto const help = help_on_unfinished(app); !context.json() && !help.empty())
        *around.err << help << '\n';
    print_error(context, wrong_usage(app, fault));
    return static_cast<int>(exit_code::usage);
}

}  // namespace

int run(std::vector<std::string> arguments, surroundings const& around) {
    CLI::App app{"CX Bridge command line", "cxb"};
    app.footer(footer);
    app.set_version_flag("--version", std::string(version_string));
    global_options global;
    app.add_option("--url", global.url, "Address of cxb-api (else CXB_URL)");
    app.add_flag("--json", global.json, "One JSON document on standard output");
    app.require_subcommand(1);
    std::deque<binding> bound;
    bind_all(app, bound);
    take_help_word(arguments);
    global.json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    std::reverse(arguments.begin(), arguments.end());
    try {
        app.parse(arguments);
    } catch (CLI::ParseError const& fault) {
        return parse_ended(app, fault, std::move(global), around);
    }
    global.url = base_url(global.url, around);
    for (auto const& one : bound)
        if (one.app->parsed()) return run_command(*one.row, read_arguments(one), global, around);
    return static_cast<int>(exit_code::usage);
}

}  // namespace cxb::cli
