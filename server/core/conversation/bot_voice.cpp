#include "server/core/conversation/bot_voice.hpp"

#include <algorithm>
#include <utility>

#include "server/core/conversation/played_text.hpp"
#include "server/core/conversation/text_units.hpp"

namespace cxb::inline v1 {
namespace core {

line_id bot_voice::begin(domain::bot_line kind) {
    lines_[++last_line_].kind = kind;
    return last_line_;
}

milliseconds bot_voice::length_of(std::string const& sentence) const {
    return timing_.per_character * static_cast<long>(count_characters(sentence));
}

void bot_voice::add(time_point now, line_id line, std::string sentence) {
    if (!lines_.contains(line) || sentence.empty()) return;
    auto const low = static_cast<double>(timing_.tts_least.count());
    auto const high = static_cast<double>(timing_.tts_most.count());
    milliseconds const wait(static_cast<long>(random_.uniform(low, high)));
    queue_.push_back({line, std::move(sentence), now, now + wait});
}

void bot_voice::close(line_id line) {
    if (auto const at = lines_.find(line); at != lines_.end()) at->second.closed = true;
}

bool bot_voice::has_sentences(line_id line) const {
    return (playing_ && playing_->line == line) ||
           std::any_of(queue_.begin(), queue_.end(),
                       [&](waiting const& item) { return item.line == line; });
}

void bot_voice::end_lines(time_point at, std::vector<voice_event>& out) {
    bool any = false;
    for (auto item = lines_.begin(); item != lines_.end();) {
        if (!item->second.closed || has_sentences(item->first)) {
            ++item;
            continue;
        }
        auto heard = played_text(item->second.played, "", milliseconds(0), milliseconds(0));
        out.emplace_back(line_played{item->first, std::move(heard), at});
        item = lines_.erase(item);
        any = true;
    }
    if (any && lines_.empty()) out.emplace_back(voice_rests{at});
}

std::vector<voice_event> bot_voice::step(time_point now) {
    std::vector<voice_event> out;
    for (;;) {
        if (playing_) {
            auto const end = playing_->start + playing_->length;
            if (end > now) break;
            free_at_ = end;
            lines_[playing_->line].played.push_back(playing_->text);
            auto const done = *std::exchange(playing_, std::nullopt);
            out.emplace_back(sentence_played{done.line, done.text, end});
            end_lines(end, out);
            continue;
        }
        end_lines(now, out);
        if (queue_.empty()) break;
        auto const start = std::max(queue_.front().ready_at, free_at_);
        if (start > now) break;
        auto next = std::move(queue_.front());
        queue_.pop_front();
        auto& line = lines_[next.line];
        bool const first = !line.started_at;
        if (first) line.started_at = start;
        auto const length = length_of(next.text);
        out.emplace_back(
            sentence_started{next.line, next.text, start, length, first, start - next.given_at});
        playing_ = running{next.line, std::move(next.text), start, length};
    }
    return out;
}

std::optional<time_point> bot_voice::next_timer() const {
    if (playing_) return playing_->start + playing_->length;
    if (queue_.empty()) return std::nullopt;
    return std::max(queue_.front().ready_at, free_at_);
}

std::optional<time_point> bot_voice::playing_until() const {
    if (!playing_) return std::nullopt;
    return playing_->start + playing_->length;
}

std::vector<cut_line> bot_voice::cut(time_point at) {
    std::vector<cut_line> out;
    for (auto const& [id, line] : lines_) {
        bool const runs = playing_ && playing_->line == id;
        auto heard =
            runs ? played_text(line.played, playing_->text, at - playing_->start, playing_->length)
                 : played_text(line.played, "", milliseconds(0), milliseconds(0));
        out.push_back({id, std::move(heard), line.started_at});
    }
    lines_.clear();
    queue_.clear();
    if (std::exchange(playing_, std::nullopt)) free_at_ = at;
    return out;
}

void bot_voice::keep_running_sentence() {
    queue_.clear();
    for (auto& [id, line] : lines_)
        line.closed = true;
}

domain::bot_line bot_voice::kind() const {
    line_id const id = playing_ ? playing_->line : queue_.empty() ? 0 : queue_.front().line;
    auto const at = lines_.find(id);
    return at == lines_.end() ? domain::bot_line::ordinary : at->second.kind;
}

void bot_voice::make_final() {
    for (auto& [id, line] : lines_)
        line.kind = domain::bot_line::final_line;
}

}  // namespace core
}  // namespace cxb::inline v1
