#include "server/api/bots/bot_variables.hpp"

#include <map>

#include "cxb/domain/template_text.hpp"

namespace cxb::api {
namespace {

using wire::json_value;

constexpr std::string_view texts[] = {
    "/system_prompt",
    "/dynamic_runtime_prompt",
    "/opening_message",
    "/re_engagement/messages/*",
    "/re_engagement/end_message",
    "/max_duration_message",
    "/voicemail_message",
    "/pre_transfer_message",
    "/tools/*/function/description",
    "/tools/*/pre_message",
    "/tools/*/http/url",
    "/tools/*/http/headers/*",
    "/tools/*/http/query/*",
    "/tools/*/http/body/**",
    "/transfer_targets/*/value",
    "/transfer_numbers/*",
    "/agent_desk/hold_message",
    "/recording/announcement",
    "/conversation_policy/persona/*",
    "/conversation_policy/goal",
    "/conversation_policy/rules/*",
    "/conversation_policy/scenarios/*/label",
    "/conversation_policy/scenarios/*/instruction",
    "/conversation_policy/scenarios/*/say_hi",
    "/conversation_policy/scenarios/*/say_en",
    "/conversation_policy/dispositions/*",
    "/post_call_analysis_prompt",
    "/qc_prompt",
    "/pre_call_fetch/url",
    "/pre_call_fetch/headers/*",
    "/pre_call_fetch/query/*",
    "/pre_call_fetch/auth/*",
    "/pre_call_fetch/body/**",
    "/post_call_push/url",
    "/post_call_push/headers/*",
    "/post_call_push/auth/*",
    "/post_call_push/key_mapper/**",
};

struct found_token {
    domain::token_namespace space{};
    wire::json_array used_in;
};
using tokens = std::map<std::string, found_token>;

void take_text(json_value const& value, std::string const& at, tokens& out) {
    if (!value.is_string()) return;
    for (auto const& token : domain::compiled_template(std::string(value.get_string())).tokens()) {
        auto& slot = out[token.name];
        slot.space = token.space;
        slot.used_in.push_back(json_value(at));
    }
}

// Each step below `value` that fits, with its pointer.
template <class Visit>
void for_each_step(json_value const& value, std::string_view wanted, std::string const& at,
                   Visit visit) {
    bool const any = wanted.front() == '*';
    if (auto const* object = value.if_object()) {
        for (auto const& [name, member] : *object)
            if (any || name == wanted) visit(member, wire::append_pointer(at, name));
    } else if (auto const* list = value.if_array(); list != nullptr && any) {
        for (std::size_t i = 0; i < list->size(); ++i)
            visit((*list)[i], at + "/" + std::to_string(i));
    }
}

// `path`: what is left of a pattern.
void take_along(json_value const& value, std::string_view path, std::string const& at,
                tokens& out) {
    bool const below = path == "/**";
    if (path.empty() || below) take_text(value, at, out);
    if (path.empty()) return;
    auto const end = std::min(path.find('/', 1), path.size());
    for_each_step(value, path.substr(1, end - 1), at,
                  [&](json_value const& next, std::string const& pointer) {
                      take_along(next, below ? path : path.substr(end), pointer, out);
                  });
}

}  // namespace

std::span<std::string_view const> rendered_texts() noexcept {
    return texts;
}

wire::json_array variables_of(wire::json_object const& bot) {
    tokens found;
    json_value const whole(bot);
    for (auto const pattern : texts)
        take_along(whole, pattern, "", found);
    wire::json_array out;
    for (auto& [name, token] : found)
        out.push_back(wire::json_object{{"token", name},
                                        {"namespace", domain::word_of(token.space)},
                                        {"used_in", std::move(token.used_in)}});
    return out;
}

}  // namespace cxb::api
