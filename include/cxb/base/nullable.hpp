#pragma once
/// @file
/// Absent, null and present as three states (spec 10 §1.1): for PATCH-like bodies where null means
/// "reset to the default" and absence "leave alone".

#include <optional>
#include <utility>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {

/// Tag: the member was there and was null.
struct null_t {
    friend bool operator==(null_t, null_t) = default;
};
inline constexpr null_t null{};

template <class T>
class nullable {
  public:
    nullable() = default;                 ///< absent
    nullable(null_t) : present_(true) {}  // NOLINT(google-explicit-constructor)
    nullable(T value) : present_(true), value_(std::move(value)) {}  // NOLINT
    [[nodiscard]] bool is_absent() const noexcept { return !present_; }
    [[nodiscard]] bool is_null() const noexcept { return present_ && !value_; }
    [[nodiscard]] bool has_value() const noexcept { return value_.has_value(); }
    [[nodiscard]] T const& value() const { return value_.value(); }
    [[nodiscard]] T& value() { return value_.value(); }
    friend bool operator==(nullable const&, nullable const&) = default;

  private:
    bool present_ = false;
    std::optional<T> value_;
};

}  // namespace cxb::inline v1
CXB_EXPORT_END
