#pragma once
/// @file
/// A transport that fails when it is told to and passes everything else on to another one: what
/// does the code do when the third request is lost?
///
/// ```cpp
/// testing::scripted_transport net;                       // or the real one, net::http_client
/// testing::fault_transport flaky(net);
/// flaky.add({.kind = testing::fault_kind::reset_after, .step = 3});
/// flaky.add({.kind = testing::fault_kind::refused, .times = 0, .url_has = "/knowledge"});
/// ```
/// | kind         | does the peer get it | the caller sees                                       |
/// |--------------|----------------------|-------------------------------------------------------|
/// | refused      | no                   | `unavailable`, request_sent no                        |
/// | reset_before | no, cut while it was | `unavailable` `connection_lost`, request_sent maybe   |
/// |              | being sent           |                                                       |
/// | reset_after  | yes                  | `unavailable` `connection_lost`, request_sent yes     |
/// | timeout      | yes                  | `deadline_exceeded`, request_sent yes, at once        |
/// | garbage      | yes                  | the peer's status with a body that is not JSON        |
///
/// Where the peer gets the request it acts on it, and its answer is lost. What the other transport
/// reports as a failure itself is passed on unchanged. Every fault counts the requests that fit it
/// from 1, whether or not another fault falls on them; the first one that is due counts.
/// Lifetime: the other transport outlives this one. Thread-safety: safe from any thread.

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cxb/client/transport.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace testing {

enum class fault_kind { refused, reset_before, reset_after, timeout, garbage };

/// | field   | unset means | meaning                                                           |
/// |---------|-------------|-------------------------------------------------------------------|
/// | kind    | refused     | see above                                                         |
/// | step    | 1           | the first request it falls on, among those that fit, from 1       |
/// | times   | 1           | so many in a row; 0 = all from then on                            |
/// | url_has | any         | only requests whose URL contains it fit                           |
struct transport_fault {
    fault_kind kind = fault_kind::refused;
    std::size_t step = 1;
    std::size_t times = 1;
    std::string url_has{};
};

class fault_transport final : public client::transport {
  public:
    explicit fault_transport(client::transport& inner) : inner_(inner) {}

    fault_transport& add(transport_fault one);
    /// No faults from now on.
    void clear();
    boost::asio::awaitable<result<wire::http_response>> send(
        client::outgoing_request request, client::transport_options options) override;
    /// Requests so far, those that failed included.
    [[nodiscard]] std::size_t requests() const;
    /// Requests so far that a fault fell on.
    [[nodiscard]] std::size_t failed() const;

  private:
    struct planned {
        transport_fault fault;
        std::size_t seen = 0;
    };
    std::optional<fault_kind> next(std::string_view url);

    client::transport& inner_;
    mutable std::mutex mutex_;
    std::vector<planned> plan_;
    std::size_t requests_ = 0;
    std::size_t failed_ = 0;
};

}  // namespace testing
}  // namespace cxb::inline v1
CXB_EXPORT_END
