#include "cxb/store/directory/directory_object_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "cxb/base/encoding.hpp"
#include "src/base/fail_point.hpp"

namespace cxb::inline v1 {
namespace store {
namespace {

namespace fs = std::filesystem;

// No key can hold a `~`, so no object ever lies in there.
constexpr char const* temporary_folder = ".tmp~";

error bad_key() {
    return invalid_member("/key", "not an object key");
}

error disk_error(char const* what, int number) {
    if (number == ENAMETOOLONG) return bad_key();  // a segment longer than a file name may be
    std::array<char, 128> text{};
    return error{errc::unavailable, "Object store does not answer"}.with_note(
        {std::string(what) + ": " + ::strerror_r(number, text.data(), text.size())});
}

bool is_absence(int number) noexcept {
    return number == ENOENT || number == ENOTDIR || number == ENAMETOOLONG;
}

class file_handle {
  public:
    explicit file_handle(int number) : number_(number) {}
    ~file_handle() {
        if (number_ >= 0) ::close(number_);
    }
    file_handle(file_handle&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    file_handle& operator=(file_handle&&) = delete;
    [[nodiscard]] int get() const noexcept { return number_; }
    [[nodiscard]] bool good() const noexcept { return number_ >= 0; }

  private:
    int number_;
};

object_info info_of(struct stat const& facts) {
    object_info out;
    out.size = static_cast<std::uint64_t>(facts.st_size);
    out.modified =
        time_point{milliseconds{facts.st_mtim.tv_sec * 1000 + facts.st_mtim.tv_nsec / 1'000'000}};
    out.etag = "\"" + std::to_string(facts.st_ino) + "-" + std::to_string(facts.st_size) + "-" +
               std::to_string(facts.st_mtim.tv_sec) + "." + std::to_string(facts.st_mtim.tv_nsec) +
               "\"";
    return out;
}

result<void> sync_folder(fs::path const& folder) {
    file_handle const handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!handle.good() || ::fsync(handle.get()) != 0) return disk_error("sync folder", errno);
    return {};
}

class file_reader final : public object_reader {
  public:
    explicit file_reader(file_handle handle) : handle_(std::move(handle)) {}
    result<void> read(std::string& piece, std::size_t at_most) override {
        piece.resize(at_most);
        ssize_t got = 0;
        do {
            got = ::read(handle_.get(), piece.data(), at_most);
        } while (got < 0 && errno == EINTR);
        if (got < 0) return disk_error("read", errno);
        piece.resize(static_cast<std::size_t>(got));
        return {};
    }

  private:
    file_handle handle_;
};

class file_writer final : public object_writer {
  public:
    file_writer(file_handle handle, fs::path temporary, fs::path target, std::uint64_t max_bytes)
        : handle_(std::move(handle)),
          temporary_(std::move(temporary)),
          target_(std::move(target)),
          room_(max_bytes) {}
    ~file_writer() override {
        if (!committed_) ::unlink(temporary_.c_str());
    }
    result<void> write(std::string_view piece) override {
        if (piece.size() > room_) return error{errc::too_large, "Object over its limit"};
        room_ -= piece.size();
        while (!piece.empty()) {
            ssize_t const put = ::write(handle_.get(), piece.data(), piece.size());
            if (put < 0 && errno == EINTR) continue;
            if (put < 0) return disk_error("write", errno);
            piece.remove_prefix(static_cast<std::size_t>(put));
        }
        return {};
    }
    result<object_info> commit() override {
        if (::fdatasync(handle_.get()) != 0) return disk_error("sync", errno);
        struct stat facts{};
        if (::fstat(handle_.get(), &facts) != 0) return disk_error("stat", errno);
        CXB_FAIL_POINT("objects.before_rename");
        if (::rename(temporary_.c_str(), target_.c_str()) != 0) return disk_error("rename", errno);
        committed_ = true;
        CXB_FAIL_POINT("objects.renamed");
        CXB_CHECK(sync_folder(target_.parent_path()));
        return info_of(facts);
    }

  private:
    file_handle handle_;
    fs::path temporary_;
    fs::path target_;
    std::uint64_t room_;
    bool committed_ = false;
};

// New folders on the way to a key must themselves survive power loss.
result<void> make_folders(fs::path const& root, fs::path const& folder) {
    std::error_code unknown;
    if (folder == root || fs::exists(folder, unknown)) return {};
    CXB_CHECK(make_folders(root, folder.parent_path()));
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return disk_error("mkdir", errno);
    return sync_folder(folder.parent_path());
}

}  // namespace

result<std::unique_ptr<directory_object_store>> directory_object_store::open_at(
    fs::path root, random_source& random) {
    std::error_code failed;
    fs::create_directories(root, failed);
    if (failed) return disk_error("create", failed.value());
    ::chmod(root.c_str(), 0700);
    fs::remove_all(root / temporary_folder, failed);
    fs::create_directories(root / temporary_folder, failed);
    if (failed) return disk_error("create", failed.value());
    return std::unique_ptr<directory_object_store>(
        new directory_object_store(std::move(root), random));
}

result<std::optional<object_info>> directory_object_store::stat(std::string_view key) {
    if (!is_object_key(key)) return bad_key();
    struct stat facts{};
    if (::stat((root_ / key).c_str(), &facts) != 0) {
        if (is_absence(errno)) return std::optional<object_info>{};
        return disk_error("stat", errno);
    }
    if (!S_ISREG(facts.st_mode)) return std::optional<object_info>{};
    return std::optional(info_of(facts));
}

result<std::unique_ptr<object_reader>> directory_object_store::open(std::string_view key,
                                                                    std::uint64_t offset) {
    if (!is_object_key(key)) return bad_key();
    file_handle handle(::open((root_ / key).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    // A symbolic link (ELOOP) is never an object.
    if (!handle.good() && !is_absence(errno) && errno != ELOOP) return disk_error("open", errno);
    struct stat facts{};
    if (!handle.good() || ::fstat(handle.get(), &facts) != 0 || !S_ISREG(facts.st_mode))
        return error{errc::not_found, "Object not found"};
    if (::lseek(handle.get(), static_cast<off_t>(offset), SEEK_SET) < 0)
        return disk_error("seek", errno);
    return std::unique_ptr<object_reader>(std::make_unique<file_reader>(std::move(handle)));
}

result<std::unique_ptr<object_writer>> directory_object_store::create(std::string_view key,
                                                                      std::uint64_t max_bytes) {
    if (!is_object_key(key)) return bad_key();
    fs::path const target = root_ / key;
    CXB_CHECK(make_folders(root_, target.parent_path()));
    std::array<std::byte, 16> name{};
    random_.fill(name);
    fs::path const temporary = root_ / temporary_folder /
                               to_hex({reinterpret_cast<char const*>(name.data()), name.size()});
    file_handle handle(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!handle.good()) return disk_error("create", errno);
    return std::unique_ptr<object_writer>(
        std::make_unique<file_writer>(std::move(handle), temporary, target, max_bytes));
}

result<void> directory_object_store::remove(std::string_view key) {
    if (!is_object_key(key)) return bad_key();
    fs::path const target = root_ / key;
    if (::unlink(target.c_str()) != 0) {
        if (is_absence(errno)) return {};
        return disk_error("unlink", errno);
    }
    return sync_folder(target.parent_path());
}

result<void> directory_object_store::ping() {
    if (::access((root_ / temporary_folder).c_str(), W_OK) != 0) return disk_error("access", errno);
    return {};
}

}  // namespace store
}  // namespace cxb::inline v1
