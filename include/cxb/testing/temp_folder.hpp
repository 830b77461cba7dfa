#pragma once
/// @file
/// A fresh folder that disappears with the object, and all that is in it.
///
/// ```cpp
/// testing::temp_folder folder;
/// options.outbox_dir = folder.path() / "outbox";
/// ```
/// It lies in the system's folder for temporary files, mode 0700. A machine that can make none
/// throws `std::runtime_error`. Ownership: the object owns the folder; what resists removal stays.
/// Thread-safety: const access from any thread.

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace testing {

class temp_folder {
  public:
    temp_folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "cxb-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
        path_ = pattern;
    }
    temp_folder(temp_folder const&) = delete;
    temp_folder& operator=(temp_folder const&) = delete;
    ~temp_folder() {
        std::error_code ec;
        std::filesystem::remove_all(path_, ec);
    }
    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace testing
}  // namespace cxb::inline v1
CXB_EXPORT_END
