#pragma once
/// @file
/// Every access of one store to its files: a thin layer over the system's that counts and times,
/// and on which tests play full, failing and slow disks.
///
/// Each store has a disk of its own, so its figures are its own. Make it before the connections
/// that name it and destroy it after them. Thread-safety: counters may be read at any time; the
/// callbacks run on the thread that uses the file, several at once.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "cxb/version.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

enum class disk_file { data, log, other };
enum class disk_action { read, write, truncate, sync };
enum class disk_answer { go_on, full, failed };

struct disk_event {
    disk_action action;
    disk_file file;
    std::int64_t bytes;  ///< of a read or write
};

/// | field    | meaning                                                                        |
/// |----------|--------------------------------------------------------------------------------|
/// | log_wait | added to each sync of the log: a slower disk than the one at hand               |
/// | before   | asked before each action; any other answer than `go_on` fails it               |
/// | on_sync  | told after each sync that succeeded, with the time it took                     |
struct disk_settings {
    std::chrono::milliseconds log_wait{0};
    std::function<disk_answer(disk_event const&)> before;
    std::function<void(disk_file, std::chrono::nanoseconds)> on_sync;
};

/// Since the disk was made. A sync is one `fdatasync` of the system.
struct disk_counters {
    std::atomic<std::uint64_t> log_syncs{0};
    std::atomic<std::uint64_t> data_syncs{0};
    std::atomic<std::int64_t> sync_nanoseconds{0};
    std::atomic<std::uint64_t> log_bytes_written{0};
    std::atomic<std::uint64_t> data_bytes_written{0};
};

class disk {
  public:
    explicit disk(disk_settings settings);
    ~disk();
    disk(disk const&) = delete;
    disk& operator=(disk const&) = delete;

    /// What a connection is opened with.
    [[nodiscard]] char const* name() const noexcept;
    [[nodiscard]] disk_counters const& counters() const noexcept { return counters_; }

    // --- called by the files of this disk ---
    [[nodiscard]] disk_answer ask(disk_event const& event) const;
    [[nodiscard]] std::chrono::milliseconds wait_of(disk_file file) const;
    void wrote(disk_file file, std::int64_t bytes);
    void synced(disk_file file, std::chrono::nanoseconds took);

  private:
    struct registration;
    disk_settings const settings_;
    disk_counters counters_;
    std::unique_ptr<registration> registered_;
};

}  // namespace store::sqlite
}  // namespace cxb::inline v1
