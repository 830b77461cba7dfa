#pragma once
/// @file
/// A few threads that read snapshots, each with its own connection, behind one bounded queue.

#include <thread>

#include "src/store/sqlite/operation.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

class reader_pool {
  public:
    /// A read that takes longer than `longest` fails with `deadline_exceeded`: while it runs, the
    /// log cannot begin anew.
    reader_pool(connection_settings file, unsigned threads, queue_limits queue,
                std::chrono::milliseconds longest);
    ~reader_pool();

    /// Opens the connections and starts the threads.
    [[nodiscard]] result<void> start();
    [[nodiscard]] result<void> push(std::shared_ptr<operation> added);
    /// Finishes what is queued and ends the threads. Repeating it is harmless.
    void close();
    [[nodiscard]] std::size_t depth() const { return queue_.depth(); }

  private:
    void loop(connection& db);

    std::chrono::milliseconds const longest_;
    operation_queue queue_;
    std::vector<std::unique_ptr<connection>> connections_;
    std::vector<std::thread> threads_;
};

}  // namespace store::sqlite
}  // namespace cxb::inline v1
