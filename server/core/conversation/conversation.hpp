#pragma once
/// @file
/// The call flow of a bot (spec 80 §2–§7) as a machine without I/O: it is told what the line and
/// the services do, decides when to listen, think, speak, use tools, transfer and end, and writes
/// the record of the call.
///
/// `step(now, input)` gives the actions to carry out; `next_timer()` says when to step again with
/// `time_passed`. The model is either the script it holds (deterministic by `seed`) or asked
/// through `ask_model`. Bot audio is simulated time (60 ms a character): whoever owns the line
/// makes the sound between `play_sentence` and `sentence_over` or `stop_playing`.
///
/// | phase   | enters                        | leaves by                                     |
/// |---------|-------------------------------|-----------------------------------------------|
/// | ringing | outbound only                 | answer, failure, 45 s                         |
/// | opening | answer                        | opening played or cut; none: at once          |
/// | talking |                               | an ending                                     |
/// | ending  | first ending; later ones lose | last line played, 15 s at most                |
/// | over    |                               |                                               |
///
/// Thread-safety: one thread at a time.

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cxb/base/random.hpp"
#include "server/core/conversation/bot_voice.hpp"
#include "server/core/conversation/call_log.hpp"
#include "server/core/conversation/conversation_config.hpp"
#include "server/core/conversation/conversation_events.hpp"
#include "server/core/conversation/history.hpp"
#include "server/core/conversation/sentence_splitter.hpp"
#include "server/core/conversation/silence.hpp"
#include "server/core/conversation/turn.hpp"
#include "server/core/sim/scripted_model.hpp"

namespace cxb::inline v1 {
namespace core {

enum class call_phase { ringing, opening, talking, ending, over };

class conversation {
  public:
    /// Starts at `now`: outbound calls ring, others are answered by the first step with
    /// `call_answered`. `config.script` must have been read by `scripted_model::parse` before; one
    /// that is invalid is replaced by the default script.
    conversation(conversation_config config, std::uint64_t seed, time_point now);

    [[nodiscard]] std::vector<conversation_output> step(time_point now,
                                                        conversation_input const& input);
    /// Empty when over.
    [[nodiscard]] std::optional<time_point> next_timer() const;

    [[nodiscard]] call_phase phase() const noexcept { return phase_; }
    [[nodiscard]] int turn() const noexcept { return turn_; }
    /// Why it is silent: answer, opening, user, stt_final, llm, tool:<name>, tts, playback, desk,
    /// transfer, post_call.
    [[nodiscard]] std::string waiting_for() const;
    /// The bot neither speaks, thinks nor is about to do either.
    [[nodiscard]] bool bot_rests() const;
    [[nodiscard]] conversation_record const& record() const noexcept { return log_.record; }
    [[nodiscard]] conversation_record take_record() && { return std::move(log_.record); }
    [[nodiscard]] scripted_model const& script() const noexcept { return script_; }

  private:
    enum class purpose { announcement, opening, answer, message, pre_message, filler, last };
    struct spoken_line {
        purpose why = purpose::answer;
        int turn = 0;
        std::string text;
        std::optional<time_point> started_at;
        std::optional<std::size_t> sample;  ///< index into the latency samples
    };
    struct model_ask {
        request_key key = 0;
        ask_cause cause = ask_cause::user_turn;
        int round = 1;
        bool may_call = true;
        time_point asked_at;
        std::optional<time_point> first_at;
        line_id line = 0;
        std::string text;
        std::vector<model_tool_call> calls;
        int prompt_tokens = 0;
    };
    struct model_piece {
        time_point at;
        std::string text;
        bool last = false;
    };
    enum class tool_kind { refused, http, knowledge, builtin };
    struct tool_run {
        request_key key = 0;
        tool_kind kind = tool_kind::refused;
        model_tool_call call;
        wire::json_object arguments;
        conversation_tool const* tool = nullptr;
        time_point started_at;
        bool started = false;
        bool done = false;
        std::string result_json;
        std::optional<time_point> pre_message_at;
    };
    struct tool_round {
        int number = 1;
        int turn = 0;
        bool ends_call = false;
        std::vector<tool_run> runs;
    };
    struct turn_timing {
        std::optional<time_point> last_voice;
        std::optional<time_point> stopped_at;
        std::optional<time_point> text_at;
        std::optional<double> tool_ms;
        std::optional<double> rag_ms;
        bool sampled = false;
    };
    struct thought {
        milliseconds first_delta{0};
        int prompt_tokens = 0;
        int completion_tokens = 0;
    };
    struct closing {
        std::string word;
        std::string last_words;
        milliseconds limit{0};
        std::optional<time_point> deadline;
    };
    struct handover {
        transfer_plan plan;
        std::string reason;
        request_key run = 0;
        bool launched = false;
    };

