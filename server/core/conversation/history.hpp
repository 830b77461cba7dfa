#pragma once
/// @file
/// What the model is told of the call so far (spec 80 §4.1): at most 60 items and 24,000
/// characters, oldest exchanges dropped first, a tool call and its result always together.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/version.hpp"

namespace cxb::inline v1 {
namespace core {

enum class speaker { user, assistant, tool, system };

struct model_tool_call {
    std::string id;
    std::string name;
    std::string arguments;  ///< JSON text as the model wrote it
    friend bool operator==(model_tool_call const&, model_tool_call const&) = default;
};

struct history_item {
    speaker role = speaker::user;
    std::string content;
    std::vector<model_tool_call> calls;  ///< assistant only
    std::string call_id;                 ///< tool only
    std::string name;                    ///< tool only
    std::uint64_t line = 0;              ///< spoken line an assistant item belongs to, 0 none
};

class conversation_history {
  public:
    static constexpr std::size_t most_items = 60;
    static constexpr std::size_t most_characters = 24000;

    void user(std::string text);
    /// `line` names the spoken line, so that `set_spoken` can correct it.
    void assistant(std::string text, std::vector<model_tool_call> calls, std::uint64_t line);
    void tool(std::string call_id, std::string name, std::string result_json);
    void note(std::string text);
    /// The line was cut: what was heard replaces it; nothing heard and no calls: it goes.
    void set_spoken(std::uint64_t line, std::string heard);
    /// Takes back the newest user item, which is to be joined with more words.
    void drop_last_user();

    [[nodiscard]] std::vector<history_item> const& items() const noexcept { return items_; }
    /// The part a model gets.
    [[nodiscard]] std::vector<history_item> window() const;

  private:
    std::vector<history_item> items_;
};

}  // namespace core
}  // namespace cxb::inline v1
