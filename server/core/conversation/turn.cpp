#include "server/core/conversation/turn.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "cxb/domain/interruption.hpp"

namespace cxb::inline v1 {
namespace core {

namespace {

constexpr std::array<std::string_view, 10> conjunctions{"and", "but",   "so",     "because", "or",
                                                        "aur", "lekin", "kyunki", "toh",     "ki"};

std::string joined(std::string const& a, std::string const& b) {
    if (a.empty()) return b;
    return b.empty() ? a : a + " " + b;
}

bool ends_open(std::string const& text) {
    auto const words = domain::spoken_words(text);
    return !words.empty() &&
           std::find(conjunctions.begin(), conjunctions.end(), words.back()) != conjunctions.end();
}

}  // namespace

std::string turn_machine::heard() const {
    return joined(finals_, interim_);
}

void turn_machine::reset() {
    open_ = speaking_ = eager_ = false;
    finals_.clear();
    interim_.clear();
}

void turn_machine::voice(time_point now) {
    if (!open_) {
        started_at_ = now;
        text_at_ = now;
    }
    open_ = true;
    speaking_ = true;
    last_voice_ = now;
}

// A recogniser may know words before the voice detector is sure; they open a turn as well.
void turn_machine::text(time_point now, std::string const& words, bool final) {
    if (!open_) {
        open_ = true;
        started_at_ = last_voice_ = stopped_at_ = now;
    }
    if (final) {
        finals_ = joined(finals_, words);
        interim_.clear();
    } else {
        interim_ = words;
    }
    text_at_ = now;
}

std::optional<time_point> turn_machine::speech_deadline() const {
    if (!open_ || speaking_ || settings_.strategy == turn_strategy::provider) return std::nullopt;
    auto silence = last_voice_ + std::max(settings_.stop, settings_.end_silence);
    if (ends_open(heard())) silence += settings_.conjunction_wait;
    if (!finals_.empty() && interim_.empty()) return silence;
    return std::max(silence, last_voice_ + settings_.max_wait);
}

std::optional<time_point> turn_machine::next_timer() const {
    auto first = speech_deadline();
    if (!digits_.empty()) {
        auto const pad = last_digit_ + settings_.keypad_gap;
        first = first ? std::min(*first, pad) : pad;
    }
    return first;
}

void turn_machine::finish(std::string words, std::vector<turn_action>& out) {
    turn_ended ended{std::move(words), started_at_, last_voice_, stopped_at_, text_at_, false};
    reset();
    if (ended.text.empty())
        out.emplace_back(turn_noise{});
    else
        out.emplace_back(std::move(ended));
}

void turn_machine::end_keypad(time_point now, std::vector<turn_action>& out) {
    auto words = "[keypad] " + std::exchange(digits_, {});
    out.emplace_back(turn_ended{std::move(words), last_digit_, last_digit_, now, now, true});
}

void turn_machine::keypad(time_point now, char digit, std::vector<turn_action>& out) {
    digits_ += digit;
    last_digit_ = now;
    if (digit == '#') end_keypad(now, out);
}

std::vector<turn_action> turn_machine::step(time_point now, turn_event const& event) {
    std::vector<turn_action> out;
    if (std::holds_alternative<turn_voice_started>(event)) {
        voice(now);
        if (std::exchange(eager_, false)) out.emplace_back(turn_eager_dropped{});
    } else if (auto const* stopped = std::get_if<turn_voice_stopped>(&event)) {
        speaking_ = false;
        last_voice_ = stopped->last_voice;
        stopped_at_ = now;
    } else if (auto const* interim = std::get_if<turn_interim>(&event)) {
        text(now, interim->text, false);
    } else if (auto const* done = std::get_if<turn_final>(&event)) {
        text(now, done->text, true);
    } else if (auto const* key = std::get_if<turn_keypad>(&event)) {
        keypad(now, key->digit, out);
    } else if (auto const* eager = std::get_if<turn_eager_end>(&event)) {
        eager_ = true;
        out.emplace_back(turn_eager{eager->text});
    } else if (std::holds_alternative<turn_resumed>(event)) {
        if (std::exchange(eager_, false)) out.emplace_back(turn_eager_dropped{});
    } else if (auto const* end = std::get_if<turn_provider_end>(&event)) {
        if (!open_) voice(now);
        if (speaking_) stopped_at_ = now;
        text_at_ = now;
        finish(end->text.empty() ? heard() : end->text, out);
    }
    if (auto const due = speech_deadline(); due && *due <= now) finish(heard(), out);
    if (!digits_.empty() && last_digit_ + settings_.keypad_gap <= now) end_keypad(now, out);
    return out;
}

}  // namespace core
}  // namespace cxb::inline v1
