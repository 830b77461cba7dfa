#pragma once
/// @file
/// An HTTP request and response as plain data: what handlers, clients and ports exchange. Sockets
/// and Beast stay in `src/net`.
///
/// Header names compare without case; repeated headers keep their order. A target is split into
/// `path` (percent-encoded, as received) and `query` (decoded pairs).
/// Thread-safety: value types.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cxb/base/result.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace wire {

/// Header lines in order.
class header_list {
  public:
    using item = std::pair<std::string, std::string>;
    header_list() = default;
    header_list(std::initializer_list<item> items) : items_(items) {}
    /// Value of the first header of that name; "" when absent.
    [[nodiscard]] std::string_view get(std::string_view name) const noexcept;
    [[nodiscard]] bool has(std::string_view name) const noexcept;
    /// Appends a line.
    void add(std::string name, std::string value);
    /// Replaces all lines of that name by one.
    void set(std::string_view name, std::string value);
    void remove(std::string_view name);
    [[nodiscard]] std::vector<item> const& items() const noexcept { return items_; }

  private:
    std::vector<item> items_;
};

/// Decoded query parameters in order.
class query_list {
  public:
    using item = std::pair<std::string, std::string>;
    /// Splits `a=1&b=%20`; a broken escape is `malformed`.
    [[nodiscard]] static result<query_list> parse(std::string_view text);
    /// First value of that name; empty optional when absent.
    [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const noexcept;
    void add(std::string name, std::string value);
    [[nodiscard]] std::vector<item> const& items() const noexcept { return items_; }
    /// Encoded, without a leading `?`.
    [[nodiscard]] std::string to_text() const;

  private:
    std::vector<item> items_;
};

/// A body that is produced in pieces (files, exports). `next` fills a piece of at most 64 KiB and
/// returns false at the end; an error ends the connection without the closing chunk.
struct body_stream {
    std::optional<std::uint64_t> length;  ///< absent: chunked
    std::function<result<bool>(std::string& piece)> next;
    /// For producers that may have to wait: `next` then gives an empty piece and true, and the
    /// sender calls `when_ready(wake)`; `wake` is called at most once, from any thread, when asking
    /// again is worth it. Unset: after an empty piece the sender asks again every 25 ms.
    std::function<void(std::function<void()> wake)> when_ready;
};

/// Receives an upload in pieces as they arrive. `write` is called for each piece, `finish` once
/// after the last; destruction without `finish` means the sender broke off.
class body_sink {
  public:
    virtual ~body_sink() = default;
    virtual result<void> write(std::string_view piece) = 0;
    virtual result<void> finish() = 0;
};

struct http_request {
    std::string method = "GET";
    std::string path = "/";  ///< percent-encoded, without query
    std::string query_text;  ///< raw text after `?`, not logged
    header_list headers;
    std::string body;
    std::string remote_address;  ///< peer's IP, as text, of the connection
    bool tls = false;
    std::shared_ptr<body_sink> sink;  ///< received the body instead of `body`
    std::shared_ptr<void> context;    ///< whatever the handler attached when it judged the head
};

struct http_response {
    int status = 200;
    header_list headers;
    std::string body;                           ///< used when the others are unset
    std::shared_ptr<std::string const> shared;  ///< the same bytes for many responses, not copied
    std::shared_ptr<body_stream> stream;        ///< produced while sending
    [[nodiscard]] std::string_view bytes() const noexcept {
        return shared ? std::string_view(*shared) : std::string_view(body);
    }
};

}  // namespace wire
}  // namespace cxb::inline v1
CXB_EXPORT_END
