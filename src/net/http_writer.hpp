#pragma once
/// @file
/// Heads of outgoing messages as text: the one place that decides framing (`Content-Length`,
/// chunked, until close) and keeps line breaks out of headers.

#include <string>
#include <string_view>

#include "cxb/wire/http_message.hpp"

namespace cxb::inline v1 {
namespace net {

/// What the request says about the form of its answer.
struct answer_form {
    bool to_head = false;
    bool http10 = false;
    bool keep_alive = true;
};

enum class body_framing { none, fixed, chunked, until_close };

/// Writes status line and headers to `out` (cleared first). Headers that the server owns are
/// skipped, headers with forbidden characters are dropped. `form.keep_alive` is cleared when the
/// body can only end with the connection.
body_framing write_response_head(std::string& out, wire::http_response const& response,
                                 answer_form& form);

/// Request line and headers of a request with `body_size` bytes behind them. Errors: `invalid`
/// (method or a header has forbidden characters).
result<void> write_request_head(std::string& out, wire::http_request const& request,
                                std::string_view target, std::string_view authority,
                                std::uint64_t body_size);

/// `1a2b\r\n`, the line before a chunk.
void write_chunk_size(std::string& out, std::size_t size);

}  // namespace net
}  // namespace cxb::inline v1
