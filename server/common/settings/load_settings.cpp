#include "server/common/settings/load_settings.hpp"

#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iterator>

#include "cxb/base/encoding.hpp"
#include "cxb/base/limits.hpp"
#include "server/common/settings/yaml_document.hpp"

namespace cxb::server {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_secret_file = 64 * limits::kib;

result<bool> read_boolean(std::string_view text) {
    for (std::string_view const yes : {"true", "yes", "on", "1"})
        if (iequals(text, yes)) return true;
    for (std::string_view const no : {"false", "no", "off", "0"})
        if (iequals(text, no)) return false;
    return error{errc::invalid, "must be true or false"};
}

result<std::int64_t> read_integer(setting const& row, std::string_view text) {
    std::int64_t out = 0;
    auto const read = std::from_chars(text.data(), text.data() + text.size(), out);
    bool const whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
    if (!whole || (row.low != row.high && (out < row.low || out > row.high)))
        return error{errc::invalid, "must be an integer from " + std::to_string(row.low) + " to " +
                                        std::to_string(row.high)};
    return out;
}

bool is_word_of(std::string_view words, std::string_view text) noexcept {
    while (!words.empty()) {
        auto const bar = words.find('|');
        if (words.substr(0, bar) == text) return true;
        words = bar == std::string_view::npos ? std::string_view{} : words.substr(bar + 1);
    }
    return false;
}

result<void> check_text(setting const& row, std::string_view text) {
    if (text.empty()) return {};
    if (!row.words.empty() && !is_word_of(row.words, text)) {
        std::string reason = "must be one of ";
        for (char const c : row.words)
            c == '|' ? reason.append(", ") : reason.append(1, c);
        return error{errc::invalid, std::move(reason)};
    }
    if (row.check != nullptr)
        if (auto reason = row.check(text); !reason.empty())
            return error{errc::invalid, std::move(reason)};
    return {};
}

result<void> check_list(setting const& row, std::vector<std::string> const& items) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].empty())
            return error{errc::invalid, "entry " + std::to_string(i + 1) + " is empty"};
        if (auto fine = check_text(row, items[i]); !fine)
            return error{errc::invalid,
                         "entry " + std::to_string(i + 1) + " " + fine.error().detail()};
    }
    return {};
}

std::vector<std::string> split_commas(std::string_view text) {
    std::vector<std::string> out;
    while (!trim(text).empty()) {
        auto const comma = text.find(',');
        out.emplace_back(trim(text.substr(0, comma)));
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    }
    return out;
}

using value_type = decltype(setting_value::value);

// A value from one text: a default, a variable or a yaml scalar.
result<value_type> value_of_text(setting const& row, std::string_view text) {
    switch (row.kind) {
        case setting_kind::integer: {
            if (trim(text).empty() && row.fallback.empty()) return value_type{};
            CXB_TRY(auto const number, read_integer(row, trim(text)));
            return value_type(number);
        }
        case setting_kind::boolean: {
            if (trim(text).empty() && row.fallback.empty()) return value_type{};
            CXB_TRY(bool const flag, read_boolean(trim(text)));
            return value_type(flag);
        }
        case setting_kind::list: {
            auto items = split_commas(text);
            CXB_CHECK(check_list(row, items));
            return value_type(std::move(items));
        }
        case setting_kind::document: {
            if (trim(text).empty()) return value_type(std::string{});
            auto const json = wire::parse_json(text);
            if (!json || !json->is_object()) return error{errc::invalid, "must be a JSON object"};
            return value_type(std::string(text));
        }
        case setting_kind::text:
            break;
    }
    CXB_CHECK(check_text(row, text));
    return value_type(std::string(text));
}

result<value_type> value_of_node(setting const& row, yaml_node const& node) {
    using kind = yaml_node::kind;
    if (node.what == kind::null) return value_of_text(row, row.fallback);
    if (node.what == kind::scalar && row.kind != setting_kind::document)
        return value_of_text(row, node.text);
    if (node.what == kind::scalar && node.text.empty()) return value_type(std::string{});
    if (row.kind == setting_kind::list && node.what == kind::list) {
        std::vector<std::string> items;
        for (auto const& item : node.items) {
            if (item.what != kind::scalar) return error{errc::invalid, "must be a list of texts"};
            items.push_back(item.text);
        }
        CXB_CHECK(check_list(row, items));
        return value_type(std::move(items));
    }
    if (row.kind == setting_kind::document && node.what == kind::map)
        return value_type(wire::to_text(to_json(node)));
    return error{errc::invalid, row.kind == setting_kind::list       ? "must be a list of texts"
                                : row.kind == setting_kind::document ? "must be a map"
                                                                     : "must be a single value"};
}

// One reading of file and environment; every step adds to `out`.
class loading {
  public:
    loading(unsigned process, settings_source const& source, loaded_settings& out)
        : process_(process), source_(source), out_(out) {}

