#pragma once
// A fresh folder that disappears with the object.

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace cxb_test {

class scratch_folder {
  public:
    scratch_folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "cxb-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
        path_ = pattern;
    }
    scratch_folder(scratch_folder const&) = delete;
    scratch_folder& operator=(scratch_folder const&) = delete;
    ~scratch_folder() {
        std::error_code ec;
        std::filesystem::remove_all(path_, ec);
    }
    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace cxb_test
