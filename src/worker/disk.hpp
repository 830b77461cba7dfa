#pragma once
// Plain POSIX file work of the outbox; every failure becomes `unavailable` with the cause as note.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/result.hpp"

namespace cxb::inline v1 {
namespace worker::disk {

class descriptor {
  public:
    explicit descriptor(int fd = -1) noexcept : fd_(fd) {}
    descriptor(descriptor&& other) noexcept;
    descriptor& operator=(descriptor&& other) noexcept;
    ~descriptor();
    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] int release() noexcept;
    [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

  private:
    int fd_;
};

[[nodiscard]] error failure(std::string_view operation, std::filesystem::path const& path);
[[nodiscard]] result<void> make_folder(std::filesystem::path const& path);
[[nodiscard]] result<descriptor> create_new(std::filesystem::path const& path);
[[nodiscard]] result<void> write_all(descriptor const& file, std::string_view bytes,
                                     std::filesystem::path const& path);
[[nodiscard]] result<void> sync_data(descriptor const& file, std::filesystem::path const& path);
[[nodiscard]] result<void> rename(std::filesystem::path const& from,
                                  std::filesystem::path const& to);
[[nodiscard]] result<void> sync_folder(std::filesystem::path const& path);
[[nodiscard]] result<void> unlink(std::filesystem::path const& path);
/// Errors: `not_found`, `unavailable`.
[[nodiscard]] result<std::string> read_whole(std::filesystem::path const& path);
/// Its first bytes. Errors as `read_whole`.
[[nodiscard]] result<std::string> read_head(std::filesystem::path const& path, std::size_t most);
/// Regular file names in a folder, sorted; empty when it cannot be read.
[[nodiscard]] std::vector<std::string> list(std::filesystem::path const& folder);
/// Takes the exclusive lock without waiting. Errors: `conflict` (held), `unavailable`.
[[nodiscard]] result<descriptor> try_lock(std::filesystem::path const& path);

}  // namespace worker::disk
}  // namespace cxb::inline v1
