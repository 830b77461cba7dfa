#pragma once
/// @file
/// The answers of the scripted model after the call (spec 80 §4.4, §9).

#include <optional>
#include <string>
#include <vector>

#include "server/core/conversation/conversation_record.hpp"
#include "server/core/sim/scripted_model.hpp"

namespace cxb::inline v1 {
namespace core {

/// What is asked. An absent prompt is not asked; `callback` alone is enough for an analysis.
struct post_call_questions {
    std::optional<std::string> analysis_prompt;
    std::optional<std::string> qc_prompt;
    bool callback = false;
    std::string provider = "scripted";
    std::string model;
};

struct post_call_answers {
    std::optional<std::string> analysis;  ///< JSON object text
    std::optional<std::string> qc;
    std::vector<usage_line> usage;
};

[[nodiscard]] post_call_answers answer_post_call(scripted_model const& model,
                                                 conversation_record const& record,
                                                 post_call_questions const& questions);

}  // namespace core
}  // namespace cxb::inline v1
