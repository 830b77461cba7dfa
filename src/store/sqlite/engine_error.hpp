#pragma once
/// @file
/// What the engine's error codes mean to users of the store.

#include <string>

#include "cxb/base/error.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

/// `conflict` (`duplicate_key`), `corrupt_data`, `too_large`, `deadline_exceeded` (interrupted),
/// else `unavailable` (`store_unavailable`, repeat after 1 s). Throws `std::logic_error` where the
/// SQL is at fault. `message` is for logs.
[[nodiscard]] error engine_error(int code, std::string message);

}  // namespace store::sqlite
}  // namespace cxb::inline v1
