#include "src/net/http_parser.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace net {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using beast_view = boost::beast::string_view;

constexpr std::size_t max_fields = 256;

std::string_view view_of(beast_view text) {
    return {text.data(), text.size()};
}

bool is_token_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// Bare CR or LF, NUL and folded lines are read in different ways by different programs.
bool is_clean_head(std::string_view head) {
    for (std::size_t i = 0; i < head.size(); ++i) {
        char const c = head[i];
        if (c == '\0') return false;
        if (c == '\r' && (i + 1 == head.size() || head[i + 1] != '\n')) return false;
        if (c != '\n') continue;
        if (i == 0 || head[i - 1] != '\r') return false;
        if (i + 1 < head.size() && (head[i + 1] == ' ' || head[i + 1] == '\t')) return false;
    }
    return true;
}

// Beast lets control characters pass inside quotes; to others a bare LF there ends the line.
bool is_clean_extension(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != 0x7f);
    });
}

// `a` or `[v6]`, with an optional port; an empty one is allowed by the standard.
bool is_host_value(std::string_view text) {
    return text.size() <= 300 && std::all_of(text.begin(), text.end(), [](char c) {
               return is_token_char(c) || c == ':' || c == '[' || c == ']';
           });
}

bool is_path(std::string_view path) {
    auto const decoded = percent_decode(path);
    return decoded && is_utf8(*decoded) && decoded->find('\0') == std::string::npos;
}

