#include "cxb/store/redis/redis_address.hpp"

#include <charconv>
#include <optional>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace store {
namespace {

constexpr std::string_view tcp_scheme = "redis://";
constexpr std::string_view tls_scheme = "rediss://";
constexpr std::string_view unix_scheme = "unix://";
constexpr int highest_db = 1023;
constexpr int highest_port = 65535;
constexpr std::size_t longest_path = 107;  // sun_path

error unfit(std::string reason) {
    return error{errc::invalid, std::move(reason)};
}

std::optional<int> number_in(std::string_view text, int low, int high) {
    int out = -1;
    auto const read = std::from_chars(text.data(), text.data() + text.size(), out);
    bool const whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
    if (!whole || out < low || out > high) return std::nullopt;
    return out;
}

// Takes `user:password@` from the front of `rest`.
result<void> take_login(std::string_view& rest, redis_address& out) {
    auto const authority = rest.substr(0, rest.find_first_of("/?#"));
    auto const at = authority.rfind('@');
    if (at == std::string_view::npos) return {};
    auto const login = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    auto const colon = login.find(':');
    if (colon == std::string_view::npos) return unfit("must be user:password@ or :password@");
    auto user = percent_decode(login.substr(0, colon));
    auto password = percent_decode(login.substr(colon + 1));
    if (!user || !password) return unfit("user and password must be percent-encoded");
    if (password->empty()) return unfit("must name a password after the colon");
    out.user = *std::move(user);
    out.password = secret(*std::move(password));
    return {};
}

result<void> read_db(std::string_view text, redis_address& out) {
    auto const db = number_in(text, 0, highest_db);
    if (!db) return unfit("the database must be a number from 0 to 1023");
    out.db = *db;
    return {};
}

result<void> read_tcp(std::string_view rest, redis_address& out) {
    if (auto const slash = rest.find('/'); slash != std::string_view::npos) {
        if (slash + 1 < rest.size()) CXB_CHECK(read_db(rest.substr(slash + 1), out));
        rest = rest.substr(0, slash);
    }
    if (rest.find_first_of("?#") != std::string_view::npos)
        return unfit("must not hold a query or a fragment");
    auto colon = rest.rfind(':');
    if (rest.starts_with('[')) {
        auto const end = rest.find(']');
        if (end == std::string_view::npos) return unfit("the bracket of the host is not closed");
        out.host = rest.substr(1, end - 1);
        colon = end + 1 < rest.size() ? end + 1 : std::string_view::npos;
        if (colon != std::string_view::npos && rest[colon] != ':')
            return unfit("must be redis://[user:password@]host:port/db");
    } else {
        out.host = rest.substr(0, colon);
    }
    if (out.host.empty()) return unfit("must name a host");
    if (colon == std::string_view::npos) return {};
    auto const port = number_in(rest.substr(colon + 1), 1, highest_port);
    if (!port) return unfit("the port must be a number from 1 to 65535");
    out.port = static_cast<std::uint16_t>(*port);
    return {};
}

result<void> read_unix(std::string_view rest, redis_address& out) {
    constexpr std::string_view db_key = "db=";
    if (auto const query = rest.find('?'); query != std::string_view::npos) {
        auto const text = rest.substr(query + 1);
        if (!text.starts_with(db_key)) return unfit("the only query of a unix socket is ?db=N");
        CXB_CHECK(read_db(text.substr(db_key.size()), out));
        rest = rest.substr(0, query);
    }
    auto path = percent_decode(rest);
    if (!path || !path->starts_with('/')) return unfit("the socket must be an absolute path");
    if (path->size() > longest_path) return unfit("the path of the socket is too long");
    out.path = *std::move(path);
    return {};
}

}  // namespace

result<redis_address> parse_redis_url(std::string_view url) {
    redis_address out;
    if (url.starts_with(tls_scheme))
        return unfit(
            "rediss:// is not possible: the Redis client of this build (hiredis 0.14) has "
            "no TLS; use redis:// on loopback or a private network, or through a tunnel");
    bool const is_unix = url.starts_with(unix_scheme);
    if (!is_unix && !url.starts_with(tcp_scheme))
        return unfit("must be redis://[user:password@]host:port/db or unix:///path?db=N");
    auto rest = url.substr(is_unix ? unix_scheme.size() : tcp_scheme.size());
    CXB_CHECK(take_login(rest, out));
    CXB_CHECK(is_unix ? read_unix(rest, out) : read_tcp(rest, out));
    return out;
}

}  // namespace store
}  // namespace cxb::inline v1
