#include <algorithm>
#include <utility>

#include "server/core/conversation/conversation.hpp"
#include "server/core/conversation/voicemail.hpp"

namespace cxb::inline v1 {
namespace core {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds longest_machine_wait = 10s;
constexpr milliseconds filler_after = 2s;

}  // namespace

// Is the caller's speech for the bot to answer now?
bool conversation::listening() const {
    return (phase_ == call_phase::opening || phase_ == call_phase::talking) && !closing_ &&
           !handover_ && !machine_deadline_;
}

void conversation::on(caller_voice_started const& event) {
    if (!log_.record.answered_at) return;
    log_.sound_starts(now_, event.what);
    if (!turns_.open()) {
        overlapping_ = voice_.playing();
        heard_before_bot_ = 0;
    }
    turn_actions(turns_.step(now_, turn_voice_started{}));
    if (!listening() || voice_.playing() || phase_ == call_phase::opening) return;
    bool const speaking_up =
        ask_ ? ask_->cause == ask_cause::silence : !round_ && voice_.preparing();
    // Going on before the first audio of the answer: what was thought so far is dropped, and the
    // words to come belong to the same turn.
    bool const going_on = !speaking_up && (ask_ || round_) && !turn_has_audio_ && turn_ > 0;
    bool const answer_ready = speaking_up && !ask_ && !turn_has_audio_ && turn_ > 0;
    if (!speaking_up && !going_on) return;
    merging_ = going_on || answer_ready;
    drop_thinking();
    cut_voice();
}

void conversation::on(caller_voice_stopped const& event) {
    log_.sound_ends(event.last_voice, true);
    turn_actions(turns_.step(now_, turn_voice_stopped{event.last_voice}));
}

void conversation::on(caller_interim const& event) {
    turn_actions(turns_.step(now_, turn_interim{event.text}));
    look_for_machine();
    judge_words();
}

void conversation::on(caller_final const& event) {
    // Judged as heard words first: the final may end the turn, and then they are gone.
    on(caller_interim{event.text});
    turn_actions(turns_.step(now_, turn_final{event.text}));
}

void conversation::on(caller_key const& event) {
    if (!log_.record.answered_at) return;
    log_.event(now_, "dtmf",
               {.turn = turn_, .data = wire::json_object{{"digit", std::string(1, event.digit)}}});
    turn_actions(turns_.step(now_, turn_keypad{event.digit}));
}

void conversation::on(caller_tone const& event) {
    if (is_answering_beep(event.hertz, event.length)) machine_found();
}

void conversation::look_for_machine() {
    if (sounds_like_voicemail(turns_.heard())) machine_found();
}

void conversation::machine_found() {
    auto const& answered = log_.record.answered_at;
    if (!config_.voicemail.detection || !answered || !listening()) return;
    if (now_ - *answered > config_.voicemail.window) return;
    log_.event(now_, "voicemail_detected", {.turn = turn_});
    drop_thinking();
    cut_voice();
    opening_at_.reset();
    machine_deadline_ = now_ + longest_machine_wait;
}

void conversation::judge_words() {
    if (!voice_.playing() || !listening()) return;
    auto heard = turns_.heard();
    if (heard.size() >= heard_before_bot_) heard.erase(0, heard_before_bot_);
    auto const verdict = domain::judge_interruption(config_.interruption, heard, voice_.kind());
    if (verdict == domain::interruption_verdict::ignore) return;
    log_.event(now_, "interruption", {.turn = turn_, .data = wire::json_object{{"text", heard}}});
    drop_thinking();
    cut_voice();
    overlapping_ = false;
}

void conversation::turn_actions(std::vector<turn_action> const& actions) {
    for (auto const& action : actions) {
        if (auto const* ended = std::get_if<turn_ended>(&action)) {
            on_turn(*ended);
        } else if (std::holds_alternative<turn_noise>(action) && merging_) {
            // Only a noise after all: the answer is thought out again.
            merging_ = false;
            if (listening()) ask(ask_cause::user_turn, 1, true);
        }
    }
}

void conversation::on_turn(turn_ended const& turn) {
    heard_before_bot_ = 0;
    bool const spoken_over = std::exchange(overlapping_, false);
    if (spoken_over && !turn.keypad && domain::only_backchannels(config_.interruption, turn.text))
        return;
    if (!listening()) {
        note_words(turn);
        return;
    }
    auto whole = turn;
    if (held_) {
        whole.text = held_->text + " " + turn.text;
        whole.started_at = std::min(held_->started_at, turn.started_at);
        whole.last_voice = std::max(held_->last_voice, turn.last_voice);
    }
    held_.reset();
    if (voice_.playing() || (phase_ == call_phase::opening && voice_.busy()))
        held_ = std::move(whole);
    else
        accept_turn(whole);
}

void conversation::accept_turn(turn_ended const& turn) {
    if (!listening()) return note_words(turn);
    drop_thinking();
    cut_voice();
    if (phase_ == call_phase::opening && !opening_at_) phase_ = call_phase::talking;
    auto& transcript = log_.record.transcript;
    std::string text = turn.text;
    bool const more = std::exchange(merging_, false) && !transcript.empty();
    auto const line = std::find_if(transcript.rbegin(), transcript.rend(),
                                   [](transcript_line const& item) { return item.role == "user"; });
    if (more && line != transcript.rend()) {
        text = line->content + " " + text;
        line->content = text;
        line->end_seconds = log_.seconds_at(turn.last_voice);
        history_.drop_last_user();
    } else {
        ++turn_;
        note_words(turn);
    }
    history_.user(text);
    last_user_ = text;
    if (silence_) silence_->user_turn();
    timing_ = {};
    timing_.stopped_at = turn.stopped_at;
    if (!turn.keypad) {
        timing_.last_voice = turn.last_voice;
        timing_.text_at = turn.text_at;
    }
    turn_has_audio_ = false;
    filler_at_.reset();
    if (!config_.filler.empty()) filler_at_ = now_ + filler_after;
    if (!opening_at_) ask(ask_cause::user_turn, 1, true);
}

// Words that were still being said when the line went dead belong to the transcript.
void conversation::note_unfinished_words() {
    auto const text = turns_.heard();
    if (held_) note_words(*held_);
    if (text.empty() || !turns_.open()) return;
    if (overlapping_ && domain::only_backchannels(config_.interruption, text)) return;
    turn_ended rest;
    rest.text = text;
    rest.started_at = turns_.started_at();
    rest.last_voice = now_;
    note_words(rest);
}

void conversation::note_words(turn_ended const& turn) {
    log_.record.transcript.push_back({"user", turn.text, turn.started_at,
                                      log_.seconds_at(turn.started_at),
                                      log_.seconds_at(turn.last_voice), turn_, false});
}

}  // namespace core
}  // namespace cxb::inline v1
