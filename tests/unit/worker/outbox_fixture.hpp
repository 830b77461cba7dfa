#pragma once
// Shared pieces of the outbox tests: a clock moved by hand and a peer with scripted answers.

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <functional>
#include <sstream>
#include <vector>

#include "cxb/client/transport.hpp"

#include "cxb/worker/result_outbox.hpp"
#include "tests/support/scratch_folder.hpp"

namespace cxb_test {

class hand_clock final : public cxb::clock {
  public:
    [[nodiscard]] cxb::time_point now() const noexcept override {
        return cxb::time_point{cxb::milliseconds{ms_.load()}};
    }
    [[nodiscard]] std::chrono::nanoseconds steady() const noexcept override {
        return cxb::milliseconds{ms_.load()};
    }
    void advance(cxb::milliseconds by) { ms_ += by.count(); }

  private:
    std::atomic<std::int64_t> ms_{1'767'323'045'000};
};

// Answers each request by a function and keeps what was asked.
class scripted_peer final : public cxb::client::transport {
  public:
    using answer =
        std::function<cxb::result<cxb::wire::http_response>(cxb::client::outgoing_request const&)>;
    answer reply = [](auto const&) { return status(200); };
    std::vector<cxb::client::outgoing_request> seen;

    static cxb::result<cxb::wire::http_response> status(int code, std::string body = "{}") {
        cxb::wire::http_response out;
        out.status = code;
        out.body = std::move(body);
        return out;
    }

    boost::asio::awaitable<cxb::result<cxb::wire::http_response>> send(
        cxb::client::outgoing_request request, cxb::client::transport_options) override {
        seen.push_back(std::move(request));
        co_return reply(seen.back());
    }
};

inline std::string read_file(std::filesystem::path const& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

inline void write_file(std::filesystem::path const& path, std::string const& text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

inline std::vector<std::string> files_in(std::filesystem::path const& folder) {
    std::vector<std::string> out;
    for (auto const& item : std::filesystem::directory_iterator(folder))
        out.push_back(item.path().filename().string());
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace cxb_test
