#pragma once
// An outbox with a scripted peer, and a way to run it while something happens.

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

#include "tests/support/outbox_run.hpp"
#include "tests/unit/worker/outbox_fixture.hpp"

namespace cxb_test {

namespace asio = boost::asio;
using namespace cxb;
using namespace cxb::worker;
using namespace std::chrono_literals;

struct outbox_test : ::testing::Test {
    cxb_test::scratch_folder temp;
    hand_clock time;
    seeded_random random{3};
    scripted_peer peer;
    std::vector<outbox_outcome> outcomes;
    std::vector<std::string> errors;

    result_outbox::options options(std::string worker = "w1") {
        result_outbox::options out;
        out.root = temp.path();
        out.worker_id = std::move(worker);
        out.time = &time;
        out.random = &random;
        out.transport = &peer;
        out.disk.lock_wait = 0ms;
        out.headers = [] { return wire::header_list{{"X-CXB-Core-Secret", "s3cret"}}; };
        out.settled = [this](outbox_outcome const& outcome) { outcomes.push_back(outcome); };
        out.log = [this](bool is_error, std::string const& text) {
            if (is_error) errors.push_back(text);
        };
        out.crashed = [](call_journal const& journal) {
            outbox_item item;
            item.id = "crash-" + journal.call_id;
            item.session_id =
                journal.session_id.empty() ? journal.campaign_session_id : journal.session_id;
            item.url = journal.webhook_url.empty() ? journal.results_url : journal.webhook_url;
            item.body = R"({"disconnected_by":"error"})";
            return std::optional(item);
        };
        return out;
    }

    static outbox_item item(std::string id) {
        outbox_item out;
        out.session_id = "s-" + id;
        out.id = std::move(id);
        out.url = "http://api/api/v1/call-results";
        out.body = R"({"n":1})";
        return out;
    }
};

inline asio::awaitable<void> breathe() {
    auto const executor = co_await asio::this_coro::executor;
    for (int i = 0; i < 20; ++i)
        co_await asio::post(executor, asio::use_awaitable);
}

}  // namespace cxb_test
