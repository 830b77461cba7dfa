#pragma once
/// @file
/// What an engine counts, for `/metrics`.

#include <string_view>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

/// One figure, shown as `cxb_store_<name>`; a counter only grows.
struct store_measure {
    std::string_view name;
    bool counter = false;
    double value = 0;
};

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
