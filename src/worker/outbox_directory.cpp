#include "cxb/worker/outbox_directory.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "cxb/base/crypto.hpp"
#include "src/base/fail_point.hpp"
#include "src/worker/disk.hpp"
#include "src/worker/outbox_entry.hpp"

namespace cxb::inline v1 {
namespace worker {

namespace fs = std::filesystem;

namespace {

constexpr milliseconds lock_poll{50};
constexpr std::size_t longest_header = 16384;
constexpr std::size_t trial_size = 65536;

result<disk::descriptor> wait_for_lock(fs::path const& path, milliseconds patience) {
    for (milliseconds waited{0};; waited += lock_poll) {
        auto lock = disk::try_lock(path);
        if (lock || lock.error().code() != errc::conflict || waited >= patience) return lock;
        std::this_thread::sleep_for(lock_poll);
    }
}

struct found_journals {
    std::vector<std::pair<std::string, call_journal>> good;
    std::vector<std::string> corrupt;  ///< names; what cannot be read now is in neither
};

found_journals read_journals(fs::path const& folder) {
    found_journals out;
    for (auto const& name : disk::list(folder)) {
        auto const text = disk::read_whole(folder / name);
        if (!text) continue;
        if (auto journal = read_journal(*text))
            out.good.emplace_back(name, *std::move(journal));
        else
            out.corrupt.push_back(name);
    }
    return out;
}

}  // namespace

outbox_directory::outbox_directory(fs::path folder, options settings, int lock)
    : folder_(std::move(folder)), settings_(std::move(settings)), lock_(lock) {}

outbox_directory::outbox_directory(outbox_directory&& other) noexcept
    : folder_(std::move(other.folder_)),
      settings_(std::move(other.settings_)),
      lock_(std::exchange(other.lock_, -1)) {}

outbox_directory& outbox_directory::operator=(outbox_directory&& other) noexcept {
    disk::descriptor const old(std::exchange(lock_, std::exchange(other.lock_, -1)));
    folder_ = std::move(other.folder_);
    settings_ = std::move(other.settings_);
    return *this;
}

outbox_directory::~outbox_directory() {
    disk::descriptor const closing(lock_);
}

result<outbox_directory> outbox_directory::open(fs::path folder, options settings) {
    std::error_code ec;
    fs::create_directories(folder.parent_path(), ec);
    CXB_CHECK(disk::make_folder(folder));
    for (auto const* part : {"tmp", "new", "dead", "calls"})
        CXB_CHECK(disk::make_folder(folder / part));
    // Else a power cut could take the folders with all that was synced into them.
    CXB_CHECK(disk::sync_folder(folder));
    CXB_CHECK(disk::sync_folder(folder.parent_path()));
    CXB_TRY(auto lock, wait_for_lock(folder / "lock", settings.lock_wait));
    for (auto const& name : disk::list(folder / "tmp"))
        CXB_CHECK(disk::unlink(folder / "tmp" / name));
    return outbox_directory(std::move(folder), std::move(settings), lock.release());
}

result<void> outbox_directory::write_durably(std::string const& tmp_name, fs::path const& target,
                                             std::string_view head, std::string_view body) {
    auto const tmp = folder_ / "tmp" / tmp_name;
    auto const pass = [&](disk_step step) -> result<void> {
        if (settings_.gate) return settings_.gate(step);
        return {};
    };
    auto const write = [&]() -> result<void> {
        CXB_CHECK(pass(disk_step::create));
        CXB_TRY(auto const file, disk::create_new(tmp));
        CXB_CHECK(pass(disk_step::write));
        CXB_CHECK(disk::write_all(file, head, tmp));
        CXB_CHECK(disk::write_all(file, body, tmp));
        CXB_CHECK(pass(disk_step::sync_file));
        CXB_CHECK(disk::sync_data(file, tmp));
        CXB_CHECK(pass(disk_step::rename));
        CXB_FAIL_POINT("outbox.before_rename");
        CXB_CHECK(disk::rename(tmp, target));
        CXB_FAIL_POINT("outbox.renamed");
        CXB_CHECK(pass(disk_step::sync_directory));
        return disk::sync_folder(target.parent_path());
    };
    auto done = write();
    // What stays would be swept at the next start, so a failure here changes nothing.
    if (!done && !settings_.keep_partial) (void)disk::unlink(tmp);
    return done;
}

result<outbox_entry> outbox_directory::put(outbox_header header, std::string_view body) {
    if (!is_outbox_id(header.id)) return invalid_member("/id", "not usable as a file name");
    header.length = body.size();
    header.sha256 = sha256_hex(body);
    std::string name = entry_name(header);
    CXB_CHECK(write_durably(name, folder_ / "new" / name, header_line(header), body));
    return outbox_entry{std::move(name), std::move(header)};
}

std::vector<std::string> outbox_directory::names() const {
    return disk::list(folder_ / "new");
}

result<outbox_entry> outbox_directory::load(std::string const& name) const {
    CXB_TRY(auto const text, disk::read_whole(folder_ / "new" / name));
    CXB_TRY(auto parts, split(name, text));
    return outbox_entry{name, std::move(parts.header)};
}

result<std::string> outbox_directory::body(std::string const& name) const {
    CXB_TRY(auto const text, disk::read_whole(folder_ / "new" / name));
    CXB_TRY(auto const parts, split(name, text));
    return std::string(parts.body);
}

result<void> outbox_directory::remove(std::string const& name) {
    return disk::unlink(folder_ / "new" / name);
}

result<void> outbox_directory::bury(std::string const& name, outbox_death const& death) {
    return move_to_dead(folder_ / "new" / name, name, death);
}

result<void> outbox_directory::move_to_dead(fs::path const& from, std::string const& name,
                                            outbox_death const& death) {
    auto const reason = name + std::string(reason_suffix);
    CXB_CHECK(write_durably(reason, folder_ / "dead" / reason, to_text(death), ""));
    CXB_CHECK(disk::rename(from, folder_ / "dead" / name));
    CXB_CHECK(disk::sync_folder(folder_ / "dead"));
    return disk::sync_folder(from.parent_path());
}

result<void> outbox_directory::try_disk() {
    auto const target = folder_ / "tmp" / "tried";
    CXB_CHECK(write_durably("trial", target, std::string(trial_size, ' '), ""));
    return disk::unlink(target);
}

result<void> outbox_directory::put_journal(call_journal const& journal) {
    auto const name = journal_name(journal.call_id);
    return write_durably(name, folder_ / "calls" / name, to_text(journal), "");
}

result<void> outbox_directory::remove_journal(std::string const& call_id) {
    return disk::unlink(folder_ / "calls" / journal_name(call_id));
}

std::vector<call_journal> outbox_directory::journals() const {
    std::vector<call_journal> out;
    for (auto& item : read_journals(folder_ / "calls").good)
        out.push_back(std::move(item.second));
    return out;
}

std::vector<std::string> outbox_directory::corrupt_journals() const {
    return read_journals(folder_ / "calls").corrupt;
}

result<void> outbox_directory::bury_journal(std::string const& name, outbox_death const& death) {
    return move_to_dead(folder_ / "calls" / name, name + std::string(entry_suffix), death);
}

result<std::vector<call_journal>> outbox_directory::adopt(fs::path const& sibling) {
    std::vector<call_journal> taken;
    std::error_code ec;
    if (!fs::exists(sibling / "lock", ec) || fs::equivalent(sibling, folder_, ec)) return taken;
    auto const lock = disk::try_lock(sibling / "lock");
    if (!lock) {
        if (lock.error().code() == errc::conflict) return taken;
        return lock.error();
    }
    for (auto const& name : disk::list(sibling / "new"))
        CXB_CHECK(disk::rename(sibling / "new" / name, folder_ / "new" / name));
    auto found = read_journals(sibling / "calls");
    // Its damaged ones are set aside with our own.
    for (auto const& name : found.corrupt)
        if (!fs::exists(folder_ / "calls" / name, ec))
            CXB_CHECK(disk::rename(sibling / "calls" / name, folder_ / "calls" / name));
    for (auto& [name, journal] : found.good) {
        // The same call runs here now, and will report itself.
        if (fs::exists(folder_ / "calls" / name, ec)) {
            CXB_CHECK(disk::unlink(sibling / "calls" / name));
            continue;
        }
        CXB_CHECK(disk::rename(sibling / "calls" / name, folder_ / "calls" / name));
        taken.push_back(std::move(journal));
    }
    for (auto const* part : {"new", "calls"}) {
        CXB_CHECK(disk::sync_folder(folder_ / part));
        CXB_CHECK(disk::sync_folder(sibling / part));
    }
    return taken;
}

bool outbox_directory::has_session(std::string_view session_id) const {
    for (auto const* part : {"new", "dead"}) {
        for (auto const& name : disk::list(folder_ / part)) {
            if (!name.ends_with(entry_suffix)) continue;
            auto const text = disk::read_head(folder_ / part / name, longest_header);
            if (!text) continue;
            auto const header = read_header(*text);
            if (header && header->kind == outbox_class::result && header->session_id == session_id)
                return true;
        }
    }
    return false;
}

}  // namespace worker
}  // namespace cxb::inline v1
