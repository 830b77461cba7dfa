#pragma once
// A fleet service over a real store, its hosts played by a script and its clock in the hand of the
// test.
#include <gtest/gtest.h>

#include "cxb/net/event_loops.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "cxb/testing/scripted_transport.hpp"
#include "server/api/dialout/dialout_service.hpp"
#include "server/common/model/collections.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "support/child_process.hpp"

namespace cxb::api::test {

using wire::json_object;

inline wire::http_response fleet_answer(int status, std::string body) {
    wire::http_response out;
    out.status = status;
    out.body = std::move(body);
    return out;
}

inline wire::http_response fleet_health(int available, int most = 16) {
    return fleet_answer(200, R"({"status":"ok","fleet_calls":)" + std::to_string(most - available) +
                                 R"(,"fleet_max":)" + std::to_string(most) +
                                 R"(,"fleet_available":)" + std::to_string(available) +
                                 R"(,"workers":[]})");
}

struct FleetTest : ::testing::Test {
    void SetUp() override {
        loops.start();
        loops.run_and_wait([](FleetTest& at) -> boost::asio::awaitable<void> {
            for (auto const* collection : server::model::all_collections())
                EXPECT_TRUE(co_await at.store->ensure(*collection));
            EXPECT_TRUE(co_await at.system.load());
        }(*this));
    }
    void TearDown() override {
        loops.stop();
        store->close();
    }
    // Runs it on the loop and waits for its end.
    template <class T>
    T run(boost::asio::awaitable<T> work) {
        std::optional<T> out;
        loops.run_and_wait([](boost::asio::awaitable<T> what,
                              std::optional<T>& got) -> boost::asio::awaitable<void> {
            got.emplace(co_await std::move(what));
        }(std::move(work), out));
        return *std::move(out);
    }
    // One process of the installation.
    std::unique_ptr<fleet_service> fleet_of(std::vector<std::string> urls,
                                            fleet_options options = {}) {
        options.fallback_urls = std::move(urls);
        return std::make_unique<fleet_service>(hosts, system, *store, metrics, time,
                                               system_random(), std::move(options));
    }
    // Requests to that path, whichever the host.
    std::size_t asked(std::string_view path) const {
        std::size_t out = 0;
        for (auto const& one : hosts.calls())
            out += one.request.url.ends_with(path) ? 1 : 0;
        return out;
    }

    cxb::test::scratch_dir scratch;
    net::event_loops loops{1};
    testing::fake_clock time;
    testing::scripted_transport hosts;
    server::metrics_registry metrics;
    std::unique_ptr<store::sqlite_document_store> store = [this] {
        store::sqlite_options options;
        options.path = scratch / "x.db";
        return store::sqlite_document_store::open(std::move(options)).value();
    }();
    audit_trail audit{*store, time, system_random()};
    settings_directory system{*store, audit, time};
};

}  // namespace cxb::api::test
