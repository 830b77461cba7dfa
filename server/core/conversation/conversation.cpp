#include "server/core/conversation/conversation.hpp"

#include <algorithm>
#include <utility>

namespace cxb::inline v1 {
namespace core {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds longest_ringing = 45s;
constexpr milliseconds after_max_duration = 60s;
constexpr milliseconds last_words_limit = 15s;
constexpr milliseconds warn_before_end = 15s;
constexpr milliseconds shortest_warned = 30s;
// A machine that asks for itself without end would be a bug; the guard keeps the process alive.
constexpr int most_rounds_a_step = 10000;

scripted_model script_of(conversation_config const& config) {
    if (config.script)
        if (auto parsed = scripted_model::parse(*config.script)) return *std::move(parsed);
    return {};
}

silence_settings silence_of(conversation_config const& config) {
    silence_settings out;
    out.re_engage = config.re_engagement.enabled;
    out.timeout = config.re_engagement.timeout;
    out.max_attempts = config.re_engagement.max_attempts;
    out.dead_air = config.dead_air;
    return out;
}

std::string word_of_sip(int status) {
    if (status == 408 || status == 480) return "no_answer";
    if (status == 486 || status == 603) return "rejected";
    return "error";
}

}  // namespace

conversation::conversation(conversation_config config, std::uint64_t seed, time_point now)
    : config_(std::move(config)),
      log_(now),
      random_(seed),
      script_(script_of(config_)),
      turns_(config_.turn),
      voice_(config_.timing, random_),
      now_(now) {
    log_.event(now, "call_started", {.data = wire::json_object{{"transport", config_.transport}}});
    if (config_.outbound) ring_deadline_ = now + longest_ringing;
}

std::vector<conversation_output> conversation::step(time_point now,
                                                    conversation_input const& input) {
    if (phase_ == call_phase::over) return {};
    now_ = std::max(now, now_);
    out_.clear();
    advance();
    if (phase_ != call_phase::over) handle(input);
    if (phase_ != call_phase::over) advance();
    return std::exchange(out_, {});
}

void conversation::handle(conversation_input const& input) {
    std::visit([this](auto const& event) { on(event); }, input);
}

// Everything that is due happens before anything new is looked at; each part may make work for
// another, so they take turns until nothing moves.
void conversation::advance() {
    for (int round = 0; round < most_rounds_a_step && phase_ != call_phase::over; ++round) {
        bool moved = voice_events();
        moved = (phase_ != call_phase::over && model_pieces()) || moved;
        moved = (phase_ != call_phase::over && pre_messages()) || moved;
        moved = (phase_ != call_phase::over && timers()) || moved;
        moved = (phase_ != call_phase::over && closing_steps()) || moved;
        if (!moved) break;
    }
    if (phase_ == call_phase::over) return;
    turn_actions(turns_.step(now_, turn_tick{}));
    if (phase_ != call_phase::over) watch_silence();
    if (phase_ != call_phase::over && voice_.next_timer() && *voice_.next_timer() <= now_)
        advance();
}

// True when one of them rang.
bool conversation::timers() {
    auto const rang = [this](std::optional<time_point>& at) {
        if (!at || *at > now_) return false;
        at.reset();
        return true;
    };
    if (rang(hard_end_)) {
        log_.service_error(now_, "worker", "hard_limit", "the call outlived its time");
        finish("error");
        return true;
    }
    if (rang(ring_deadline_)) {
        finish("no_answer");
        return true;
    }
    if (rang(opening_at_)) {
        start_opening();
        return true;
    }
    if (rang(max_at_)) {
        max_duration();
        return true;
    }
    if (rang(warn_model_at_)) {
        history_.note("The call ends in 15 seconds. Please close the conversation now.");
        return true;
    }
    if (rang(filler_at_)) {
        if (!turn_has_audio_ && !closing_ && (ask_ || round_))
            speak(config_.filler, domain::bot_line::ordinary, purpose::filler);
        return true;
    }
    if (machine_deadline_) {
        auto const quiet_at = turns_.speaking() ? *machine_deadline_ : turns_.last_voice() + 1s;
        if (std::min(quiet_at, *machine_deadline_) <= now_) {
            machine_deadline_.reset();
            close("voicemail", config_.voicemail.message, last_words_limit);
            return true;
        }
    }
    return false;
}

std::optional<time_point> conversation::next_timer() const {
    if (phase_ == call_phase::over) return std::nullopt;
    std::optional<time_point> first;
    auto const offer = [&](std::optional<time_point> const& at) {
        if (at && (!first || *at < *first)) first = at;
    };
    for (auto const& at : {ring_deadline_, opening_at_, warn_model_at_, max_at_, hard_end_,
                           filler_at_, running_sentence_until_, machine_deadline_})
        offer(at);
    if (machine_deadline_ && !turns_.speaking()) offer(turns_.last_voice() + 1s);
    if (closing_) offer(closing_->deadline);
    if (!pieces_.empty()) offer(pieces_.front().at);
    if (round_)
        for (auto const& run : round_->runs)
            if (!run.done) offer(run.pre_message_at);
    offer(voice_.next_timer());
    offer(turns_.next_timer());
    if (silence_ && !closing_) offer(silence_->next_timer());
    return first;
}

// --- start ------------------------------------------------------------------------------------

void conversation::on(call_answered const&) {
    if (phase_ != call_phase::ringing || log_.record.answered_at) return;
    ring_deadline_.reset();
    log_.record.answered_at = now_;
    log_.event(now_, "call_answered");
    silence_.emplace(silence_of(config_), now_);
    max_at_ = now_ + config_.max_duration;
    if (config_.max_duration >= shortest_warned) warn_model_at_ = *max_at_ - warn_before_end;
    hard_end_ = *max_at_ + after_max_duration;
    phase_ = call_phase::opening;
    if (config_.recording && !config_.recording_announcement.empty()) {
        speak(config_.recording_announcement, domain::bot_line::final_line, purpose::announcement);
        return;
    }
    start_recording();
    opening_at_ = now_ + config_.opening_delay;
}

void conversation::start_recording() {
    if (!config_.recording) return;
    log_.record.recorded = true;
    log_.record.recorded_from = log_.offset(now_);
    log_.event(now_, "recording_started",
               {.data = wire::json_object{{"key", config_.recording_key}}});
}

void conversation::start_opening() {
    if (config_.opening_message.empty()) {
        phase_ = call_phase::talking;
        return;
    }
    log_.event(now_, "opening_message");
    speak(config_.opening_message,
          config_.opening_interruptible ? domain::bot_line::ordinary : domain::bot_line::guarded,
          purpose::opening);
}

void conversation::on(call_failed const& event) {
    if (phase_ == call_phase::ringing)
        finish(word_of_sip(event.status), "sip " + std::to_string(event.status));
}

void conversation::on(caller_left const& event) {
    // Who leaves during the last words did not end the call.
    finish(closing_            ? closing_->word
           : machine_deadline_ ? "voicemail"
                               : "customer",
           event.raw_reason);
}

void conversation::on(call_stopped const& event) {
    log_.service_error(now_, "worker", event.code, event.message);
    finish(closing_ ? closing_->word : "error");
}

void conversation::on(line_broke const& event) {
    log_.service_error(now_, "transport", event.code, event.message);
    finish(closing_ ? closing_->word : "error");
}

void conversation::on(expectation_missed const& event) {
    log_.service_error(now_, "worker", "sim_expectation", "unmet: " + event.pattern);
}

void conversation::on(config_noted const& event) {
    log_.event(now_, "config_warning",
               {.data = wire::json_object{{"pointer", event.pointer}, {"reason", event.reason}}});
}

void conversation::on(recording_lost const&) {
    config_.recording = false;
    log_.record.recorded = false;
    log_.event(now_, "recording_failed",
               {.data = wire::json_object{{"key", config_.recording_key}}});
}

// --- silence ----------------------------------------------------------------------------------

line_activity conversation::activity() const {
    line_activity out;
    out.caller_speaking = turns_.speaking();
    out.bot_speaking = voice_.playing();
    out.bot_working = ask_ || round_ || voice_.busy() || opening_at_ || handover_ ||
                      machine_deadline_ || turns_.open();
    out.caller_last_voice = turns_.last_voice();
    return out;
}

void conversation::watch_silence() {
    if (!silence_ || closing_) return;
    auto const decision = silence_->step(now_, activity());
    switch (decision.verdict) {
        case silence_verdict::none:
            return;
        case silence_verdict::dead_air:
            log_.event(now_, "dead_air");
            finish("RNR");
            return;
        case silence_verdict::give_up:
            close("RNR", config_.re_engagement.end_message, last_words_limit);
            break;
        case silence_verdict::re_engage:
            log_.event(now_, "re_engagement",
                       {.turn = turn_, .data = wire::json_object{{"attempt", decision.attempt}}});
            if (auto const& messages = config_.re_engagement.messages; messages.empty()) {
                ask(ask_cause::silence, 1, true);
            } else {
                auto const last = static_cast<int>(messages.size());
                auto const k = static_cast<std::size_t>(std::min(decision.attempt, last) - 1);
                speak(messages[k], domain::bot_line::ordinary, purpose::message);
            }
            break;
    }
    advance();
}

bool conversation::bot_rests() const {
    return !ask_ && !round_ && !voice_.busy() && !opening_at_ && !handover_ && !closing_ &&
           !held_ && phase_ != call_phase::ringing;
}

std::string conversation::waiting_for() const {
    if (phase_ == call_phase::over) return "post_call";
    if (phase_ == call_phase::ringing) return "answer";
    if (voice_.playing()) return "playback";
    if (handover_ && handover_->launched)
        return handover_->plan.method == "agent_desk" ? "desk" : "transfer";
    if (round_)
        for (auto const& run : round_->runs)
            if (run.started && !run.done) return "tool:" + run.call.name;
    if (ask_ && ask_->line == 0) return "llm";
    if (voice_.preparing()) return "tts";
    if (opening_at_) return "opening";
    if (turns_.open() && !turns_.speaking()) return "stt_final";
    return "user";
}

}  // namespace core
}  // namespace cxb::inline v1
