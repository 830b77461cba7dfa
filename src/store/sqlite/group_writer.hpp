#pragma once
/// @file
/// The one writing thread: takes queued operations in groups and commits each group as one
/// transaction. An operation that fails is taken back alone (savepoint). When the transaction
/// itself fails, each operation of the group is tried once more in one of its own, so that what
/// does not fit on the disk or meets a bad page fails alone. Operations finish only after their
/// commit returned.

#include <atomic>
#include <functional>
#include <thread>

#include "src/store/sqlite/operation_queue.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

struct writer_settings {
    connection_settings file;
    queue_limits queue;
    queue_limits group;
    std::chrono::milliseconds commit_delay{0};
    std::function<void(std::chrono::nanoseconds)> on_commit;
    /// Collections changed by a commit; called before its operations finish.
    std::function<void(std::vector<collection const*> const&)> on_change;
    /// Pages in the log after a commit.
    std::function<void(int)> on_log;
};

struct writer_counters {
    std::atomic<std::uint64_t> commits{0};
    std::atomic<std::uint64_t> failed_groups{0};
    std::atomic<std::uint64_t> writes{0};
    std::atomic<std::uint64_t> max_group{0};
    std::atomic<std::int64_t> commit_nanoseconds{0};
};

class group_writer {
  public:
    explicit group_writer(writer_settings settings);
    ~group_writer();

    /// Opens the file and starts the thread.
    [[nodiscard]] result<void> start();
    [[nodiscard]] result<void> push(std::shared_ptr<operation> added);
    /// Finishes what is queued and ends the thread. Repeating it is harmless.
    void close();
    [[nodiscard]] writer_counters const& counters() const noexcept { return counters_; }
    [[nodiscard]] std::size_t depth() const { return queue_.depth(); }

  private:
    using group = std::vector<std::shared_ptr<operation>>;
    void loop();
    void write(group const& taken);
    [[nodiscard]] bool write_together(group const& taken);
    [[nodiscard]] result<void> run_all(group const& taken, std::vector<collection const*>& touched);
    [[nodiscard]] result<void> run_one(operation& each, std::vector<collection const*>& touched);
    [[nodiscard]] result<void> commit();
    void recover() noexcept;
    void keep_log_short();

    writer_settings const settings_;
    operation_queue queue_;
    connection db_;
    bool broken_ = false;
    bool begun_ = false;  // the last transaction got as far as its operations
    int next_own_checkpoint_;
    writer_counters counters_;
    std::thread thread_;
};

}  // namespace store::sqlite
}  // namespace cxb::inline v1
