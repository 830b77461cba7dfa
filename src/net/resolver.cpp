#include "src/net/resolver.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cxb::inline v1 {
namespace net {

namespace asio = boost::asio;

namespace {

domain::ip_address address_of(asio::ip::address const& from) {
    domain::ip_address out;
    out.v6 = from.is_v6();
    if (out.v6) {
        out.bytes = from.to_v6().to_bytes();
    } else {
        auto const four = from.to_v4().to_bytes();
        std::copy(four.begin(), four.end(), out.bytes.begin());
    }
    return out;
}

class asio_resolver final : public resolver {
  public:
    asio::awaitable<result<std::vector<domain::ip_address>>> resolve(std::string host) override {
        asio::ip::tcp::resolver names(co_await asio::this_coro::executor);
        auto [ec, found] =
            co_await names.async_resolve(host, "", asio::as_tuple(asio::use_awaitable));
        std::vector<domain::ip_address> out;
        for (auto const& entry : found)
            out.push_back(address_of(entry.endpoint().address()));
        if (ec || out.empty()) {
            co_return error{errc::unavailable, "Host name cannot be resolved"}
                .with_reason("resolve_failed")
                .with_note({host + ": " + ec.message()});
        }
        co_return out;
    }
};

}  // namespace

std::shared_ptr<resolver> system_resolver() {
    return std::make_shared<asio_resolver>();
}

}  // namespace net
}  // namespace cxb::inline v1
