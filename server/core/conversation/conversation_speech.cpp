#include <algorithm>
#include <utility>

#include "server/core/conversation/conversation.hpp"
#include "server/core/conversation/text_units.hpp"

namespace cxb::inline v1 {
namespace core {

namespace {

double in_ms(milliseconds value) {
    return static_cast<double>(value.count());
}

}  // namespace

// Says a text that is known whole. It becomes history and transcript as far as it is heard.
line_id conversation::speak(std::string const& text, domain::bot_line kind, purpose why) {
    auto const line = voice_.begin(kind);
    lines_[line].why = why;
    lines_[line].turn = turn_;
    sentence_splitter whole;
    auto pieces = whole.push(text);
    for (auto& rest : whole.finish())
        pieces.push_back(std::move(rest));
    for (auto& piece : pieces) {
        auto& spoken = lines_[line].text;
        spoken += spoken.empty() ? piece : " " + piece;
        tts_characters_ += static_cast<int>(count_characters(piece));
        voice_.add(now_, line, std::move(piece));
    }
    voice_.close(line);
    if (!lines_[line].text.empty()) history_.assistant(lines_[line].text, {}, line);
    return line;
}

bool conversation::voice_events() {
    auto const events = voice_.step(now_);
    for (auto const& event : events)
        on_voice(event);
    return !events.empty();
}

void conversation::on_voice(voice_event const& event) {
    if (auto const* started = std::get_if<sentence_started>(&event)) {
        auto& line = lines_[started->line];
        if (started->first) first_audio(line, *started);
        log_.sound_starts(started->at, line_sound::kind::bot_words);
        out_.emplace_back(play_sentence{started->text, started->at, started->length});
    } else if (auto const* played = std::get_if<sentence_played>(&event)) {
        log_.sound_ends(played->at, false);
        out_.emplace_back(sentence_over{played->text});
    } else if (auto const* over = std::get_if<line_played>(&event)) {
        auto const line = lines_.find(over->line);
        if (line == lines_.end()) return;
        auto const why = line->second.why;
        line_over(over->line, over->text, over->at, over->text != line->second.text);
        if (why == purpose::opening && phase_ == call_phase::opening) phase_ = call_phase::talking;
        if (why == purpose::announcement) {
            start_recording();
            opening_at_ = now_ + config_.opening_delay;
        }
    } else if (held_ && !closing_) {
        // The bot has said its piece: now the words spoken meanwhile are answered.
        auto const turn = *std::exchange(held_, std::nullopt);
        accept_turn(turn);
    }
}

void conversation::first_audio(spoken_line& line, sentence_started const& event) {
    line.started_at = event.at;
    if (turns_.open()) heard_before_bot_ = turns_.heard().size();
    bool const answers = line.why == purpose::answer;
    if (answers || line.why == purpose::filler || line.why == purpose::pre_message)
        turn_has_audio_ = true;
    if (!answers || timing_.sampled || turn_ == 0 || line.turn != turn_) return;
    timing_.sampled = true;
    answer_latency sample;
    sample.turn = turn_;
    sample.at_seconds = log_.seconds_at(event.at);
    if (timing_.stopped_at) {
        sample.total_ms = in_ms(event.at - *timing_.stopped_at);
        if (timing_.last_voice)
            sample.silence_ms = in_ms(*timing_.stopped_at - *timing_.last_voice);
        if (timing_.text_at)
            sample.stt_ms = std::max(0.0, in_ms(*timing_.text_at - *timing_.stopped_at));
    }
    sample.tool_ms = timing_.tool_ms;
    sample.rag_ms = timing_.rag_ms;
    if (ask_ && ask_->line == event.line) {
        sample.llm_ms = in_ms(*ask_->first_at - ask_->asked_at);
        sample.prompt_tokens = ask_->prompt_tokens;
    } else if (early_) {
        sample.llm_ms = in_ms(early_->first_delta);
        sample.prompt_tokens = early_->prompt_tokens;
        sample.completion_tokens = early_->completion_tokens;
    }
    sample.tts_characters = static_cast<int>(count_characters(line.text));
    sample.tts_ms = in_ms(event.wait);
    line.sample = log_.record.latency.size();
    log_.record.latency.push_back(sample);
}

// Writes what was heard of a line into transcript and history.
void conversation::line_over(line_id id, std::string const& text, time_point at, bool interrupted) {
    auto const entry = lines_.extract(id);
    if (entry.empty()) return;
    auto const& line = entry.mapped();
    if (interrupted) {
        history_.set_spoken(id, text);
        if (line.sample) log_.record.latency[*line.sample].interrupted = true;
    }
    if (!line.started_at || text.empty()) return;
    transcript_line spoken;
    spoken.role = "assistant";
    spoken.content = text;
    spoken.at = *line.started_at;
    spoken.start_seconds = log_.seconds_at(*line.started_at);
    spoken.end_seconds = log_.seconds_at(at);
    spoken.turn = line.turn;
    spoken.interrupted = interrupted;
    log_.record.transcript.push_back(std::move(spoken));
}

void conversation::cut_voice() {
    bool const sounded = voice_.playing();
    for (auto const& cut : voice_.cut(now_)) {
        auto const line = lines_.find(cut.line);
        if (line != lines_.end() && line->second.why == purpose::opening &&
            phase_ == call_phase::opening)
            phase_ = call_phase::talking;
        line_over(cut.line, cut.heard, now_, true);
    }
    splitter_.clear();
    if (!sounded) return;
    log_.sound_ends(now_, false);
    out_.emplace_back(stop_playing{});
}

}  // namespace core
}  // namespace cxb::inline v1
