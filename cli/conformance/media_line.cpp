#include "cli/conformance/media_line.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <mutex>

#include "cxb/contract/media_ws/audio.hpp"
#include "cxb/net/web_socket_client.hpp"

namespace cxb::cli::conformance {

namespace asio = boost::asio;
namespace media_ws = contract::media_ws;

namespace {

constexpr std::chrono::milliseconds stays{600};
constexpr std::size_t most_kept = 20000;

// 20 ms of a square wave of 400 Hz.
std::string loud_frame() {
    std::string out;
    for (std::size_t i = 0; i < media_ws::frame_bytes / 2; ++i)
        out += i / 10 % 2 == 0 ? std::string("\x00\x30", 2) : std::string("\x00\xd0", 2);
    return out;
}

bool is_voice(std::string_view event) {
    return event == "reverse-media" || event == "media";
}

// `connected, start, media x12`: what is alike and follows each other is counted.
std::string told_shortly(std::vector<std::string> const& events) {
    std::string out;
    for (std::size_t from = 0; from < events.size();) {
        auto to = from;
        while (to < events.size() && events[to] == events[from])
            ++to;
        if (!out.empty()) out += ", ";
        out += events[from];
        if (to - from > 1) out += " x" + std::to_string(to - from);
        from = to;
    }
    return out;
}

}  // namespace

struct media_line::state {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<heard_message> heard;
    std::vector<std::string> said;
    std::optional<worker::socket_end> end;
    std::shared_ptr<worker::media_socket> socket;  // used on the loop only
    std::string farewell;                          // said a while after the bot's first sound
    int status = 0;
    std::string failure;

    void send(std::string text) {
        if (socket) (void)socket->send(std::move(text));
    }

    void keep(std::string const& text) {
        auto parsed = wire::parse_json(text);
        heard_message one;
        one.at = std::chrono::steady_clock::now();
        if (parsed && parsed->is_object()) one.frame = std::move(parsed->as_object());
        std::lock_guard const lock(mutex);
        if (heard.size() < most_kept) heard.push_back(std::move(one));
        changed.notify_all();
    }

    // The farewell that is due now that the bot has spoken; once.
    std::string take_farewell() {
        std::lock_guard const lock(mutex);
        bool const spoken = std::ranges::any_of(heard, [](heard_message const& one) {
            return is_voice(wire::text_at(one.frame, "event"));
        });
        return spoken ? std::exchange(farewell, {}) : std::string();
    }

    static asio::awaitable<void> say_later(std::shared_ptr<state> self, std::string text) {
        asio::steady_timer timer(co_await asio::this_coro::executor, stays);
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        self->send(std::move(text));
    }

    static asio::awaitable<void> read(std::shared_ptr<state> self,
                                      std::shared_ptr<worker::media_socket> from) {
        auto const executor = co_await asio::this_coro::executor;
        while (auto const text = co_await from->receive()) {
            self->keep(*text);
            if (auto words = self->take_farewell(); !words.empty())
                asio::co_spawn(executor, say_later(self, std::move(words)), asio::detached);
        }
        self->socket.reset();
        std::lock_guard const lock(self->mutex);
        self->end = from->end();
        self->changed.notify_all();
    }

