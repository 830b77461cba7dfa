#include <algorithm>
#include <tuple>
#include <utility>

#include "server/core/conversation/conversation.hpp"

namespace cxb::inline v1 {
namespace core {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds running_sentence_limit = 3s;
constexpr milliseconds max_duration_words_limit = 10s;

}  // namespace

// The first ending decides. What is being said is heard to its end, then the last words, then it
// is over; nothing cuts it, and together it takes no longer than `limit` each.
void conversation::close(std::string word, std::string last_words, milliseconds limit) {
    if (closing_ || phase_ == call_phase::over) return;
    phase_ = call_phase::ending;
    closing_ = closing{std::move(word), std::move(last_words), limit, now_ + limit};
    machine_deadline_.reset();
    opening_at_.reset();
    filler_at_.reset();
    voice_.make_final();
}

bool conversation::closing_steps() {
    if (handover_ && !handover_->launched && !voice_.busy()) {
        launch_transfer();
        return true;
    }
    if (!closing_) return false;
    if (running_sentence_until_ && *running_sentence_until_ <= now_) {
        running_sentence_until_.reset();
        cut_voice();
    }
    bool const late = closing_->deadline && *closing_->deadline <= now_;
    if (voice_.busy() && !late) return false;
    running_sentence_until_.reset();
    if (!closing_->last_words.empty()) {
        if (late) cut_voice();
        auto const words = std::exchange(closing_->last_words, {});
        closing_->deadline = now_ + closing_->limit;
        speak(words, domain::bot_line::final_line, purpose::last);
        return true;
    }
    finish(closing_->word);
    return true;
}

void conversation::max_duration() {
    if (closing_) return;
    log_.event(now_, "max_duration_reached");
    drop_thinking();
    handover_.reset();
    held_.reset();
    voice_.keep_running_sentence();
    close("timeout", config_.max_duration_message, max_duration_words_limit);
    if (voice_.playing()) running_sentence_until_ = now_ + running_sentence_limit;
}

void conversation::finish(std::string const& word, std::string const& raw_reason) {
    if (phase_ == call_phase::over) return;
    note_unfinished_words();
    drop_thinking();
    cut_voice();
    for (auto& [key, run] : detached_)
        tool_result_event(run, {{"error", "call_ended"}}, "error");
    phase_ = call_phase::over;
    auto& record = log_.record;
    record.disconnected_by = word;
    record.raw_reason = raw_reason;
    record.ended_at = now_;
    if (record.answered_at) record.duration_seconds = log_.seconds_at(now_);
    wire::json_object data{{"disconnected_by", word}};
    if (!raw_reason.empty()) data["raw_reason"] = raw_reason;
    log_.event(now_, "call_ended", {.data = std::move(data)});
    close_books();
    out_.emplace_back(conversation_over{});
}

void conversation::close_books() {
    auto& record = log_.record;
    log_.sound_ends(now_, true);
    log_.sound_ends(now_, false);
    std::sort(record.transcript.begin(), record.transcript.end(), [](auto const& a, auto const& b) {
        return std::tie(a.at, a.turn, a.role) < std::tie(b.at, b.turn, b.role);
    });
    record.has_customer_message = std::any_of(record.transcript.begin(), record.transcript.end(),
                                              [](auto const& line) { return line.role == "user"; });
    if (!record.answered_at) return;
    usage_line heard;
    heard.kind = "stt";
    heard.provider = config_.stt_provider;
    heard.audio_seconds = record.duration_seconds;
    record.usage.push_back(std::move(heard));
    if (tts_characters_ == 0) return;
    usage_line spoken;
    spoken.kind = "tts";
    spoken.provider = config_.tts_provider;
    spoken.characters = tts_characters_;
    record.usage.push_back(std::move(spoken));
}

}  // namespace core
}  // namespace cxb::inline v1
