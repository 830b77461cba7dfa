#include "server/common/backup/make_backup.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "cxb/domain/secret_box.hpp"
#include "cxb/store/object_store.hpp"
#include "cxb/store/open/open_document_store.hpp"
#include "server/common/backup/backup_files.hpp"
#include "server/common/model/collections.hpp"
#include "server/common/model/migration_names.hpp"
#include "src/base/fail_point.hpp"
#include "src/store/sqlite/backup.hpp"
#include "src/store/sqlite/copy_reader.hpp"

namespace cxb::server::backup {
namespace {

constexpr std::size_t key_id_digits = 8;
constexpr std::string_view directory_scheme = "dir:";

/// The folder while it has no name of its own; removed at the end unless it got that.
class unfinished_folder {
  public:
    explicit unfinished_folder(fs::path to) : to_(std::move(to)), path_(to_.string() + ".part") {}
    ~unfinished_folder() {
        if (file_ < 0) return;
        std::error_code ignored;
        if (!named_) fs::remove_all(path_, ignored);
        ::close(file_);
    }
    unfinished_folder(unfinished_folder const&) = delete;
    unfinished_folder& operator=(unfinished_folder const&) = delete;

    [[nodiscard]] result<void> open() {
        std::error_code failed;
        if (fs::exists(fs::symlink_status(to_, failed)))
            return error{errc::conflict, to_.string() + " exists; a backup replaces nothing"};
        if (::mkdir(path_.c_str(), 0700) != 0 && errno != EEXIST) return file_failure(path_);
        file_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (file_ < 0) return file_failure(path_);
        if (!is_mine()) {
            ::close(std::exchange(file_, -1));
            return error{errc::conflict, "Another backup to " + to_.string() + " is under way"};
        }
        for (auto const& left : fs::directory_iterator(path_, failed))
            fs::remove_all(left.path(), failed);
        return {};
    }
    [[nodiscard]] result<void> name() {
        CXB_CHECK(sync_all(path_));
        CXB_CHECK(rename_durably(path_, to_));
        named_ = true;
        return {};
    }
    [[nodiscard]] fs::path const& path() const noexcept { return path_; }

  private:
    // Whoever held it before may have given it its name just now.
    [[nodiscard]] bool is_mine() const {
        struct stat held{};
        struct stat there{};
        return ::flock(file_, LOCK_EX | LOCK_NB) == 0 && ::fstat(file_, &held) == 0 &&
               ::stat(path_.c_str(), &there) == 0 && held.st_ino == there.st_ino;
    }

    fs::path to_;
    fs::path path_;
    int file_ = -1;
    bool named_ = false;
};

class work {
  public:
    work(backup_order const& order, fs::path folder) : order_(order), folder_(std::move(folder)) {}

    result<void> copy_store() {
        auto const to = folder_ / store_name;
        auto const told = [this](std::int64_t done, std::int64_t all) {
            tell("store pages", static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(all));
            return true;
        };
        CXB_TRY(auto const made,
                store::backup_sqlite(
                    {.from = order_.store.string(), .to = to.string(), .on_progress = told}));
        made_.store_bytes = made.bytes;
        tell("look at the store", 0, 0);
        CXB_TRY(auto const rows, store::ids_in_copy(to.string(), model::system_runtime.name,
                                                    model::migration_prefix));
        for (auto const& row : rows)
            made_.migrations.push_back(row.substr(model::migration_prefix.size()));
        auto const prefix = domain::sealed_prefix;
        CXB_TRY(auto const heads,
                store::text_heads_in_copy(to.string(), prefix, prefix.size() + key_id_digits));
        for (auto const& head : heads)
            made_.sealed_with.push_back(head.substr(prefix.size()));
        CXB_TRY(auto const facts, hash_file(to, {}));
        sums_ += to_text(sum_line{facts.sha256, store_name});
        return {};
    }

