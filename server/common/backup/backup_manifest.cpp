#include "server/common/backup/backup_manifest.hpp"

#include <algorithm>
#include <fstream>

#include "cxb/store/object_store.hpp"

namespace cxb::server::backup {
namespace {

constexpr std::size_t digits_of_sum = 64;

error damaged(std::string what) {
    return error{errc::corrupt_data, std::move(what)};
}

wire::json_array array_of(std::vector<std::string> const& texts) {
    return wire::json_array(texts.begin(), texts.end());
}

std::vector<std::string> texts_at(wire::json_object const& from, std::string_view name) {
    std::vector<std::string> out;
    auto const* found = from.if_contains(name);
    if (found == nullptr || !found->is_array()) return out;
    for (auto const& one : found->get_array())
        if (one.is_string()) out.emplace_back(one.get_string());
    return out;
}

std::uint64_t count_at(wire::json_object const& from, std::string_view path) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(wire::int_at(from, path), 0));
}

result<sum_line> parse_sum(std::string const& text) {
    constexpr std::string_view between = "  ";
    sum_line line;
    bool const whole = text.size() > digits_of_sum + between.size() &&
                       text.find_first_not_of("0123456789abcdef") == digits_of_sum &&
                       std::string_view(text).substr(digits_of_sum, between.size()) == between;
    if (!whole) return damaged(std::string(sums_name) + " is damaged");
    line.sha256 = text.substr(0, digits_of_sum);
    line.path = text.substr(digits_of_sum + between.size());
    bool const known = line.path == manifest_name || line.path == store_name;
    if (!known && !store::is_object_key(object_key(line)))
        return damaged(std::string(sums_name) + " names a file that no backup holds");
    return line;
}

}  // namespace

wire::json_object to_json(backup_manifest const& manifest) {
    return {{"format", manifest.format},
            {"version", manifest.version},
            {"started_at", manifest.started_at},
            {"finished_at", manifest.finished_at},
            {"store", wire::json_object{{"bytes", manifest.store_bytes},
                                        {"migrations", array_of(manifest.migrations)},
                                        {"sealed_with", array_of(manifest.sealed_with)}}},
            {"objects", wire::json_object{{"kept_in", manifest.objects_kept_in},
                                          {"count", manifest.objects},
                                          {"bytes", manifest.objects_bytes}}},
            {"settings", manifest.settings}};
}

result<backup_manifest> parse_manifest(std::string const& text) {
    auto const parsed = wire::parse_json(text);
    if (!parsed || !parsed->is_object()) return damaged("manifest.json is damaged");
    auto const& from = parsed->get_object();
    backup_manifest out;
    out.format = static_cast<int>(wire::int_at(from, "format"));
    out.version = wire::text_at(from, "version");
    out.started_at = wire::text_at(from, "started_at");
    out.finished_at = wire::text_at(from, "finished_at");
    auto const* kept = from.if_contains("store");
    auto const* objects = from.if_contains("objects");
    if (out.format < 1 || kept == nullptr || !kept->is_object() || objects == nullptr)
        return damaged("manifest.json is damaged");
    out.store_bytes = count_at(from, "store.bytes");
    out.migrations = texts_at(kept->get_object(), "migrations");
    out.sealed_with = texts_at(kept->get_object(), "sealed_with");
    out.objects_kept_in = wire::text_at(from, "objects.kept_in");
    out.objects = count_at(from, "objects.count");
    out.objects_bytes = count_at(from, "objects.bytes");
    if (auto const* settings = from.if_contains("settings"); settings && settings->is_object())
        out.settings = settings->get_object();
    return out;
}

std::string to_text(sum_line const& line) {
    return line.sha256 + "  " + line.path + '\n';
}

std::string object_key(sum_line const& line) {
    std::string const folder = std::string(objects_name) + '/';
    return line.path.starts_with(folder) ? line.path.substr(folder.size()) : std::string();
}

result<void> each_sum(std::filesystem::path const& folder,
                      std::function<result<void>(sum_line const&)> const& take) {
    std::ifstream in(folder / sums_name, std::ios::binary);
    if (!in)
        return error{errc::not_found, folder.string() + " holds no " + sums_name +
                                          ": it is no backup, or the making of it was broken off"};
    for (std::string text; std::getline(in, text);) {
        CXB_TRY(auto const line, parse_sum(text));
        CXB_CHECK(take(line));
    }
    if (in.bad()) return error{errc::unavailable, std::string(sums_name) + " cannot be read"};
    return {};
}

}  // namespace cxb::server::backup
