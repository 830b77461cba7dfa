#include "server/core/sim/scripted_post_call.hpp"

#include <utility>

#include "server/core/conversation/text_units.hpp"

namespace cxb::inline v1 {
namespace core {

namespace {

int tokens_of(std::string const& text) {
    return static_cast<int>((count_characters(text) + 3) / 4);
}

usage_line usage(std::string kind, post_call_questions const& questions, std::string const& asked,
                 std::string const& answered) {
    usage_line out;
    out.kind = std::move(kind);
    out.provider = questions.provider;
    out.model = questions.model;
    out.prompt_tokens = tokens_of(asked);
    out.completion_tokens = tokens_of(answered);
    return out;
}

}  // namespace

post_call_answers answer_post_call(scripted_model const& model, conversation_record const& record,
                                   post_call_questions const& questions) {
    post_call_answers out;
    auto const transcript = transcript_text(record);
    if (questions.analysis_prompt || questions.callback) {
        out.analysis = model.analysis(caller_texts(record), questions.callback);
        out.usage.push_back(usage("post_call", questions,
                                  questions.analysis_prompt.value_or("") + transcript,
                                  *out.analysis));
    }
    if (questions.qc_prompt) {
        out.qc = model.qc();
        out.usage.push_back(usage("qc", questions, *questions.qc_prompt + transcript, *out.qc));
    }
    return out;
}

}  // namespace core
}  // namespace cxb::inline v1
