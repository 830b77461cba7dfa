#include "server/core/media/media_call.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <utility>

namespace cxb::inline v1 {
namespace core {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t rate = 8000;
constexpr std::size_t frame_bytes = 2 * rate * 20 / 1000;
constexpr milliseconds interim_step = 300ms;
constexpr int most_rounds_a_step = 10000;
constexpr double tone_hertz = 400;
constexpr double tone_level = 3000;

std::string words_of(milliseconds length) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "[speech %.1f s]",
                  std::chrono::duration<double>(length).count());
    return text.data();
}

}  // namespace

std::string tone_of(milliseconds length) {
    // A whole number of waves fits into a frame, so sentences join without a click.
    constexpr std::size_t wave = rate / static_cast<std::size_t>(tone_hertz);
    std::string out(static_cast<std::size_t>(length.count()) * rate / 1000 * 2, '\0');
    for (std::size_t i = 0; i < out.size() / 2; ++i) {
        double const phase = 2 * std::numbers::pi * static_cast<double>(i % wave) / wave;
        auto const value = static_cast<unsigned>(std::lround(tone_level * std::sin(phase)));
        out[2 * i] = static_cast<char>(value & 0xFF);
        out[2 * i + 1] = static_cast<char>(value >> 8 & 0xFF);
    }
    return out;
}

media_call::media_call(conversation_config config, vad_settings ear, std::uint64_t seed,
                       time_point start)
    : settings_(ear),
      talk_(with_simulated_ear(std::move(config)), seed, start),
      vad_(ear),
      heard_at_(start) {}

void media_call::give(time_point now, conversation_input const& input) {
    for (auto& output : talk_.step(now, input))
        out_.push_back(std::move(output));
}

std::vector<conversation_output> media_call::step(time_point now, conversation_input const& input) {
    out_.clear();
    if (over()) return {};
    if (auto const* audio = std::get_if<caller_audio>(&input))
        hear(now, audio->pcm);
    else
        give(now, input);
    if (vad_.speaking() && now - heard_at_ + vad_.silence() >= settings_.stop)
        speech_stopped(now, now - heard_at_ + vad_.silence());
    for (int round = 0; round < most_rounds_a_step && !over(); ++round) {
        auto const due = talk_.next_timer();
        if (!due || *due > now) break;
        give(now, time_passed{});
    }
    return std::exchange(out_, {});
}

void media_call::hear(time_point now, std::string_view pcm) {
    heard_at_ = now;
    rest_ += pcm;
    std::size_t used = 0;
    for (; rest_.size() - used >= frame_bytes; used += frame_bytes)
        hear_frame(now, std::string_view(rest_).substr(used, frame_bytes));
    rest_.erase(0, used);
}

void media_call::hear_frame(time_point now, std::string_view frame) {
    switch (vad_.hear(frame)) {
        case energy_vad::verdict::started:
            interim_at_ = now;
            give(now, caller_voice_started{});
            break;
        case energy_vad::verdict::stopped:
            speech_stopped(now, vad_.silence());
            break;
        case energy_vad::verdict::none:
            break;
    }
    if (!interim_at_ || *interim_at_ > now) return;
    interim_at_ = now + interim_step;
    give(now, caller_interim{words_of(vad_.spoken())});
}

void media_call::speech_stopped(time_point now, milliseconds silence) {
    vad_.give_up();
    interim_at_.reset();
    give(now, caller_voice_stopped{now - silence});
    give(now, caller_final{words_of(vad_.spoken())});
}

std::optional<time_point> media_call::next_timer() const {
    if (over()) return std::nullopt;
    auto first = talk_.next_timer();
    if (!vad_.speaking()) return first;
    auto const quiet = heard_at_ + (settings_.stop - vad_.silence());
    return first && *first < quiet ? first : quiet;
}

}  // namespace core
}  // namespace cxb::inline v1
