#include "src/testing/short_calls.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cxb::inline v1 {
namespace testing {

namespace asio = boost::asio;

namespace {

asio::awaitable<std::string> echo(std::shared_ptr<worker::media_leg> line,
                                  std::shared_ptr<worker::call_control> control) {
    // The control may outlive the loop, what waits on the loop must not.
    control->on_stop([watched = std::weak_ptr(line)](auto const&, auto const&) {
        if (auto const still = watched.lock()) still->hang_up();
    });
    for (;;) {
        auto const event = co_await line->next();
        if (auto const* const audio = std::get_if<worker::media_audio>(&event))
            line->play(audio->pcm);
        if (auto const* const left = std::get_if<worker::media_left>(&event)) {
            control->on_stop({});
            co_return left->word;
        }
    }
}

}  // namespace

asio::awaitable<result<worker::call_end>> short_calls::run(worker::call_context call) {
    using namespace contract::call_results;
    call.control->show({.state = "talking", .waiting_for = "caller"});
    auto const word =
        call.media ? co_await echo(call.media, call.control) : co_await wait(call.control);
    worker::call_end end;
    end.result.disconnected_by = open_enum<disconnect_word>::from_text(word);
    end.result.call_duration_seconds = real_seconds{1};
    transcript_item opening;
    opening.role = speaker::assistant;
    opening.content = call.config.opening_message;
    end.result.transcript.emplace();
    end.result.transcript->push_back(std::move(opening));
    co_return end;
}

bool short_calls::keep(timer const& one) {
    std::lock_guard const lock(mutex_);
    if (holding_) timers_.push_back(one);
    return holding_;
}

asio::awaitable<std::string> short_calls::wait(std::shared_ptr<worker::call_control> control) {
    auto const executor = co_await asio::this_coro::executor;
    auto const pause = std::make_shared<asio::steady_timer>(executor, length_);
    if (keep(pause)) {
        pause->expires_at(asio::steady_timer::time_point::max());
        held_();
    }
    bool stopped = false;
    control->on_stop([&stopped, watched = std::weak_ptr(pause)](auto const&, auto const&) {
        auto const still = watched.lock();
        if (!still) return;
        stopped = true;
        still->cancel();
    });
    // Asked to stop before it began: nothing would cancel the timer any more.
    if (!stopped) co_await pause->async_wait(asio::as_tuple(asio::use_awaitable));
    control->on_stop({});
    {
        std::lock_guard const lock(mutex_);
        std::erase(timers_, pause);
    }
    co_return stopped ? "error" : "customer";
}

void short_calls::hold() {
    std::lock_guard const lock(mutex_);
    holding_ = true;
}

void short_calls::release() {
    std::lock_guard const lock(mutex_);
    holding_ = false;
    for (auto& one : timers_)
        asio::post(one->get_executor(), [one] { one->cancel(); });
    timers_.clear();
}

std::size_t short_calls::waiting() const {
    std::lock_guard const lock(mutex_);
    return timers_.size();
}

void short_calls::forget() {
    std::vector<timer> gone;
    std::lock_guard const lock(mutex_);
    gone.swap(timers_);
}

}  // namespace testing
}  // namespace cxb::inline v1
