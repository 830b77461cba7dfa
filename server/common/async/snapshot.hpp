#pragma once
/// @file
/// Read-mostly state as an immutable value that is swapped whole (DESIGN: execution).
///
/// Readers take a shared pointer and keep a consistent view for as long as they hold it; writers
/// build a new value and swap it in. Thread-safety: all members from any thread.

#include <memory>
#include <mutex>
#include <utility>

namespace cxb::server {

template <class T>
class snapshot {
  public:
    snapshot() : value_(std::make_shared<T const>()) {}
    [[nodiscard]] std::shared_ptr<T const> get() const {
        std::scoped_lock const lock(mutex_);
        return value_;
    }
    void set(T value) {
        auto fresh = std::make_shared<T const>(std::move(value));
        std::scoped_lock const lock(mutex_);
        value_ = std::move(fresh);
    }
    /// Builds the successor from the current value; writers do not lose each other's changes.
    template <class Change>
    void change(Change make) {
        std::scoped_lock const lock(mutex_);
        value_ = std::make_shared<T const>(make(*value_));
    }

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<T const> value_;
};

}  // namespace cxb::server
