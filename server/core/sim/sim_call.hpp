#pragma once
/// @file
/// A whole simulated call (spec 80 §11, `audio:false`) as one machine on one clock: a conversation,
/// a scripted party and between them the simulated line and recogniser.
///
/// Deterministic: the same config, script, seed, start and replies give the same record. What needs
/// the world outside (tools, knowledge, a real model, the desk) comes out as actions and goes back
/// in as inputs. Thread-safety: one thread at a time.

#include "server/core/sim/call_machine.hpp"
#include "server/core/sim/sim_party.hpp"

namespace cxb::inline v1 {
namespace core {

class sim_call final : public call_machine {
  public:
    sim_call(conversation_config config, sim_script script, std::uint64_t seed, time_point start);

    /// Gives only `ask_tool`, `ask_knowledge`, `ask_model`, `ask_desk` and `conversation_over`.
    [[nodiscard]] std::vector<conversation_output> step(time_point now,
                                                        conversation_input const& input) override;
    [[nodiscard]] std::optional<time_point> next_timer() const override;
    [[nodiscard]] conversation const& talk() const noexcept override { return talk_; }
    [[nodiscard]] conversation_record take_record() override {
        return std::move(talk_).take_record();
    }

  private:
    struct recogniser {
        std::string text;
        bool voice = false;  ///< the voice detector has not reported a stop
        time_point last_voice;
        std::optional<time_point> stop_at;
        std::optional<time_point> final_at;
    };
    bool start(time_point now);
    bool recognise(time_point now);
    bool party(time_point now);
    void give(time_point now, conversation_input const& input);
    void hear(time_point now, party_output const& output);
    void voice_on(time_point now, line_sound::kind what);
    void flush_text(time_point now);

    bool outbound_;
    milliseconds stop_;
    seeded_random random_;
    conversation talk_;
    sim_party party_;
    recogniser ear_;
    std::optional<time_point> answer_at_;
    std::optional<time_point> transfer_at_;
    bool warned_ = false;
    std::vector<conversation_output> outside_;
};

/// Seed of one call: drawn from the setting and the session, so that calls differ and repeat.
[[nodiscard]] std::uint64_t call_seed(std::uint64_t setting, std::string_view session_id) noexcept;

}  // namespace core
}  // namespace cxb::inline v1
