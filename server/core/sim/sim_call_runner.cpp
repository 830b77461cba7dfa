#include "server/core/sim/sim_call_runner.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <utility>

namespace cxb::inline v1 {
namespace core {

namespace asio = boost::asio;

namespace {
// A fast call lets others run now and then.
constexpr int steps_without_pause = 64;
constexpr int not_available = 480;  // of SIP: nobody picked up
}  // namespace

struct sim_call_runner::state : std::enable_shared_from_this<state> {
    state(sim_run given, sim_clock& clock) : settings(std::move(given)), time(clock) {}

    void give(conversation_input input) {
        inbox.push_back(std::move(input));
        if (timer != nullptr) timer->cancel();
    }

    template <class Ask, class Port, class Reply>
    void request(Ask ask, Port const& port, Reply refusal) {
        if (!port) return give(std::move(refusal));
        ++open;
        asio::co_spawn(timer->get_executor(),
                       carry(shared_from_this(), std::move(ask), port, std::move(refusal)),
                       asio::detached);
    }

    template <class Ask, class Port, class Reply>
    static asio::awaitable<void> carry(std::shared_ptr<state> self, Ask ask, Port port,
                                       Reply refusal) {
        co_await asio::post(asio::use_awaitable);
        std::optional<Reply> reply;
        try {
            reply = co_await port(std::move(ask));
        } catch (std::exception const&) {
            reply = std::move(refusal);  // a fault of one service costs its answer, not the call
        }
        --self->open;
        self->give(*std::move(reply));
    }

    void carry_out(conversation_output action) {
        if (auto* tool = std::get_if<ask_tool>(&action)) {
            auto const key = tool->key;
            request(std::move(*tool), settings.ports.tool, tool_replied{key, 0, {}, "network"});
        } else if (auto* query = std::get_if<ask_knowledge>(&action)) {
            auto const key = query->key;
            request(std::move(*query), settings.ports.knowledge,
                    knowledge_replied{key, false, {}, 0, {}, {}});
        } else if (auto* model = std::get_if<ask_model>(&action)) {
            auto const key = model->key;
            request(std::move(*model), settings.ports.model,
                    model_replied{key, {}, {}, 0, 0, "unsupported_provider"});
        } else if (auto* desk = std::get_if<ask_desk>(&action)) {
            request(std::move(*desk), settings.ports.desk, desk_replied{false, "not_available"});
        } else if (settings.line) {
            use_line(action);
        }
    }

    void use_line(conversation_output const& action) {
        auto& line = *settings.line;
        if (auto const* play = std::get_if<play_sentence>(&action))
            line.play(tone_of(play->length));
        else if (std::holds_alternative<stop_playing>(action))
            line.clear();
        else if (auto const* transfer = std::get_if<ask_transfer>(&action))
            line.transfer(transfer->plan.destination);
    }

    // Ends with the line; that may be after the call.
    static asio::awaitable<void> listen(std::shared_ptr<state> self) {
        for (auto const line = self->settings.line;;) {
            auto event = co_await line->next();
            if (auto* audio = std::get_if<worker::media_audio>(&event)) {
                self->give(caller_audio{std::move(audio->pcm)});
            } else if (auto const* key = std::get_if<worker::media_key>(&event)) {
                self->give(caller_key{key->digit});
            } else if (auto* moved = std::get_if<worker::media_transferred>(&event)) {
                self->give(transfer_replied{std::move(moved->failed_reason)});
            } else if (auto* left = std::get_if<worker::media_left>(&event)) {
                self->give(end_of_line(std::move(*left)));
                co_return;
            } else {
                self->give(call_answered{});
            }
        }
    }

    static conversation_input end_of_line(worker::media_left left) {
        if (left.word == "no_answer") return call_failed{not_available};
        if (left.word == "error") return line_broke{"protocol", std::move(left.raw_reason)};
        return caller_left{std::move(left.raw_reason)};
    }

