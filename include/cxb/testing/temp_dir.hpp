#pragma once
/// @file
/// A fresh directory that disappears with the object; for tests that need files.
///
/// Made below `TMPDIR`, else `/tmp`, with mode 0700. Machine faults (no space, no rights) throw
/// `std::system_error` from the constructor; removal never throws. Not copyable.

#include <filesystem>
#include <string>
#include <string_view>

#include "cxb/version.hpp"

namespace cxb::inline v1 {
namespace testing {

class temp_dir {
  public:
    temp_dir();
    temp_dir(temp_dir const&) = delete;
    temp_dir& operator=(temp_dir const&) = delete;
    ~temp_dir();

    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }
    /// Path of a name inside it.
    [[nodiscard]] std::string file(std::string_view name) const;

  private:
    std::filesystem::path path_;
};

}  // namespace testing
}  // namespace cxb::inline v1
