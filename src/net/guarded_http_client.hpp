#pragma once
/// @file
/// Outgoing HTTP to addresses that users typed (spec 20 §3.4): a transport behind the outbound
/// guard.
///
/// The URL is checked first, then the name is resolved once, every address is checked, and the
/// connection goes to a checked address while `Host` and the TLS name stay. Nothing is sent to a
/// refused target. Failures carry the guard's word as `reason`:
///
/// | code              | reason                                 | meaning                        |
/// |-------------------|----------------------------------------|--------------------------------|
/// | blocked           | scheme, userinfo, port, host, address  | refused before any connection  |
/// | blocked           | redirect (`status` set, sent = yes)    | the answer was a 3xx           |
/// | too_large         | size                                   | answer over the limit          |
/// | deadline_exceeded | timeout                                | a deadline passed              |
///
/// Other failures are those of `http_client`. `unix:` URLs are refused (`scheme`).
/// Thread-safety and lifetime as `http_client`.

#include <array>
#include <atomic>
#include <memory>

#include "cxb/domain/outbound_guard.hpp"
#include "cxb/net/http_client.hpp"

namespace cxb::inline v1 {
namespace net {

class guarded_http_client final : public client::transport {
  public:
    /// `options.admit` is set by the guard. Errors as `http_client::create`.
    [[nodiscard]] static result<std::unique_ptr<guarded_http_client>> create(
        domain::guard_policy policy, http_client_options options = {});
    /// `on_refusal` is told the reason of each refusal (for metrics); call before the first `send`.
    void on_refusal(std::function<void(std::string_view reason)> hook);

    boost::asio::awaitable<result<wire::http_response>> send(
        client::outgoing_request request, client::transport_options options) override;
    [[nodiscard]] domain::guard_policy const& policy() const noexcept { return *policy_; }

  private:
    guarded_http_client(std::shared_ptr<domain::guard_policy const> policy,
                        std::unique_ptr<http_client> inner);
    std::shared_ptr<domain::guard_policy const> policy_;
    std::unique_ptr<http_client> inner_;
    std::function<void(std::string_view)> refusal_hook_;
};

}  // namespace net
}  // namespace cxb::inline v1
