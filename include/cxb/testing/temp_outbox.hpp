#pragma once
/// @file
/// An outbox folder for a test: options that point into it, and what lies in it, also while a
/// worker holds it or after one died.
///
/// ```cpp
/// testing::temp_outbox kept;
/// auto outbox = worker::result_outbox::open(kept.options(net)).value();
/// ...                                                     // put, crash, open again
/// ASSERT_EQ(kept.waiting().size(), 1U);
/// EXPECT_THAT(kept.waiting()[0].body, IsResultFor("s-7"));
/// EXPECT_EQ(kept.dead()[0].death.status, 422);
/// ```
/// | what      | where (spec 10 §11.4)  | given as                                              |
/// |-----------|------------------------|-------------------------------------------------------|
/// | waiting() | `new/`, oldest first   | file name, header line, exact body                    |
/// | dead()    | `dead/`, oldest first  | `worker::dead_entry`                                  |
/// | journals()| `calls/`               | call ids of running calls, sorted                     |
///
/// A file that vanishes while it is read is left out; a folder that is not there yet is empty.
/// Ownership: the folder goes with the object, so it outlives every outbox in it.
/// Thread-safety: const access from any thread.

#include <filesystem>
#include <string>
#include <vector>

#include "cxb/testing/temp_folder.hpp"
#include "cxb/wire/json.hpp"
#include "cxb/worker/result_outbox.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace testing {

/// An entry as it lies on disk; nothing is checked.
struct kept_entry {
    std::string name;          ///< of the file
    wire::json_object header;  ///< line 1; empty when it is no JSON object
    std::string body;          ///< everything behind line 1
};

class temp_outbox {
  public:
    explicit temp_outbox(std::string worker_id = "1") : worker_id_(std::move(worker_id)) {}

    /// For a `result_outbox` here: root, worker, transport; a held lock is not waited for.
    [[nodiscard]] worker::result_outbox::options options(client::transport& net) const;
    /// `CXB_OUTBOX_DIR`
    [[nodiscard]] std::filesystem::path const& root() const noexcept { return temp_.path(); }
    /// That of the worker.
    [[nodiscard]] std::filesystem::path folder() const { return root() / worker_id_; }

    [[nodiscard]] std::vector<kept_entry> waiting() const;
    [[nodiscard]] std::vector<worker::dead_entry> dead() const;
    [[nodiscard]] std::vector<std::string> journals() const;

  private:
    temp_folder temp_;
    std::string worker_id_;
};

}  // namespace testing
}  // namespace cxb::inline v1
CXB_EXPORT_END
