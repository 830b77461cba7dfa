#include "cxb/testing/fake_media_dialler.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cxb/contract/media_ws/audio.hpp"
#include "cxb/net/event_loops.hpp"
#include "cxb/net/web_socket_client.hpp"
#include "src/testing/change_signal.hpp"
#include "src/testing/media_words.hpp"

namespace cxb::inline v1 {
namespace testing {

namespace asio = boost::asio;
namespace media_ws = contract::media_ws;

namespace {

// A minute of speech that is said at once must not look like a peer that does not read.
constexpr std::size_t most_unsent = 64 * limits::mib;

std::string_view event_of(wire::json_object const& message) {
    return wire::text_at(message, "event");
}

}  // namespace

struct fake_media_dialler::state {
    explicit state(fake_media_dialler_options given)
        : options(std::move(given)), words(options.kind, options.caller) {}

    asio::awaitable<void> open(result<void>& outcome);
    asio::awaitable<void> read();
    asio::awaitable<void> speak(std::string pcm, std::chrono::milliseconds every);
    void keep(std::string const& text);

    // On the loop: says what `make` gives, if it gives anything.
    void give(std::string text) {
        if (socket && !text.empty()) (void)socket->send(std::move(text));
    }
    template <class Make>
    void say(Make make) {
        asio::post(loops.executor(0), [this, make = std::move(make)] { give(make(words)); });
    }

    [[nodiscard]] bool is_open() const {
        std::lock_guard const lock(mutex);
        return opened && !end;
    }
    [[nodiscard]] std::size_t count(std::string_view event) const {
        std::lock_guard const lock(mutex);
        return static_cast<std::size_t>(std::ranges::count_if(
            heard, [event](heard_message const& one) { return event_of(one.message) == event; }));
    }

    fake_media_dialler_options const options;
    change_signal changes;
    mutable std::mutex mutex;
    bool opened = false;
    std::vector<heard_message> heard;
    std::vector<error> faults;
    std::optional<worker::socket_end> end;
    std::size_t taken = 0;  // of `heard`, by `next`

