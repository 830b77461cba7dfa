#pragma once
// A CRM that takes connections and then hangs: before it reads, after it has read, or in the middle
// of its answer.

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <thread>

namespace cxb::e2e {

enum class hang { before_reading, after_reading, in_the_answer };

class hung_crm {
  public:
    explicit hung_crm(hang how);
    ~hung_crm();
    hung_crm(hung_crm const&) = delete;
    hung_crm& operator=(hung_crm const&) = delete;
    [[nodiscard]] std::string url() const;
    // Connections taken so far.
    [[nodiscard]] int taken() const { return taken_; }
    // From now on it answers what comes.
    void recover() { well_ = true; }

  private:
    boost::asio::awaitable<void> listen();
    boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket peer);

    hang const how_;
    std::atomic<int> taken_{0};
    std::atomic<bool> well_{false};
    boost::asio::io_context io_{1};
    boost::asio::ip::tcp::acceptor acceptor_;
    std::jthread thread_;
};

}  // namespace cxb::e2e
