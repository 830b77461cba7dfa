#include "server/core/sim/sim_party.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace cxb::inline v1 {
namespace core {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds per_word{60000 / 160};
constexpr milliseconds per_key = 200ms;
constexpr milliseconds patience = 3s;       // for a bot that has nothing to say
constexpr milliseconds no_bot_audio = 15s;  // an interruption of nothing is said anyway
constexpr milliseconds one_stretch = 300ms;
constexpr milliseconds noise_length = 500ms;
constexpr milliseconds tone_known_after = 250ms;
constexpr double loud_as_voice = -32.0;  // over the volume rule of the voice detector
constexpr double beep_hertz = 1000;
constexpr std::size_t most_matched = 4096;

}  // namespace

void sim_party::answered(time_point now) {
    on_line_ = true;
    step_began_ = rests_since_ = last_words_end_ = now;
}

void sim_party::bot_started(time_point at) {
    bot_playing_ = true;
    if (!bot_began_ || (bot_ended_ && at - *bot_ended_ > one_stretch)) bot_began_ = at;
}

void sim_party::bot_finished(std::string const& sentence, time_point at) {
    bot_playing_ = false;
    bot_ended_ = at;
    bot_text_ += bot_text_.empty() ? sentence : " " + sentence;
    if (bot_text_.size() > most_matched) bot_text_.erase(0, bot_text_.size() - most_matched);
}

void sim_party::bot_was_cut(time_point at) {
    bot_playing_ = false;
    bot_ended_ = at;
}

void sim_party::notice(time_point now, bool bot_rests) {
    if (bot_rests && !bot_rests_) rests_since_ = now;
    bot_rests_ = bot_rests;
}

void sim_party::next(time_point now) {
    ++index_;
    step_began_ = now;
    due_.reset();
    keys_pressed_ = 0;
}

std::vector<party_output> sim_party::step(time_point now) {
    outputs out;
    if (!on_line_) return out;
    for (;;) {
        if (sound_ != sound::none) {
            if (!run_sound(now, out)) break;
            continue;
        }
        if (index_ >= script_.steps.size() || !run_step(now, out)) break;
    }
    return out;
}

// True when something happened and the next thing can be looked at.
bool sim_party::run_step(time_point now, outputs& out) {
    auto const& step = script_.steps[index_];
    if (std::holds_alternative<wait_bot_done>(step)) {
        if (!waited_for_bot(now)) return false;
    } else if (auto const* time = std::get_if<wait_time>(&step)) {
        if (!time_is_up(now, time->length)) return false;
    } else if (auto const* says = std::get_if<wait_bot_says>(&step)) {
        if (!words_heard(now, *says)) return false;
    } else if (auto const* say = std::get_if<say_words>(&step)) {
        if (!speak(now, *say, out)) return false;
    } else if (auto const* keys = std::get_if<press_keys>(&step)) {
        if (!press(now, *keys, out)) return false;
    } else if (auto const* beep = std::get_if<make_beep>(&step)) {
        begin_sound(now, sound::beep, beep->length, out);
    } else if (auto const* noise = std::get_if<make_noise>(&step)) {
        if (noise->dbfs > loud_as_voice) begin_sound(now, sound::noise, noise_length, out);
    } else if (auto const* wish = std::get_if<expect_words>(&step)) {
        if (!std::regex_search(bot_text_, wish->pattern))
            out.emplace_back(party_missed{wish->text});
    } else {
        on_line_ = false;
        out.emplace_back(party_left{});
        return false;
    }
    next(now);
    return true;
}

// The bot has spoken since the party's last words and rests; or it rests and says nothing.
bool sim_party::waited_for_bot(time_point now) {
    due_.reset();
    if (!bot_rests_ || bot_playing_) return false;
    if (bot_ended_ && *bot_ended_ > last_words_end_) return true;
    due_ = std::max({rests_since_, last_words_end_, step_began_}) + patience;
    return *due_ <= now;
}

bool sim_party::time_is_up(time_point now, milliseconds length) {
    due_ = step_began_ + length;
    return *due_ <= now;
}

bool sim_party::words_heard(time_point now, wait_bot_says const& wait) {
    due_ = step_began_ + wait.within;
    return std::regex_search(bot_text_, wait.pattern) || *due_ <= now;
}

bool sim_party::speak(time_point now, say_words const& say, outputs& out) {
    if (say.interrupt_after) {
        if (bot_playing_ && bot_began_)
            due_ = *bot_began_ + *say.interrupt_after;
        else if (!due_)
            due_ = step_began_ + no_bot_audio;
        if (*due_ > now) return false;
    }
    begin_words(now, say.text, out);
    return true;
}

bool sim_party::press(time_point now, press_keys const& keys, outputs& out) {
    while (keys_pressed_ < keys.digits.size()) {
        due_ = step_began_ + per_key * static_cast<long>(keys_pressed_ + 1);
        if (*due_ > now) return false;
        out.emplace_back(party_key{keys.digits[keys_pressed_++]});
    }
    last_words_end_ = now;
    bot_text_.clear();
    return true;
}

void sim_party::begin_sound(time_point now, sound what, milliseconds length, outputs& out) {
    sound_ = what;
    sound_began_ = now;
    sound_end_ = now + length;
    bool const beep = what == sound::beep;
    if (beep) tone_at_ = now + std::min(length, tone_known_after);
    out.emplace_back(party_voice_on{beep ? line_sound::kind::beep : line_sound::kind::noise});
}

void sim_party::begin_words(time_point now, std::string const& text, outputs& out) {
    sound_ = sound::words;
    words_.clear();
    std::istringstream in(text);
    for (std::string word; in >> word;)
        words_.push_back(word);
    so_far_.clear();
    said_ = 0;
    bot_text_.clear();
    next_word_ = now + per_word;
    out.emplace_back(party_voice_on{});
}

// True when the sound is over.
bool sim_party::run_sound(time_point now, outputs& out) {
    if (sound_ == sound::words) {
        while (said_ < words_.size()) {
            if (*next_word_ > now) return false;
            so_far_ += so_far_.empty() ? words_[said_] : " " + words_[said_];
            sound_end_ = *next_word_;
            *next_word_ += per_word;
            if (++said_ < words_.size()) out.emplace_back(party_words{so_far_});
        }
        next_word_.reset();
        last_words_end_ = sound_end_;
        step_began_ = sound_end_;
        out.emplace_back(party_voice_off{so_far_});
    } else {
        if (tone_at_ && *tone_at_ <= now) {
            out.emplace_back(party_tone{beep_hertz, *tone_at_ - sound_began_});
            tone_at_.reset();
        }
        if (sound_end_ > now) return false;
        step_began_ = sound_end_;
        out.emplace_back(party_voice_off{});
    }
    sound_ = sound::none;
    return true;
}

std::optional<time_point> sim_party::next_timer() const {
    if (!on_line_) return std::nullopt;
    if (sound_ == sound::words) return next_word_;
    if (sound_ != sound::none) return tone_at_ ? std::min(*tone_at_, sound_end_) : sound_end_;
    return index_ < script_.steps.size() ? due_ : std::nullopt;
}

}  // namespace core
}  // namespace cxb::inline v1