    // Used on the loop only.
    media_words words;
    std::shared_ptr<worker::media_socket> socket;
    net::event_loops loops{1};
};

asio::awaitable<void> fake_media_dialler::state::open(result<void>& outcome) {
    net::socket_client_options how;
    how.socket.max_message =
        options.kind == media_kind::dialler ? limits::ws_text_frame : media_ws::exotel_sent_frame;
    how.socket.max_queued = most_unsent;
    how.socket.close_wait = std::max(how.socket.close_wait, options.patience);
    how.connect = std::max(how.connect, options.patience);
    how.ca_file = options.ca_file;
    auto got = co_await net::connect_socket(options.url, std::move(how));
    if (!got) {
        outcome = got.error();
        co_return;
    }
    socket = *std::move(got);
    {
        std::lock_guard const lock(mutex);
        opened = true;
    }
    loops.spawn(0, read());
}

asio::awaitable<void> fake_media_dialler::state::read() {
    auto const from = socket;
    while (auto const text = co_await from->receive())
        keep(*text);
    socket.reset();
    {
        std::lock_guard const lock(mutex);
        end = from->end();
    }
    changes.tell();
}

void fake_media_dialler::state::keep(std::string const& text) {
    heard_message one;
    one.at = std::chrono::steady_clock::now();
    auto parsed = wire::parse_json(text);
    if (parsed && parsed->is_object()) one.message = std::move(parsed->as_object());
    auto const judged = words.judge(text);
    give(words.reply(event_of(one.message), one.message));
    {
        std::lock_guard const lock(mutex);
        if (!judged) faults.push_back(judged.error());
        heard.push_back(std::move(one));
    }
    changes.tell();
}

asio::awaitable<void> fake_media_dialler::state::speak(std::string pcm,
                                                       std::chrono::milliseconds every) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    auto next = std::chrono::steady_clock::now();
    for (std::size_t at = 0; at < pcm.size() && socket; at += media_ws::frame_bytes) {
        give(words.audio(std::string_view(pcm).substr(at, media_ws::frame_bytes)));
        if (every.count() == 0) continue;
        timer.expires_at(next += every);
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

fake_media_dialler::fake_media_dialler(fake_media_dialler_options options)
    : state_(std::make_unique<state>(std::move(options))) {
    state_->loops.start();
}

fake_media_dialler::~fake_media_dialler() {
    drop();
    (void)wait_for_end();
    state_->loops.stop();
    state_->socket.reset();
}

result<void> fake_media_dialler::connect() {
    {
        std::lock_guard const lock(state_->mutex);
        if (state_->opened) return {};
    }
    result<void> out;
    state_->loops.run_and_wait(state_->open(out));
    return out;
}

result<void> fake_media_dialler::call() {
    CXB_CHECK(connect());
    say_connected();
    say_start();
    say_answer();
    return {};
}

void fake_media_dialler::say_connected() {
    state_->say([](media_words& words) { return words.connected(); });
}

void fake_media_dialler::say_start() {
    state_->say([](media_words& words) { return words.start(); });
}

void fake_media_dialler::say_answer() {
    state_->say([](media_words& words) { return words.answer(); });
}

void fake_media_dialler::say(std::string text) {
    state_->say([text = std::move(text)](media_words&) { return text; });
}

void fake_media_dialler::speak(std::string_view pcm, std::chrono::milliseconds every) {
    state_->loops.run_and_wait(state_->speak(std::string(pcm), every));
}

void fake_media_dialler::press(char digit) {
    state_->say([digit](media_words& words) { return words.key(digit); });
}

void fake_media_dialler::hang_up(std::string reason) {
    state_->say([reason = std::move(reason)](media_words& words) { return words.goodbye(reason); });
}

void fake_media_dialler::close(int code, std::string reason) {
    asio::post(state_->loops.executor(0), [my = state_.get(), code, reason = std::move(reason)] {
        if (my->socket) my->socket->close(code, reason);
    });
}

void fake_media_dialler::drop() {
    asio::post(state_->loops.executor(0), [my = state_.get()] {
        if (my->socket) my->socket->drop();
    });
}

std::optional<wire::json_object> fake_media_dialler::next() {
    auto& my = *state_;
    (void)wait_until(
        [&my] {
            std::lock_guard const lock(my.mutex);
            return my.taken < my.heard.size() || my.end || !my.opened;
        },
        my.options.patience);
    std::lock_guard const lock(my.mutex);
    if (my.taken == my.heard.size()) return std::nullopt;
    return my.heard[my.taken++].message;
}

std::optional<wire::json_object> fake_media_dialler::until(std::string_view event) {
    auto const patience = std::chrono::steady_clock::now() + state_->options.patience;
    while (auto one = next()) {
        if (event_of(*one) == event) return one;
        if (std::chrono::steady_clock::now() >= patience) break;
    }
    return std::nullopt;
}

std::vector<heard_message> fake_media_dialler::heard(std::string_view event) const {
    std::lock_guard const lock(state_->mutex);
    std::vector<heard_message> out;
    std::ranges::copy_if(state_->heard, std::back_inserter(out), [event](auto const& one) {
        return event.empty() || event_of(one.message) == event;
    });
    return out;
}

std::vector<std::string> fake_media_dialler::events() const {
    std::lock_guard const lock(state_->mutex);
    std::vector<std::string> out;
    for (auto const& one : state_->heard)
        out.emplace_back(event_of(one.message));
    return out;
}

std::size_t fake_media_dialler::count(std::string_view event) const {
    return state_->count(event);
}

std::string fake_media_dialler::heard_audio() const {
    std::string out;
    for (auto const& one : heard(voice_event()))
        if (auto const pcm = media_ws::decode_audio(state_->words.payload_of(one.message)))
            out += *pcm;
    return out;
}

std::string_view fake_media_dialler::voice_event() const noexcept {
    return state_->words.voice_event();
}

std::vector<error> fake_media_dialler::faults() const {
    std::lock_guard const lock(state_->mutex);
    return state_->faults;
}

std::optional<worker::socket_end> fake_media_dialler::end() const {
    std::lock_guard const lock(state_->mutex);
    return state_->end;
}

worker::socket_end fake_media_dialler::wait_for_end() const {
    (void)wait_until([this] { return !state_->is_open(); }, state_->options.patience);
    return end().value_or(worker::socket_end{0, {}, false});
}

bool fake_media_dialler::wait_for(std::string_view event, std::size_t many) const {
    auto const enough = [&] { return state_->count(event) >= many; };
    (void)wait_until([&] { return enough() || !state_->is_open(); }, state_->options.patience);
    return enough();
}

bool fake_media_dialler::wait_until(std::function<bool()> const& done,
                                    std::chrono::milliseconds at_most) const {
    return state_->changes.wait_until(done, at_most);
}

std::string silence(std::chrono::milliseconds length) {
    auto const samples = static_cast<std::size_t>(length.count()) * media_ws::sample_rate / 1000;
    return std::string(2 * samples, '\0');
}

std::string loud_tone(std::chrono::milliseconds length) {
    constexpr std::size_t half_wave = media_ws::sample_rate / 400 / 2;
    auto out = silence(length);
    for (std::size_t i = 0; i < out.size() / 2; ++i)
        out[2 * i + 1] = i / half_wave % 2 == 0 ? '\x30' : '\xd0';
    return out;
}

}  // namespace testing
}  // namespace cxb::inline v1
