#pragma once
/// @file
/// HTTP proxies between an `http_client` and its peers. Without settings there is none; the
/// environment is read only by who calls `proxies_from_environment`.
///
/// | target                        | way                                                         |
/// |-------------------------------|-------------------------------------------------------------|
/// | `http://`, proxy `http` set   | the proxy gets the request with the absolute URL            |
/// | `https://`, proxy `https` set | `CONNECT host:port`, then TLS with the peer through it: the |
/// |                               | proxy sees neither headers nor bodies, the peer is verified |
/// | named by `no_proxy`           | direct                                                      |
/// | localhost, 127/8, ::1, `unix:` | direct, always                                             |
///
/// `no_proxy`: entries with commas or blanks between them. `*` is everything; `example.com`,
/// `.example.com` and `*.example.com` are that name and all below it; an address or a range
/// (`10.0.0.0/8`) fits targets that are written as addresses (names are not resolved for it);
/// `:port` behind an entry restricts it. Case does not count.
///
/// Names of targets are resolved by the proxy, so an `http_client` with `admit` takes none.
/// Failures: `unavailable` (reason `connect_failed`: the proxy itself; `proxy_refused`: it answered
/// 502, 503 or 504 to CONNECT), `upstream_failed` (`proxy_refused`: any other refusal, e.g. 407;
/// `bad_http`). All with `request_sent` = no. A refusal of a plain `http://` request is an answer.
/// Thread-safety: plain values.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cxb/base/result.hpp"
#include "cxb/base/secret.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace net {

/// `url`: `http://host:port`, "" = no proxy. `credentials`: `user:password` for Basic
/// authentication, sent to the proxy only; "" = none.
struct proxy_server {
    std::string url;
    secret credentials;
};

struct proxy_settings {
    proxy_server http;
    proxy_server https;
    std::string no_proxy;
};

/// What the usual variables say: `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`, in lower or
/// upper case, but `http_proxy` in lower case only (servers let clients set HTTP_PROXY). A URL may
/// be `host:port` alone and hold `user:password@`. `variable` gives the value of one, unset: the
/// process environment. Errors: `invalid`, naming the variable and not its value.
[[nodiscard]] result<proxy_settings> proxies_from_environment(
    std::function<std::optional<std::string>(std::string const& name)> variable = {});

}  // namespace net
}  // namespace cxb::inline v1
CXB_EXPORT_END
