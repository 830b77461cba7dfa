#pragma once
/// @file
/// Moves the write-ahead log into the database file on its own thread and connection, so that no
/// commit waits for it: each time it has grown by a step, and when no write came for a while.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "src/store/sqlite/connection.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

class log_keeper {
  public:
    /// `quiet`: how long after the last write the rest of the log is moved.
    log_keeper(connection_settings file, std::chrono::milliseconds quiet);
    ~log_keeper();

    [[nodiscard]] result<void> start();
    /// Tells how long the log has become. Thread-safe; returns at once.
    void note(int pages);
    void close();

  private:
    void loop();

    std::chrono::milliseconds const quiet_;
    connection db_;
    std::mutex mutex_;
    std::condition_variable wake_;
    int next_ = 0;         // guarded by mutex_: length at which to work again
    bool due_ = false;     // guarded by mutex_
    bool noted_ = false;   // guarded by mutex_: since the log was looked at last
    bool rest_ = false;    // guarded by mutex_: there is something left to move
    bool closed_ = false;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace store::sqlite
}  // namespace cxb::inline v1
