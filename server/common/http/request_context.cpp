#include "server/common/http/request_context.hpp"

#include <stdexcept>

#include "server/common/http/route.hpp"

namespace cxb::server {

std::string const& request_context::param(std::string_view name) const {
    for (auto const& [known, value] : params)
        if (known == name) return value;
    throw std::logic_error("no such path parameter: " + std::string(name));
}

std::chrono::milliseconds request_context::remaining() const noexcept {
    if (deadline == std::chrono::nanoseconds::max()) return std::chrono::hours{24};
    auto const left = deadline - time->steady();
    if (left.count() <= 0) return std::chrono::milliseconds{0};
    return std::chrono::duration_cast<std::chrono::milliseconds>(left);
}

std::string_view request_context::user_agent() const noexcept {
    return request.headers.get("User-Agent").substr(0, 200);
}

result<wire::json_value> request_context::json_body() const {
    if (request.body.empty()) return error{errc::malformed, "The body is empty"};
    return wire::parse_json(request.body);
}

result<wire::json_object> request_context::object_body() const {
    CXB_TRY(auto value, json_body());
    auto* const object = value.if_object();
    if (object == nullptr) return invalid_member("", "must be an object");
    return std::move(*object);
}

std::string_view word_for(access who) noexcept {
    switch (who) {
        case access::public_:
            return "public";
        case access::core_secret:
            return "core_secret";
        case access::api_key_or_admin:
            return "api_key_or_admin";
        case access::user:
            return "user";
        case access::admin:
            return "admin";
        case access::super_admin:
            return "super_admin";
        case access::agent_or_supervisor:
            return "agent_or_supervisor";
        case access::supervisor:
            return "supervisor";
        case access::agent_assist_manager:
            return "agent_assist_manager";
        case access::signed_link:
            return "signed_link";
        case access::loopback_or_core:
            return "loopback_or_core";
        case access::unset:
            break;
    }
    return {};
}

}  // namespace cxb::server
