#pragma once
// A single cxb-api under the load of workers and of a CRM that dials, to be killed, delayed and put
// on other clocks meanwhile. What was acknowledged is compared afterwards by instances_check.py,
// which shares no code with what it judges.
//
// CXB_TEST_KILLS   kills of all cases of the crash suite together (default 200, with sanitizers 40)
// CXB_TEST_SEED    repeats the decisions of a run (kill moments, who repeats, who gives up); it is
//                  printed by each

#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include "e2e/instances.hpp"

namespace cxb::e2e {

// What a worker is told to do: "" is a kill at a random moment, else the point it dies at.
struct kill_order {
    std::string point;
    int passing = 1;
};

class crash_load : public installation {
  protected:
    static constexpr int lease_seconds = 5;
    static constexpr int reservation_seconds = 2;

    // Starts the API on what a test of the suite needs: bot, key and a host that takes all calls.
    void start_all(environment const& extra = {});
    // Load goes on until `calm`; a call of each kind has been through before it returns.
    void raise();
    void calm();
    // Ends the API in the ordered way and starts it again, with a next point armed.
    void kill_by(kill_order const& order);
    // Kills in that order under load, then lets all settle.
    void storm(std::vector<kill_order> const& orders);
    // Waits for the last push and lets the checker compare; `watched` as in `storm`.
    void judge();

    // A call that somebody has answered for: the API shall know of its end.
    void promise(std::string const& session);
    std::size_t promised();

    // Goes on while the load does; the random moment is the point of these tests.
    void run_on(std::chrono::milliseconds time);
    // Another call went through meanwhile.
    bool makes_progress(std::chrono::seconds at_most = std::chrono::seconds{30});
    // One more call, by the test itself, is answered within that time.
    bool fast_again(std::chrono::milliseconds within);
    int uniform(int low, int high);
    int share_of_kills(int parts) const;
    [[nodiscard]] environment settings(std::string const& points = {}) const;

    dial_host host;
    std::string bot;
    std::size_t workers = 4;
    std::mt19937_64 random;
    unsigned long seed = 0;
    int kills = 0;                               // that happened
    bool clock_moved = false;                    // the wall clock was stepped
    bool watched = false;                        // leases are followed in the store, by wall time
    environment more;                            // settings of each start
    std::chrono::milliseconds patience{30'000};  // of a caller for one answer
    std::atomic<std::int64_t> longest_ms{0};     // answer that came
    std::atomic<int> unavailable{0};             // answers of 503 and 504
    std::atomic<bool> over{false};

    void TearDown() override;

  private:
    struct caller;
    answer insist(http_caller& own, std::string const& method, std::string const& url,
                  wire::header_list const& headers, std::string const& body, int tries);
    void work(int number, std::mt19937_64 own_random);
    void one_call(http_caller& own, std::mt19937_64& own_random, std::string const& name);
    void one_upload(http_caller& own, std::string const& session, std::string const& link);
    void one_dialout(http_caller& own, std::string const& order);
    void repeat_results(std::mt19937_64 own_random);
    void write_facts();

    std::vector<std::jthread> threads_;
    std::unique_ptr<test::child_process> watch_;
    std::mutex mutex_;
    wire::json_object calls_;
    wire::json_object orders_;
    wire::json_object uploads_;
    std::vector<std::string> repeatable_;
    std::atomic<int> progress_{0};
    std::atomic<bool> given_up_{false};
};

}  // namespace cxb::e2e
