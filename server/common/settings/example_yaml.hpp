#pragma once
/// @file
/// `cxb.example.yaml`: every setting with its sentence, default, bounds and variable, made from the
/// setting table. The text loads as it is and then means the defaults.

#include <string>

namespace cxb::server {

[[nodiscard]] std::string example_yaml();

}  // namespace cxb::server
