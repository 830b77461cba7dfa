#include "cli/commands/local_installation.hpp"

#include <algorithm>
#include <array>
#include <iostream>

#include "cxb/domain/secret_box.hpp"
#include "server/common/settings/process_settings.hpp"

namespace cxb::cli {
namespace {

constexpr std::string_view needed[] = {"data_dir", "store.url", "objects.url", "secrets.key"};
constexpr std::string_view told[] = {"env",         "http.public_url", "http.internal_url",
                                     "objects.url", "jwt.algorithm",   "phone.default_region",
                                     "vectors.url"};
constexpr std::chrono::seconds between_lines{2};

server::environment_map environment_of(command_context const& context) {
    server::environment_map out;
    auto const take = [&](std::string const& name) {
        if (auto text = context.environment(name); !text.empty()) out[name] = std::move(text);
    };
    take("CXB_CONFIG");
    for (auto const& row : server::all_settings()) {
        bool const matters =
            std::find(std::begin(needed), std::end(needed), row.path) != std::end(needed) ||
            !row.secret;
        if (!matters) continue;
        for (auto const& name : server::env_names(row)) {
            take(name);
            if (row.secret) take(name + "_FILE");
        }
    }
    if (context.args().has("--data-dir")) out["CXB_DATA_DIR"] = context.args().text("--data-dir");
    return out;
}

// A fault of a row that nobody reads here is for `cxb-api check-config`.
bool matters(fault const& one) {
    bool const other =
        server::find_setting(one.pointer) != nullptr &&
        std::find(std::begin(needed), std::end(needed), one.pointer) == std::end(needed);
    return !other;
}

wire::json_object settings_of(server::setting_values const& values) {
    wire::json_object out;
    for (auto const path : told)
        if (auto const& text = values.text(path); !text.empty() && text.find('@') == text.npos)
            out[path] = text;
    return out;
}

}  // namespace

result<local_installation> find_installation(command_context const& context) {
    auto const found = server::load_settings(
        server::for_api,
        {.config_path = context.args().text("--config"), .environment = environment_of(context)});
    for (auto const& one : found.faults)
        if (matters(one)) return usage_error("Settings: " + one.pointer + ": " + one.reason);
    auto const settings = server::make_api_settings(found.values);
    local_installation out;
    out.data_dir = settings.data_dir;
    out.store = server::backup::store_file(settings.store.url);
    out.objects = server::backup::objects_folder(settings.store.objects_url);
    CXB_TRY(auto const box, domain::secret_box::make(settings.secrets_key, secret()));
    out.key_id = box.key_id();
    out.settings = settings_of(found.values);
    return out;
}

server::backup::progress told_progress(command_context const& context) {
    return [&err = context.err(), last = std::string(),
            next = std::chrono::steady_clock::time_point()](
               std::string_view what, std::uint64_t done, std::uint64_t all) mutable {
        auto const now = std::chrono::steady_clock::now();
        if (what == last && now < next) return;
        last = what;
        next = now + between_lines;
        err << what;
        if (done > 0) err << ": " << done;
        if (all > 0) err << " of " << all;
        err << std::endl;
    };
}

error with_reason_shown(error const& failure) {
    if (failure.note().empty()) return failure;
    error shown{failure.code(), failure.detail() + ": " + failure.note()};
    return std::move(shown).with_reason(std::string(failure.reason()));
}

std::string readable_size(std::uint64_t bytes) {
    constexpr std::array<char const*, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
    constexpr std::uint64_t step = 1024;
    std::size_t unit = 0;
    std::uint64_t tenths = bytes * 10;
    for (; tenths >= step * 10 && unit + 1 < units.size(); ++unit)
        tenths /= step;
    auto text = std::to_string(tenths / 10);
    if (unit > 0) text += '.' + std::to_string(tenths % 10);
    return text + ' ' + units.at(unit);
}

}  // namespace cxb::cli
