#include "src/worker/socket_leg.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cxb/contract/media_ws/audio.hpp"

namespace cxb::inline v1 {
namespace worker {

namespace asio = boost::asio;

namespace {

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr auto never = asio::steady_timer::time_point::max();
constexpr std::size_t most_audio = 2 * 2 * contract::media_ws::sample_rate;  // 2 s

}  // namespace

socket_leg::socket_leg(std::shared_ptr<media_socket> socket,
                       std::unique_ptr<media_protocol> protocol, clock const& time,
                       asio::any_io_executor const& executor)
    : socket_(std::move(socket)),
      protocol_(std::move(protocol)),
      time_(time),
      timer_(executor, never),
      waiting_(executor, never) {}

asio::awaitable<void> socket_leg::pump() {
    auto const self = shared_from_this();
    carry_out(protocol_->begin(now()));
    asio::co_spawn(co_await asio::this_coro::executor, keep_time(self), asio::detached);
    while (auto const text = co_await socket_->receive())
        carry_out(protocol_->received(now(), *text));
    carry_out(protocol_->ended(now(), socket_->end()));
    over_ = true;
    timer_.cancel();
    waiting_.cancel();
}

// Woken by every action, because each may bring another moment nearer.
asio::awaitable<void> socket_leg::keep_time(std::shared_ptr<socket_leg> self) {
    while (!self->over_) {
        auto const next = self->protocol_->next_timer();
        auto const wait = next ? std::max(*next - self->time_.steady(), std::chrono::nanoseconds(0))
                               : std::chrono::nanoseconds(0);
        self->timer_.expires_at(next ? std::chrono::steady_clock::now() + wait : never);
        auto [ec] = co_await self->timer_.async_wait(use_tuple);
        if (!ec && !self->over_) self->carry_out(self->protocol_->tick(self->now()));
    }
}

void socket_leg::keep(media_event event) {
    if (auto const* audio = std::get_if<media_audio>(&event)) {
        audio_bytes_ += audio->pcm.size();
        while (audio_bytes_ > most_audio) {
            auto const oldest = std::ranges::find_if(events_, [](media_event const& one) {
                return std::holds_alternative<media_audio>(one);
            });
            if (oldest == events_.end()) break;
            audio_bytes_ -= std::get<media_audio>(*oldest).pcm.size();
            events_.erase(oldest);
            ++overruns_;
        }
    }
    events_.push_back(std::move(event));
}

void socket_leg::carry_out(media_actions actions) {
    for (auto& action : actions) {
        if (auto* send = std::get_if<media_send>(&action)) {
            socket_->send(std::move(send->text));
        } else if (auto* close = std::get_if<media_close>(&action)) {
            socket_->close(close->code, std::move(close->reason));
        } else if (auto* who = std::get_if<media_started>(&action)) {
            party_ = std::move(who->party);
        } else if (auto* left = std::get_if<media_left>(&action)) {
            left_ = std::move(*left);
        } else if (auto* audio = std::get_if<media_audio>(&action)) {
            keep(std::move(*audio));
        } else if (auto* key = std::get_if<media_key>(&action)) {
            keep(*key);
        } else if (auto* moved = std::get_if<media_transferred>(&action)) {
            keep(std::move(*moved));
        } else {
            keep(media_answered{});
        }
    }
    over_ = over_ || protocol_->over();
    timer_.cancel();
    waiting_.cancel();
}

asio::awaitable<std::optional<media_party>> socket_leg::started() {
    auto const self = shared_from_this();
    while (!party_ && !over_)
        co_await waiting_.async_wait(use_tuple);
    co_return party_;
}

asio::awaitable<media_event> socket_leg::next() {
    auto const self = shared_from_this();
    while (events_.empty() && !over_)
        co_await waiting_.async_wait(use_tuple);
    if (events_.empty()) co_return left_;
    auto event = std::move(events_.front());
    events_.pop_front();
    if (auto const* audio = std::get_if<media_audio>(&event)) audio_bytes_ -= audio->pcm.size();
    co_return event;
}

void socket_leg::refuse(int code, std::string reason) {
    carry_out(protocol_->refuse(now(), code, std::move(reason)));
}

void socket_leg::play(std::string_view pcm) {
    carry_out(protocol_->play(now(), pcm));
}

void socket_leg::clear() {
    carry_out(protocol_->clear(now()));
}

void socket_leg::transfer(std::string to) {
    carry_out(protocol_->transfer(now(), std::move(to)));
}

void socket_leg::hang_up() {
    carry_out(protocol_->hang_up(now()));
}

}  // namespace worker
}  // namespace cxb::inline v1
