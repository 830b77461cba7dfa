#include "server/common/backup/restore_backup.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <system_error>
#include <vector>

#include "cxb/base/limits.hpp"
#include "server/common/backup/backup_files.hpp"
#include "server/common/model/migration_names.hpp"
#include "src/base/fail_point.hpp"
#include "src/store/sqlite/lock_file.hpp"

namespace cxb::server::backup {
namespace {

constexpr std::size_t longest_manifest = limits::mib;
constexpr char const* beside = ".restore.part";
// Name of the whole store while recordings lie in their place without it.
constexpr char const* to_come_last = ".restore.last";
// No key of an object holds a `~`.
constexpr char const* uploads_under_way = ".tmp~";

error damaged(std::string const& path, char const* how) {
    return error{errc::corrupt_data, "The backup is damaged: " + path + ' ' + how};
}

std::array<int, 3> numbers_of(std::string_view version) {
    std::array<int, 3> out{};
    char const* at = version.data();
    char const* const end = at + version.size();
    for (auto& number : out) {
        auto const read = std::from_chars(at, end, number);
        if (read.ec != std::errc{} || read.ptr == end) break;
        at = read.ptr + 1;
    }
    return out;
}

// Nothing but folders and what uploads left that were broken off.
result<bool> holds_objects(fs::path const& folder) {
    std::error_code failed;
    if (!fs::exists(folder, failed)) return false;
    fs::recursive_directory_iterator at(folder, failed);
    for (fs::recursive_directory_iterator const end; !failed && at != end; at.increment(failed)) {
        if (at->path().filename() == uploads_under_way)
            at.disable_recursion_pending();
        else if (!at->is_directory())
            return true;
    }
    if (!failed) return false;
    return error{errc::unavailable, "The folder of recordings cannot be read"}.with_note(
        {folder.string() + ": " + failed.message()});
}

/// Files beside their place, removed at the end unless they got there. Touched by nobody who was
/// refused: they may be another's.
class landing {
  public:
    explicit landing(fs::path place) : place_(std::move(place)), path_(place_.string() + beside) {}
    ~landing() {
        std::error_code ignored;
        if (mine_) fs::remove_all(path_, ignored);
    }
    landing(landing const&) = delete;
    landing& operator=(landing const&) = delete;
    [[nodiscard]] result<void> clear() {
        std::error_code failed;
        mine_ = true;
        fs::remove_all(path_, failed);
        if (!failed) return make_folder(place_.parent_path());
        return error{errc::unavailable, "A file failed"}.with_note(
            {path_.string() + ": " + failed.message()});
    }
    [[nodiscard]] result<void> take_place() { return rename_durably(path_, place_); }
    [[nodiscard]] fs::path const& path() const noexcept { return path_; }

  private:
    fs::path place_;
    fs::path path_;
    bool mine_ = false;
};

class restoration {
  public:
    restoration(restore_order const& order, backup_manifest const& made)
        : order_(order),
          made_(made),
          lock_(order.store.string() + "-lock"),
          last_(order.store.string() + to_come_last),
          store_(order.store),
          objects_(order.objects) {}

    result<void> enter() {
        if (made_.objects > 0 && order_.objects.empty())
            return error{errc::conflict,
                         "The backup holds recordings, but objects.url names a bucket"};
        CXB_CHECK(find_owner());
        std::error_code unknown;
        if (fs::exists(order_.store.string() + "-lock", unknown)) CXB_CHECK(lock());
        CXB_CHECK(find_empty());
        CXB_CHECK(take_back());
        CXB_CHECK(store_.clear());
        if (made_.objects > 0) CXB_CHECK(objects_.clear());
        if (locked_) return {};
        CXB_CHECK(lock());
        return find_empty();  // somebody may have been here before the lock was
    }

    result<void> copy() {
        CXB_CHECK(each_sum(order_.from, [this](sum_line const& line) -> result<void> {
            if (line.path == store_name) return copy_one(line, store_.path());
            auto const key = object_key(line);
            return key.empty() ? result<void>() : copy_one(line, objects_.path() / key);
        }));
        if (owner_) CXB_CHECK(give_all());
        CXB_CHECK(sync_all(store_.path()));
        return made_.objects > 0 ? sync_all(objects_.path()) : result<void>();
    }

    // The store comes last: without it there is no installation.
    result<void> put_in_place() {
        // Whoever opens it first reads it through.
        CXB_CHECK(lock_.note(store::sqlite::file_note::unknown));
        if (made_.objects == 0) return store_.take_place();
        CXB_CHECK(rename_durably(store_.path(), last_));
        std::error_code failed;
        fs::remove_all(order_.objects, failed);
        CXB_CHECK(objects_.take_place());
        CXB_FAIL_POINT("restore.objects_placed");
        return rename_durably(last_, order_.store);
    }

