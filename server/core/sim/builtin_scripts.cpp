#include <array>

#include "server/core/sim/sim_script.hpp"

namespace cxb::inline v1 {
namespace core {

namespace {

// Each talk ends by goodbye; a bot without end_call is hung up on, so no script lasts for ever.
constexpr std::array<builtin_script, 14> scripts{{
    {"polite", R"({"steps":[{"wait":"bot_done"},{"say":"Yes, this is me speaking."},
 {"wait":"bot_done"},{"say":"That is fine, thank you."},{"wait":"bot_done"},
 {"say":"Goodbye."},{"wait":"bot_done"},{"wait":2},{"hangup":true}]})",
     "bot"},
    {"silent", R"({"steps":[]})", "RNR"},
    {"hangup_early", R"({"steps":[{"wait":0.8},{"hangup":true}]})", "customer"},
    {"voicemail", R"({"steps":[{"wait":0.5},
 {"say":"The person you are calling is not available. Please leave a message after the tone."},
 {"beep":600},{"silence":30},{"hangup":true}]})",
     "voicemail"},
    {"wrong_number", R"({"steps":[{"say":"Sorry, wrong number.","interrupt_after_ms":900},
 {"wait":"bot_done"},{"wait":2},{"hangup":true}]})",
     "bot"},
    {"already_paid", R"({"steps":[{"wait":"bot_done"},{"say":"I have already paid last week."},
 {"wait":"bot_done"},{"say":"No, that is all. Bye."},{"wait":"bot_done"},{"wait":2},
 {"hangup":true}]})",
     "bot"},
    {"asks_agent", R"({"steps":[{"wait":"bot_done"},{"say":"I want to talk to an agent."},
 {"wait":"bot_done"},{"wait":3},{"say":"Okay then, bye."},{"wait":"bot_done"},{"wait":2},
 {"hangup":true}]})",
     "bot"},
    {"callback_tomorrow", R"({"steps":[{"wait":"bot_done"},
 {"say":"I am busy now, please call me back tomorrow at five."},{"wait":"bot_done"},
 {"say":"No, thanks. Bye."},{"wait":"bot_done"},{"wait":2},{"hangup":true}]})",
     "bot"},
    {"interrupts", R"({"steps":[{"wait":"bot_done"},
 {"say":"Please tell me about the plan and all its details."},
 {"say":"no wait I have a question","interrupt_after_ms":1500},{"wait":"bot_done"},
 {"say":"Thanks, goodbye."},{"wait":"bot_done"},{"wait":2},{"hangup":true}]})",
     "bot"},
    {"backchannel", R"({"steps":[{"wait":"bot_done"},
 {"say":"Please tell me more about all of this."},{"say":"haan","interrupt_after_ms":600},
 {"wait":"bot_done"},{"say":"Thanks, goodbye."},{"wait":"bot_done"},{"wait":2},{"hangup":true}]})",
     "bot"},
    {"noisy", R"({"steps":[{"noise_dbfs":-45},{"wait":"bot_done"},{"noise_dbfs":-20},{"wait":1},
 {"say":"It is loud here, but I can hear you."},{"wait":"bot_done"},{"noise_dbfs":-20},{"wait":1.5},
 {"say":"Goodbye."},{"wait":"bot_done"},{"wait":2},{"hangup":true}]})",
     "bot"},
    {"dtmf", R"({"steps":[{"wait":"bot_done"},{"dtmf":"12#"},{"wait":"bot_done"},
 {"say":"Goodbye."},{"wait":"bot_done"},{"wait":2},{"hangup":true}]})",
     "bot"},
    {"busy", R"({"answer":{"after_ms":2000,"sip_status":486}})", "rejected"},
    {"no_answer", R"({"answer":{"after_ms":30000,"sip_status":480}})", "no_answer"},
}};

}  // namespace

std::span<builtin_script const> builtin_scripts() noexcept {
    return scripts;
}

}  // namespace core
}  // namespace cxb::inline v1
