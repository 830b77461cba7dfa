// Puts a layer of its own between client and network, beside one that logs, and asks for the
// latest calls.
//
//   CXB_API_KEY=vx_... transport_layers TENANT
//
// Proxies are those of the environment (https_proxy, no_proxy). CXB_URL: where the API is.
// Exit: 0 done, 1 refused, 2 wrong usage, 5 unreachable.
#include "cxb/client/api_client.hpp"
#include "cxb/client/blocking.hpp"
#include "cxb/client/observed_transport.hpp"
#include "cxb/net/http_client.hpp"
#include "settings.hpp"

namespace {

// All there is to a layer: one function that may change the request, the answer, or neither.
class tenant_layer final : public cxb::client::transport_layer {
  public:
    tenant_layer(cxb::client::transport& inner, std::string tenant)
        : transport_layer(inner), tenant_(std::move(tenant)) {}
    boost::asio::awaitable<cxb::result<cxb::wire::http_response>> send(
        cxb::client::outgoing_request request, cxb::client::transport_options options) override {
        request.message.headers.set("X-Tenant", tenant_);
        return inner().send(std::move(request), std::move(options));
    }

  private:
    std::string tenant_;
};

void log_exchange(cxb::client::exchange_record const& one) {
    std::fprintf(stderr, "%s\n", cxb::client::to_log_text(one).c_str());
}

}  // namespace

int main(int argc, char** argv) {
    auto const key = example::setting("CXB_API_KEY");
    if (argc < 2 || key.empty()) {
        std::fprintf(stderr, "usage: CXB_API_KEY=vx_... transport_layers TENANT\n");
        return 2;
    }
    auto proxies = cxb::net::proxies_from_environment();
    if (!proxies) return example::report(proxies.error());
    cxb::net::http_client_options network;
    network.proxies = *std::move(proxies);
    auto const net = cxb::net::http_client::create(std::move(network));
    if (!net) return example::report(net.error());

    cxb::client::transport_chain chain(**net);
    chain.add<tenant_layer>(argv[1]);
    chain.add<cxb::client::observed_transport>(&log_exchange);

    cxb::client::blocking_runner runner;
    cxb::client::client_options options;
    options.base_url = example::setting("CXB_URL", "http://127.0.0.1:8080");
    options.api_key = cxb::secret(key);
    options.transport = &chain;
    cxb::client::api_client api(options);
    cxb::client::send_params calls;
    calls.target = "/api/v1/calls?limit=5";
    auto const answer = runner.run(api.send(calls));
    if (!answer) return example::report(answer.error());
    std::printf("%s\n", std::string(answer->bytes()).c_str());
    return 0;
}