  private:
    // Folders that are missing belong to whom the next one above belongs.
    result<void> find_owner() {
        std::error_code unknown;
        std::vector<fs::path> missing;
        auto there = fs::absolute(order_.data_dir, unknown).lexically_normal();
        if (!there.has_filename()) there = there.parent_path();
        for (; !fs::exists(there, unknown) && there.has_relative_path();
             there = there.parent_path())
            missing.push_back(there);
        struct stat facts{};
        if (::stat(there.c_str(), &facts) != 0) return file_failure(there);
        CXB_CHECK(make_folder(order_.data_dir));
        if (::geteuid() != 0) return {};
        owner_ = file_owner{facts.st_uid, facts.st_gid};
        for (auto const& made : missing)
            CXB_CHECK(give_to(made, *owner_));
        return {};
    }
    result<void> lock() {
        CXB_CHECK(lock_.open());
        locked_ = lock_.use_alone();
        if (locked_) return {};
        return error{errc::conflict, "A process uses " + order_.store.string() +
                                         "; stop all cxb-api of this installation first"};
    }
    result<void> find_empty() {
        std::error_code unknown;
        for (auto const* suffix : {"", "-wal", "-shm"})
            if (auto const path = order_.store.string() + suffix; fs::exists(path, unknown))
                return error{errc::conflict, path +
                                                 " exists; a restore replaces nothing. Stop all "
                                                 "cxb-api of this installation and move it away"};
        if (made_.objects == 0 || broken_off()) return {};
        CXB_TRY(auto const full, holds_objects(order_.objects));
        if (!full) return {};
        return error{errc::conflict, order_.objects.string() +
                                         " is not empty; a restore mixes nothing. Move it away"};
    }
    // Then the recordings in their place are those of a restore that was killed: nobody can have
    // started in between.
    [[nodiscard]] bool broken_off() const {
        std::error_code unknown;
        return locked_ && fs::exists(last_, unknown);
    }
    result<void> take_back() {
        if (!broken_off()) return {};
        std::error_code failed;
        if (!order_.objects.empty()) fs::remove_all(order_.objects, failed);
        if (!failed) fs::remove(last_, failed);
        if (!failed) return {};
        return error{errc::unavailable, "A file failed"}.with_note(
            {order_.objects.string() + ": " + failed.message()});
    }
    result<void> give_all() {
        CXB_CHECK(give_to(store_.path(), *owner_));
        CXB_CHECK(give_to(order_.store.string() + "-lock", *owner_));
        return made_.objects > 0 ? give_to(objects_.path(), *owner_) : result<void>();
    }
    result<void> copy_one(sum_line const& line, fs::path const& to) {
        CXB_CHECK(make_folder(to.parent_path()));
        CXB_TRY(auto const facts, copy_file(order_.from / line.path, to, [this](std::size_t bytes) {
                    seen_ += bytes;
                    if (order_.on_step)
                        order_.on_step("bytes restored", seen_,
                                       made_.store_bytes + made_.objects_bytes);
                }));
        if (facts.sha256 != line.sha256) return damaged(line.path, "has changed");
        return {};
    }

    restore_order const& order_;
    backup_manifest const& made_;
    store::sqlite::lock_file lock_;
    fs::path last_;
    landing store_;
    landing objects_;
    std::optional<file_owner> owner_;
    bool locked_ = false;
    std::uint64_t seen_ = 0;
};

}  // namespace

result<void> check_version(backup_manifest const& made) {
    auto const newer = [&](std::string const& why) {
        return error{errc::precondition_failed, "The backup is of a newer version (" +
                                                    made.version + "; this is " + version_string +
                                                    "): " + why}
            .with_reason("newer_backup");
    };
    if (made.format > manifest_format) return newer("its folder has another form");
    for (auto const& name : made.migrations)
        if (std::find(model::migration_names.begin(), model::migration_names.end(), name) ==
            model::migration_names.end())
            return newer("its store holds the change '" + name + "'");
    if (numbers_of(made.version) > numbers_of(version_string))
        return newer("install that version first");
    return {};
}

result<backup_manifest> verify_backup(fs::path const& folder, progress const& on_step) {
    backup_manifest made;
    std::uint64_t seen = 0;
    std::uint64_t objects = 0;
    bool manifest = false;
    bool store = false;
    auto const count = [&](std::size_t bytes) {
        seen += bytes;
        if (on_step) on_step("bytes checked", seen, 0);
    };
    CXB_CHECK(each_sum(folder, [&](sum_line const& line) -> result<void> {
        auto const facts = hash_file(folder / line.path, count);
        if (!facts && facts.error().code() == errc::not_found)
            return damaged(line.path, "is missing");
        CXB_CHECK(facts);
        if (facts->sha256 != line.sha256) return damaged(line.path, "is not as it was made");
        manifest = manifest || line.path == manifest_name;
        store = store || line.path == store_name;
        objects += object_key(line).empty() ? 0 : 1;
        return {};
    }));
    if (!manifest || !store) return damaged(sums_name, "is not complete");
    CXB_TRY(auto const text, read_text(folder / manifest_name, longest_manifest));
    CXB_TRY(made, parse_manifest(text));
    if (made.objects != objects) return damaged(sums_name, "is not complete");
    return made;
}

result<backup_manifest> restore_backup(restore_order const& order) {
    CXB_TRY(auto made, verify_backup(order.from, order.on_step));
    CXB_CHECK(check_version(made));
    restoration work(order, made);
    CXB_CHECK(work.enter());
    CXB_CHECK(work.copy());
    CXB_FAIL_POINT("restore.copied");
    CXB_CHECK(work.put_in_place());
    return made;
}

result<void> check_restored(fs::path const& store) {
    std::error_code unknown;
    if (fs::exists(store, unknown)) return {};
    for (auto const* suffix : {beside, to_come_last})
        if (auto const path = store.string() + suffix; fs::exists(path, unknown))
            return error{errc::corrupt_data,
                         "A restore was broken off: " + path +
                             " is there and no store. Repeat cxb restore; or, to begin with an "
                             "empty installation, move it and the recordings away"};
    return {};
}

}  // namespace cxb::server::backup
