#pragma once
// A disk of a few megabytes in memory, to be filled up. Mounting it needs the rights of root.

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

namespace cxb::e2e {

class small_disk {
  public:
    explicit small_disk(std::filesystem::path at, char const* size = "size=12m")
        : at_(std::move(at)) {
        std::filesystem::create_directories(at_);
        mounted_ = ::mount("tmpfs", at_.c_str(), "tmpfs", 0, size) == 0;
        why_ = std::strerror(errno);  // NOLINT(concurrency-mt-unsafe)
    }
    ~small_disk() {
        if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
    }
    small_disk(small_disk const&) = delete;
    small_disk& operator=(small_disk const&) = delete;
    [[nodiscard]] bool there() const { return mounted_; }
    [[nodiscard]] std::string const& why() const { return why_; }
    // Uses up all the space there is.
    void fill() const {
        std::ofstream out(at_ / "filler", std::ios::app);
        std::string const block(4096, 'x');
        while (out.write(block.data(), static_cast<std::streamsize>(block.size())).flush())
            continue;
    }
    void make_room() const { std::filesystem::remove(at_ / "filler"); }

  private:
    std::filesystem::path at_;
    bool mounted_ = false;
    std::string why_;
};

}  // namespace cxb::e2e
