#include "src/store/sqlite/lock_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <thread>

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {

using std::chrono::steady_clock;

// Bytes beyond the text, which need not exist to be locked.
constexpr off_t users_byte = 1024;
constexpr off_t turn_byte = 1025;
constexpr std::array<std::string_view, 4> note_texts{"none  \n", "check \n", "open  \n",
                                                     "closed\n"};
constexpr std::size_t note_size = note_texts.front().size();
constexpr std::chrono::microseconds first_pause{50};
constexpr std::chrono::microseconds longest_pause{1000};

error failed(std::string_view what) {
    return error{errc::unavailable, "Store is not available"}
        .with_reason("store_unavailable")
        .with_retry_after(std::chrono::seconds{1})
        .with_note({std::string(what)});
}

error system_failure() {
    return failed(std::error_code(errno, std::generic_category()).message());
}

bool lock(int file, short kind, off_t byte) {
    struct flock wanted{};
    wanted.l_type = kind;
    wanted.l_whence = SEEK_SET;
    wanted.l_start = byte;
    wanted.l_len = 1;
    return ::fcntl(file, F_OFD_SETLK, &wanted) == 0;
}

bool lock_within(int file, short kind, off_t byte, std::chrono::milliseconds wait) {
    auto const end = steady_clock::now() + wait;
    auto pause = first_pause;
    while (!lock(file, kind, byte)) {
        if (steady_clock::now() >= end) return false;
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, longest_pause);
    }
    return true;
}

}  // namespace

lock_file::lock_file(std::string path) : path_(std::move(path)) {}

lock_file::~lock_file() {
    close();
}

result<void> lock_file::open() {
    file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0) return system_failure();
    return {};
}

void lock_file::close() noexcept {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
}

bool lock_file::use_alone() {
    return lock(file_, F_WRLCK, users_byte);
}

result<void> lock_file::use_shared(std::chrono::milliseconds wait) {
    if (lock_within(file_, F_RDLCK, users_byte, wait)) return {};
    return failed("another process keeps the file to itself");
}

void lock_file::leave() noexcept {
    if (file_ >= 0) (void)lock(file_, F_UNLCK, users_byte);
}

result<void> lock_file::take_turn(std::chrono::milliseconds wait) {
    if (lock_within(file_, F_WRLCK, turn_byte, wait)) return {};
    return failed("another process does not pass the turn to write");
}

void lock_file::pass_turn() noexcept {
    (void)lock(file_, F_UNLCK, turn_byte);
}

file_note lock_file::noted() const {
    char text[note_size]{};
    auto const got = ::pread(file_, text, sizeof text, 0);
    std::string_view const found(text, got == static_cast<ssize_t>(note_size) ? note_size : 0);
    auto const* const known = std::find(note_texts.begin(), note_texts.end(), found);
    if (known == note_texts.end()) return file_note::unknown;
    return static_cast<file_note>(known - note_texts.begin());
}

result<void> lock_file::note(file_note what) {
    auto const text = note_texts.at(static_cast<std::size_t>(what));
    if (::pwrite(file_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()) ||
        ::fdatasync(file_) != 0)
        return system_failure();
    return {};
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
