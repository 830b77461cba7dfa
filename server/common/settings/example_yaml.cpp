#include "server/common/settings/example_yaml.hpp"

#include "server/common/settings/setting.hpp"

namespace cxb::server {
namespace {

constexpr std::size_t width = 100;

void append_comment(std::string& out, std::string const& indent, std::string_view text) {
    auto const room = width - indent.size() - 2;
    while (!text.empty()) {
        auto cut = text.size();
        if (cut > room) {
            cut = text.rfind(' ', room);
            if (cut == std::string_view::npos) cut = text.size();
        }
        out.append(indent).append("# ").append(text.substr(0, cut)).append("\n");
        text.remove_prefix(cut);
        while (!text.empty() && text.front() == ' ')
            text.remove_prefix(1);
    }
}

std::string facts_of(setting const& row) {
    std::string out;
    if (!row.words.empty()) out.append("one of ").append(row.words).append("; ");
    if (row.low != row.high)
        out.append(std::to_string(row.low))
            .append(" to ")
            .append(std::to_string(row.high))
            .append("; ");
    if (row.kind == setting_kind::list) out.append("list; ");
    out.append("variable ").append(env_name(row.path));
    for (auto const& name : env_names(row))
        if (name != env_name(row.path)) out.append(" or ").append(name);
    if (row.secret) out.append(" (secret: also ").append(env_name(row.path)).append("_FILE)");
    return out;
}

std::string value_of(setting const& row) {
    if (row.kind == setting_kind::integer || row.kind == setting_kind::boolean)
        return std::string(row.fallback);
    if (row.kind == setting_kind::list) return "[" + std::string(row.fallback) + "]";
    return '"' + std::string(row.fallback) + '"';
}

}  // namespace

std::string example_yaml() {
    std::string out =
        "# Settings of CX Bridge. One file may serve all processes; each reads its own part.\n"
        "# Order: defaults, then this file, then environment variables. Keep secrets out of it\n"
        "# when you can: give them as variables or as files named by a variable.\n";
    std::string section;
    for (auto const& row : all_settings()) {
        auto const dot = row.path.find('.');
        bool const nested = dot != std::string_view::npos;
        auto const own = nested ? std::string(row.path.substr(0, dot)) : std::string{};
        out.append("\n");
        if (nested && own != section) out.append(own).append(":\n");
        section = own;
        std::string const indent = nested ? "  " : "";
        append_comment(out, indent, row.doc);
        append_comment(out, indent, facts_of(row));
        // A boolean without default stays unset.
        bool const unset = row.kind == setting_kind::boolean && row.fallback.empty();
        out.append(indent).append(unset ? "# " : "");
        out.append(nested ? row.path.substr(dot + 1) : row.path).append(": ");
        out.append(unset ? "false" : value_of(row)).append("\n");
    }
    return out;
}

}  // namespace cxb::server
