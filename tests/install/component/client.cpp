// cxb::client: what an answer means to a caller.
#include "cxb/client/blocking.hpp"
#include "cxb/client/response_error.hpp"

int main() {
    cxb::client::blocking_runner runner;
    auto const five = runner.run([]() -> boost::asio::awaitable<int> { co_return 5; }());
    return five == 5 && cxb::client::code_of_status(429) == cxb::errc::at_capacity ? 0 : 1;
}
