#pragma once
/// @file
/// Layers around a transport: what every request passes on its way out and every answer on its way
/// back. Ready ones: `observed_transport` (logs, metrics), `retrying_transport` (repeats for who
/// uses a transport without a client). A layer of your own is a class with one function:
///
/// ```cpp
/// class tenant_layer final : public client::transport_layer {
///   public:
///     tenant_layer(client::transport& inner, std::string tenant)
///         : transport_layer(inner), tenant_(std::move(tenant)) {}
///     boost::asio::awaitable<result<wire::http_response>> send(
///         client::outgoing_request request, client::transport_options options) override {
///         request.message.headers.set("X-Tenant", tenant_);
///         return inner().send(std::move(request), std::move(options));
///     }
///   ...
/// client::transport_chain chain(*net);                       // net: the one with the sockets
/// chain.add<tenant_layer>("acme");
/// chain.add<client::observed_transport>(log_each_exchange);  // sees what tenant_layer gets
/// options.transport = &chain;
/// ```
/// The layer added last is the first to see a request. A client repeats above the whole chain, so
/// each of its tries passes all layers. A layer keeps the promises of transport.hpp: it never
/// loses `request_sent`, and does not use `options.total` up silently.
///
/// Ownership: a chain owns its layers, not the innermost transport, which outlives it.
/// Thread-safety: build the chain first; then as its layers and the innermost transport.
/// Example: examples/cpp/transport_layers.cpp.

#include <memory>
#include <utility>
#include <vector>

#include "cxb/client/transport.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace client {

/// Base of layers: holds the transport below.
class transport_layer : public transport {
  public:
    explicit transport_layer(transport& inner) : inner_(&inner) {}

  protected:
    [[nodiscard]] transport& inner() const noexcept { return *inner_; }

  private:
    transport* inner_;
};

class transport_chain final : public transport {
  public:
    explicit transport_chain(transport& innermost) : outermost_(&innermost) {}
    ~transport_chain() override;

    /// Makes `Layer(transport& below, args...)` and puts it around all others.
    template <class Layer, class... Args>
    Layer& add(Args&&... args) {
        auto layer = std::make_unique<Layer>(*outermost_, std::forward<Args>(args)...);
        auto& out = *layer;
        layers_.push_back(std::move(layer));
        outermost_ = &out;
        return out;
    }

    boost::asio::awaitable<result<wire::http_response>> send(outgoing_request request,
                                                             transport_options options) override;

  private:
    std::vector<std::unique_ptr<transport>> layers_;
    transport* outermost_;
};

}  // namespace client
}  // namespace cxb::inline v1
CXB_EXPORT_END
