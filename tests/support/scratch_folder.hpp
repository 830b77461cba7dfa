#pragma once
// A fresh folder that disappears with the object.

#include "cxb/testing/temp_folder.hpp"

namespace cxb_test {

using scratch_folder = cxb::testing::temp_folder;

}  // namespace cxb_test
