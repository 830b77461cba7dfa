#include "cxb/contract/livekit/access_token.hpp"

#include "cxb/wire/jws.hpp"

namespace cxb::inline v1 {
namespace contract::livekit {

result<std::string> mint_token(std::string_view api_key, secret const& api_secret,
                               token_request const& request, time_point now) {
    if (api_key.empty()) return error{errc::invalid, "LiveKit API key is empty"};
    CXB_CHECK(validate(request));
    auto const from = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    wire::json_object claims;
    claims["iss"] = api_key;
    claims["sub"] = request.identity;
    if (request.name) claims["name"] = *request.name;
    claims["iat"] = from;
    claims["nbf"] = from;
    claims["exp"] = from + request.ttl_seconds.count();
    if (request.video) claims["video"] = wire::to_object(*request.video);
    if (request.sip) claims["sip"] = wire::to_object(*request.sip);
    if (request.metadata) claims["metadata"] = *request.metadata;
    if (!request.attributes.empty()) {
        auto& attributes = claims["attributes"].emplace_object();
        for (auto const& [name, value] : request.attributes)
            attributes[name] = value;
    }
    return wire::jws_sign(wire::jws_algorithm::hs256, api_secret, claims);
}

result<std::string> mint_token(api_credentials const& credentials, token_request const& request,
                               time_point now) {
    return mint_token(credentials.api_key, credentials.api_secret, request, now);
}

}  // namespace contract::livekit
}  // namespace cxb::inline v1
