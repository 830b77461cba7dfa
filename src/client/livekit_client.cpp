#include "src/client/livekit_client.hpp"

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace client {
namespace {

namespace lk = contract::livekit;

constexpr std::size_t longest_message = 500;
constexpr int ok = 200;

std::string camel_case(std::string_view name) {
    std::string out;
    bool raise = false;
    for (char const c : name) {
        if (c == '_') {
            raise = true;
            continue;
        }
        out += raise && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        raise = false;
    }
    return out;
}

// Twirp: {"code": word, "msg": text}; anything else comes from something before LiveKit.
error refusal(int status, std::string_view body) {
    auto const parsed = wire::parse_json(body);
    std::string code;
    std::string message;
    if (parsed && parsed->is_object()) {
        code = wire::text_at(parsed->get_object(), "code");
        message = utf8_prefix(wire::text_at(parsed->get_object(), "msg"), longest_message);
    }
    if (message.empty()) message = "LiveKit answered " + std::to_string(status);
    if (code == "not_found") return error{errc::not_found, message}.with_status(status);
    error out = error{errc::upstream_failed, message}.with_status(status);
    if (code.empty()) return out;
    return std::move(out).with_reason(std::move(code));
}

}  // namespace

std::string livekit_http_base(std::string_view url) {
    std::string out(url);
    if (out.starts_with("wss://")) out.replace(0, 3, "https");
    if (out.starts_with("ws://")) out.replace(0, 2, "http");
    while (out.ends_with('/'))
        out.pop_back();
    return out;
}

wire::json_value const* livekit_member(wire::json_object const& from,
                                       std::string_view name) noexcept {
    if (auto const* found = from.if_contains(name)) return found;
    return from.if_contains(camel_case(name));
}

std::string_view livekit_text(wire::json_object const& from, std::string_view name) noexcept {
    auto const* found = livekit_member(from, name);
    return found != nullptr && found->is_string() ? std::string_view(found->get_string())
                                                  : std::string_view();
}

bool livekit_unreachable(error const& failure) noexcept {
    return failure.code() == errc::unavailable || failure.code() == errc::deadline_exceeded;
}

livekit_client::livekit_client(livekit_options options)
    : options_(std::move(options)), base_(livekit_http_base(options_.url)) {}

async<wire::json_object> livekit_client::ask(livekit_request request) const {
    CXB_CO_TRY(std::string const token,
               lk::mint_token(options_.credentials, lk::server(), options_.time->now()));
    outgoing_request out;
    out.url = base_ + "/twirp/livekit." + request.service + "/" + request.method;
    out.message.method = "POST";
    out.message.headers = {{"Content-Type", "application/json"},
                           {"Authorization", "Bearer " + token}};
    out.message.body = wire::to_text(request.body);
    transport_options how;
    how.total = request.timeout.count() > 0 ? request.timeout : options_.timeout;
    how.max_response_bytes = longest_answer;
    auto const answer = co_await options_.way->send(std::move(out), how);
    if (!answer) {
        auto const code = answer.error().code();
        if (code == errc::too_large) co_return answer.error();
        co_return error{code == errc::deadline_exceeded ? code : errc::unavailable, livekit_away}
            .with_note({answer.error().to_log_text()})
            .with_request_sent(answer.error().request_sent());
    }
    if (answer->status != ok) co_return refusal(answer->status, answer->bytes());
    auto parsed = wire::parse_json(answer->bytes());
    if (!parsed || !parsed->is_object())
        co_return error{errc::corrupt_data, "LiveKit's answer cannot be read"}.with_status(ok);
    co_return std::move(parsed->get_object());
}

}  // namespace client
}  // namespace cxb::inline v1
