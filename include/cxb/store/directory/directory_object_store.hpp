#pragma once
/// @file
/// `object_store` over a directory: one file per object, the key is the path below the root.
/// New objects are written below `.tmp~`, synced, renamed, and their directory is synced. Left-over
/// temporary files of a crash are removed when the store is opened.
///
/// Errors are those of the port: a disk that is full or refuses gives `unavailable`.
/// Thread-safety: any thread; all calls block, so they belong on a pool. One process at a time owns
/// a root; `random` names temporary files and outlives the store.

#include <filesystem>

#include "cxb/base/random.hpp"
#include "cxb/store/object_store.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

class directory_object_store final : public object_store {
  public:
    /// Creates the directory (mode 0700). Errors: `unavailable` when it cannot be used.
    [[nodiscard]] static result<std::unique_ptr<directory_object_store>> open_at(
        std::filesystem::path root, random_source& random);

    result<std::optional<object_info>> stat(std::string_view key) override;
    result<std::unique_ptr<object_reader>> open(std::string_view key,
                                                std::uint64_t offset) override;
    result<std::unique_ptr<object_writer>> create(std::string_view key,
                                                  std::uint64_t max_bytes) override;
    result<void> remove(std::string_view key) override;
    result<void> ping() override;

  private:
    directory_object_store(std::filesystem::path root, random_source& random)
        : root_(std::move(root)), random_(random) {}
    std::filesystem::path root_;
    random_source& random_;
};

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
