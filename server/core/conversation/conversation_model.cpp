#include <algorithm>
#include <utility>

#include "server/core/conversation/conversation.hpp"
#include "server/core/conversation/text_units.hpp"

namespace cxb::inline v1 {
namespace core {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t words_a_piece = 3;
constexpr milliseconds apology_limit = 15s;

int tokens_of(std::size_t characters) {
    return static_cast<int>((characters + 3) / 4);
}

// The text in pieces of a few words, as a streaming model sends it.
std::vector<std::string> in_pieces(std::string const& text) {
    std::vector<std::string> out;
    std::string piece;
    std::size_t words = 0;
    for (char const c : text) {
        piece += c;
        if (c == ' ' && ++words % words_a_piece == 0) out.push_back(std::exchange(piece, {}));
    }
    if (!piece.empty()) out.push_back(std::move(piece));
    return out;
}

}  // namespace

int conversation::tokens_of_prompt() const {
    auto characters = count_characters(config_.system_prompt);
    for (auto const& item : history_.window())
        characters += count_characters(item.content);
    return tokens_of(characters);
}

void conversation::ask(ask_cause cause, int round, bool may_call) {
    drop_thinking();
    if (cause == ask_cause::user_turn) early_.reset();
    ask_ = model_ask{};
    ask_->key = ++last_key_;
    ask_->cause = cause;
    ask_->round = round;
    ask_->may_call = may_call;
    ask_->asked_at = now_;
    ask_->prompt_tokens = tokens_of_prompt();
    if (config_.model_outside)
        out_.emplace_back(ask_model{ask_->key, cause, may_call, history_.window()});
    else
        ask_script(cause);
}

void conversation::ask_script(ask_cause cause) {
    scripted_ask question;
    question.cause = cause;
    question.turn = turn_;
    question.user = last_user_;
    question.may_call = ask_->may_call;
    for (auto const& tool : config_.tools)
        question.tools.push_back(tool.name);
    if (cause == ask_cause::tool_result) {
        auto const& items = history_.items();
        auto const last = std::find_if(items.rbegin(), items.rend(), [](history_item const& item) {
            return item.role == speaker::tool;
        });
        if (last != items.rend()) {
            question.tool = last->name;
            question.result_json = last->content;
        }
    }
    auto answer = script_.answer(question);
    auto const& timing = config_.timing;
    auto const drawn = random_.uniform(static_cast<double>(timing.model_least.count()),
                                       static_cast<double>(timing.model_most.count()));
    auto at = now_ + answer.delay.value_or(milliseconds(static_cast<long>(drawn)));
    for (auto& piece : in_pieces(answer.say)) {
        pieces_.push_back({at, std::move(piece), false});
        at += timing.model_piece;
    }
    pieces_.push_back({at, {}, true});
    ask_->calls = std::move(answer.calls);
}

bool conversation::model_pieces() {
    bool moved = false;
    while (!pieces_.empty() && pieces_.front().at <= now_) {
        auto const piece = std::move(pieces_.front());
        pieces_.pop_front();
        moved = true;
        if (piece.last)
            model_done();
        else
            take_piece(piece.text);
    }
    return moved;
}

void conversation::take_piece(std::string const& text) {
    if (ask_->line == 0) {
        ask_->first_at = now_;
        ask_->line = voice_.begin(domain::bot_line::ordinary);
        auto& line = lines_[ask_->line];
        line.why = ask_->cause == ask_cause::silence ? purpose::message : purpose::answer;
        line.turn = turn_;
    }
    ask_->text += text;
    auto& line = lines_[ask_->line];
    for (auto& sentence : splitter_.push(text)) {
        line.text += line.text.empty() ? sentence : " " + sentence;
        voice_.add(now_, ask_->line, std::move(sentence));
    }
}

void conversation::model_done() {
    auto done = *std::exchange(ask_, std::nullopt);
    if (done.line != 0) {
        auto& line = lines_[done.line];
        for (auto& sentence : splitter_.finish()) {
            line.text += line.text.empty() ? sentence : " " + sentence;
            voice_.add(now_, done.line, std::move(sentence));
        }
        voice_.close(done.line);
        tts_characters_ += static_cast<int>(count_characters(line.text));
    }
    if (!done.may_call) done.calls.clear();
    auto characters = count_characters(done.text);
    for (auto const& call : done.calls)
        characters += count_characters(call.arguments);
    int const completion = tokens_of(characters);
    if (!done.text.empty() || !done.calls.empty())
        history_.assistant(done.text, done.calls, done.line);
    usage_line used;
    used.kind = "llm";
    used.provider = config_.llm_provider;
    used.model = config_.llm_model;
    used.turn = turn_;
    used.prompt_tokens = done.prompt_tokens;
    used.completion_tokens = completion;
    log_.record.usage.push_back(std::move(used));
    // The sample is written when the first audio plays, which short answers reach only later.
    auto& samples = log_.record.latency;
    if (done.cause != ask_cause::silence && !samples.empty() && samples.back().turn == turn_) {
        samples.back().completion_tokens += completion;
    } else if (early_) {
        early_->completion_tokens += completion;
    } else if (done.line != 0 && done.cause != ask_cause::silence) {
        early_ = thought{*done.first_at - done.asked_at, done.prompt_tokens, completion};
    }
    if (!done.calls.empty()) start_round(done.calls, done.round);
}

// The answer in the making is given up; running tools finish on their own.
void conversation::drop_thinking() {
    if (ask_ && ask_->line != 0) {
        auto const line = ask_->line;
        voice_.close(line);
        if (!lines_[line].text.empty()) history_.assistant(lines_[line].text, {}, line);
        tts_characters_ += static_cast<int>(count_characters(lines_[line].text));
    }
    ask_.reset();
    pieces_.clear();
    splitter_.clear();
    detach_round();
}

void conversation::on(model_replied const& event) {
    if (!ask_ || ask_->key != event.key) return;
    if (!event.error.empty()) {
        log_.service_error(now_, "llm", event.error, "the model did not answer");
        ask_.reset();
        close("error", config_.apology, apology_limit);
        return;
    }
    ask_->calls = event.calls;
    if (event.prompt_tokens > 0) ask_->prompt_tokens = event.prompt_tokens;
    if (!event.text.empty()) take_piece(event.text);
    model_done();
}

}  // namespace core
}  // namespace cxb::inline v1
