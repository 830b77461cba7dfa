#pragma once
// Three cxb-api on one store and one Redis, and a host that takes their dialouts. Callers go round
// the three like behind a load balancer: who does not answer is left for the next.
//
// CXB_TEST_STORE_URL  the store they share: a URL, or `alone` or `replica_set` for MongoDB on the
//                     test server (default: a SQLite file of the test)

#include <array>
#include <atomic>
#include <mutex>

#include "e2e/installation.hpp"
#include "support/redis_server.hpp"
#include "support/required.hpp"

namespace cxb::e2e {

// A dialout as the host saw it.
struct seen_dial {
    std::string order;  // variable of the caller, one per Idempotency-Key
    std::string session_id;
    std::string dial_id;
};

// Takes every call at once and remembers it.
class dial_host final : public worker::http_handler {
  public:
    dial_host();
    ~dial_host() override;
    std::string url() const { return server_->url(); }
    std::vector<seen_dial> dials() const;

    boost::asio::awaitable<worker::head_verdict> accept_head(
        wire::http_request const& request) override;
    boost::asio::awaitable<wire::http_response> handle(wire::http_request request) override;
    wire::http_response refusal(int status) override;

  private:
    mutable std::mutex mutex_;
    std::vector<seen_dial> dials_;
    net::event_loops loops_{1};
    std::unique_ptr<net::http_server> server_;
};

// What the CRM and the host saw, as instances_check.py reads it.
wire::json_array attempt_facts(crm_server const& crm);
wire::json_array dial_facts(dial_host const& host);

class instances : public installation {
  protected:
    static constexpr std::size_t count = 3;
    static constexpr int lease_seconds = 5;
    static constexpr int reservation_seconds = 2;

    // Starts all of them and Redis; `api_url` is the first one's.
    void start_all();
    void launch(std::size_t index);
    void wait_for(std::size_t index);
    void kill(std::size_t index);
    void pause(std::size_t index);
    void go_on(std::size_t index);
    // Of the process at this place, whether it runs or not; the port stays the same.
    std::string url(std::size_t index) const;
    // Where the checker reads the store: a SQLite file or a MongoDB of ours with its database; ""
    // for a server that the caller named.
    std::string readable_store() const;

    // Sends to one after the other until one answers with something else than nothing or 5xx, at
    // most `tries` times. Each instance is given some seconds.
    class caller {
      public:
        caller(instances& all, std::size_t first) : all_(all), next_(first) {}
        answer insist(std::string const& method, std::string const& path, wire::header_list headers,
                      std::string const& body, int tries);

      private:
        instances& all_;
        std::size_t next_;
        http_caller http_{std::chrono::seconds{3}};
    };

    std::unique_ptr<test::redis_server> redis;
    std::unique_ptr<dial_host> host;
    std::string jwt_secret;

  private:
    struct member {
        reserved_port port;
        std::unique_ptr<test::child_process> process;
        int starts = 0;
    };
    std::filesystem::path ready_file(std::size_t index) const;
    void choose_store();

    std::string store_url_;
    std::string database_ = "cxb";
    std::array<member, count> members_;
};

}  // namespace cxb::e2e
