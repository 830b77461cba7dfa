#include "server/cli/conformance/double_line.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "cxb/contract/media_ws/audio.hpp"
#include "cxb/domain/transfer_choice.hpp"

namespace cxb_test {

namespace asio = boost::asio;
using namespace cxb;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t bytes_a_letter = 60 * 16;  // 60 ms
constexpr std::chrono::milliseconds is_speech{200};

bool is_loud(std::string_view pcm) {
    return std::ranges::any_of(pcm, [](char one) { return one != '\0'; });
}

class line_talk {
  public:
    explicit line_talk(worker::call_context call) : call_(std::move(call)), line_(*call_.media) {}

    asio::awaitable<result<worker::call_end>> run() {
        // Nobody waits for seconds here. The line outlives the wait.
        auto const end_word = std::make_shared<std::string>();
        asio::steady_timer patience(co_await asio::this_coro::executor,
                                    call_.config.re_engagement ? 800ms : 6000ms);
        patience.async_wait([media = call_.media, end_word,
                             word = call_.config.re_engagement ? "RNR" : "timeout"](auto ec) {
            if (ec) return;
            *end_word = word;
            media->hang_up();
        });
        while (word_.empty())
            take(co_await line_.next(), *end_word);
        patience.cancel();
        co_return told();
    }

  private:
    void take(worker::media_event const& event, std::string const& end_word) {
        if (auto const* left = std::get_if<worker::media_left>(&event)) {
            word_ = !end_word.empty() ? end_word : left->word;
            raw_reason_ = left->raw_reason;
        } else if (std::holds_alternative<worker::media_answered>(event)) {
            answered_ = true;
            line_.play(std::string(call_.config.opening_message.size() * bytes_a_letter, '\0'));
        } else if (auto const* audio = std::get_if<worker::media_audio>(&event)) {
            hear(audio->pcm);
        } else if (auto const* moved = std::get_if<worker::media_transferred>(&event)) {
            transferred_ = moved->failed_reason.empty();
            if (transferred_) word_ = "bot";
        }
    }

    void hear(std::string_view pcm) {
        auto const length = contract::media_ws::duration_of(pcm.size());
        if (is_loud(pcm)) {
            spoken_ += length;
            if (spoken_ == is_speech && call_.config.opening.interruptible) line_.clear();
            return;
        }
        if (spoken_ >= is_speech) answer();
        spoken_ = 0ms;
    }

    // What the model of the config does at the caller's words.
    void answer() {
        if (!call_.config.llm) return;
        auto const extra = call_.config.llm->extra.to_object();
        auto const* const script = extra.if_contains("script");
        if (script == nullptr) return;
        auto const& rule = script->at("rules").at(0).as_object();
        if (wire::text_at(rule, "tool.name") != "transfer_call") return;
        auto const chosen =
            domain::choose_target("websocket", wire::text_at(rule, "tool.arguments.target"),
                                  call_.config.transfer_targets, call_.config.transfer_numbers);
        if (chosen) line_.transfer(chosen->value);
    }

    worker::call_end told() const {
        namespace cr = contract::call_results;
        worker::call_end end;
        end.result.disconnected_by = open_enum<cr::disconnect_word>::from_text(word_);
        end.result.was_transferred = transferred_;
        end.result.call_duration_seconds = real_seconds{answered_ ? 1 : 0};
        cr::transcript_item opening;
        opening.role = cr::speaker::assistant;
        opening.content = call_.config.opening_message;
        end.result.transcript.emplace().push_back(std::move(opening));
        cr::event_item ended;
        ended.type = cr::event_type::call_ended;
        ended.data =
            wire::raw_json::from_object({{"disconnected_by", word_}, {"raw_reason", raw_reason_}});
        end.result.events.emplace().push_back(std::move(ended));
        return end;
    }

    worker::call_context call_;
    worker::media_leg& line_;
    std::string word_;
    std::string raw_reason_;
    bool answered_ = false;
    bool transferred_ = false;
    std::chrono::milliseconds spoken_{0};
};

}  // namespace

asio::awaitable<result<worker::call_end>> talk_on_line(worker::call_context call) {
    line_talk talk(std::move(call));
    co_return co_await talk.run();
}

}  // namespace cxb_test
