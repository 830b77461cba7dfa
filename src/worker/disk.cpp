#include "src/worker/disk.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace cxb::inline v1 {
namespace worker::disk {

descriptor::descriptor(descriptor&& other) noexcept : fd_(other.release()) {}

descriptor& descriptor::operator=(descriptor&& other) noexcept {
    descriptor old(std::exchange(fd_, other.release()));
    return *this;
}

descriptor::~descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

int descriptor::release() noexcept {
    return std::exchange(fd_, -1);
}

error failure(std::string_view operation, std::filesystem::path const& path) {
    std::string note(operation);
    note += ' ';
    note += path.filename().string();
    note += ": ";
    note += std::generic_category().message(errno);
    return error{errc::unavailable, "Outbox disk failure"}.with_reason("disk").with_note(
        private_note{std::move(note)});
}

result<void> make_folder(std::filesystem::path const& path) {
    if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
    return failure("mkdir", path);
}

result<descriptor> create_new(std::filesystem::path const& path) {
    descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return failure("create", path);
    return file;
}

result<void> write_all(descriptor const& file, std::string_view bytes,
                       std::filesystem::path const& path) {
    while (!bytes.empty()) {
        auto const n = ::write(file.get(), bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failure("write", path);
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

result<void> sync_data(descriptor const& file, std::filesystem::path const& path) {
    if (::fdatasync(file.get()) != 0) return failure("fdatasync", path);
    return {};
}

result<void> rename(std::filesystem::path const& from, std::filesystem::path const& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) return failure("rename", from);
    return {};
}

result<void> sync_folder(std::filesystem::path const& path) {
    descriptor const folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fsync(folder.get()) != 0) return failure("fsync", path);
    return {};
}

result<void> unlink(std::filesystem::path const& path) {
    if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
    return failure("unlink", path);
}

result<std::string> read_whole(std::filesystem::path const& path) {
    return read_head(path, std::string::npos);
}

result<std::string> read_head(std::filesystem::path const& path, std::size_t most) {
    descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        if (errno == ENOENT) return error{errc::not_found, "No such entry"};
        return failure("open", path);
    }
    std::string bytes;
    char piece[65536];
    for (;;) {
        if (bytes.size() >= most) return bytes;
        auto const n = ::read(file.get(), piece, std::min(sizeof piece, most - bytes.size()));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failure("read", path);
        if (n == 0) return bytes;
        bytes.append(piece, static_cast<std::size_t>(n));
    }
}

std::vector<std::string> list(std::filesystem::path const& folder) {
    std::vector<std::string> names;
    std::error_code ec;
    for (std::filesystem::directory_iterator at(folder, ec), end; !ec && at != end;
         at.increment(ec)) {
        std::error_code kind_ec;
        if (at->is_regular_file(kind_ec)) names.push_back(at->path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

result<descriptor> try_lock(std::filesystem::path const& path) {
    descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file) return failure("open", path);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return file;
    if (errno != EWOULDBLOCK) return failure("flock", path);
    return error{errc::conflict, "Outbox is used by another process"}.with_reason("outbox_locked");
}

}  // namespace worker::disk
}  // namespace cxb::inline v1