    static asio::awaitable<void> open(std::shared_ptr<state> self, std::string url) {
        auto opened = co_await net::connect_socket(std::move(url), {});
        if (!opened) {
            self->status = opened.error().status();
            self->failure = opened.error().detail();
            co_return;
        }
        self->status = 101;
        self->socket = *std::move(opened);
        asio::co_spawn(co_await asio::this_coro::executor, read(self, self->socket),
                       asio::detached);
    }
};

media_line::media_line(net::event_loops& loops, line_kind kind, std::string url, std::string query,
                       line_party party)
    : loops_(loops),
      kind_(kind),
      url_(std::move(url)),
      party_(std::move(party)),
      state_(std::make_shared<state>()) {
    loops_.run_and_wait(state::open(state_, url_ + query));
}

media_line::~media_line() {
    drop();
}

int media_line::status() const {
    return state_->status;
}

void media_line::say(wire::json_object const& message) {
    {
        std::lock_guard const lock(state_->mutex);
        auto const event = std::string(wire::text_at(message, "event"));
        state_->said.push_back(event == "media" ? event : shown_body(wire::to_text(message)));
    }
    asio::post(loops_.executor(0),
               [state = state_, text = wire::to_text(message)] { state->send(text); });
}

void media_line::say_connected(wire::json_object variables) {
    variables["event"] = "connected";
    if (kind_ == line_kind::dialler) {
        variables["callerId"] = party_.caller_id;
        variables["did"] = party_.did;
        variables["callDirection"] = "incoming";
        variables["streamId"] = party_.stream_id;
    }
    say(variables);
}

void media_line::say_start(wire::json_object variables) {
    if (kind_ == line_kind::dialler)
        return say({{"event", "start"},
                    {"streamId", party_.stream_id},
                    {"mediaFormat", wire::json_object{{"encoding", "LINEAR"},
                                                      {"sampleRate", media_ws::sample_rate},
                                                      {"channels", 1}}}});
    wire::json_object const format{
        {"encoding", "base64"}, {"sample_rate", "8000"}, {"bit_rate", "128kbps"}};
    say({{"event", "start"},
         {"sequence_number", "1"},
         {"stream_sid", party_.stream_id},
         {"start", wire::json_object{{"stream_sid", party_.stream_id},
                                     {"call_sid", party_.stream_id + "-call"},
                                     {"account_sid", "conformance"},
                                     {"from", party_.caller_id},
                                     {"to", party_.did},
                                     {"custom_parameters", std::move(variables)},
                                     {"media_format", format}}}});
}

void media_line::say_answer() {
    say({{"event", "answer"}});
}

void media_line::say_hello(wire::json_object variables) {
    if (kind_ == line_kind::exotel) return say_start(std::move(variables));
    say_connected(std::move(variables));
    say_start();
    say_answer();
}

wire::json_object media_line::goodbye(std::string const& reason) const {
    if (kind_ == line_kind::dialler) return {{"event", "hangup-call"}, {"disconnectedBy", reason}};
    return {{"event", "stop"},
            {"stream_sid", party_.stream_id},
            {"stop", wire::json_object{{"call_sid", party_.stream_id + "-call"},
                                       {"account_sid", "conformance"},
                                       {"reason", reason}}}};
}

void media_line::say_goodbye(std::string const& reason) {
    say(goodbye(reason));
}

wire::json_object media_line::audio(std::string const& pcm) const {
    auto const payload = media_ws::encode_audio(pcm);
    if (kind_ == line_kind::dialler) return {{"event", "media"}, {"payload", payload}};
    return {
        {"event", "media"},
        {"stream_sid", party_.stream_id},
        {"media", wire::json_object{{"chunk", "2"}, {"timestamp", "20"}, {"payload", payload}}}};
}

void media_line::speak(std::chrono::milliseconds loud, std::chrono::milliseconds quiet) {
    auto const say_all = [](media_line& self, std::int64_t first,
                            std::int64_t all) -> asio::awaitable<void> {
        auto const tone = self.audio(loud_frame());
        auto const silence = self.audio(std::string(media_ws::frame_bytes, '\0'));
        asio::steady_timer timer(co_await asio::this_coro::executor);
        auto next = std::chrono::steady_clock::now();
        for (std::int64_t i = 0; i < all; ++i) {
            self.say(i < first ? tone : silence);
            timer.expires_at(next += media_ws::frame_time);
            co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        }
    };
    loops_.run_and_wait(
        say_all(*this, loud / media_ws::frame_time, (loud + quiet) / media_ws::frame_time));
}

void media_line::leave_soon() {
    auto words = wire::to_text(goodbye("conformance"));
    std::lock_guard const lock(state_->mutex);
    state_->farewell = std::move(words);
}

void media_line::close(int code) {
    asio::post(loops_.executor(0), [state = state_, code] {
        if (state->socket) state->socket->close(code, "");
    });
}

void media_line::drop() {
    asio::post(loops_.executor(0), [state = state_] {
        if (state->socket) state->socket->drop();
    });
}

std::vector<heard_message> media_line::heard() const {
    std::lock_guard const lock(state_->mutex);
    return state_->heard;
}

std::vector<wire::json_object> media_line::heard(std::string_view event) const {
    std::vector<wire::json_object> out;
    for (auto& one : heard())
        if (wire::text_at(one.frame, "event") == event) out.push_back(std::move(one.frame));
    return out;
}

bool media_line::wait_for(std::string_view event, std::size_t many,
                          std::chrono::milliseconds at_most) const {
    auto const enough = [&] {
        return static_cast<std::size_t>(
                   std::ranges::count_if(state_->heard, [event](heard_message const& one) {
                       return wire::text_at(one.frame, "event") == event;
                   })) >= many;
    };
    std::unique_lock lock(state_->mutex);
    state_->changed.wait_for(lock, at_most, [&] { return enough() || state_->end; });
    return enough();
}

std::optional<worker::socket_end> media_line::end_within(std::chrono::milliseconds at_most) const {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait_for(lock, at_most, [&] { return state_->end.has_value(); });
    return state_->end;
}

std::string_view media_line::voice_event() const noexcept {
    return kind_ == line_kind::dialler ? "reverse-media" : "media";
}

exchange media_line::shown() const {
    exchange out;
    std::lock_guard const lock(state_->mutex);
    out.request = "WS " + url_;
    out.request_body = told_shortly(state_->said);
    out.status = state_->status;
    std::vector<std::string> events;
    for (auto const& one : state_->heard)
        events.emplace_back(wire::text_at(one.frame, "event"));
    out.answer = state_->status == 101 ? told_shortly(events) : state_->failure;
    if (state_->end)
        out.answer += "; closed " + std::to_string(state_->end->code) + " " + state_->end->reason;
    return out;
}

}  // namespace cxb::cli::conformance
