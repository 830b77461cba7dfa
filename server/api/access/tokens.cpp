#include "server/api/access/tokens.hpp"

#include <array>

#include "cxb/base/encoding.hpp"

namespace cxb::api {

result<issued_token> issue_token(token_settings const& how, wire::json_object const& user,
                                 time_point now, random_source& random) {
    std::array<std::byte, 16> id{};
    random.fill(id);
    auto const lifetime = std::chrono::duration_cast<seconds>(how.lifetime);
    auto const issued = to_epoch_ms(now) / 1000;
    wire::json_object claims{
        {"sub", wire::text_at(user, "email")},
        {"role", wire::text_at(user, "role")},
        {"name", wire::text_at(user, "name")},
        {"iat", issued},
        {"exp", issued + lifetime.count()},
        {"tv", wire::int_at(user, "token_version")},
        {"uid", wire::text_at(user, "_id")},
        {"jti", to_hex({reinterpret_cast<char const*>(id.data()), id.size()})}};
    CXB_TRY(std::string text, wire::jws_sign(how.algorithm, how.key, claims));
    return issued_token{std::move(text), lifetime};
}

result<token_claims> read_token(token_settings const& how, std::string_view token, time_point now) {
    secret const keys[] = {how.key, how.previous};
    CXB_TRY(wire::json_object const claims, wire::jws_verify(token, how.algorithm, keys));
    CXB_CHECK(wire::check_times(claims, now, seconds{0}));
    token_claims out{std::string(wire::text_at(claims, "sub")),
                     std::string(wire::text_at(claims, "uid")), wire::int_at(claims, "tv"),
                     time_point{seconds{wire::int_at(claims, "exp")}}};
    if (out.email.empty()) return error{errc::unauthenticated, "Invalid or expired token"};
    return out;
}

}  // namespace cxb::api