    void begin() {
        if (!settings.recordings) settings.bot.recording = false;
        if (settings.bot.recording) begin_recording();
        if (settings.line)
            call =
                std::make_unique<media_call>(settings.bot, settings.ear, settings.seed, time.now());
        else
            call = std::make_unique<sim_call>(settings.bot, settings.script, settings.seed,
                                              time.now());
    }

    void begin_recording() {
        auto started = has_recording_space(*settings.recordings)
                           ? call_recording::start(*settings.recordings, settings.bot.recording_key,
                                                   settings.recording_format)
                           : result<call_recording>(error{errc::unavailable, "no space"});
        if (started) {
            recording = *std::move(started);
            return;
        }
        settings.bot.recording = false;
        inbox.emplace_back(recording_lost{});
    }

    void record_until(time_point now) {
        auto const& known = call->talk().record();
        if (!recording || !known.recorded || !known.answered_at) return;
        if (recording->write_until(now - *known.answered_at, known.recorded_from, known.sounds))
            return;
        recording.reset();
        give(recording_lost{});
    }

    void end_recording(sim_outcome& out) {
        record_until(call->talk().record().ended_at);
        if (!recording || !call->talk().record().recorded) return;
        if (auto done = recording->finish()) out.recording = *std::move(done);
    }

    void note_lost(conversation_record& record) const {
        record.recorded = false;
        conversation_event lost;
        lost.type = "recording_failed";
        lost.at = record.ended_at;
        lost.at_seconds = record.duration_seconds;
        lost.data = wire::json_object{{"key", settings.bot.recording_key}};
        record.events.push_back(std::move(lost));
    }

    void step(conversation_input const& input) {
        auto const now = time.now();
        for (auto& action : call->step(now, input))
            carry_out(std::move(action));
        if (!time.fast()) record_until(now);
        if (settings.observe) settings.observe(call->talk());
    }

    sim_run settings;
    sim_clock& time;
    std::unique_ptr<call_machine> call;
    std::optional<call_recording> recording;
    std::deque<conversation_input> inbox;
    asio::steady_timer* timer = nullptr;
    std::size_t open = 0;
};

sim_call_runner::sim_call_runner(sim_run run, sim_clock& time)
    : state_(std::make_shared<state>(std::move(run), time)) {}

sim_call_runner::~sim_call_runner() = default;

void sim_call_runner::stop(std::string code, std::string message) {
    state_->give(call_stopped{std::move(code), std::move(message)});
}

asio::awaitable<sim_outcome> sim_call_runner::run() {
    auto const self = state_;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    self->timer = &timer;
    std::shared_ptr<void> const unset(nullptr, [self](void*) { self->timer = nullptr; });
    self->begin();
    if (self->settings.line)
        asio::co_spawn(timer.get_executor(), state::listen(self), asio::detached);
    for (int steps = 1;; ++steps) {
        conversation_input input = time_passed{};
        if (!self->inbox.empty()) {
            input = std::move(self->inbox.front());
            self->inbox.pop_front();
        }
        self->step(input);
        if (self->call->over()) break;
        if (!self->inbox.empty()) continue;
        auto const next = self->call->next_timer();
        if (self->time.fast() && self->open == 0 && next) {
            self->time.jump_to(*next);
            if (steps % steps_without_pause == 0) co_await asio::post(asio::use_awaitable);
            continue;
        }
        bool const stands_still = self->time.fast() || !next;
        timer.expires_at(stands_still ? asio::steady_timer::time_point::max()
                                      : std::chrono::steady_clock::now() +
                                            std::max(*next - self->time.now(), milliseconds(1)));
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    sim_outcome out;
    self->end_recording(out);
    out.script = self->call->talk().script();
    out.record = self->call->take_record();
    if (out.record.recorded && !out.recording) self->note_lost(out.record);
    co_return out;
}

}  // namespace core
}  // namespace cxb::inline v1
