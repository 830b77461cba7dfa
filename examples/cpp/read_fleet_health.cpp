// Reads the fleet report of a Core host and judges it as the control plane does.
//
//   read_fleet_health [URL]
//
// Exit: 0 usable, 1 not usable.
#include "cxb/client/blocking.hpp"
#include "cxb/client/core_client.hpp"
#include "cxb/net/http_client.hpp"
#include "settings.hpp"

int main(int argc, char** argv) {
    cxb::client::blocking_runner runner;
    auto const net = cxb::net::http_client::create().value();
    cxb::client::client_options options;
    options.base_url = argc > 1 ? argv[1] : "http://127.0.0.1:8001";
    options.transport = net.get();
    cxb::client::core_client core(options);
    auto const told = runner.run(core.fleet_health());
    if (!told) return example::report(told.error());
    auto const* report = std::get_if<cxb::contract::fleet::fleet_health>(&*told);
    if (report == nullptr) {
        std::printf("not usable\n");
        return 1;
    }
    std::printf("%lld of %lld slots free\n", static_cast<long long>(report->fleet_available),
                static_cast<long long>(report->fleet_max));
    return 0;
}
