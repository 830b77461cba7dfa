#pragma once
// A Core in this process that keeps the contracts: the fake Core with calls of some milliseconds,
// in which the far party follows the kit's scripts. The wrong ones are made of it: each mutation
// changes what comes in, what is answered, what is sent to the control plane, what is made of its
// answers, or what goes over the media WebSockets.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/client/transport.hpp"
#include "cxb/net/http_client.hpp"
#include "cxb/testing/fake_core.hpp"

namespace cxb_test {

using reply = cxb::result<cxb::wire::http_response>;

struct core_mutation {
    std::string_view name;
    std::string_view fault;
    std::string_view caught_by;
    std::function<void(cxb::wire::http_request&)> asked;
    std::function<void(cxb::wire::http_request const&, cxb::wire::http_response&)> answered;
    std::function<void(cxb::client::outgoing_request&)> sends;
    std::function<void(cxb::client::outgoing_request const&, reply&)> hears;
    // A text frame as it comes in or goes out; what becomes of it. `place` counts from 0.
    std::function<std::vector<std::string>(std::string text, std::size_t place)> line_hears;
    std::function<std::vector<std::string>(std::string text)> line_says;
    std::function<int(int code)> line_closes;
    int results_sent = 1;  // how often each result is posted
    int lookups_sent = 1;
};

[[nodiscard]] std::vector<core_mutation> core_mutations();

class double_core final : public cxb::client::transport {
  public:
    // Without room media calls come over the WebSockets alone.
    explicit double_core(core_mutation wrong = {}, bool room_media = true);
    ~double_core() override;

    [[nodiscard]] std::string url() const { return core_->url(); }
    // Takes calls of this control plane from now on.
    void begin(std::string const& config_url, std::string const& secret_text,
               std::string const& previous_text);

    boost::asio::awaitable<reply> send(cxb::client::outgoing_request request,
                                       cxb::client::transport_options options) override;

  private:
    struct short_calls;
    class wrong_socket;

    core_mutation wrong_;
    std::unique_ptr<cxb::net::http_client> client_;
    std::unique_ptr<short_calls> calls_;
    std::unique_ptr<cxb::testing::fake_core> core_;
};

}  // namespace cxb_test
