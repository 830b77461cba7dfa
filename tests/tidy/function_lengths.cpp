#include "tidy/function_lengths.hpp"

#include <regex>
#include <set>
#include <sstream>
#include <string_view>

namespace cxb::tidy {
namespace {

// End (exclusive) of the raw string that starts with R" at `at`.
std::size_t raw_string_end(std::string const& text, std::size_t at) {
    auto const open = text.find('(', at);
    if (open == std::string::npos) return text.size();
    auto const closing = ")" + text.substr(at + 2, open - at - 2) + "\"";
    auto const end = text.find(closing, open);
    return end == std::string::npos ? text.size() : end + closing.size();
}

// End (exclusive) of the quoted literal that starts at `at`.
std::size_t literal_end(std::string const& text, std::size_t at) {
    auto const quote = text[at];
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == quote || text[i] == '\n') {
            return i + 1;
        }
    }
    return text.size();
}

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// End of the comment or literal at `at`, or `at` when there is none.
std::size_t skip_end(std::string const& text, std::size_t at) {
    auto const rest = std::string_view(text).substr(at);
    bool const inside_word = at > 0 && is_word(text[at - 1]);
    if (rest.starts_with("//")) return std::min(text.find('\n', at), text.size());
    if (rest.starts_with("/*")) {
        auto const end = text.find("*/", at + 2);
        return end == std::string::npos ? text.size() : end + 2;
    }
    if (rest.starts_with("R\"") && !inside_word) return raw_string_end(text, at);
    if (rest.starts_with('"')) return literal_end(text, at);
    if (rest.starts_with('\'') && !inside_word) return literal_end(text, at);  // not 1'000
    return at;
}

enum class scope { space, function, other };

// May `tail`, what stands between the last `)` and the `{`, end the head of a function?
bool ends_function_head(std::string const& tail) {
    std::istringstream words(tail);
    std::string word;
    while (words >> word) {
        if (word.starts_with("->") || word.starts_with(':') || word == "requires") return true;
        static std::set<std::string> const known{"const", "noexcept", "override", "final",
                                                 "&",     "&&",       "mutable",  "try"};
        if (!known.contains(word)) return false;
    }
    return true;
}

// What the text before a `{` opens, at namespace or class level.
scope scope_after(std::string const& head) {
    static std::regex const type(R"(\b(namespace|class|struct|union|enum|extern)\b)");
    auto const end = head.find_last_not_of(" \n\t");
    if (end == std::string::npos) return scope::other;
    if (std::string_view("=,(").find(head[end]) != std::string_view::npos) return scope::other;
    auto const bracket = head.rfind(')');
    if (bracket != std::string::npos && ends_function_head(head.substr(bracket + 1))) {
        return scope::function;
    }
    return std::regex_search(head, type) ? scope::space : scope::other;
}

std::string name_in(std::string const& head) {
    static std::regex const call(R"(([~\w:]+(?:\s*operator\s*[^\s(]+)?)\s*\()");
    std::smatch found;
    if (!std::regex_search(head, found, call)) return "?";
    std::string name = found[1];
    static std::regex const test(R"(\bTEST\w*\(\s*(\w+)\s*,\s*(\w+))");
    if (std::regex_search(head, found, test)) {
        name = found[1];
        name += "." + found[2].str();
    }
    return name;
}

struct open_scope {
    scope kind;
    std::string head;
    std::size_t first_line;
};

}  // namespace

std::string without_comments_and_literals(std::string const& text) {
    std::string out = text;
    for (std::size_t i = 0; i < text.size();) {
        auto const end = skip_end(text, i);
        if (end == i) {
            ++i;
            continue;
        }
        for (; i < end; ++i) {
            if (out[i] != '\n') out[i] = ' ';
        }
    }
    // Preprocessor lines may hold half a function; they are no code of their own.
    static std::regex const directive(R"((^|\n)[ \t]*#([^\n]*\\\n)*[^\n]*)");
    std::string blanked;
    std::sregex_iterator it(out.begin(), out.end(), directive);
    std::size_t last = 0;
    for (; it != std::sregex_iterator(); ++it) {
        auto const at = static_cast<std::size_t>(it->position());
        blanked += out.substr(last, at - last);
        for (char c : it->str())
            blanked += c == '\n' ? '\n' : ' ';
        last = at + static_cast<std::size_t>(it->length());
    }
    return blanked + out.substr(last);
}

std::vector<function_span> functions_of(source_file const& file) {
    auto const text = without_comments_and_literals(file.text);
    std::vector<function_span> out;
    std::vector<open_scope> open;
    std::string head;
    std::size_t line = 1;
    std::size_t head_line = 1;
    for (char c : text) {
        if (c == '\n') ++line;
        bool const inside = !open.empty() && open.back().kind != scope::space;
        if (c == '{') {
            auto const kind = inside ? scope::other : scope_after(head);
            open.push_back({kind, head, head_line});
            head.clear();
        } else if (c == '}') {
            if (open.empty()) return out;  // not code we understand: no verdict
            if (open.back().kind == scope::function) {
                auto const first = open.back().first_line;
                out.push_back({name_in(open.back().head), first, line - first + 1});
            }
            open.pop_back();
            head.clear();
        } else if (c == ';' && !inside) {
            head.clear();
        } else if (!inside && (!head.empty() || !std::isspace(static_cast<unsigned char>(c)))) {
            if (head.empty()) head_line = line;
            head += c;
        }
    }
    return out;
}

}  // namespace cxb::tidy
