#pragma once
// A client of GET /events/stream that reads until it is told to stop.

#include <mutex>
#include <string>
#include <vector>

#include "cxb/net/event_loops.hpp"
#include "cxb/net/http_client.hpp"
#include "server/api/api_fixture.hpp"

namespace cxb::api::test {

class stream_reader {
  public:
    /// Asks for `url`; headers as they are to be sent.
    explicit stream_reader(std::string url, wire::header_list headers = {});
    ~stream_reader();
    stream_reader(stream_reader const&) = delete;
    stream_reader& operator=(stream_reader const&) = delete;

    /// 0 until the head is there.
    [[nodiscard]] int status() const;
    [[nodiscard]] wire::header_list headers() const;
    [[nodiscard]] std::string text() const;
    /// The answer is over: whole, or cut off.
    [[nodiscard]] bool ended() const;
    [[nodiscard]] bool cut_off() const;
    /// Waits until the stream is open, that is until its greeting is there.
    [[nodiscard]] bool opens() const;
    /// Waits until this text has come.
    [[nodiscard]] bool hears(std::string const& part) const;
    [[nodiscard]] bool ends() const;
    /// Value of the last `id:` line.
    [[nodiscard]] std::string last_id() const;
    /// `event:` lines in order.
    [[nodiscard]] std::vector<std::string> types() const;

  private:
    boost::asio::awaitable<void> read(client::outgoing_request request);

    mutable std::mutex mutex_;
    int status_ = 0;
    wire::header_list headers_;
    std::string text_;
    bool ended_ = false;
    bool cut_off_ = false;
    net::event_loops loops_{1};
    std::unique_ptr<net::http_client> client_ = net::http_client::create().value();
};

}  // namespace cxb::api::test
