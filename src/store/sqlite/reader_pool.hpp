#pragma once
/// @file
/// A few threads that read snapshots, each with its own connection, behind one bounded queue.

#include <thread>

#include "src/store/sqlite/operation_queue.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

class reader_pool {
  public:
    reader_pool(connection_settings file, unsigned threads, queue_limits queue);
    ~reader_pool();

    /// Opens the connections and starts the threads.
    [[nodiscard]] result<void> start();
    [[nodiscard]] result<void> push(std::shared_ptr<operation> added);
    /// Finishes what is queued and ends the threads. Repeating it is harmless.
    void close();
    [[nodiscard]] std::size_t depth() const { return queue_.depth(); }

  private:
    void loop(connection& db);

    operation_queue queue_;
    std::vector<std::unique_ptr<connection>> connections_;
    std::vector<std::thread> threads_;
};

}  // namespace store::sqlite
}  // namespace cxb::inline v1
