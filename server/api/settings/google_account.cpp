#include "server/api/settings/google_account.hpp"

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::api {
namespace {

using wire::json_object;

constexpr seconds assertion_lifetime{600};
constexpr char const* unreadable = "key_unreadable";

}  // namespace

result<google_account> read_google_account(std::string_view json) {
    auto const document = wire::parse_json(json);
    if (!document || !document->is_object())
        return error{errc::invalid, unreadable}.with_reason(unreadable);
    auto const& members = document->as_object();
    auto const text = [&](char const* name) { return std::string(wire::text_at(members, name)); };
    google_account out{text("project_id"), text("client_email"), secret(text("private_key")),
                       text("token_uri")};
    if (out.token_url.empty()) out.token_url = google_token_url;
    return out;
}

result<client::outgoing_request> google_token_request(google_account const& account,
                                                      time_point now) {
    std::int64_t const issued = to_epoch_ms(now) / 1000;
    json_object const claims{{"iss", account.client_email},
                             {"scope", "https://www.googleapis.com/auth/cloud-platform"},
                             {"aud", account.token_url},
                             {"iat", issued},
                             {"exp", issued + assertion_lifetime.count()}};
    std::string const head =
        to_base64url(R"({"alg":"RS256","typ":"JWT"})") + "." + to_base64url(wire::to_text(claims));
    auto const signature = rsa_sha256_sign(account.private_key.reveal(), head);
    if (!signature) return error{errc::invalid, unreadable}.with_reason(unreadable);
    client::outgoing_request out;
    out.url = account.token_url;
    out.message.method = "POST";
    out.message.headers = {{"Accept", "application/json"},
                           {"Content-Type", "application/x-www-form-urlencoded"}};
    out.message.body =
        "grant_type=" + percent_encode("urn:ietf:params:oauth:grant-type:jwt-bearer") +
        "&assertion=" + head + "." + to_base64url(*signature);
    return out;
}

result<secret> read_google_token(std::string_view body) {
    auto const document = wire::parse_json(body);
    std::string token;
    if (document && document->is_object())
        token = wire::text_at(document->as_object(), "access_token");
    if (token.empty()) return error{errc::upstream_failed, "no access_token in the answer"};
    return secret(std::move(token));
}

}  // namespace cxb::api
