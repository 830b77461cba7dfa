#pragma once
/// @file
/// A TCP proxy in front of a MongoDB server that does harm at a chosen command.

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace cxb::test {

/// What happens to the chosen command and its connection.
enum class proxy_fault {
    cut_before,    ///< the command does not reach the server, the connection breaks
    cut_after,     ///< the server runs it, the connection breaks instead of the answer
    cut_inside,    ///< the connection breaks in the middle of the answer
    silence,       ///< the server runs it, no answer comes
    stepped_down,  ///< the server does not run it: it is no primary any more
    interrupted,   ///< the server runs it, but answers that a change of the primary came between
    unconfirmed,   ///< the server runs a write, but the majority has not confirmed it
};

class fault_proxy {
  public:
    explicit fault_proxy(unsigned short server);
    ~fault_proxy();
    fault_proxy(fault_proxy const&) = delete;
    fault_proxy& operator=(fault_proxy const&) = delete;

    [[nodiscard]] unsigned short port() const { return port_; }
    /// The `number`-th command from now on is harmed, once.
    void arm(proxy_fault fault, int number);
    /// As that, and the command that comes next is refused: the server is no primary any more.
    void arm_and_refuse_the_next(proxy_fault fault, int number);
    void disarm() { left_ = 0; }
    /// Called with the name of each command before it reaches the server; on the proxy's threads.
    void before_each(std::function<void(std::string const&)> call);
    [[nodiscard]] bool struck() const { return struck_; }
    /// How many commands of this name came by.
    [[nodiscard]] int count(std::string const& command) const;
    /// The last of them, as text.
    [[nodiscard]] std::string last(std::string const& command) const;

  private:
    using socket = boost::asio::ip::tcp::socket;
    struct link {
        socket client;
        socket server;
        std::thread thread;
    };
    struct seen {
        int count = 0;
        std::string last;
    };
    void accept();
    void serve(link& on);
    [[nodiscard]] bool exchange(link& on);
    void call_before(std::string const& command);
    [[nodiscard]] bool is_chosen(std::vector<char> const& request, std::string const& command);

    boost::asio::io_context loop_;
    boost::asio::ip::tcp::acceptor acceptor_;
    unsigned short const server_;
    unsigned short const port_;
    std::atomic<proxy_fault> fault_{proxy_fault::cut_before};
    std::atomic<int> left_{0};
    std::atomic<bool> struck_{false};
    std::atomic<bool> refuse_next_{false};
    std::function<void(std::string const&)> before_each_;  // guarded by mutex_
    std::atomic<bool> stopping_{false};
    mutable std::mutex mutex_;
    std::list<link> links_;             // guarded by mutex_
    std::map<std::string, seen> seen_;  // by command; guarded by mutex_
    std::thread thread_;
};

}  // namespace cxb::test
