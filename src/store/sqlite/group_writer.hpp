#pragma once
/// @file
/// The one writing thread: takes queued operations in groups and commits each group as one
/// transaction. An operation that fails is taken back alone: if it had changed anything, the group
/// is taken back and run anew with a savepoint for each operation. When the transaction itself
/// fails, each operation of the group is tried once more in one of its own, so that what does not
/// fit on the disk or meets a bad page fails alone. Operations finish only after their commit
/// returned.
///
/// Between groups it waits a little for more where that pays (`linger_rule`), lets the log begin
/// anew when it has become long, and returns free pages (`page_keeper`). Other processes write
/// in turn with it (`lock_file`).

#include <atomic>
#include <functional>
#include <thread>

#include "src/store/sqlite/linger_rule.hpp"
#include "src/store/sqlite/lock_file.hpp"
#include "src/store/sqlite/operation.hpp"
#include "src/store/sqlite/page_keeper.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

struct writer_settings {
    connection_settings file;
    lock_file* turns = nullptr;
    queue_limits queue;
    queue_limits group;
    linger_limits linger;
    page_limits pages;
    int most_log_pages = 16384;                 ///< longer: the log is made to begin anew
    std::chrono::milliseconds reader_wait{10};  ///< how long that may wait for readers
    /// Time and number of writes of a commit.
    std::function<void(std::chrono::nanoseconds, std::size_t)> on_commit;
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
    std::atomic<std::uint64_t> lingers{0};
    std::atomic<std::int64_t> linger_nanoseconds{0};
    std::atomic<std::int64_t> free_pages{0};
    std::atomic<std::int64_t> log_pages{0};
    std::atomic<std::uint64_t> log_restarts{0};
    std::atomic<std::uint64_t> held_restarts{0};  ///< put off because a reader needs the log
};

class group_writer {
  public:
    explicit group_writer(writer_settings settings);
    ~group_writer();

    /// Opens the file and starts the thread.
    [[nodiscard]] result<void> start();
    [[nodiscard]] result<void> push(std::shared_ptr<operation> added,
                                    boost::asio::any_io_executor const& executor);
    /// Finishes what is queued and ends the thread. Repeating it is harmless.
    void close();
    [[nodiscard]] writer_counters const& counters() const noexcept { return counters_; }
    [[nodiscard]] std::size_t depth() const { return queue_->depth(); }

  private:
    using group = std::vector<std::shared_ptr<operation>>;
    void loop();
    void wait_for_work();
    void linger();
    void return_pages();
    [[nodiscard]] result<void> vacuum_step();
    void write(group const& taken);
    [[nodiscard]] result<void> begin(std::chrono::milliseconds wait);
    [[nodiscard]] bool write_together(group const& taken);
    enum class undo_by { transaction, savepoint };  ///< what takes back an operation that failed
    [[nodiscard]] result<bool> run_all(group const& taken, undo_by how,
                                       std::vector<collection const*>& touched);
    [[nodiscard]] result<bool> run_one(operation& each, undo_by how,
                                       std::vector<collection const*>& touched);
    [[nodiscard]] result<void> commit(std::size_t writes);
    void recover() noexcept;
    void after_commit();
    void keep_log_short(int pages);

    writer_settings const settings_;
    std::shared_ptr<operation_queue> const queue_;  // also held by who will wake the writer
    connection db_;
    trigger_switch triggers_;
    bool broken_ = false;
    bool begun_ = false;  // the last transaction got as far as its operations
    int next_restart_;
    linger_rule linger_;
    page_keeper pages_;
    writer_counters counters_;
    std::thread thread_;
};

}  // namespace store::sqlite
}  // namespace cxb::inline v1
