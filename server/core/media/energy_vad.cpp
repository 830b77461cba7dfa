#include "server/core/media/energy_vad.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace cxb::inline v1 {
namespace core {

namespace {

constexpr double quietest = -90;
constexpr double least_floor = -75;
constexpr double most_floor = -40;

}  // namespace

double energy_vad::loudness(std::string_view frame) {
    auto const samples = frame.size() / 2;
    if (samples == 0) return quietest;
    double sum = 0;
    for (std::size_t i = 0; i < samples; ++i) {
        auto const low = static_cast<unsigned char>(frame[2 * i]);
        auto const high = static_cast<unsigned char>(frame[2 * i + 1]);
        double const value = static_cast<std::int16_t>(low | high << 8);
        sum += value * value;
    }
    double const rms = std::sqrt(sum / static_cast<double>(samples)) / 32768;
    return rms > 0 ? std::max(quietest, 20 * std::log10(rms)) : quietest;
}

bool energy_vad::is_voice(double loudness) const {
    double const confidence = std::clamp((loudness - floor_ - 6) / 15, 0.0, 1.0);
    double const volume = std::clamp((loudness + 80) / 80, 0.0, 1.0);
    return confidence >= settings_.confidence && volume >= settings_.min_volume;
}

energy_vad::verdict energy_vad::hear(std::string_view frame) {
    auto const level = loudness(frame);
    bool const voice = is_voice(level);
    if (!speaking_) {
        floor_ += (level < floor_ ? 0.2 : 0.01) * (level - floor_);
        floor_ = std::clamp(floor_, least_floor, most_floor);
        if (!voice && ++gaps_ > 1) voiced_ = milliseconds(0);
        if (voice) gaps_ = 0;
        if (voice || voiced_ > milliseconds(0)) voiced_ += vad_frame;
        if (!voice || voiced_ < settings_.start) return verdict::none;
        speaking_ = true;
        spoken_ = std::exchange(voiced_, milliseconds(0));
        since_voice_ = milliseconds(0);
        return verdict::started;
    }
    since_voice_ += vad_frame;
    if (voice) {
        spoken_ += std::exchange(since_voice_, milliseconds(0));
        return verdict::none;
    }
    if (since_voice_ < settings_.stop) return verdict::none;
    give_up();
    return verdict::stopped;
}

void energy_vad::give_up() noexcept {
    speaking_ = false;
    gaps_ = 0;
    voiced_ = milliseconds(0);
}

}  // namespace core
}  // namespace cxb::inline v1
