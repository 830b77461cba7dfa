#pragma once
/// @file
/// What the simulated party does in a call (spec 80 §11).
///
/// ```json
/// {"answer":{"after_ms":1500},"voice":"rms","audio":false,"steps":[
///   {"wait":"bot_done"},{"say":"Yes, speaking."},{"wait":{"bot_says":"premium","within":10}},
///   {"say":"no wait, listen","interrupt_after_ms":800},{"expect":"sorry"},{"hangup":true}]}
/// ```
/// | step                        | meaning                                                        |
/// |-----------------------------|----------------------------------------------------------------|
/// | `{"wait":"bot_done"}`       | until the bot has spoken since the party's last words and      |
/// |                             | rests, or has rested for 3 s                                   |
/// | `{"wait":seconds}`          | so long without a word                                         |
/// | `{"silence":seconds}`       | the same                                                       |
/// | `{"wait":{"bot_says":regex,"within":s}}` | until a sentence of the bot matches; after        |
/// |                             | `within` (10) the script goes on                               |
/// | `{"say":text}`              | speaks now; with `interrupt_after_ms`: so long after the bot's |
/// |                             | audio began                                                    |
/// | `{"dtmf":"12#"}`            | one digit each 200 ms                                          |
/// | `{"beep":ms}`               | a tone of 1000 Hz                                              |
/// | `{"noise_dbfs":-45}`        | a noise without words; a loud one counts as voice              |
/// | `{"hangup":true}`           | leaves                                                         |
/// | `{"expect":regex}`          | the bot's words since the party's last ones match, else an     |
/// |                             | event says so                                                  |
///
/// After the last step the party is silent. `answer` counts on outbound calls only: a far party
/// that is already on the line has answered. `transfer` (beyond) `{"after_ms":1000,"fails":word}`
/// says how a transfer ends; default: it succeeds after a second.
/// Thread-safety: value types and pure functions.

#include <filesystem>
#include <optional>
#include <regex>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/result.hpp"

namespace cxb::inline v1 {
namespace core {

struct wait_bot_done {};
struct wait_time {
    milliseconds length{0};
};
struct wait_bot_says {
    std::regex pattern;
    milliseconds within{10000};
};
struct say_words {
    std::string text;
    std::optional<milliseconds> interrupt_after;
};
struct press_keys {
    std::string digits;
};
struct make_beep {
    milliseconds length{0};
};
struct make_noise {
    double dbfs = -45;
};
struct hang_up {};
struct expect_words {
    std::regex pattern;
    std::string text;  ///< the pattern, for the event
};
using sim_step = std::variant<wait_bot_done, wait_time, wait_bot_says, say_words, press_keys,
                              make_beep, make_noise, hang_up, expect_words>;

struct sim_answer {
    milliseconds after{1500};
    std::optional<int> sip_status;  ///< set: the call fails with it
};

struct sim_transfer {
    milliseconds after{1000};
    std::string fails;  ///< "": succeeds; rejected, no_answer, timeout, not_supported, error
};

struct sim_script {
    sim_answer answer;
    sim_transfer transfer;
    std::string voice = "rms";
    bool audio = false;
    std::vector<sim_step> steps;
};

/// A script shipped with the worker.
struct builtin_script {
    std::string_view name;
    std::string_view json;
    /// How a call on it ends when the bot has `end_call`, `transfer_call` with a target,
    /// voicemail detection and re-engagement.
    std::string_view expected;
};

[[nodiscard]] std::span<builtin_script const> builtin_scripts() noexcept;

/// Reads a script of at most 64 KiB and 500 steps. Errors: `malformed`, `too_large`, `invalid`
/// with all faults and their pointers.
[[nodiscard]] result<sim_script> parse_sim_script(std::string_view json);

/// What a `sim_script` variable names: a built-in name, JSON text, or a file
/// (`[A-Za-z0-9_.-]+`) in `scripts_dir`; "" is `polite`. Errors: as `parse_sim_script`,
/// `not_found`.
[[nodiscard]] result<sim_script> find_sim_script(std::string_view word,
                                                 std::filesystem::path const& scripts_dir);

}  // namespace core
}  // namespace cxb::inline v1
