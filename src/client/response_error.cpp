#include "cxb/client/response_error.hpp"

#include <algorithm>
#include <iterator>

#include "cxb/base/limits.hpp"
#include "cxb/wire/json.hpp"
#include "cxb/wire/retry_after.hpp"

namespace cxb::inline v1 {
namespace client {
namespace {

std::vector<fault> faults_of(wire::json_object const& body) {
    std::vector<fault> out;
    auto const* list = body.if_contains("errors");
    if (list == nullptr || !list->is_array()) return out;
    for (auto const& item : list->get_array()) {
        if (!item.is_object() || out.size() == limits::faults) continue;
        out.push_back({std::string(wire::text_at(item.get_object(), "pointer")),
                       std::string(wire::text_at(item.get_object(), "reason"))});
    }
    return out;
}

// Extra problem members (`checks` of /ready, `next_open_at`) stay readable to the caller.
error with_members(error out, wire::json_object const& body) {
    constexpr std::string_view known[] = {"type", "title",  "status",     "detail",
                                          "code", "errors", "request_id", "error"};
    for (auto const& [name, value] : body) {
        if (std::find(std::begin(known), std::end(known), std::string_view(name)) !=
            std::end(known))
            continue;
        error next(std::move(out).with_member(std::string(name), wire::to_text(value)));
        out = std::move(next);
    }
    return out;
}

}  // namespace

errc code_of_status(int status) noexcept {
    switch (status) {
        case 400:
            return errc::malformed;
        case 401:
            return errc::unauthenticated;
        case 403:
            return errc::forbidden;
        case 404:
            return errc::not_found;
        case 405:
            return errc::method_not_allowed;
        case 408:
        case 504:
            return errc::deadline_exceeded;
        case 409:
            return errc::conflict;
        case 412:
            return errc::precondition_failed;
        case 413:
            return errc::too_large;
        case 429:
            return errc::at_capacity;
        case 503:
            return errc::unavailable;
        default:
            return status >= 400 && status < 500 ? errc::invalid : errc::upstream_failed;
    }
}

error error_of(wire::http_response const& answer, time_point now) {
    wire::json_object body;
    if (auto parsed = wire::parse_json(answer.bytes(), limits::mib); parsed && parsed->is_object())
        body = std::move(parsed->as_object());
    auto detail = wire::text_at(body, "detail");
    if (detail.empty()) detail = wire::text_at(body, "error");
    auto id = wire::text_at(body, "request_id");
    if (id.empty()) id = answer.headers.get("X-Request-Id");
    error out(error{code_of_status(answer.status), std::string(detail)}
                  .with_status(answer.status)
                  .with_request_sent(sent_state::yes)
                  .with_reason(std::string(wire::text_at(body, "code")))
                  .with_faults(faults_of(body))
                  .with_request_id(std::string(id)));
    if (auto const wait = wire::retry_after(answer.headers, now))
        return with_members(std::move(out).with_retry_after(*wait), body);
    return with_members(std::move(out), body);
}

result<wire::http_response> check_status(wire::http_response answer, time_point now) {
    if (answer.status >= 200 && answer.status < 300) return answer;
    return error_of(answer, now);
}

error unreadable_answer(error const& cause, int status) {
    return error{errc::corrupt_data, "The answer cannot be read: " + cause.detail()}
        .with_faults(cause.faults())
        .with_status(status)
        .with_request_sent(sent_state::yes);
}

}  // namespace client
}  // namespace cxb::inline v1
