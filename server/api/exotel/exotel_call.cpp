#include "server/api/exotel/exotel_call.hpp"

#include <utility>

#include "cxb/base/encoding.hpp"

namespace cxb::api {
namespace {

constexpr std::size_t most_answer = 64 * limits::kib;
constexpr std::size_t most_text = 128;

bool is_good(int status) noexcept {
    return status >= 200 && status <= 299;
}

std::string shown_text(std::string_view text) {
    return std::string(utf8_prefix(trim(text), most_text));
}

// {"Call": {"Sid": ...}}, {"RestException": {"Message": ...}}
std::string json_text(wire::json_object const& answer, std::string_view name) {
    for (auto const& [member, value] : answer)
        if (value.is_object())
            if (auto const found = wire::text_at(value.get_object(), name); !found.empty())
                return shown_text(found);
    return {};
}

error refused(wire::http_response const& answer) {
    std::string detail = "Exotel refused the call";
    if (auto const why = exotel_text(answer.bytes(), "Message"); !why.empty())
        detail.append(": ").append(why);
    error out = error{errc::upstream_failed, std::move(detail)}.with_member(
        "provider_status", std::to_string(answer.status));
    // Such a fault says nothing about whether the phone rings.
    if (answer.status >= 500 && answer.status != 503)
        return std::move(out).with_reason("outcome_unknown");
    return out;
}

error not_answered(error const& cause) {
    if (cause.status() != 0)
        return error{errc::upstream_failed, "Exotel refused the call"}.with_member(
            "provider_status", std::to_string(cause.status()));
    if (cause.code() == errc::blocked)
        return error{errc::upstream_failed, "Exotel's address is refused by the outbound guard"}
            .with_reason("outbound_blocked")
            .with_note({std::string(cause.reason())});
    if (cause.request_sent() == sent_state::no)
        return error{errc::upstream_failed, "Exotel cannot be reached"}.with_note({cause.detail()});
    return error{errc::deadline_exceeded, "The call may have been placed; do not repeat it blindly"}
        .with_reason("outcome_unknown");
}

}  // namespace

client::outgoing_request exotel_call_request(wire::json_object const& document,
                                             exotel_number const& from, std::string_view customer) {
    auto const text = [&](char const* name) { return std::string(wire::text_at(document, name)); };
    std::pair<std::string_view, std::string> const form[] = {
        {"From", std::string(customer)},
        {"CallerId", from.number},
        {"Url", from.flow_url},
        {"CallType", "trans"},
        {"CustomField", "cxb-test:" + from.id},
    };
    client::outgoing_request out;
    out.url = text("api_base_url") + "/v1/Accounts/" + percent_encode(text("account_sid")) +
              "/Calls/connect";
    out.message.method = "POST";
    out.message.headers.set("Content-Type", "application/x-www-form-urlencoded");
    out.message.headers.set("Authorization",
                            "Basic " + to_base64(text("api_key") + ":" + text("api_token")));
    for (auto const& [name, value] : form) {
        if (!out.message.body.empty()) out.message.body += '&';
        out.message.body.append(name).append("=").append(percent_encode(value));
    }
    return out;
}

std::string exotel_text(std::string_view body, std::string_view name) {
    if (auto const json = wire::parse_json(body); json && json->is_object())
        return json_text(json->get_object(), name);
    std::string const opening = "<" + std::string(name) + ">";
    auto const from = body.find(opening);
    if (from == std::string_view::npos) return {};
    auto const rest = body.substr(from + opening.size());
    auto const end = rest.find('<');
    if (end == std::string_view::npos || !is_utf8(rest.substr(0, end))) return {};
    return shown_text(rest.substr(0, end));
}

store::async<exotel_call_placed> place_exotel_call(client::transport& outbound,
                                                   client::outgoing_request request) {
    client::transport_options how;
    how.total = exotel_patience;
    how.max_response_bytes = most_answer;
    auto const answer = co_await outbound.send(std::move(request), how);
    exotel_call_placed out;
    if (!answer) {
        // An answer that is too long to read is one all the same.
        if (is_good(answer.error().status())) co_return out;
        co_return not_answered(answer.error());
    }
    if (!is_good(answer->status)) co_return refused(*answer);
    out.call_sid = exotel_text(answer->bytes(), "Sid");
    co_return out;
}

}  // namespace cxb::api
