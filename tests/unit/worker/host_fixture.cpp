#include "tests/unit/worker/host_fixture.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

namespace cxb_test {

namespace asio = boost::asio;

asio::awaitable<cxb::result<cxb::worker::call_end>> gated_handler::run(
    cxb::worker::call_context call) {
    asio::steady_timer timer(co_await asio::this_coro::executor,
                             asio::steady_timer::time_point::max());
    auto const own = std::make_shared<gate>();
    own->open = [&timer] { timer.cancel(); };
    gates_[call.call_id] = own;
    call.control->on_stop([this, own](std::string code, std::string) {
        stops.push_back(std::move(code));
        own->how = ending::good;
        own->open();
    });
    while (!own->how)
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    call.control->on_stop({});
    gates_.erase(call.call_id);
    if (*own->how == ending::thrown) throw std::runtime_error("boom");
    if (*own->how == ending::failed) co_return cxb::error{cxb::errc::internal, "no media"};
    cxb::worker::call_end end;
    end.result.disconnected_by = cxb::contract::call_results::disconnect_word::customer;
    co_return end;
}

bool gated_handler::end(std::string const& call_id, ending how) {
    auto const at = gates_.find(call_id);
    if (at == gates_.end()) return false;
    at->second->how = how;
    at->second->open();
    return true;
}

std::vector<std::string> gated_handler::waiting() const {
    std::vector<std::string> out;
    for (auto const& [id, gate] : gates_)
        if (!gate->how) out.push_back(id);
    return out;
}

}  // namespace cxb_test
