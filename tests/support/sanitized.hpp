#pragma once
/// @file
/// Is this built with a sanitizer? Such programs start and work several times slower and need
/// several times the memory; tests that count or measure choose their sizes by it.

namespace cxb::test {

#if defined(__has_feature) && (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

/// The size for this build.
template <class Size>
[[nodiscard]] constexpr Size sized(Size usual, Size with_sanitizer) noexcept {
    return sanitized ? with_sanitizer : usual;
}

}  // namespace cxb::test
