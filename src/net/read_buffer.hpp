#pragma once
/// @file
/// Bytes received and not yet used. Starts at 16 KiB: smaller reads cost a system call each.

#include <boost/asio/buffer.hpp>
#include <cstring>
#include <memory>
#include <string_view>

#include "cxb/version.hpp"

namespace cxb::inline v1 {
namespace net {

class read_buffer {
  public:
    static constexpr std::size_t first_size = 16384;

    [[nodiscard]] std::string_view view() const noexcept {
        return {bytes_.get() + begin_, end_ - begin_};
    }
    [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
    /// No room is left although nothing was used.
    [[nodiscard]] bool full() const noexcept { return end_ - begin_ == size_; }
    void consume(std::size_t count) noexcept {
        begin_ += count;
        if (begin_ == end_) begin_ = end_ = 0;
    }
    void filled(std::size_t count) noexcept { end_ += count; }
    /// Room behind the bytes; moves them to the front first when that gains much.
    [[nodiscard]] boost::asio::mutable_buffer room() noexcept {
        if (begin_ > 0 && size_ - end_ < size_ / 2) move_to(bytes_.get());
        return {bytes_.get() + end_, size_ - end_};
    }
    /// Makes the buffer hold at least `size` bytes.
    void reserve(std::size_t size) {
        if (size <= size_) return;
        std::unique_ptr<char[]> bigger(new char[size]);
        move_to(bigger.get());
        bytes_ = std::move(bigger);
        size_ = size;
    }

  private:
    void move_to(char* target) noexcept {
        std::memmove(target, bytes_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    std::size_t size_ = first_size;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::unique_ptr<char[]> bytes_{new char[first_size]};
};

}  // namespace net
}  // namespace cxb::inline v1