    void defaults() {
        for (auto const& row : all_settings())
            out_.values.put(row.path, {.value = *value_of_text(row, row.fallback)});
    }

    void file() {
        auto const path = choose_file();
        if (path.empty()) return;
        out_.file = path.string();
        auto const tree = read_yaml_file(path);
        if (!tree)
            add_fault(out_.file, tree.error().detail());
        else if (tree->what == yaml_node::kind::map)
            walk(*tree, "");
        else if (tree->what != yaml_node::kind::null)
            add_fault(out_.file, "must be a map");
    }

    void environment() {
        for (auto const& row : all_settings())
            read_variables(row);
        for (auto const& [name, value] : source_.environment)
            if (name.substr(0, 4) == "CXB_" && !is_known_variable(name))
                out_.warnings.push_back("unknown variable " + name);
    }

  private:
    void add_fault(std::string_view path, std::string reason) {
        out_.faults.push_back({std::string(path), std::move(reason)});
    }

    [[nodiscard]] fs::path choose_file() const {
        if (!source_.config_path.empty()) return source_.config_path;
        auto const named = source_.environment.find("CXB_CONFIG");
        if (named != source_.environment.end() && !named->second.empty()) return named->second;
        std::error_code failed;
        auto local = source_.working_dir / "cxb.yaml";
        if (fs::exists(local, failed)) return local;
        if (fs::exists(source_.system_file, failed)) return source_.system_file;
        return {};
    }

    void walk(yaml_node const& map, std::string const& prefix) {
        for (std::size_t i = 0; i < map.items.size(); ++i) {
            auto const& node = map.items[i];
            auto const path = prefix.empty() ? map.names[i] : prefix + '.' + map.names[i];
            if (auto const* row = find_setting(path))
                store(*row, value_of_node(*row, node), setting_origin::file, out_.file, {});
            else if (is_section(path) && node.what == yaml_node::kind::map)
                walk(node, path);
            else if (is_section(path) && node.what != yaml_node::kind::null)
                add_fault(path, "must be a map");
            else if (!is_section(path) && !is_foreign_path(path))
                add_fault(path, "unknown setting");
        }
    }

    static bool is_section(std::string const& path) {
        for (auto const& row : all_settings())
            if (row.path.substr(0, path.size() + 1) == path + '.') return true;
        return false;
    }

    void store(setting const& row, result<value_type> value, setting_origin origin,
               std::string source, std::string secret_file) {
        if ((row.used_by & process_) == 0) return;  // its own process checks it
        if (!value) {
            auto reason = value.error().detail();
            if (origin == setting_origin::environment) reason += " (" + source + ")";
            add_fault(row.path, std::move(reason));
            return;
        }
        bool const from_file = !secret_file.empty();
        out_.values.put(row.path, {*std::move(value), origin, std::move(source), from_file,
                                   std::move(secret_file)});
    }

    struct candidate {
        std::string variable;
        std::string text;
        std::string file;  // of a _FILE form
    };

    void read_variables(setting const& row) {
        std::vector<candidate> found;
        for (auto const& name : env_names(row)) {
            if (auto const* text = variable(name)) found.push_back({name, *text, {}});
            auto const* file = row.secret ? variable(name + "_FILE") : nullptr;
            if (file == nullptr) continue;
            if (auto content = read_secret_file(*file))
                found.push_back({name + "_FILE", *std::move(content), *file});
            else if ((row.used_by & process_) != 0)
                add_fault(row.path, "file cannot be read (" + name + "_FILE)");
        }
        if (found.empty()) return;
        auto& first = found.front();
        for (auto const& other : found)
            if (other.text != first.text)
                out_.warnings.push_back(first.variable + " and " + other.variable + " differ; " +
                                        first.variable + " is used");
        store(row, value_of_text(row, first.text), setting_origin::environment, first.variable,
              first.file);
    }

    [[nodiscard]] std::string const* variable(std::string const& name) const {
        auto const at = source_.environment.find(name);
        return at == source_.environment.end() || at->second.empty() ? nullptr : &at->second;
    }

    static std::optional<std::string> read_secret_file(std::string const& file) {
        std::ifstream in(file, std::ios::binary);
        std::string text{std::istreambuf_iterator<char>(in), {}};
        if (!in.is_open() || in.bad() || text.size() > max_secret_file) return std::nullopt;
        while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
            text.pop_back();
        return text;
    }

    unsigned process_;
    settings_source const& source_;
    loaded_settings& out_;
};

}  // namespace

environment_map process_environment() {
    environment_map out;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        std::string_view const text(*entry);
        auto const equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        out.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return out;
}

loaded_settings load_settings(unsigned process, settings_source const& source) {
    loaded_settings out;
    loading work(process, source, out);
    work.defaults();
    work.file();
    work.environment();
    return out;
}

}  // namespace cxb::server
