#pragma once
/// @file
/// Tells voice from noise by loudness (spec 80 §3.1, provider `energy`), frame by frame. Pure.
///
/// | value      | per frame of 20 ms                                                              |
/// |------------|---------------------------------------------------------------------------------|
/// | L          | 20 log10(rms / 32768) dBFS, at least -90                                        |
/// | F          | noise floor, from -60; outside speech F += 0.2 (L-F) if L < F, else 0.01 (L-F); |
/// |            | kept in [-75, -40]                                                              |
/// | confidence | clamp((L-F-6)/15, 0, 1)                                                         |
/// | volume     | clamp((L+80)/80, 0, 1)                                                          |
///
/// Voice: both reach their setting. Speech starts after voice for `start` (one gap frame allowed)
/// and stops after `stop` without. Thread-safety: one thread at a time.

#include <chrono>
#include <string_view>

#include "cxb/base/clock.hpp"

namespace cxb::inline v1 {
namespace core {

struct vad_settings {
    double confidence = 0.7;
    double min_volume = 0.6;
    milliseconds start{200};
    milliseconds stop{800};
};

inline constexpr milliseconds vad_frame{20};

class energy_vad {
  public:
    enum class verdict { none, started, stopped };

    explicit energy_vad(vad_settings settings) : settings_(settings) {}

    /// 20 ms of LINEAR16 of any rate.
    verdict hear(std::string_view frame);
    [[nodiscard]] bool speaking() const noexcept { return speaking_; }
    /// Since the last voice frame, while speaking.
    [[nodiscard]] milliseconds silence() const noexcept { return since_voice_; }
    /// From the first voice frame to the last of the running, or the last, piece of speech.
    [[nodiscard]] milliseconds spoken() const noexcept { return spoken_; }
    /// No audio came for so long that it counts as silence.
    void give_up() noexcept;

    [[nodiscard]] static double loudness(std::string_view frame);
    [[nodiscard]] bool is_voice(double loudness) const;

  private:
    vad_settings settings_;
    double floor_ = -60;
    bool speaking_ = false;
    int gaps_ = 0;            ///< frames without voice in what may become speech
    milliseconds voiced_{0};  ///< what may become speech: from its first voice frame to now
    milliseconds spoken_{0};
    milliseconds since_voice_{0};
};

}  // namespace core
}  // namespace cxb::inline v1
