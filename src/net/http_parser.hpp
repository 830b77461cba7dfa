#pragma once
/// @file
/// Reads one HTTP/1.1 message from bytes, strictly: whatever two readers could take differently is
/// refused. Beast stays in the body of this file.
///
/// Use: `read_head` with all bytes buffered so far until it used some and `head_done()`; then
/// `read_body` with what follows until `done()`. `fault()` is 0, or the HTTP status that names the
/// failure (400 unreadable, 431 head too large); after a fault the parser must not be fed again.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cxb/wire/http_message.hpp"

namespace cxb::inline v1 {
namespace net {

/// What both kinds of message share.
class http_parser {
  public:
    http_parser(http_parser const&) = delete;
    http_parser& operator=(http_parser const&) = delete;
    virtual ~http_parser();
    /// Returns the bytes used; 0 without a fault means: call again with more bytes behind these.
    std::size_t read_head(std::string_view bytes);
    /// Appends decoded body bytes to `out`; returns the bytes used.
    std::size_t read_body(std::string_view bytes, std::string& out);
    /// The peer closed. True when the message is complete by that.
    bool finish_at_eof();

    [[nodiscard]] int fault() const noexcept { return fault_; }
    [[nodiscard]] bool head_done() const noexcept { return head_done_; }
    [[nodiscard]] bool done() const noexcept;
    /// Facts of the head, once done.
    [[nodiscard]] bool keep_alive() const noexcept;
    [[nodiscard]] bool http10() const noexcept { return http10_; }
    [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept;

  protected:
    struct engine;
    http_parser(std::unique_ptr<engine> inner, std::size_t max_head);
    void fail(int status) noexcept { fault_ = status; }
    std::unique_ptr<engine> engine_;
    bool http10_ = false;

  private:
    virtual void take_head() = 0;
    std::size_t max_head_;
    std::size_t scanned_ = 0;
    int fault_ = 0;
    bool skipped_blank_ = false;
    bool head_done_ = false;
};

class request_parser final : public http_parser {
  public:
    explicit request_parser(std::size_t max_head);
    ~request_parser() override;
    [[nodiscard]] wire::http_request& request() noexcept { return request_; }
    [[nodiscard]] bool expects_continue() const noexcept { return expects_continue_; }

  private:
    void take_head() override;
    wire::http_request request_;
    bool expects_continue_ = false;
};

class response_parser final : public http_parser {
  public:
    /// `to_head`: the answer to a HEAD request, which has no body whatever its headers say.
    response_parser(std::size_t max_head, bool to_head);
    ~response_parser() override;
    [[nodiscard]] wire::http_response& response() noexcept { return response_; }
    /// 1xx: another head follows, to be read by a new parser.
    [[nodiscard]] bool interim() const noexcept;

  private:
    void take_head() override;
    wire::http_response response_;
};

}  // namespace net
}  // namespace cxb::inline v1
