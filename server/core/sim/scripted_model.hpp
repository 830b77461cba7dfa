#pragma once
/// @file
/// A model that follows rules (spec 80 §4.4): provider `scripted`, and what `simulated` means for
/// the model.
///
/// ```json
/// {"rules":[{"when":{"match":"premium|due"},
///            "tool":{"name":"get_premium","arguments":{"policy":"P-77"}}},
///           {"when":{"tool_result":"get_premium"},"say":"It is {{result}} rupees."},
///           {"when":{"turn":1},"say":"Hello, you said {{user}}.","once":true,"delay_ms":900}],
///  "default":"Please tell me more.","analysis":{"DISPOSITION":"PTP"},"qc":{"overall_score":9}}
/// ```
/// | member   | type                | meaning                                                    |
/// |----------|---------------------|------------------------------------------------------------|
/// | when     | object, required    | all conditions given must hold, see below                  |
/// | say      | text                | may hold `{{user}}` and `{{result}}`                       |
/// | tool     | object or list      | `{name, arguments}`; a list calls several at once          |
/// | once     | bool = false        | used up after its first match                              |
/// | delay_ms | int, 0–60000        | until the first piece; drawn when absent                   |
/// | default  | text or {say, tool} | when no rule matches                                       |
/// | analysis, qc | object          | answers after the call                                     |
///
/// Conditions: `turn` int, `match` regex (any case, on the caller's words), `tool_result` true or a
/// tool's name, `silence` true, `always` true.
///
/// The first matching rule wins. A caller's turn is looked up by `turn`, `match`, `always`; the
/// round after tools by `tool_result`, `always`; a silence by `silence`, `always`.
/// Without a script it greets, repeats what it heard and ends on goodbye, using only tools the bot
/// has. Thread-safety: one thread at a time.

#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/result.hpp"
#include "cxb/wire/json.hpp"
#include "server/core/conversation/history.hpp"

namespace cxb::inline v1 {
namespace core {

/// Why the model is asked.
enum class ask_cause { user_turn, tool_result, silence };

struct scripted_ask {
    ask_cause cause = ask_cause::user_turn;
    int turn = 0;                    ///< from 1; 0 before the caller spoke
    std::string user;                ///< the caller's last words
    std::string tool;                ///< whose result came last
    std::string result_json;         ///< that result
    bool may_call = true;            ///< false: it must speak
    std::vector<std::string> tools;  ///< names the bot has
};

struct scripted_answer {
    std::string say;
    std::vector<model_tool_call> calls;
    std::optional<milliseconds> delay;
};

class scripted_model {
  public:
    /// The default script.
    scripted_model();
    /// From `extra.script`. Errors: `invalid` with all faults, pointers relative to the script.
    [[nodiscard]] static result<scripted_model> parse(wire::json_object const& script);

    [[nodiscard]] scripted_answer answer(scripted_ask const& ask);

    /// Answer to the analysis request, as JSON text.
    [[nodiscard]] std::string analysis(std::vector<std::string> const& user_texts,
                                       bool callback_asked) const;
    /// Answer to the quality request, as JSON text.
    [[nodiscard]] std::string qc() const;

  private:
    struct reply {
        std::string say;
        std::vector<model_tool_call> calls;  ///< without ids
        std::optional<milliseconds> delay;
    };
    struct rule {
        std::optional<int> turn;
        std::optional<std::regex> match;
        bool tool_result = false;
        std::string tool_name;  ///< "" any
        bool silence = false;
        bool always = false;
        bool once = false;
        bool used = false;
        reply then;
    };
    friend class script_reader;
    struct empty_tag {};
    explicit scripted_model(empty_tag) {}

    [[nodiscard]] static bool holds(rule const& r, scripted_ask const& ask);
    [[nodiscard]] scripted_answer render(reply const& from, scripted_ask const& ask);

    std::vector<rule> rules_;
    std::optional<reply> default_;
    std::optional<wire::json_object> analysis_;
    std::optional<wire::json_object> qc_;
    bool only_known_tools_ = false;
    int next_call_ = 1;
};

}  // namespace core
}  // namespace cxb::inline v1
