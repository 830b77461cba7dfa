#include "server/core/sim/sim_call.hpp"

#include <algorithm>
#include <utility>

namespace cxb::inline v1 {
namespace core {

namespace {

constexpr double recogniser_least_ms = 100;
constexpr double recogniser_most_ms = 250;
constexpr int most_rounds_a_step = 10000;

}  // namespace

std::uint64_t call_seed(std::uint64_t setting, std::string_view session_id) noexcept {
    std::uint64_t hash = 14695981039346656037ULL ^ (setting * 0x9E3779B97F4A7C15ULL);
    for (char const c : session_id)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return hash;
}

sim_call::sim_call(conversation_config config, sim_script script, std::uint64_t seed,
                   time_point start)
    : outbound_(config.outbound),
      stop_(config.turn.stop),
      random_(seed ^ 0x5157414C4CULL),
      talk_(with_simulated_ear(std::move(config)), seed, start),
      party_(std::move(script)),
      answer_at_(start) {
    if (outbound_) *answer_at_ += party_.script().answer.after;
}

std::vector<conversation_output> sim_call::step(time_point now, conversation_input const& input) {
    outside_.clear();
    if (over()) return {};
    bool moved = start(now);
    give(now, input);
    // Line, party and bot answer each other until this moment is exhausted.
    for (int round = 0; round < most_rounds_a_step && !over(); ++round) {
        moved = recognise(now);
        moved = party(now) || moved;
        if (transfer_at_ && *transfer_at_ <= now) {
            transfer_at_.reset();
            give(now, transfer_replied{party_.script().transfer.fails});
            moved = true;
        }
        if (auto const due = talk_.next_timer(); due && *due <= now) {
            give(now, time_passed{});
            moved = true;
        }
        if (!moved) break;
    }
    return std::exchange(outside_, {});
}

bool sim_call::start(time_point now) {
    if (!std::exchange(warned_, true) && party_.script().audio)
        give(now, config_noted{"/sim_script/audio", "speech is not computed here; words are used"});
    if (!answer_at_ || *answer_at_ > now) return false;
    answer_at_.reset();
    auto const& answer = party_.script().answer;
    if (outbound_ && answer.sip_status) {
        give(now, call_failed{*answer.sip_status});
        return true;
    }
    party_.answered(now);
    give(now, call_answered{});
    return true;
}

void sim_call::give(time_point now, conversation_input const& input) {
    for (auto& output : talk_.step(now, input)) {
        if (auto const* play = std::get_if<play_sentence>(&output)) {
            party_.bot_started(play->at);
        } else if (auto const* over = std::get_if<sentence_over>(&output)) {
            party_.bot_finished(over->text, now);
        } else if (std::holds_alternative<stop_playing>(output)) {
            party_.bot_was_cut(now);
        } else if (std::holds_alternative<ask_transfer>(output)) {
            transfer_at_ = now + party_.script().transfer.after;
        } else {
            outside_.push_back(std::move(output));
        }
    }
    party_.notice(now, talk_.bot_rests());
}

bool sim_call::party(time_point now) {
    auto const outputs = party_.step(now);
    for (auto const& output : outputs)
        hear(now, output);
    return !outputs.empty();
}

void sim_call::hear(time_point now, party_output const& output) {
    if (auto const* on = std::get_if<party_voice_on>(&output)) {
        voice_on(now, on->what);
    } else if (auto const* words = std::get_if<party_words>(&output)) {
        give(now, caller_interim{words->so_far});
    } else if (auto const* off = std::get_if<party_voice_off>(&output)) {
        ear_.text = off->text;
        ear_.last_voice = now;
        ear_.stop_at = now + stop_;
        milliseconds const late(
            static_cast<long>(random_.uniform(recogniser_least_ms, recogniser_most_ms)));
        if (!ear_.text.empty()) ear_.final_at = *ear_.stop_at + late;
        if (!ear_.text.empty()) give(now, caller_interim{ear_.text});
    } else if (auto const* tone = std::get_if<party_tone>(&output)) {
        give(now, caller_tone{tone->hertz, tone->length});
    } else if (auto const* key = std::get_if<party_key>(&output)) {
        give(now, caller_key{key->digit});
    } else if (auto const* missed = std::get_if<party_missed>(&output)) {
        give(now, expectation_missed{missed->pattern});
    } else {
        flush_text(now);
        give(now, caller_left{});
    }
}

// Speech that goes on before the stop was known is one voice; its words so far become final.
void sim_call::voice_on(time_point now, line_sound::kind what) {
    flush_text(now);
    bool const goes_on = std::exchange(ear_.voice, true) && ear_.stop_at;
    ear_.stop_at.reset();
    if (!goes_on) give(now, caller_voice_started{what});
}

void sim_call::flush_text(time_point now) {
    if (!std::exchange(ear_.final_at, std::nullopt)) return;
    give(now, caller_final{std::exchange(ear_.text, {})});
}

bool sim_call::recognise(time_point now) {
    bool moved = false;
    if (ear_.stop_at && *ear_.stop_at <= now) {
        ear_.stop_at.reset();
        ear_.voice = false;
        give(now, caller_voice_stopped{ear_.last_voice});
        moved = true;
    }
    if (ear_.final_at && *ear_.final_at <= now) {
        flush_text(now);
        moved = true;
    }
    return moved;
}

std::optional<time_point> sim_call::next_timer() const {
    if (over()) return std::nullopt;
    std::optional<time_point> first;
    for (auto const& at : {answer_at_, transfer_at_, ear_.stop_at, ear_.final_at,
                           party_.next_timer(), talk_.next_timer()})
        if (at && (!first || *at < *first)) first = at;
    return first;
}

}  // namespace core
}  // namespace cxb::inline v1
