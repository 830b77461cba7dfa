#pragma once
/// @file
/// A `media_leg` over a WebSocket: carries frames between socket and protocol machine, keeps its
/// timer, and the events until the call takes them. Private to src/worker.

#include <boost/asio/steady_timer.hpp>
#include <deque>

#include "cxb/worker/media_leg.hpp"

namespace cxb::inline v1 {
namespace worker {

class socket_leg final : public media_leg, public std::enable_shared_from_this<socket_leg> {
  public:
    socket_leg(std::shared_ptr<media_socket> socket, std::unique_ptr<media_protocol> protocol,
               clock const& time, boost::asio::any_io_executor const& executor);

    /// Reads until the socket has ended.
    boost::asio::awaitable<void> pump();
    /// Who is on the line, once known; empty when the line ended before.
    boost::asio::awaitable<std::optional<media_party>> started();
    void refuse(int code, std::string reason);
    void speak_in(domain::time_zone zone) { protocol_->speak_in(std::move(zone)); }

    boost::asio::awaitable<media_event> next() override;
    void play(std::string_view pcm) override;
    void clear() override;
    void transfer(std::string to) override;
    void hang_up() override;
    [[nodiscard]] std::size_t overruns() const noexcept override { return overruns_; }

  private:
    static boost::asio::awaitable<void> keep_time(std::shared_ptr<socket_leg> self);
    [[nodiscard]] media_moment now() const { return {time_.steady(), time_.now()}; }
    void carry_out(media_actions actions);
    void keep(media_event event);

    std::shared_ptr<media_socket> socket_;
    std::unique_ptr<media_protocol> protocol_;
    clock const& time_;
    boost::asio::steady_timer timer_;    ///< of the protocol
    boost::asio::steady_timer waiting_;  ///< whoever waits for an event
    std::optional<media_party> party_;
    std::deque<media_event> events_;
    std::size_t audio_bytes_ = 0;  ///< in `events_`
    std::size_t overruns_ = 0;
    media_left left_{"bot", ""};
    bool over_ = false;  ///< no event comes any more
};

}  // namespace worker
}  // namespace cxb::inline v1
