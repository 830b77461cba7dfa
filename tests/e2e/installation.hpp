#pragma once
// A whole installation of real processes on loopback: cxb-api, any number of cxb-core, a CRM. The
// logs of all processes stay in <build>/e2e-logs/<test>/, beside what must not be in them; they are
// searched at the end of the test, and all together at the end of the run.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "e2e/crm_server.hpp"
#include "e2e/http_caller.hpp"
#include "support/child_process.hpp"
#include "support/log_check.hpp"

namespace cxb::e2e {

using environment = std::map<std::string, std::string>;

inline constexpr char const* caller_number = "+919876543210";
inline constexpr char const* spoken_text = "I will pay the blue elephant on Friday";

std::string binary(std::string const& name);
// Where the logs of the running test stay.
std::filesystem::path log_folder();
wire::json_object parsed_object(std::string const& text);

// `test::eventually` for conditions that ask the API: slow enough for the limit of 50 requests a
// second.
template <class Done>
[[nodiscard]] bool asking_eventually(Done done,
                                     std::chrono::seconds at_most = std::chrono::seconds{30}) {
    auto next = std::chrono::steady_clock::now();
    return test::eventually(
        [&] {
            if (std::chrono::steady_clock::now() < next) return false;
            next = std::chrono::steady_clock::now() + std::chrono::milliseconds{50};
            return static_cast<bool>(done());
        },
        at_most);
}

// A core host: supervisor, front and workers.
struct core_host {
    std::unique_ptr<test::child_process> process;
    std::string url;
};

class installation : public ::testing::Test {
  protected:
    installation();
    ~installation() override;
    void TearDown() override;

    // Starts on the data of an earlier start and, from the second time on, on the same port.
    void start_api(environment const& extra = {});
    // The same in two steps: the process is there, it serves.
    void launch_api(environment const& extra = {});
    void wait_api();
    // One more process of the API, which the test looks after itself.
    std::unique_ptr<test::child_process> launch_instance(std::string const& name,
                                                         std::filesystem::path const& ready,
                                                         environment const& extra);
    // kill -9
    void kill_api();
    core_host start_core(std::string const& name, int workers, environment const& extra = {});

    // As the signed-in admin, as the CRM with its API key, as a worker.
    answer admin(std::string const& method, std::string const& target,
                 wire::json_object const& body = {});
    answer with_key(std::string const& method, std::string const& target,
                    wire::json_object const& body = {}, std::string const& idempotency_key = {});
    answer as_core(std::string const& method, std::string const& url,
                   wire::json_object const& body = {});
    answer post_result(http_caller& http, wire::json_object const& result);

    // A bot that asks the CRM before and tells it after the call, signed. Returns its id.
    std::string make_bot(wire::json_object const& changes = {});
    void make_key();
    void set_fleet(std::vector<core_host const*> const& hosts);
    // Lists that host alone, and gives the body of an order for it.
    wire::json_object order_at(std::string const& host_url);
    // Dials through the API; the session id.
    std::string dial(std::string const& bot, std::string const& sim_script);
    // The admin's token has ended: the next request signs in.
    void sign_in_anew() { token_.clear(); }
    // The admin's token, for programs of the test.
    std::string bearer();
    wire::json_object call_of(std::string const& session);
    // Waits for a member of the call document to be one of the words.
    bool call_becomes(std::string const& session, std::string const& member,
                      std::set<std::string> const& words,
                      std::chrono::seconds at_most = std::chrono::seconds{30});
    // A finished call with a recording, as a worker leaves it. Returns its session.
    std::string recorded_call(std::string const& bot, std::string const& sound);
    // A finished call as a worker reports it.
    static wire::json_object full_result(std::string const& session, std::string const& bot);

    // Any other program; its log stays with the others.
    std::unique_ptr<test::child_process> start_program(std::string const& name,
                                                       std::vector<std::string> arguments,
                                                       environment const& settings);

    // Text that must not appear in any log. What answers of the API hold is forbidden as well.
    void forbid(std::string text) { forbidden_.insert(std::move(text)); }

    test::scratch_dir scratch;
    http_caller http;
    crm_server crm;
    std::unique_ptr<test::child_process> api;
    std::string api_url;
    std::string core_secret;
    std::string api_key;
    std::string signing_secret;  // of the bot made last

  private:
    wire::header_list admin_headers();
    answer noted(answer got);

    std::string password_;
    std::string token_;
    reserved_port api_port_;
    test::needle_set forbidden_;
    int starts_ = 0;
};

}  // namespace cxb::e2e
