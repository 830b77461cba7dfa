// Crowds of connections that do nothing, or nearly nothing, against a real process: the others are
// served meanwhile, and what one of them costs is bounded (spec 20 §3.9).
#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <thread>

#include "e2e/installation.hpp"
#include "support/raw_client.hpp"
#include "support/sanitized.hpp"

namespace cxb::e2e {
namespace {

using namespace std::chrono_literals;
using test::sized;

constexpr std::size_t idle_connections = sized(10'000, 1'000);
constexpr std::size_t slow_connections = sized(2'000, 300);
constexpr std::size_t announced_bodies = sized(500, 100);
// Resident memory of the process, for each connection.
constexpr double kib_per_idle = sized(16.0, 160.0);
constexpr double kib_per_slow_head = sized(64.0, 400.0);  // holds a head of 31 KiB
constexpr double kib_per_announced_body = sized(64.0, 1500.0);
constexpr std::chrono::milliseconds patience = sized(3'000ms, 20'000ms);

// Both this program and the process it starts need a descriptor for each connection.
std::size_t raise_descriptors(std::size_t wanted) {
    rlimit limit{};
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    rlimit const more{wanted, std::max<rlim_t>(wanted, limit.rlim_max)};
    rlimit const most{limit.rlim_max, limit.rlim_max};
    if (limit.rlim_cur < wanted && ::setrlimit(RLIMIT_NOFILE, &more) != 0)
        ::setrlimit(RLIMIT_NOFILE, &most);
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

class ManyConnections : public installation {
  protected:
    using client = test::raw_client;
    using crowd = std::vector<std::unique_ptr<client>>;

    void SetUp() override {
        descriptors_ = raise_descriptors(idle_connections * 2);
        start_api();
        port_ = test::port_of_url(api_url);
        for (int i = 0; i < 300; ++i)  // what is allocated once, whoever comes
            ask(client(port_));
        serves_others();
        at_rest_ = resident_kib();
    }
    // An eighth of its descriptors the server keeps for other things.
    std::size_t possible(std::size_t wanted) const {
        auto const most = descriptors_ - descriptors_ / 8 - 200;
        if (most < wanted)
            std::cout << "this machine allows " << most << " connections instead of " << wanted
                      << "\n";
        return std::min(wanted, most);
    }
    double resident_kib() const { return proc_figure("VmRSS:"); }
    double proc_figure(std::string const& name) const {
        std::ifstream file("/proc/" + std::to_string(api->pid()) + "/status");
        for (std::string word; file >> word;)
            if (word == name) {
                double kib = 0;
                file >> kib;
                return kib;
            }
        ADD_FAILURE() << "no " << name;
        return 0;
    }
    std::size_t open_files() const {
        std::filesystem::directory_iterator const all("/proc/" + std::to_string(api->pid()) +
                                                      "/fd");
        return static_cast<std::size_t>(std::distance(begin(all), end(all)));
    }
    void expect_cost(std::string const& what, std::size_t count, double most_kib) {
        double const each = (resident_kib() - at_rest_) / static_cast<double>(count);
        std::cout << count << " " << what << ": " << each << " KiB each, " << at_rest_
                  << " KiB without\n";
        RecordProperty(what + " KiB", std::to_string(each));
        EXPECT_LT(each, most_kib) << what;
    }
    static void ask(client&& one) { ask(one); }
    static void ask(client& one) {
        one.send("GET /health HTTP/1.1\r\nHost: h\r\n\r\n");
        ASSERT_EQ(test::status_of(one.read_response()), 200);
    }
    // New and signed-in clients get what they want, each within the time.
    void serves_others() {
        auto slowest = 0ns;
        for (int i = 0; i < 30; ++i) {
            auto const began = std::chrono::steady_clock::now();
            ask(client(port_));
            EXPECT_EQ(admin("GET", "/api/v1/auth/me").status, 200);
            slowest = std::max<std::chrono::nanoseconds>(slowest,
                                                         std::chrono::steady_clock::now() - began);
        }
        EXPECT_LT(slowest, patience);
        EXPECT_FALSE(make_bot().empty());
    }
    crowd gather(std::size_t count, std::string const& bytes) {
        crowd out;
        out.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            out.push_back(std::make_unique<client>(port_, 30s));
            EXPECT_TRUE(out.back()->send(bytes));
        }
        return out;
    }
    bool has_files(std::size_t count) {
        return test::eventually([&] { return open_files() >= count; });
    }

    std::uint16_t port_ = 0;
    std::size_t descriptors_ = 0;
    double at_rest_ = 0;
};

TEST_F(ManyConnections, IdleOnesCostLittleAndHoldNobodyUp) {
    auto const count = possible(idle_connections);
    auto const files = open_files();
    double first_crowd = 0;
    for (int round = 0; round < 2; ++round) {
        crowd idle = gather(count, "");
        for (auto const& one : idle)
            ask(*one);
        ASSERT_TRUE(has_files(count + files - 20));
        expect_cost("idle connections", count, kib_per_idle);
        serves_others();
        for (std::size_t i = 0; i < count; i += 97)
            ask(*idle[i]);
        // A second crowd finds what the first one left: nothing grows from one to the next.
        if (round == 0) first_crowd = resident_kib();
        EXPECT_LT(resident_kib(), first_crowd * 1.2);
        idle.clear();
        EXPECT_TRUE(test::eventually([&] { return open_files() < files + 20; }));
    }
    serves_others();
}

TEST_F(ManyConnections, SlowHeadsCostTheirBytesAndAreCutOff) {
    auto const count = possible(slow_connections);
    crowd slow = gather(
        count, "GET /health HTTP/1.1\r\nHost: h\r\nX: " + std::string(31 * limits::kib, 'x'));
    ASSERT_TRUE(has_files(count));
    serves_others();
    expect_cost("slow heads", count, kib_per_slow_head);
    for (auto const& one : slow)
        ASSERT_EQ(test::status_of(one->read_response()), 408);
    serves_others();
}

TEST_F(ManyConnections, AnnouncedBodiesAreNotPaidForInAdvance) {
    auto const count = possible(announced_bodies);
    crowd announced =
        gather(count, "POST /api/v1/call-results HTTP/1.1\r\nHost: h\r\nX-CXB-Core-Secret: " +
                          core_secret + "\r\nContent-Type: application/json\r\nContent-Length: " +
                          std::to_string(limits::results_body) + "\r\n\r\n{");
    ASSERT_TRUE(has_files(count));
    serves_others();
    expect_cost("announced bodies", count, kib_per_announced_body);
    announced.clear();
    serves_others();
}

}  // namespace
}  // namespace cxb::e2e
