#include "server/core/conversation/silence.hpp"

#include <algorithm>

namespace cxb::inline v1 {
namespace core {

silence_machine::silence_machine(silence_settings settings, time_point start)
    : settings_(settings), since_(start), last_sound_(start) {}

bool silence_machine::running() const noexcept {
    return !now_is_.caller_speaking && !now_is_.bot_speaking && !now_is_.bot_working;
}

milliseconds silence_machine::quiet(time_point now) const noexcept {
    return running() ? quiet_ + (now - since_) : quiet_;
}

silence_decision silence_machine::step(time_point now, line_activity const& activity) {
    quiet_ = quiet(now);
    bool const caller_stopped = now_is_.caller_speaking && !activity.caller_speaking;
    bool const bot_stopped = now_is_.bot_speaking && !activity.bot_speaking;
    now_is_ = activity;
    since_ = now;
    if (caller_stopped) {
        // The stop is known late; what passed since the last voice counts already.
        quiet_ = std::max(now - std::max(activity.caller_last_voice, bot_end_), milliseconds(0));
        last_sound_ = std::max(last_sound_, activity.caller_last_voice);
    }
    if (bot_stopped) {
        quiet_ = milliseconds(0);
        bot_end_ = last_sound_ = now;
    }
    if (activity.caller_speaking || activity.bot_speaking) last_sound_ = now;
    if (over_) return {};
    if (now - last_sound_ >= settings_.dead_air) {
        over_ = true;
        return {silence_verdict::dead_air, 0};
    }
    if (!settings_.re_engage || !running() || quiet_ < settings_.timeout) return {};
    quiet_ = milliseconds(0);
    if (attempts_ >= settings_.max_attempts) {
        over_ = true;
        return {silence_verdict::give_up, 0};
    }
    return {silence_verdict::re_engage, ++attempts_};
}

std::optional<time_point> silence_machine::next_timer() const {
    if (over_ || now_is_.caller_speaking || now_is_.bot_speaking) return std::nullopt;
    auto first = last_sound_ + settings_.dead_air;
    if (settings_.re_engage && running())
        first = std::min(first, since_ + std::max(settings_.timeout - quiet_, milliseconds(0)));
    return first;
}

}  // namespace core
}  // namespace cxb::inline v1