// Splits a request target; false when it is not usable.
bool read_target(std::string_view target, wire::http_request& out) {
    bool const printable = std::all_of(target.begin(), target.end(),
                                       [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
    if (!printable) return false;
    if (target == "*") {
        out.path = "*";
        return out.method == "OPTIONS";
    }
    if (!target.starts_with('/')) {
        auto const scheme = to_lower(target.substr(0, 8));
        std::size_t const skip = scheme.starts_with("http://") ? 7 : scheme == "https://" ? 8 : 0;
        if (skip == 0) return false;
        auto const end = target.find_first_of("/?", skip);
        // The authority asked for is this one, whatever Host says (RFC 9112 §3.2.2).
        auto const authority =
            target.substr(skip, end == std::string_view::npos ? end : end - skip);
        if (authority.empty() || !is_host_value(authority)) return false;
        out.headers.set("Host", std::string(authority));
        target = end == std::string_view::npos ? "" : target.substr(end);
    }
    auto const question = target.find('?');
    auto const path = target.substr(0, question);
    out.path = path.empty() ? "/" : std::string(path);
    if (question != std::string_view::npos) out.query_text = target.substr(question + 1);
    return is_path(out.path);
}

}  // namespace

// What the two Beast parsers have in common, seen without their template parameter.
struct http_parser::engine {
    virtual ~engine() = default;
    virtual std::size_t put(std::string_view bytes, error_code& ec) = 0;
    virtual void put_eof(error_code& ec) = 0;
    virtual void read_on() = 0;
    [[nodiscard]] virtual bool is_done() const = 0;
    [[nodiscard]] virtual bool is_chunked() const = 0;
    [[nodiscard]] virtual bool is_keep_alive() const = 0;
    [[nodiscard]] virtual std::optional<std::uint64_t> length() const = 0;

    void add_field(http::field name, std::string_view text, std::string_view value,
                   error_code& ec) {
        if (in_body) return;  // trailers are not used
        if (++fields > max_fields) ec = http::error::header_limit;
        if (name == http::field::content_length) {
            bool const digits = std::all_of(value.begin(), value.end(),
                                            [](char c) { return c >= '0' && c <= '9'; });
            if (has_length || !digits) ec = http::error::bad_content_length;
            has_length = true;
        }
        if (name == http::field::transfer_encoding && (version < 11 || !iequals(value, "chunked")))
            ec = http::error::bad_transfer_encoding;
        if (name == http::field::host) {
            if (has_host || !is_host_value(value)) ec = http::error::bad_value;
            has_host = true;
        }
        headers.add(std::string(text), std::string(value));
    }

    wire::header_list headers;
    std::string method;
    std::string target;
    int status = 0;
    int version = 0;
    std::size_t fields = 0;
    std::size_t waiting = 0;  // bytes that were not enough at the last call
    std::string* out = nullptr;
    bool has_length = false;
    bool has_host = false;
    bool in_body = false;
};

namespace {

template <bool IsRequest, class Base>
struct beast_engine final : Base, http::basic_parser<IsRequest> {
    using parser = http::basic_parser<IsRequest>;

    beast_engine() {
        parser::header_limit(std::numeric_limits<std::uint32_t>::max());
        parser::body_limit(boost::none);
    }
    std::size_t put(std::string_view bytes, error_code& ec) override {
        return parser::put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
    }
    void put_eof(error_code& ec) override { parser::put_eof(ec); }
    void read_on() override { parser::eager(true); }
    [[nodiscard]] bool is_done() const override { return parser::is_done(); }
    [[nodiscard]] bool is_chunked() const override { return parser::chunked(); }
    [[nodiscard]] bool is_keep_alive() const override { return parser::keep_alive(); }
    [[nodiscard]] std::optional<std::uint64_t> length() const override {
        auto const length = parser::content_length();
        return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
    }

    void on_request_impl(http::verb, beast_view name, beast_view where, int number,
                         error_code&) override {
        this->method = view_of(name);
        this->target = view_of(where);
        this->version = number;
    }
    void on_response_impl(int code, beast_view, int number, error_code&) override {
        this->status = code;
        this->version = number;
    }
    void on_field_impl(http::field name, beast_view text, beast_view value,
                       error_code& ec) override {
        this->add_field(name, view_of(text), view_of(value), ec);
    }
    void on_header_impl(error_code&) override { this->in_body = true; }
    void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
    std::size_t on_body_impl(beast_view body, error_code&) override {
        this->out->append(body.data(), body.size());
        return body.size();
    }
    void on_chunk_header_impl(std::uint64_t, beast_view extensions, error_code& ec) override {
        if (!is_clean_extension(view_of(extensions))) ec = http::error::bad_chunk_extension;
    }
    std::size_t on_chunk_body_impl(std::uint64_t, beast_view body, error_code&) override {
        this->out->append(body.data(), body.size());
        return body.size();
    }
    void on_finish_impl(error_code&) override {}
};

// No chunk can end a body in fewer bytes, and Beast must not see its last chunk in pieces that
// are shorter.
constexpr std::size_t shortest_chunked_rest = 5;

}  // namespace

http_parser::http_parser(std::unique_ptr<engine> inner, std::size_t max_head)
    : engine_(std::move(inner)), max_head_(max_head) {}

http_parser::~http_parser() = default;

bool http_parser::done() const noexcept {
    return head_done_ && engine_->is_done();
}

bool http_parser::keep_alive() const noexcept {
    return engine_->is_keep_alive();
}

std::optional<std::uint64_t> http_parser::content_length() const noexcept {
    return engine_->length();
}

std::size_t http_parser::read_head(std::string_view bytes) {
    if (!skipped_blank_ && bytes.size() >= 2) {
        skipped_blank_ = true;
        if (bytes.starts_with("\r\n")) return 2;
    }
    if (bytes.empty() || (bytes[0] == '\r' && bytes.size() == 1 && !skipped_blank_)) return 0;
    if (!is_token_char(bytes[0])) {
        fail(400);
        return 0;
    }
    auto const from = scanned_ > 3 ? scanned_ - 3 : 0;
    auto const end = bytes.substr(0, max_head_).find("\r\n\r\n", from);
    scanned_ = bytes.size();
    if (end == std::string_view::npos) {
        if (bytes.size() >= max_head_) fail(431);
        return 0;
    }
    auto const head = bytes.substr(0, end + 4);
    error_code ec;
    if (!is_clean_head(head) || engine_->put(head, ec) != head.size() || ec) {
        fail(ec == http::error::header_limit ? 431 : 400);
        return 0;
    }
    head_done_ = true;
    http10_ = engine_->version < 11;
    engine_->read_on();
    take_head();
    return head.size();
}

std::size_t http_parser::read_body(std::string_view bytes, std::string& out) {
    if (done() || bytes.empty() || bytes.size() < engine_->waiting) return 0;
    engine_->out = &out;
    error_code ec;
    auto const used = engine_->put(bytes, ec);
    engine_->out = nullptr;
    if (ec && ec != http::error::need_more) {
        fail(400);
    } else {
        engine_->waiting = ec ? std::max(bytes.size() - used + 1, shortest_chunked_rest) : 0;
    }
    return used;
}

bool http_parser::finish_at_eof() {
    if (!head_done_) return false;
    if (done()) return true;
    error_code ec;
    engine_->put_eof(ec);
    return !ec;
}

request_parser::request_parser(std::size_t max_head)
    : http_parser(std::make_unique<beast_engine<true, engine>>(), max_head) {}

request_parser::~request_parser() = default;

void request_parser::take_head() {
    request_.method = std::move(engine_->method);
    request_.headers = std::move(engine_->headers);
    bool const usable = request_.method != "CONNECT" && (engine_->has_host || http10_) &&
                        read_target(engine_->target, request_);
    if (!usable) fail(400);
    expects_continue_ = !http10_ && iequals(request_.headers.get("Expect"), "100-continue");
}

response_parser::response_parser(std::size_t max_head, bool to_head)
    : http_parser(
          [&] {
              auto inner = std::make_unique<beast_engine<false, engine>>();
              inner->skip(to_head);
              return inner;
          }(),
          max_head) {}

response_parser::~response_parser() = default;

void response_parser::take_head() {
    response_.status = engine_->status;
    response_.headers = std::move(engine_->headers);
}

bool response_parser::interim() const noexcept {
    return response_.status >= 100 && response_.status < 200;
}

}  // namespace net
}  // namespace cxb::inline v1
