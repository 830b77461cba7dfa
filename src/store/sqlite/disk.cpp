#include "src/store/sqlite/disk.hpp"

#include <sqlite3.h>

#include <new>
#include <stdexcept>
#include <thread>

#include "src/base/fail_point.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {

using std::chrono::steady_clock;

/// A file of a disk; the system's own file lies behind it in the same block of memory.
struct watched_file {
    sqlite3_file base;
    disk* owner;
    disk_file kind;
    sqlite3_file* real;
};

watched_file& self_of(sqlite3_file* file) {
    return *reinterpret_cast<watched_file*>(file);
}

int code_of(disk_answer answer, int failed) {
    switch (answer) {
        case disk_answer::go_on:
            return SQLITE_OK;
        case disk_answer::full:
            return SQLITE_FULL;
        case disk_answer::failed:
            return failed;
    }
    return failed;
}

int close_file(sqlite3_file* file) {
    auto* const real = self_of(file).real;
    return real->pMethods->xClose(real);
}

int read_file(sqlite3_file* file, void* into, int bytes, sqlite3_int64 at) {
    auto& self = self_of(file);
    auto const answer = self.owner->ask({disk_action::read, self.kind, bytes});
    if (int const code = code_of(answer, SQLITE_IOERR_READ); code != SQLITE_OK) return code;
    return self.real->pMethods->xRead(self.real, into, bytes, at);
}

int write_file(sqlite3_file* file, void const* from, int bytes, sqlite3_int64 at) {
    auto& self = self_of(file);
    auto const answer = self.owner->ask({disk_action::write, self.kind, bytes});
    if (int const code = code_of(answer, SQLITE_IOERR_WRITE); code != SQLITE_OK) return code;
    int const code = self.real->pMethods->xWrite(self.real, from, bytes, at);
    if (code == SQLITE_OK) self.owner->wrote(self.kind, bytes);
    return code;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    auto& self = self_of(file);
    auto const answer = self.owner->ask({disk_action::truncate, self.kind, 0});
    if (int const code = code_of(answer, SQLITE_IOERR_TRUNCATE); code != SQLITE_OK) return code;
    return self.real->pMethods->xTruncate(self.real, size);
}

int sync_file(sqlite3_file* file, int flags) {
    auto& self = self_of(file);
    auto const start = steady_clock::now();
    auto const answer = self.owner->ask({disk_action::sync, self.kind, 0});
    if (int const code = code_of(answer, SQLITE_IOERR_FSYNC); code != SQLITE_OK) return code;
    if (auto const wait = self.owner->wait_of(self.kind); wait.count() > 0)
        std::this_thread::sleep_for(wait);
    if (self.kind == disk_file::data) CXB_FAIL_POINT("store.data.before_sync");
    int const code = self.real->pMethods->xSync(self.real, flags);
    if (code == SQLITE_OK) self.owner->synced(self.kind, steady_clock::now() - start);
    return code;
}

// The rest passes unchanged to the system's file.
template <auto Method, class... Arguments>
auto pass_on(sqlite3_file* file, Arguments... arguments) {
    auto* const real = self_of(file).real;
    return (real->pMethods->*Method)(real, arguments...);
}

constexpr sqlite3_io_methods file_methods{
    .iVersion = 3,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = pass_on<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    .xLock = pass_on<&sqlite3_io_methods::xLock, int>,
    .xUnlock = pass_on<&sqlite3_io_methods::xUnlock, int>,
    .xCheckReservedLock = pass_on<&sqlite3_io_methods::xCheckReservedLock, int*>,
    .xFileControl = pass_on<&sqlite3_io_methods::xFileControl, int, void*>,
    .xSectorSize = pass_on<&sqlite3_io_methods::xSectorSize>,
    .xDeviceCharacteristics = pass_on<&sqlite3_io_methods::xDeviceCharacteristics>,
    .xShmMap = pass_on<&sqlite3_io_methods::xShmMap, int, int, int, void volatile**>,
    .xShmLock = pass_on<&sqlite3_io_methods::xShmLock, int, int, int>,
    .xShmBarrier = pass_on<&sqlite3_io_methods::xShmBarrier>,
    .xShmUnmap = pass_on<&sqlite3_io_methods::xShmUnmap, int>,
    .xFetch = pass_on<&sqlite3_io_methods::xFetch, sqlite3_int64, int, void**>,
    .xUnfetch = pass_on<&sqlite3_io_methods::xUnfetch, sqlite3_int64, void*>,
};

disk_file kind_of(int flags) {
    if ((flags & SQLITE_OPEN_MAIN_DB) != 0) return disk_file::data;
    if ((flags & SQLITE_OPEN_WAL) != 0) return disk_file::log;
    return disk_file::other;
}

sqlite3_vfs* system_files() {
    auto* const found = sqlite3_vfs_find("unix");
    if (found == nullptr) throw std::runtime_error("sqlite has no unix file layer");
    return found;
}

int open_file(sqlite3_vfs* layer, sqlite3_filename name, sqlite3_file* file, int flags,
              int* out_flags) {
    auto* const system = system_files();
    auto* const made = new (file)
        watched_file{{nullptr}, static_cast<disk*>(layer->pAppData), kind_of(flags), nullptr};
    made->real = reinterpret_cast<sqlite3_file*>(made + 1);
    int const code = system->xOpen(system, name, made->real, flags, out_flags);
    // A file that set its methods will be closed, even if opening failed.
    if (made->real->pMethods != nullptr) made->base.pMethods = &file_methods;
    return code;
}

}  // namespace

struct disk::registration {
    std::string name;
    sqlite3_vfs layer;
};

disk::disk(disk_settings settings)
    : settings_(std::move(settings)), registered_(std::make_unique<registration>()) {
    static std::atomic<std::uint64_t> made{0};
    registered_->name = "cxb-" + std::to_string(++made);
    // Everything but opening is the system's own: those functions take the system's names.
    registered_->layer = *system_files();
    registered_->layer.pNext = nullptr;
    registered_->layer.zName = registered_->name.c_str();
    registered_->layer.pAppData = this;
    registered_->layer.szOsFile += static_cast<int>(sizeof(watched_file));
    registered_->layer.xOpen = open_file;
    if (sqlite3_vfs_register(&registered_->layer, 0) != SQLITE_OK)
        throw std::runtime_error("sqlite took no file layer");
}

disk::~disk() {
    sqlite3_vfs_unregister(&registered_->layer);
}

char const* disk::name() const noexcept {
    return registered_->name.c_str();
}

disk_answer disk::ask(disk_event const& event) const {
    return settings_.before ? settings_.before(event) : disk_answer::go_on;
}

std::chrono::milliseconds disk::wait_of(disk_file file) const {
    return file == disk_file::log ? settings_.log_wait : std::chrono::milliseconds{0};
}

void disk::wrote(disk_file file, std::int64_t bytes) {
    auto& counter =
        file == disk_file::log ? counters_.log_bytes_written : counters_.data_bytes_written;
    if (file != disk_file::other) counter += static_cast<std::uint64_t>(bytes);
}

void disk::synced(disk_file file, std::chrono::nanoseconds took) {
    if (file == disk_file::other) return;
    ++(file == disk_file::log ? counters_.log_syncs : counters_.data_syncs);
    counters_.sync_nanoseconds += took.count();
    if (settings_.on_sync) settings_.on_sync(file, took);
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
