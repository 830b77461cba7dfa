#pragma once
/// @file
/// The file that tells scripts a process is ready and under which URL (spec 20 §1): one JSON line
/// `{"pid","url"}`, put in place by rename, removed at exit.

#include <filesystem>
#include <string_view>

#include "cxb/base/result.hpp"

namespace cxb::server {

/// Holds the file; removes it when destroyed. An empty path stands for "not asked for".
class ready_file {
  public:
    ready_file() = default;
    ready_file(ready_file&& other) noexcept;
    ready_file& operator=(ready_file&& other) noexcept;
    ~ready_file();
    /// Errors: `unavailable` when the file cannot be written. "" gives an object without a file.
    [[nodiscard]] static result<ready_file> write(std::filesystem::path path, std::string_view url);
    void remove() noexcept;

  private:
    std::filesystem::path path_;
};

}  // namespace cxb::server
