#pragma once
/// @file
/// Origins of web pages, as browsers send them in `Origin` (spec 21 §8): scheme, host and port.
/// Thread-safety: pure functions.

#include <optional>
#include <string>
#include <string_view>

namespace cxb::api {

/// `https://Shop.example.com/` -> `https://shop.example.com:443`: two texts of one origin give the
/// same. None for what is no origin of a web page: no scheme, a path, `null`, an empty text.
[[nodiscard]] std::optional<std::string> web_origin(std::string_view text);

}  // namespace cxb::api
