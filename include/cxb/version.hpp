#pragma once
/// @file
/// The library's version, and the inline namespace every public name lives in.
///
/// All public names stand in `cxb::inline v1`; the wire format only grows (spec 10 §1.4), so a
/// program built against an older 1.x keeps compiling and keeps understanding newer peers.

#include "cxb/base/export.hpp"

#define CXB_VERSION_MAJOR 1
#define CXB_VERSION_MINOR 0
#define CXB_VERSION_PATCH 0
#define CXB_VERSION_STRING "1.0.0"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
/// Version text as sent in `User-Agent: cxb/<version>` and shown by `--version`.
inline constexpr char version_string[] = CXB_VERSION_STRING;
}  // namespace cxb::inline v1
CXB_EXPORT_END
