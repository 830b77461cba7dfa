#include <iostream>
#include <map>

#include "cli/app/context.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"SHELL", "bash, zsh or fish", parameter_kind::argument, true}};

// What may follow each prefix of a command line: "" -> nouns, "bots" -> verbs, and options.
struct vocabulary {
    std::string nouns;
    std::map<std::string, std::string> verbs;
    std::map<std::string, std::string> options;  // by "noun" or "noun verb"
};

vocabulary collect() {
    vocabulary out;
    std::string last;
    for (command const* row : all_commands()) {
        std::string path(row->noun);
        if (path != last) out.nouns += (out.nouns.empty() ? "" : " ") + path;
        last = path;
        if (!row->verb.empty()) {
            auto& verbs = out.verbs[path];
            verbs += (verbs.empty() ? "" : " ") + std::string(row->verb);
            path += " " + std::string(row->verb);
        }
        std::string options = "--help --json --url";
        for (auto const& one : row->parameters)
            if (one.name.starts_with("--")) options += " " + std::string(one.name);
        out.options[path] = std::move(options);
    }
    return out;
}

std::string bash_script(vocabulary const& words) {
    std::string out =
        "# bash completion for cxb: source <(cxb completion bash)\n"
        "_cxb() {\n"
        "    local cur=\"${COMP_WORDS[COMP_CWORD]}\" path=\"\" word\n"
        "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
        "        case \"$word\" in -*) ;; *) path=\"${path:+$path }$word\" ;; esac\n"
        "    done\n"
        "    case \"$path\" in\n"
        "        \"\") COMPREPLY=($(compgen -W \"" +
        words.nouns + " --json --url --help --version\" -- \"$cur\")) ;;\n";
    for (auto const& [noun, verbs] : words.verbs)
        out.append("        \"")
            .append(noun)
            .append("\") COMPREPLY=($(compgen -W \"")
            .append(verbs)
            .append(" --help\" -- \"$cur\")) ;;\n");
    for (auto const& [path, options] : words.options)
        out.append("        \"")
            .append(path)
            .append("\"*) if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W \"")
            .append(options)
            .append("\" -- \"$cur\")); else COMPREPLY=($(compgen -f -- \"$cur\")); fi ;;\n");
    return out + "    esac\n}\ncomplete -F _cxb cxb\n";
}

std::string zsh_script(vocabulary const& words) {
    return "#compdef cxb\n# zsh completion for cxb: source <(cxb completion zsh)\n"
           "autoload -U +X bashcompinit && bashcompinit\n" +
           bash_script(words);
}

// Single quotes and backslashes are the only special characters in fish's single quotes.
std::string fish_quoted(std::string_view text) {
    std::string out = "'";
    for (char const c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

std::string fish_script(vocabulary const& words) {
    std::string out =
        "# fish completion for cxb: cxb completion fish | source\n"
        "complete -c cxb -l json -d 'One JSON document'\n"
        "complete -c cxb -l url -r -d 'Address of cxb-api'\n"
        "complete -c cxb -n __fish_use_subcommand -f -a " +
        fish_quoted(words.nouns) + "\n";
    for (command const* row : all_commands()) {
        std::string seen = "__fish_seen_subcommand_from " + std::string(row->noun);
        if (!row->verb.empty()) {
            out += "complete -c cxb -f -n '" + seen + "; and not __fish_seen_subcommand_from " +
                   words.verbs.at(std::string(row->noun)) + "' -a " + std::string(row->verb) +
                   " -d " + fish_quoted(row->summary) + "\n";
            seen += "; and __fish_seen_subcommand_from " + std::string(row->verb);
        }
        for (auto const& one : row->parameters)
            if (one.name.starts_with("--"))
                out += "complete -c cxb -n '" + seen + "' -l " + std::string(one.name.substr(2)) +
                       (one.kind == parameter_kind::flag ? "" : " -r") + " -d " +
                       fish_quoted(one.help) + "\n";
    }
    return out;
}

result<exit_code> run(command_context& context) {
    auto const shell = context.args().text("SHELL");
    auto const words = collect();
    std::string script;
    if (shell == "bash")
        script = bash_script(words);
    else if (shell == "zsh")
        script = zsh_script(words);
    else if (shell == "fish")
        script = fish_script(words);
    else
        return usage_error("'" + shell + "' is not one of bash, zsh, fish");
    return context.print(wire::json_object{{"shell", shell}, {"script", script}}, script);
}

}  // namespace

command const completion{
    "completion", "",  "Print the completion script of a shell", "source <(cxb completion bash)",
    parameters,   &run};

}  // namespace cxb::cli
