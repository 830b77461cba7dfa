#pragma once
// A control plane in this process that keeps the contracts, and the wrong ones made of it: each
// mutation changes requests before they are judged, answers after, or how often effects run.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/net/event_loops.hpp"
#include "cxb/net/http_client.hpp"
#include "cxb/net/http_server.hpp"
#include "cxb/testing/fake_control_plane.hpp"

namespace cxb_test {

inline constexpr char const* admin_token = "conformance-admin";
inline constexpr char const* core_secret_text = "conformance-core-secret-0123456789";

struct api_mutation {
    std::string_view name;
    std::string_view fault;      // what it does wrong, one sentence
    std::string_view caught_by;  // id of the check
    std::function<void(cxb::wire::http_request&)> asked;
    std::function<void(cxb::wire::http_request const&, cxb::wire::http_response&)> answered;
    bool effects_again = false;  // a duplicate runs the after-effects once more
};

// Fresh ones: some count.
[[nodiscard]] std::vector<api_mutation> api_mutations();

class double_api final : public cxb::worker::http_handler {
  public:
    explicit double_api(api_mutation wrong = {});
    ~double_api() override;

    [[nodiscard]] std::string url() const { return server_.url(); }

    boost::asio::awaitable<cxb::worker::head_verdict> accept_head(
        cxb::wire::http_request const& request) override;
    boost::asio::awaitable<cxb::wire::http_response> handle(
        cxb::wire::http_request request) override;
    cxb::wire::http_response refusal(int status) override;

  private:
    boost::asio::awaitable<cxb::wire::http_response> answer(cxb::wire::http_request request);
    boost::asio::awaitable<void> push(cxb::wire::http_request const& request);
    cxb::wire::http_response make_bot(cxb::wire::http_request const& request);

    api_mutation wrong_;
    cxb::testing::fake_control_plane plane_;
    std::map<std::string, int> pushed_;
    std::string push_url_;
    std::unique_ptr<cxb::net::http_client> client_;
    cxb::net::event_loops loops_{1};
    cxb::net::http_server server_;
};

// Helpers of mutations.
[[nodiscard]] cxb::wire::json_object object_of(std::string_view text);
[[nodiscard]] bool is_results_post(cxb::wire::http_request const& request);
// Changes a JSON body in place.
void change_body(std::string& body, std::function<void(cxb::wire::json_object&)> const& change);

}  // namespace cxb_test
