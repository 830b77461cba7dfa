#pragma once
// A client over a scripted transport; waits between tries move the clock instead of sleeping.

#include <gtest/gtest.h>

#include "cxb/client/blocking.hpp"
#include "cxb/client/client_options.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "cxb/testing/scripted_transport.hpp"

namespace cxb_test {

struct ClientFixture : ::testing::Test {
    cxb::testing::fake_clock clock;
    cxb::testing::scripted_transport net;
    cxb::seeded_random random{1};
    cxb::client::blocking_runner runner;
    std::vector<std::chrono::milliseconds> waits;

    cxb::client::client_options options() {
        cxb::client::client_options out;
        out.base_url = "http://peer:1/";
        out.keys.current = cxb::secret("s3cret");
        out.transport = &net;
        out.time = &clock;
        out.random = &random;
        out.pause = [this](std::chrono::milliseconds wait) -> boost::asio::awaitable<void> {
            waits.push_back(wait);
            clock.advance(wait);
            co_return;
        };
        return out;
    }

    static cxb::error refused() { return cxb::error{cxb::errc::unavailable}; }
    static cxb::error reset() {
        return cxb::error{cxb::errc::unavailable}.with_request_sent(cxb::sent_state::maybe);
    }
    static cxb::error timed_out() {
        return cxb::error{cxb::errc::deadline_exceeded}.with_request_sent(cxb::sent_state::maybe);
    }
};

}  // namespace cxb_test
