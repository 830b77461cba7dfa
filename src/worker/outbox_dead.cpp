#include <chrono>

#include "cxb/worker/outbox_directory.hpp"
#include "src/worker/disk.hpp"
#include "src/worker/outbox_entry.hpp"

namespace cxb::inline v1 {
namespace worker {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::hours keep_dead{30 * 24};

bool is_plain_name(std::string const& name) {
    return name.ends_with(entry_suffix) && name.find('/') == std::string::npos;
}

fs::path reason_file(fs::path const& folder, std::string const& name) {
    return folder / "dead" / (name + std::string(reason_suffix));
}

result<void> write_synced(fs::path const& path, std::string_view head, std::string_view body) {
    CXB_TRY(auto const file, disk::create_new(path));
    CXB_CHECK(disk::write_all(file, head, path));
    CXB_CHECK(disk::write_all(file, body, path));
    return disk::sync_data(file, path);
}

}  // namespace

std::vector<dead_entry> list_dead(fs::path const& folder) {
    std::vector<dead_entry> out;
    for (auto const& name : disk::list(folder / "dead")) {
        if (!name.ends_with(entry_suffix)) continue;
        dead_entry entry;
        entry.name = name;
        if (auto const text = disk::read_whole(folder / "dead" / name))
            if (auto header = read_header(*text)) entry.header = *std::move(header);
        if (auto const text = disk::read_whole(reason_file(folder, name)))
            entry.death = read_death(*text);
        out.push_back(std::move(entry));
    }
    return out;
}

result<void> retry_dead(fs::path const& folder, std::string const& name, time_point now) {
    if (!is_plain_name(name)) return error{errc::not_found, "No such entry"};
    CXB_TRY(auto const text, disk::read_whole(folder / "dead" / name));
    CXB_TRY(auto parts, split(name, text));
    parts.header.expires_at = now + lifetime_of(parts.header.kind);
    auto const tmp = folder / "tmp" / ("retry-" + name);
    CXB_CHECK(disk::unlink(tmp));
    CXB_CHECK(write_synced(tmp, header_line(parts.header), parts.body));
    CXB_CHECK(disk::rename(tmp, folder / "new" / name));
    CXB_CHECK(disk::sync_folder(folder / "new"));
    return drop_dead(folder, name);
}

result<void> drop_dead(fs::path const& folder, std::string const& name) {
    std::error_code ec;
    if (!is_plain_name(name) || !fs::exists(folder / "dead" / name, ec))
        return error{errc::not_found, "No such entry"};
    CXB_CHECK(disk::unlink(folder / "dead" / name));
    return disk::unlink(reason_file(folder, name));
}

std::size_t purge_dead(fs::path const& folder, time_point now) {
    std::size_t gone = 0;
    for (auto const& entry : list_dead(folder)) {
        if (entry.death.at == time_point{} || now - entry.death.at < keep_dead) continue;
        if (drop_dead(folder, entry.name)) ++gone;
    }
    return gone;
}

}  // namespace worker
}  // namespace cxb::inline v1
