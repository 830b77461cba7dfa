#pragma once
/// @file
/// Reading and writing the small JSON answers of a worker. Private to src/worker.

#include <string>
#include <string_view>

#include "cxb/wire/http_message.hpp"

namespace cxb::inline v1 {
namespace worker {

/// `detail` of a problem document, else its `error` member; "" when neither is a text.
[[nodiscard]] std::string problem_detail(std::string_view body);
/// `code` of a problem document, else its detail.
[[nodiscard]] std::string problem_code(std::string_view body);

[[nodiscard]] wire::http_response json_answer(int status, std::string body);

}  // namespace worker
}  // namespace cxb::inline v1
