#include "cxb/client/transport_chain.hpp"

#include "cxb/client/api_client.hpp"
#include "tests/unit/client/client_fixture.hpp"

namespace {
using namespace cxb;

// As a user writes one.
class tenant_layer final : public client::transport_layer {
  public:
    tenant_layer(client::transport& inner, std::string tenant, std::vector<std::string>* order)
        : transport_layer(inner), tenant_(std::move(tenant)), order_(order) {}
    ~tenant_layer() override { order_->push_back("~" + tenant_); }
    boost::asio::awaitable<result<wire::http_response>> send(
        client::outgoing_request request, client::transport_options options) override {
        order_->push_back(tenant_);
        request.message.headers.set("X-Tenant", tenant_);
        return inner().send(std::move(request), std::move(options));
    }

  private:
    std::string tenant_;
    std::vector<std::string>* order_;
};

struct TransportChain : cxb_test::ClientFixture {
    std::vector<std::string> order;
};

TEST_F(TransportChain, WithoutLayersItIsTheTransport) {
    client::transport_chain chain(net);
    net.reply(204);
    auto const got = runner.run(chain.send({}, {}));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, 204);
}

TEST_F(TransportChain, TheLastLayerSeesARequestFirstAndGoesFirst) {
    {
        client::transport_chain chain(net);
        chain.add<tenant_layer>("inner", &order);
        chain.add<tenant_layer>("outer", &order);
        net.reply(200);
        EXPECT_TRUE(runner.run(chain.send({}, {})));
        EXPECT_EQ(net.calls().at(0).request.message.headers.get("X-Tenant"), "inner");
    }
    EXPECT_EQ(order, (std::vector<std::string>{"outer", "inner", "~outer", "~inner"}));
}

TEST_F(TransportChain, EachTryOfAClientPassesTheChain) {
    client::transport_chain chain(net);
    chain.add<tenant_layer>("acme", &order);
    auto how = options();
    how.transport = &chain;
    client::api_client api(std::move(how));
    net.reply(503).reply(200, "{}");
    EXPECT_TRUE(runner.run(api.send({.target = "/x"})));
    EXPECT_EQ(order, (std::vector<std::string>{"acme", "acme"}));
}

}  // namespace
