#include "cxb/client/observed_transport.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "cxb/base/ids.hpp"
#include "cxb/domain/http_url.hpp"

namespace cxb::inline v1 {
namespace client {
namespace {

constexpr std::string_view blank = "***";
constexpr std::size_t digits_of_a_number = 7;
constexpr std::size_t shown_digits = 4;
constexpr std::size_t longest_word = 40;
constexpr std::size_t longest_name = 15;

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_word(std::string_view text) noexcept {
    return text.size() <= longest_word && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
           });
}

bool is_name(std::string_view text) noexcept {
    return text.size() <= longest_name && std::ranges::all_of(text, [](char c) {
               return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
           });
}

// Digits with what people write between them.
std::string digits_of(std::string_view text) {
    std::string out;
    for (char const c : text)
        if (is_digit(c)) out += c;
    return out;
}

std::string loggable_segment(std::string_view raw) {
    auto const decoded = percent_decode(raw);
    if (!decoded) return std::string(blank);
    std::string_view const text = *decoded;
    if (is_word(text)) return std::string(text);
    auto const stem = text.substr(0, text.rfind('.'));
    if ((is_uuid(stem) || is_hex24(stem)) && is_word(text.substr(stem.size())))
        return std::string(text);
    auto const digits = digits_of(text);
    bool const number =
        digits.size() >= digits_of_a_number && std::ranges::none_of(text, is_letter);
    if (number) return std::string(blank).append(digits, digits.size() - shown_digits);
    if (digits.size() < digits_of_a_number && is_name(text)) return std::string(text);
    return std::string(blank);
}

template <class Each>
void each_part(std::string_view text, char separator, Each each) {
    for (;;) {
        auto const cut = text.find(separator);
        each(text.substr(0, cut));
        if (cut == std::string_view::npos) return;
        text.remove_prefix(cut + 1);
    }
}

// Where a request goes, as far as it may be shown.
void place_of(std::string const& url, exchange_record& out) {
    constexpr std::string_view unix_scheme = "unix:";
    if (url.starts_with(unix_scheme)) {
        auto const split = url.find(":/", unix_scheme.size());
        if (split == std::string::npos) return;
        out.origin = url.substr(0, split);
        out.path = loggable_path(std::string_view(url).substr(split + 1));
    } else if (auto const parts = domain::parse_http_url(url)) {
        out.origin = parts->scheme + "://" + parts->authority();
        out.path = loggable_path(parts->target);
    }
}

}  // namespace

std::string loggable_path(std::string_view target) {
    target = target.substr(0, target.find('#'));
    auto const path = target.substr(0, target.find('?'));
    std::string out;
    each_part(path, '/', [&](std::string_view part) {
        if (part.data() != path.data()) out += '/';
        out += loggable_segment(part);
    });
    if (path.size() == target.size()) return out;
    char before = '?';
    each_part(target.substr(path.size() + 1), '&', [&](std::string_view pair) {
        out += before;
        out.append(loggable_segment(pair.substr(0, pair.find('=')))).append("=").append(blank);
        before = '&';
    });
    return out;
}

std::string to_log_text(exchange_record const& record) {
    auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(record.took).count();
    std::string out = record.method + " " + record.origin + " " + record.path + " ";
    if (record.failure) {
        constexpr std::string_view states[] = {"no", "maybe", "yes"};
        out.append(name_of(*record.failure)).append("(").append(record.reason);
        out.append(") request_sent=").append(states[static_cast<int>(record.sent)]);
    } else {
        out += std::to_string(record.status);
    }
    out += " " + std::to_string(ms) + "ms sent=" + std::to_string(record.sent_bytes) +
           " received=" + std::to_string(record.received_bytes);
    if (!record.request_id.empty()) out += " request_id=" + record.request_id;
    return out;
}

observed_transport::observed_transport(transport& inner, exchange_hook hook, clock const* time)
    : transport_layer(inner),
      hook_(std::move(hook)),
      time_(time == nullptr ? &real_clock() : time) {}

boost::asio::awaitable<result<wire::http_response>> observed_transport::send(
    outgoing_request request, transport_options options) {
    exchange_record record;
    record.method = request.message.method;
    place_of(request.url, record);
    auto id = std::string(request.message.headers.get("X-Request-Id"));
    record.sent_bytes = request.upload ? request.upload->length.value_or(0)
                                       : std::uint64_t{request.message.body.size()};
    auto const begin = time_->steady();
    auto answer = co_await inner().send(std::move(request), std::move(options));
    record.took = time_->steady() - begin;
    if (answer) {
        record.status = answer->status;
        record.sent = sent_state::yes;
        record.received_bytes = answer->bytes().size();
        if (id.empty()) id = answer->headers.get("X-Request-Id");
    } else {
        record.failure = answer.error().code();
        record.reason = answer.error().reason();
        record.sent = answer.error().request_sent();
    }
    if (!id.empty()) record.request_id = loggable_segment(id);
    hook_(record);
    co_return answer;
}

}  // namespace client
}  // namespace cxb::inline v1