    result<void> copy_objects() {
        made_.objects_kept_in = order_.objects.empty() ? "bucket" : "folder";
        std::error_code failed;
        if (order_.objects.empty() || !fs::exists(order_.objects, failed)) return {};
        fs::recursive_directory_iterator at(order_.objects, failed);
        for (fs::recursive_directory_iterator const end; !failed && at != end; at.increment(failed))
            CXB_CHECK(copy_object(*at));
        if (!failed) return {};
        return error{errc::unavailable, "The recordings cannot be read"}.with_note(
            {order_.objects.string() + ": " + failed.message()});
    }

    result<backup_manifest> finish() {
        made_.version = version_string;
        made_.settings = order_.settings;
        made_.finished_at = format_timestamp(order_.time->now());
        auto const text = wire::to_text(to_json(made_)) + '\n';
        CXB_CHECK(write_file(folder_ / manifest_name, text));
        CXB_TRY(auto const facts, hash_file(folder_ / manifest_name, {}));
        sums_ += to_text(sum_line{facts.sha256, manifest_name});
        // What the last file names must be on disk before it.
        CXB_CHECK(sync_all(folder_));
        CXB_CHECK(write_file(folder_ / sums_name, sums_));
        return std::move(made_);
    }

    void begin() { made_.started_at = format_timestamp(order_.time->now()); }

  private:
    void tell(std::string_view what, std::uint64_t done, std::uint64_t all) const {
        if (order_.on_step) order_.on_step(what, done, all);
    }

    // Uploads under way have names that are no keys. What went since the folder was listed was
    // removed for good.
    result<void> copy_object(fs::directory_entry const& entry) {
        auto const key = entry.path().lexically_relative(order_.objects).generic_string();
        std::error_code unknown;
        if (!fs::is_regular_file(entry.symlink_status(unknown)) || !store::is_object_key(key))
            return {};
        auto const to = folder_ / objects_name / key;
        CXB_CHECK(make_folder(to.parent_path()));
        auto const copied = copy_file(entry.path(), to, [this](std::size_t bytes) {
            tell("bytes of recordings", seen_ += bytes, 0);
        });
        if (!copied && copied.error().code() == errc::not_found) return {};
        CXB_CHECK(copied);
        ++made_.objects;
        made_.objects_bytes += copied->bytes;
        sums_ += to_text(sum_line{copied->sha256, std::string(objects_name) + '/' + key});
        return {};
    }

    backup_order const& order_;
    fs::path folder_;
    backup_manifest made_;
    std::uint64_t seen_ = 0;
    std::string sums_;
};

// A copy of the folder that is being copied would never end.
bool lies_in(fs::path const& path, fs::path const& folder) {
    std::error_code unknown;
    auto const way = fs::weakly_canonical(path, unknown)
                         .lexically_relative(fs::weakly_canonical(folder, unknown));
    return !way.empty() && *way.begin() != "..";
}

}  // namespace

std::optional<fs::path> store_file(std::string_view url) {
    auto const path = store::sqlite_path(url);
    return path ? std::optional<fs::path>(*path) : std::nullopt;
}

fs::path objects_folder(std::string_view url) {
    return url.starts_with(directory_scheme) ? url.substr(directory_scheme.size())
                                             : std::string_view();
}

result<backup_manifest> make_backup(backup_order const& order) {
    fs::path const to = order.to.has_filename() ? order.to : order.to.parent_path();
    if (!order.objects.empty() && lies_in(to, order.objects))
        return error{errc::conflict, "A backup cannot lie in the folder of the recordings"};
    unfinished_folder folder(to);
    CXB_CHECK(folder.open());
    work all(order, folder.path());
    all.begin();
    CXB_CHECK(all.copy_store());
    CXB_FAIL_POINT("backup.store_copied");
    CXB_CHECK(all.copy_objects());
    CXB_FAIL_POINT("backup.objects_copied");
    CXB_TRY(auto made, all.finish());
    CXB_FAIL_POINT("backup.summed");
    CXB_CHECK(folder.name());
    return made;
}

}  // namespace cxb::server::backup
