#include "support/log_check.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <regex>
#include <sstream>

#include "cxb/wire/json.hpp"

namespace cxb::test {
namespace {

namespace fs = std::filesystem;

// Their texts, and all texts below them: secrets, words, numbers, what the CRM told.
constexpr std::array telling_members = {
    "access_token", "secret",    "token",     "api_key", "recording_access_token",
    "content",      "caller_id", "to_number", "phone",   "crm_data"};
// Names of a session and of a script of the simulator may stand in logs.
constexpr std::array harmless_members = {"session_id", "stream_id", "dial_id", "sim_script"};

struct form {
    char const* name;
    char const* cue;  // cheap: only lines with it are matched
    std::regex pattern;
};

std::vector<form> const& forms() {
    static std::vector<form> const all = [] {
        std::vector<form> out;
        out.push_back({"<bearer token>", "earer ", std::regex("[Bb]earer [A-Za-z0-9]")});
        out.push_back({"<API key>", "vx_", std::regex("vx_[A-Za-z0-9_-]{20}")});
        out.push_back({"<signing secret>", "whsec_", std::regex("whsec_[A-Za-z0-9+/]{8}")});
        out.push_back({"<token>", "eyJ", std::regex("eyJ[A-Za-z0-9_-]{8,}\\.")});
        out.push_back({"<upload token>", "t=", std::regex("[?&]t=[A-Za-z0-9_-]{20}")});
        out.push_back({"<recording link>", "/public/recordings/",
                       std::regex("/public/recordings/[A-Za-z0-9_-]{20}")});
        out.push_back({"<phone number>", "+", std::regex("\\+[1-9][0-9]{9,14}")});
        return out;
    }();
    return all;
}

template <class Names>
bool is_among(Names const& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

bool is_needle(std::string_view text) {
    bool const number = text.find_first_not_of("0123456789.,-+ ") == text.npos;
    return text.size() >= (number ? shortest_number : shortest_needle);
}

void add(needle_set& to, std::string_view text) {
    if (is_needle(text)) to.emplace(text);
}

// The part of a link that opens it; an API key.
std::string_view secret_part(std::string_view name, std::string_view text) {
    if (name == "key" && text.starts_with("vx_")) return text;
    if (name == "public_recording_url") return text.substr(text.rfind('/') + 1);
    if (auto const at = text.find("&t="); name == "upload_url" && at != text.npos)
        return text.substr(at + 3);
    return {};
}

void collect(wire::json_value const& value, bool wanted, needle_set& to) {
    if (value.is_string() && wanted) add(to, std::string_view(value.get_string()));
    if (value.is_array())
        for (auto const& item : value.get_array())
            collect(item, wanted, to);
    if (!value.is_object()) return;
    for (auto const& [name, item] : value.get_object()) {
        if (is_among(harmless_members, name)) continue;
        if (item.is_string()) add(to, secret_part(name, item.get_string()));
        collect(item, wanted || is_among(telling_members, name), to);
    }
}

}  // namespace

std::string leak_in(std::string_view line, needle_set const& needles) {
    for (auto const& needle : needles)
        if (line.find(needle) != line.npos) return needle;
    for (auto const& each : forms())
        if (line.find(each.cue) != line.npos &&
            std::regex_search(line.begin(), line.end(), each.pattern))
            return each.name;
    return {};
}

log_search search_logs(fs::path const& folder) {
    log_search out;
    needle_set needles;
    std::vector<fs::path> logs;
    std::error_code none;
    for (auto const& entry : fs::recursive_directory_iterator(folder, none)) {
        if (entry.path().extension() == ".log") logs.push_back(entry.path());
        if (entry.path().filename() != needles_file) continue;
        std::ifstream in(entry.path());
        for (std::string line; std::getline(in, line);)
            add(needles, line);
    }
    out.logs = logs.size();
    out.needles = needles.size();
    for (auto const& log : logs) {
        std::ifstream in(log);
        std::size_t number = 0;
        for (std::string line; std::getline(in, line);) {
            ++out.lines;
            ++number;
            if (auto found = leak_in(line, needles); !found.empty())
                out.leaks.push_back({log, number, std::move(found)});
        }
    }
    return out;
}

void write_needles(fs::path const& folder, needle_set const& needles) {
    fs::create_directories(folder);
    std::ofstream out(folder / needles_file, std::ios::binary);
    for (auto const& needle : needles) {
        std::istringstream parts(needle);
        for (std::string part; std::getline(parts, part);)
            if (is_needle(part)) out << part << '\n';
    }
}

void collect_needles(std::string_view json, needle_set& to) {
    if (auto const document = wire::parse_json(json)) collect(*document, false, to);
}

}  // namespace cxb::test
