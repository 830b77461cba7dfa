#pragma once
/// @file
/// What a shared object of the library shows. Everything is compiled with hidden visibility; what
/// stands between these two marks, the whole namespace of each public header, is exported:
///
/// ```cpp
/// CXB_EXPORT_BEGIN
/// namespace cxb::inline v1 {
/// ...
/// }  // namespace cxb::inline v1
/// CXB_EXPORT_END
/// ```
/// So the exported names are the public declarations, and a declaration cannot be forgotten by
/// itself. `scripts/mark_exports.py` puts the marks into a new header, a test asks for them.
/// Includes stay outside: other libraries decide about their own names.

#define CXB_EXPORT_BEGIN _Pragma("GCC visibility push(default)")
#define CXB_EXPORT_END _Pragma("GCC visibility pop")
