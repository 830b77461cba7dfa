#include "server/common/backup/backup_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"
#include "cxb/base/limits.hpp"

namespace cxb::server::backup {
namespace {

constexpr std::size_t piece_size = limits::mib;

class open_file {
  public:
    open_file(fs::path const& path, int flags) : number_(::open(path.c_str(), flags, 0600)) {}
    ~open_file() {
        if (number_ >= 0) ::close(number_);
    }
    open_file(open_file const&) = delete;
    open_file& operator=(open_file const&) = delete;
    [[nodiscard]] bool good() const noexcept { return number_ >= 0; }
    [[nodiscard]] int get() const noexcept { return number_; }

  private:
    int number_;
};

constexpr int reading = O_RDONLY | O_CLOEXEC | O_NOFOLLOW;
constexpr int making = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;

// Gives the pieces of a file to `take`, which may refuse them.
template <class Take>
result<void> each_piece(fs::path const& path, Take take) {
    open_file const file(path, reading);
    if (!file.good()) return file_failure(path);
    std::string piece(piece_size, '\0');
    for (;;) {
        auto const got = ::read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return file_failure(path);
        if (got == 0) return {};
        CXB_CHECK(take(std::string_view(piece).substr(0, static_cast<std::size_t>(got))));
    }
}

result<void> write_piece(open_file const& file, fs::path const& path, std::string_view piece) {
    while (!piece.empty()) {
        auto const put = ::write(file.get(), piece.data(), piece.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return file_failure(path);
        piece.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

// Hashes while `take` does what is to be done with the bytes.
template <class Take>
result<file_facts> hashed(fs::path const& path, piece_seen const& seen, Take take) {
    file_facts facts;
    sha256_stream sum;
    CXB_CHECK(each_piece(path, [&](std::string_view piece) -> result<void> {
        sum.update(piece);
        facts.bytes += piece.size();
        if (seen) seen(piece.size());
        return take(piece);
    }));
    facts.sha256 = to_hex(sum.finish());
    return facts;
}

}  // namespace

error file_failure(fs::path const& path) {
    int const number = errno;
    auto const code = number == ENOENT ? errc::not_found : errc::unavailable;
    return error{code, code == errc::not_found ? "There is no such file" : "A file failed"}
        .with_note({path.string() + ": " + std::generic_category().message(number)});
}

result<file_facts> hash_file(fs::path const& path, piece_seen const& seen) {
    return hashed(path, seen, [](std::string_view) -> result<void> { return {}; });
}

result<file_facts> copy_file(fs::path const& from, fs::path const& to, piece_seen const& seen) {
    open_file const out(to, making);
    if (!out.good()) return file_failure(to);
    auto copied =
        hashed(from, seen, [&](std::string_view piece) { return write_piece(out, to, piece); });
    if (!copied) ::unlink(to.c_str());
    return copied;
}

result<void> write_file(fs::path const& path, std::string const& text) {
    open_file const out(path, making);
    if (!out.good()) return file_failure(path);
    return write_piece(out, path, text);
}

result<std::string> read_text(fs::path const& path, std::size_t at_most) {
    std::string text;
    CXB_CHECK(each_piece(path, [&](std::string_view piece) -> result<void> {
        if (piece.size() > at_most - text.size())
            return error{errc::too_large, path.filename().string() + " is too large"};
        text += piece;
        return {};
    }));
    return text;
}

result<void> make_folder(fs::path const& path) {
    std::error_code unknown;
    if (path.empty() || fs::is_directory(path, unknown)) return {};
    CXB_CHECK(make_folder(path.parent_path()));
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return file_failure(path);
    return {};
}

result<void> sync_all(fs::path const& path) {
    open_file const file(path, O_RDONLY | O_CLOEXEC);
    if (!file.good() || ::syncfs(file.get()) != 0) return file_failure(path);
    return {};
}

result<void> rename_durably(fs::path const& from, fs::path const& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) return file_failure(to);
    auto const folder = to.parent_path();
    open_file const names(folder.empty() ? fs::path(".") : folder,
                          O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!names.good() || ::fsync(names.get()) != 0) return file_failure(folder);
    return {};
}

result<void> give_to(fs::path const& path, file_owner owner) {
    if (::lchown(path.c_str(), owner.user, owner.group) != 0) return file_failure(path);
    std::error_code failed;
    if (!fs::is_directory(fs::symlink_status(path, failed))) return {};
    fs::recursive_directory_iterator at(path, failed);
    for (fs::recursive_directory_iterator const end; !failed && at != end; at.increment(failed))
        if (::lchown(at->path().c_str(), owner.user, owner.group) != 0)
            return file_failure(at->path());
    if (failed) return error{errc::unavailable, "A file failed"}.with_note({failed.message()});
    return {};
}

}  // namespace cxb::server::backup