    // conversation.cpp: order of things
    void advance();
    bool timers();
    void handle(conversation_input const& input);
    void on(time_passed const&) {}
    void on(call_answered const&);
    void on(call_failed const& event);
    void on(caller_audio const&) {}
    void on(caller_left const& event);
    void on(call_stopped const& event);
    void on(line_broke const& event);
    void on(expectation_missed const& event);
    void on(config_noted const& event);
    void on(recording_lost const&);
    void start_recording();
    void start_opening();
    [[nodiscard]] line_activity activity() const;
    void watch_silence();

    // conversation_speech.cpp: what the bot says
    line_id speak(std::string const& text, domain::bot_line kind, purpose why);
    bool voice_events();
    void on_voice(voice_event const& event);
    void first_audio(spoken_line& line, sentence_started const& event);
    void line_over(line_id line, std::string const& text, time_point at, bool interrupted);
    void cut_voice();

    // conversation_turns.cpp: what the caller says
    void on(caller_voice_started const& event);
    void on(caller_voice_stopped const& event);
    void on(caller_interim const& event);
    void on(caller_final const& event);
    void on(caller_tone const& event);
    void on(caller_key const& event);
    void turn_actions(std::vector<turn_action> const& actions);
    void on_turn(turn_ended const& turn);
    void accept_turn(turn_ended const& turn);
    void judge_words();
    void look_for_machine();
    void machine_found();
    [[nodiscard]] bool listening() const;
    void note_unfinished_words();
    void note_words(turn_ended const& turn);

    // conversation_model.cpp: thinking
    void ask(ask_cause cause, int round, bool may_call);
    void ask_script(ask_cause cause);
    bool model_pieces();
    void take_piece(std::string const& text);
    void model_done();
    void drop_thinking();
    void on(model_replied const& event);
    [[nodiscard]] int tokens_of_prompt() const;

    // conversation_tools.cpp: tools
    void start_round(std::vector<model_tool_call> const& calls, int number);
    [[nodiscard]] tool_run prepare(model_tool_call const& call, bool too_many) const;
    void start_run(tool_run& run);
    void continue_round();
    void run_builtin(tool_run& run);
    void finish_run(tool_run& run, std::string result_json, wire::json_object data,
                    std::string const& status);
    void detach_round();
    [[nodiscard]] tool_run* waiting_run(request_key key);
    void tool_result_event(tool_run const& run, wire::json_object data, std::string const& status);
    bool pre_messages();
    void on(tool_replied const& event);
    void on(knowledge_replied const& event);

    // conversation_transfer.cpp: giving the call away
    void begin_transfer(tool_run& run);
    void launch_transfer();
    void transfer_failed(std::string const& type, std::string const& word);
    void on(desk_replied const& event);
    void on(transfer_replied const& event);

    // conversation_end.cpp: the end
    void close(std::string word, std::string last_words, milliseconds limit);
    bool closing_steps();
    void max_duration();
    void finish(std::string const& word, std::string const& raw_reason = {});
    void close_books();

    conversation_config config_;
    call_log log_;
    seeded_random random_;
    scripted_model script_;
    turn_machine turns_;
    bot_voice voice_;
    sentence_splitter splitter_;
    conversation_history history_;
    std::optional<silence_machine> silence_;

    time_point now_;
    call_phase phase_ = call_phase::ringing;
    std::vector<conversation_output> out_;
    request_key last_key_ = 0;
    int turn_ = 0;

    std::optional<time_point> ring_deadline_;
    std::optional<time_point> opening_at_;
    std::optional<time_point> warn_model_at_;
    std::optional<time_point> max_at_;
    std::optional<time_point> hard_end_;
    std::optional<time_point> filler_at_;
    std::optional<time_point> running_sentence_until_;  ///< at max duration

    std::map<line_id, spoken_line> lines_;
    std::string last_user_;
    std::size_t heard_before_bot_ = 0;  ///< length of the turn's text when the bot began
    bool overlapping_ = false;          ///< the running turn began while the bot spoke
    bool turn_has_audio_ = false;
    bool merging_ = false;            ///< the caller went on before the bot's first audio
    std::optional<turn_ended> held_;  ///< a turn that ended while the bot still spoke
    turn_timing timing_;
    std::optional<thought> early_;  ///< of an answer that is thought out but not yet heard
    int tts_characters_ = 0;

    std::optional<model_ask> ask_;
    std::deque<model_piece> pieces_;
    std::optional<tool_round> round_;
    std::map<request_key, tool_run> detached_;
    std::optional<handover> handover_;
    std::optional<time_point> machine_deadline_;  ///< voicemail found, waits for its silence
    std::optional<closing> closing_;
};

}  // namespace core
}  // namespace cxb::inline v1
